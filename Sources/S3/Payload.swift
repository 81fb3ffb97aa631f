import Crypto

/// A request's body, read in parts, decoded and checked on the way.
package struct Payload: Sendable {
    private let beginning: [UInt8]
    private let rest: (@Sendable () async throws -> [UInt8]?)?

    /// `rest` gives what follows `beginning` part by part, nil at the end.
    package init(_ beginning: [UInt8], rest: (@Sendable () async throws -> [UInt8]?)? = nil) {
        self.beginning = beginning
        self.rest = rest
    }

    /// Hands the decoded bytes on, and throws before the end if they are not those that were signed or promised.
    func read(_ request: S3Request, _ verified: SignatureV4.Verified, _ consume: ([UInt8]) throws -> Void) async throws {
        let promise = request.header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD"
        var decoder: ChunkDecoder?
        var sha: SHA256?
        switch promise {
        case "UNSIGNED-PAYLOAD": break
        case "STREAMING-UNSIGNED-PAYLOAD-TRAILER": decoder = ChunkDecoder(signer: nil, payload: promise)
        case "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER":
            guard let signer = verified.chunks else { throw S3Error.accessDenied }
            decoder = ChunkDecoder(signer: signer, payload: promise)
        case _ where promise.utf8.count == 64: sha = SHA256()
        default: throw S3Error.notImplemented("x-amz-content-sha256: \(promise.prefix(64))")
        }
        let md5Promise = request.header("content-md5")
        var md5 = md5Promise.map { _ in Insecure.MD5() }
        let length = request.header("x-amz-decoded-content-length").flatMap { Int($0) }
        var received = 0
        var part: [UInt8]? = beginning
        while let bytes = part {
            sha?.update(data: bytes)
            let decoded = try decoder?.feed(bytes) ?? bytes
            received += decoded.count
            md5?.update(data: decoded)
            if !decoded.isEmpty { try consume(decoded) }
            part = try await rest?()
        }
        try decoder?.finish()
        if decoder != nil, let length, length != received { throw S3Error.incompleteBody }
        if let sha, Hex.encode(sha.finalize()) != promise.lowercased() { throw S3Error.payloadMismatch }
        if let md5, let md5Promise, Base64.encode(Array(md5.finalize())) != md5Promise { throw S3Error.badDigest }
    }

    /// The whole of a small body.
    func whole(_ request: S3Request, _ verified: SignatureV4.Verified, limit: Int) async throws -> [UInt8] {
        var all: [UInt8] = []
        try await read(request, verified) { part in
            guard all.count + part.count <= limit else { throw S3Error.entityTooLarge }
            all += part
        }
        return all
    }
}

enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let word = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
            for digit in 0..<4 {
                text.append(digit <= group.count ? digits[Int(word >> UInt32(18 - 6 * digit) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
