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
        /// Read while it is sent. The content type is among the headers.
        case stream(BodyStream)
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

    package var stream: BodyStream? { if case .stream(let stream) = body { stream } else { nil } }

    /// The body's bytes and their content type; nil without a body, and for one that streams.
    package var payload: (bytes: [UInt8], contentType: String)? {
        switch body {
        case .empty, .stream: nil
        case .json(let value): (value.encoded(), "application/json")
        case .encoded(let bytes): (bytes, "application/json")
        case .bytes(let bytes, let contentType): (bytes, contentType)
        }
    }
}
