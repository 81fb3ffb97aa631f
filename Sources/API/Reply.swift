package import HTTPTypes
package import JSON

/// An operation's answer before it is bytes on a connection.
package struct Reply: Sendable {
    package enum Body: Sendable {
        case empty
        case json(JSONValue)
        /// JSON that is encoded already
        case encoded([UInt8])
        case bytes([UInt8], contentType: String)
    }

    package var status: Int
    package var headers: HTTPFields
    package var body: Body

    package init(status: Int = 200, headers: HTTPFields = [:], body: Body = .empty) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package static func json(_ value: JSONValue, status: Int = 200) -> Reply { Reply(status: status, body: .json(value)) }

    /// `{}`: what most deletions and changes of state answer.
    package static let emptyObject = Reply(body: .encoded(Array("{}".utf8)))

    /// The body's bytes and their content type; nil without a body.
    package var payload: (bytes: [UInt8], contentType: String)? {
        switch body {
        case .empty: nil
        case .json(let value): (value.encoded(), "application/json")
        case .encoded(let bytes): (bytes, "application/json")
        case .bytes(let bytes, let contentType): (bytes, contentType)
        }
    }
}
