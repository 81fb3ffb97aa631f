/// Who makes a call.
package struct Principal: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case user = "USER"
        case servicePrincipal = "SERVICE_PRINCIPAL"
    }

    /// The numeric id in its text form, as SCIM has it.
    package var id: String
    /// A user's e-mail address or a service principal's application id: what `owner` and `created_by` show.
    package var userName: String
    package var displayName: String
    package var isAdmin: Bool
    package var kind: Kind
    /// Display names of the groups that the principal is in, through other groups too.
    package var groups: [String]

    package init(id: String, userName: String, displayName: String, isAdmin: Bool, kind: Kind = .user, groups: [String] = []) {
        self.id = id
        self.userName = userName
        self.displayName = displayName
        self.isAdmin = isAdmin
        self.kind = kind
        self.groups = groups
    }

    /// The program itself: owner of what a workspace has from the start.
    package static let system = Principal(id: "0", userName: "System user", displayName: "System user", isAdmin: true)
}
