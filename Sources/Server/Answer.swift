package import API
package import HTTPTypes

/// What goes back to the client, and how the connection is treated on the way.
package struct Answer: Sendable {
    package enum Delivery: Sendable, Equatable {
        case whole
        /// The connection is reset (RST) without an answer.
        case reset
        /// The connection is closed without an answer.
        case close
        /// Half of the body is sent under the whole body's length, then the connection is closed.
        case closeMidBody
        /// Nothing is sent until the client gives up.
        case stall
        /// A chunked body whose chunk size is no number, then the connection is closed.
        case malformedChunk
        case throttled(bytesPerSecond: Int)

        /// The backend's answer is sent, in part or slowly.
        var needsAnswer: Bool {
            switch self {
            case .whole, .closeMidBody, .malformedChunk, .throttled: true
            case .reset, .close, .stall: false
            }
        }

        /// The client gets no whole answer.
        var isBroken: Bool {
            switch self {
            case .whole, .throttled: false
            case .reset, .close, .stall, .closeMidBody, .malformedChunk: true
            }
        }
    }

    package var status: Int
    package var headers: HTTPFields
    package var body: [UInt8]
    /// The body instead, where it is passed on while it comes.
    package var stream: BodyStream?
    package var delivery = Delivery.whole

    package init(status: Int, headers: HTTPFields = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    package init(_ reply: Reply) {
        self.init(status: reply.status, headers: reply.headers)
        stream = reply.stream
        if let payload = reply.payload {
            body = payload.bytes
            if headers[.contentType] == nil { headers[.contentType] = payload.contentType }
        }
    }

    /// The status that the client saw: 0 if the connection was broken before one was sent.
    package var visibleStatus: Int {
        switch delivery {
        case .whole, .throttled, .closeMidBody, .malformedChunk: status
        case .reset, .close, .stall: 0
        }
    }
}

extension HTTPField.Name {
    package static let requestID = HTTPField.Name("x-request-id")!
    package static let orgID = HTTPField.Name("x-databricks-org-id")!
    package static let contentTypeOptions = HTTPField.Name("x-content-type-options")!
    package static let hsts = HTTPField.Name("strict-transport-security")!
    package static let reasonPhrase = HTTPField.Name("x-databricks-reason-phrase")!
}
