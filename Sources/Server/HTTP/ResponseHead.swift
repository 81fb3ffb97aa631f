import HTTPTypes
import NIOCore

/// The bytes of an answer's status line and headers.
struct ResponseHead {
    /// How long the body is that follows.
    enum Length: Equatable {
        case bytes(Int)
        /// In chunks.
        case chunked
        /// Until the connection closes.
        case untilClose
        /// As the headers say: no body follows.
        case none
    }

    var status: Int
    var headers: HTTPFields
    var length: Length
    /// The connection's fate, where the client would expect another.
    var connection: String?

    /// All in one piece, since each write to a buffer asks anew whether it is there alone and has room.
    func write(to buffer: inout ByteBuffer, date: @autoclosure () -> String) {
        var text: [UInt8] = []
        text.reserveCapacity(512)
        switch status {
        case 200: text += Self.okay
        default:
            let status = HTTPResponse.Status(code: (100...999).contains(status) ? status : 500)
            text += "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n".utf8
        }
        var hasDate = false
        for field in headers {
            switch field.name.canonicalName {
            case "transfer-encoding", "connection": continue
            case "content-length" where length == .chunked || length == .untilClose: continue
            case "content-length" where status == 204: continue
            case "content-length":
                if case .bytes = length { continue }
            case "date": hasDate = true
            default: break
            }
            Self.write(field.name.rawName, field.value, to: &text)
        }
        // A recorded date stands.
        if !hasDate { Self.write("Date", date(), to: &text) }
        if let connection { Self.write("Connection", connection, to: &text) }
        switch length {
        case .bytes(let count): Self.write("Content-Length", String(count), to: &text)
        case .chunked: Self.write("Transfer-Encoding", "chunked", to: &text)
        case .untilClose, .none: break
        }
        text += Self.lineEnd
        buffer.writeBytes(text)
    }

    private static let okay = Array("HTTP/1.1 200 OK\r\n".utf8)
    private static let lineEnd = Array("\r\n".utf8)
    private static let colon = Array(": ".utf8)

    private static func write(_ name: String, _ value: String, to text: inout [UInt8]) {
        text += name.utf8
        text += colon
        text += value.utf8
        text += lineEnd
    }
}
