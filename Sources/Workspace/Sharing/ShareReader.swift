/// Who reads by the open protocol: a recipient, and the token that it came with.
package struct ShareReader: Sendable {
    package let recipient: CatalogObject
    /// The token's id, which is no secret.
    package let token: String
}

/// What a link to a shared file hangs on: it ends with the token, with the grant of the share and with the object in the share.
package struct SharedLink: Sendable, Hashable {
    let recipient: String
    let token: String
    let share: String
    let object: String

    package init(_ reader: ShareReader, share: CatalogObject, object: SharedObject) {
        recipient = reader.recipient.id
        token = reader.token
        self.share = share.id
        self.object = object.key
    }

    /// All four in one line.
    package var text: String { [recipient, token, share, object].joined(separator: " ") }

    init?(text: String) {
        let parts = text.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 4 else { return nil }
        (recipient, token, share, object) = (parts[0], parts[1], parts[2], parts[3])
    }
}

extension SharedObject {
    /// Names the object in its share for good: by id, or by name if it has none.
    var key: String { id ?? name }
}
