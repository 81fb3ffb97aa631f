/// A recorded request as it is to be sent to the service that is compared.
package struct DiffRequest: Sendable, Hashable {
    package enum Credential: Sendable {
        case own
        /// The recorded answer refused a request without one.
        case none
        /// The recorded answer refused a wrong one.
        case wrong
    }

    package var method: String
    package var path: String
    /// Without the question mark.
    package var query: String
    package var body: [UInt8]
    package var contentType: String?
    /// A link of an earlier answer, to be fetched instead of the path, without a credential.
    package var link: String?
    package var credential: Credential

    package init(
        method: String, path: String, query: String = "", body: [UInt8] = [], contentType: String? = nil, link: String? = nil,
        credential: Credential = .own
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.body = body
        self.contentType = contentType
        self.link = link
        self.credential = credential
    }
}

/// What the compared service answered.
package struct DiffAnswer: Sendable, Hashable {
    package var status: Int
    package var contentType: String?
    package var body: [UInt8]

    package init(status: Int, contentType: String? = nil, body: [UInt8] = []) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}

/// One way in which an answer is not the recorded one.
package struct AnswerDifference: Sendable, Hashable, CustomStringConvertible {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case status
        case errorCode = "error_code"
        case contentType = "content_type"
        /// A member or an element that only the recorded answer has.
        case missing
        /// A member or an element that only the compared answer has.
        case extra
        case type
        case value
        /// A value that stands for an earlier one, and does not.
        case reference
        case body
        /// The request could not be sent or had no answer.
        case failure
    }

    package let kind: Kind
    /// A JSON path into the body; `$` where that says nothing.
    package let path: String
    package let recorded: String?
    package let live: String?

    package init(_ kind: Kind, path: String = "$", recorded: String? = nil, live: String? = nil) {
        self.kind = kind
        self.path = path
        self.recorded = recorded
        self.live = live
    }

    package var description: String {
        let place = path == "$" ? kind.rawValue : "\(kind.rawValue) \(path)"
        return switch (recorded, live) {
        case (let recorded?, let live?): "\(place): recorded \(recorded), now \(live)"
        case (let recorded?, nil): "\(place): recorded \(recorded)"
        case (nil, let live?): "\(place): \(live)"
        case (nil, nil): place
        }
    }

    /// With all positions in lists alike: differences that are counted together.
    package var family: String {
        var result = ""
        var isInside = false
        for character in path {
            if character == "]" { isInside = false }
            if isInside, character.isNumber {
                if result.last == "[" { result.append("*") }
                continue
            }
            if character == "[" { isInside = true }
            result.append(character)
        }
        return "\(kind.rawValue) \(result)"
    }
}
