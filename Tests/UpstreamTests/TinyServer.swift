import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#endif

/// A server on a free loopback port that says what it is told to, byte for byte, once a connection, and keeps what it was sent.
final class TinyServer: Sendable {
    let port: Int
    private let socket: Int32
    private let heard = Mutex<[String]>([])

    /// Each connection gets the next answer; after the last one it is closed at once.
    init(answers: [String]) throws {
        #if canImport(Glibc)
            let kind = Int32(SOCK_STREAM.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        let socket = Self.systemSocket(AF_INET, kind, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(socket, raw, length) == 0 && listen(socket, 16) == 0 && getsockname(socket, raw, &length) == 0
            }
        }
        guard socket >= 0, isBound else { throw CocoaError(.fileNoSuchFile) }
        self.socket = socket
        port = Int(UInt16(bigEndian: address.sin_port))
        let thread = Thread { [weak self] in
            for answer in answers {
                let connection = accept(socket, nil, nil)
                if connection < 0 { return }
                let request = Self.readRequest(connection)
                self?.heard.withLock { $0.append(request) }
                let bytes = Array(answer.utf8)
                var sent = 0
                while sent < bytes.count {
                    let count = bytes.withUnsafeBytes { send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL)) }
                    if count <= 0 { break }
                    sent += count
                }
                shutdown(connection, Int32(SHUT_RDWR))
                close(connection)
            }
            close(socket)
        }
        thread.start()
    }

    private static func systemSocket(_ family: Int32, _ kind: Int32, _ flags: Int32) -> Int32 {
        #if canImport(Glibc)
            Glibc.socket(family, kind, flags)
        #else
            Darwin.socket(family, kind, flags)
        #endif
    }

    var requests: [String] { heard.withLock { $0 } }

    private static func readRequest(_ connection: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let head = text[..<end.lowerBound].lowercased()
                let length = head.range(of: "content-length: ").flatMap { Int(head[$0.upperBound...].prefix { $0.isNumber }) } ?? 0
                if text[end.upperBound...].utf8.count >= length { return text }
            }
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return text }
            bytes += buffer[..<count]
        }
    }
}
