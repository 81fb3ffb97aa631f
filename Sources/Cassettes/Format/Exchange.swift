package import HTTPTypes

/// One request and its answer, as a cassette keeps them: without secrets, without noise.
package struct Exchange: Sendable {
    /// Position in its cassette, from 1.
    package var number: Int
    /// The operation's id; nil for paths that are no operation.
    package var operation: String?
    package var request: RecordedRequest
    package var response: RecordedResponse
    /// How long the answer took when it was recorded; nil if that is not known.
    package var milliseconds: Int?

    package init(
        number: Int, operation: String?, request: RecordedRequest, response: RecordedResponse, milliseconds: Int?
    ) {
        self.number = number
        self.operation = operation
        self.request = request
        self.response = response
        self.milliseconds = milliseconds
    }
}

package struct RecordedRequest: Sendable {
    package var method: String
    /// As sent, without the query.
    package var path: String
    /// As sent, without the question mark.
    package var query: String?
    /// Only for another host than the recorded service: storage behind links.
    package var host: String?
    /// Only what is needed to read the body.
    package var headers: HTTPFields
    package var body: RecordedBody

    package init(
        method: String, path: String, query: String? = nil, host: String? = nil, headers: HTTPFields = [:], body: RecordedBody = .none
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.host = host
        self.headers = headers
        self.body = body
    }
}

package struct RecordedResponse: Sendable {
    package var status: Int
    package var headers: HTTPFields
    package var body: RecordedBody

    package init(status: Int, headers: HTTPFields = [:], body: RecordedBody = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// A body and how it is stored. The bytes are always those of the wire, secrets aside.
package enum RecordedBody: Sendable {
    case none
    /// JSON text that stands in the line as it is.
    case json(ArraySlice<UInt8>)
    case text(ArraySlice<UInt8>)
    /// In `bodies/`, under the SHA-256 of the bytes.
    case file(name: String, bytes: [UInt8])

    package var bytes: ArraySlice<UInt8> {
        switch self {
        case .none: []
        case .json(let bytes), .text(let bytes): bytes
        case .file(_, let bytes): bytes[...]
        }
    }
}

/// An exchange as it went over the wire, for the recorder.
package struct RawExchange: Sendable {
    package var operation: String?
    package var method: String
    package var path: String
    package var query: String?
    /// Only for another host than the upstream.
    package var host: String?
    package var requestHeaders: HTTPFields
    package var requestBody: [UInt8]
    package var status: Int
    package var responseHeaders: HTTPFields
    package var responseBody: [UInt8]
    /// The bodies instead, where they were too large for memory: scrubbed already, in files that wait for their names.
    package var requestFile: SpooledFile?
    package var responseFile: SpooledFile?
    package var milliseconds: Int?

    package init(
        operation: String?, method: String, path: String, query: String? = nil, host: String? = nil, requestHeaders: HTTPFields = [:],
        requestBody: [UInt8] = [], status: Int, responseHeaders: HTTPFields = [:], responseBody: [UInt8] = [], milliseconds: Int? = nil
    ) {
        self.operation = operation
        self.method = method
        self.path = path
        self.query = query
        self.host = host
        self.requestHeaders = requestHeaders
        self.requestBody = requestBody
        self.status = status
        self.responseHeaders = responseHeaders
        self.responseBody = responseBody
        self.milliseconds = milliseconds
    }
}
