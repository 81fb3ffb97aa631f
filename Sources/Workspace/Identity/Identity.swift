package import JSON

/// A user or a service principal as the workspace keeps it.
package struct Identity: Sendable, Hashable {
    /// Numeric, as in SCIM's `id`.
    package var id: Int
    package var kind: Principal.Kind
    /// A user's e-mail address, or a service principal's application id.
    package var userName: String
    package var displayName: String
    package var isActive: Bool
    package var externalID: String?
    /// SCIM's structured attributes as the client wrote them: `name`, `emails`, `entitlements`, `roles`.
    package var attributes: JSONObject

    package init(
        id: Int, kind: Principal.Kind, userName: String, displayName: String, isActive: Bool = true, externalID: String? = nil,
        attributes: JSONObject = JSONObject()
    ) {
        self.id = id
        self.kind = kind
        self.userName = userName
        self.displayName = displayName
        self.isActive = isActive
        self.externalID = externalID
        self.attributes = attributes
    }
}

/// A group of a workspace. `admins` and `users` are there from the start and cannot be deleted.
package struct Group: Sendable, Hashable {
    package var id: Int
    package var displayName: String
    package var externalID: String?
    /// SCIM's structured attributes as the client wrote them: `entitlements`, `roles`.
    package var attributes: JSONObject

    package init(id: Int, displayName: String, externalID: String? = nil, attributes: JSONObject = JSONObject()) {
        self.id = id
        self.displayName = displayName
        self.externalID = externalID
        self.attributes = attributes
    }

    package static let admins = "admins"
    package static let users = "users"
}

/// A member of a group: an identity, or another group.
package struct GroupMember: Sendable, Hashable {
    package let id: Int
    package let displayName: String
    /// `Users/…`, `ServicePrincipals/…` or `Groups/…`.
    package let reference: String

    package init(id: Int, displayName: String, reference: String) {
        self.id = id
        self.displayName = displayName
        self.reference = reference
    }
}

/// A group that somebody belongs to, and whether through another group only.
package struct Membership: Sendable, Hashable {
    package let group: Int
    package let displayName: String
    package let isDirect: Bool

    package init(group: Int, displayName: String, isDirect: Bool) {
        self.group = group
        self.displayName = displayName
        self.isDirect = isDirect
    }
}
