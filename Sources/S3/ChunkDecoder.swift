/// Undoes `aws-chunked`: `<hex size>[;chunk-signature=…]\r\n<bytes>\r\n…0[;…]\r\n<trailers>\r\n` (S3 API reference, "Signature calculations: chunked
/// upload"). Signed chunks are handed on when their signature holds.
struct ChunkDecoder {
    /// A signed chunk is held whole until its signature is checked; a line is far shorter.
    static let maxChunk = 16 << 20
    static let maxLine = 8 << 10

    private enum State {
        case size
        case data(left: Int, signature: String?)
        case dataEnd
        case trailer
        case end
    }

    private let signer: ChunkSigner?
    private var state = State.size
    private var line: [UInt8] = []
    private var chunk: [UInt8] = []
    private var previous: String
    private var trailers = ""
    private var trailerSignature: String?
    /// Whether trailers are promised, and with a signature.
    private let signsTrailers: Bool

    init(signer: ChunkSigner?, payload: String) {
        self.signer = signer
        previous = signer?.seed ?? ""
        signsTrailers = signer != nil && payload.hasSuffix("-TRAILER")
    }

    /// The bytes that are certain now.
    mutating func feed(_ bytes: [UInt8]) throws(S3Error) -> [UInt8] {
        var output: [UInt8] = []
        var position = 0
        while position < bytes.count {
            switch state {
            case .end: throw .incompleteBody
            case .data(let left, let signature):
                let count = min(left, bytes.count - position)
                let part = bytes[position..<(position + count)]
                position += count
                if signer == nil { output += part } else { chunk += part }
                if left == count {
                    if signer != nil {
                        try check(signature)
                        output += chunk
                        chunk = []
                    }
                    state = .dataEnd
                } else {
                    state = .data(left: left - count, signature: signature)
                }
            case .size, .dataEnd, .trailer:
                let byte = bytes[position]
                position += 1
                line.append(byte)
                guard line.count <= Self.maxLine else { throw .incompleteBody }
                if byte == UInt8(ascii: "\n") {
                    var text = String(decoding: line.dropLast(), as: UTF8.self)
                    if text.hasSuffix("\r") { text.removeLast() }
                    line = []
                    try take(text)
                }
            }
        }
        return output
    }

    /// Throws if the body ended in the middle.
    mutating func finish() throws(S3Error) {
        if case .trailer = state, line.isEmpty { try endTrailers() }
        guard case .end = state else { throw .incompleteBody }
    }

    private mutating func take(_ text: String) throws(S3Error) {
        switch state {
        case .dataEnd:
            guard text.isEmpty else { throw .incompleteBody }
            state = .size
        case .size:
            let parts = text.split(separator: ";")
            guard let first = parts.first, first.utf8.count <= 12, let size = Int(first, radix: 16), size >= 0 else { throw .incompleteBody }
            let signature = parts.dropFirst().lazy.compactMap { part in
                part.hasPrefix("chunk-signature=") ? String(part.dropFirst("chunk-signature=".count)) : nil
            }.first
            if size == 0 {
                if signer != nil { try check(signature) }
                state = .trailer
            } else {
                guard signer == nil || size <= Self.maxChunk else { throw .entityTooLarge }
                state = .data(left: size, signature: signature)
            }
        case .trailer:
            if text.isEmpty { return try endTrailers() }
            let name = text.prefix { $0 != ":" }
            let value = text.dropFirst(name.count + 1).drop { $0 == " " }
            if name.lowercased() == "x-amz-trailer-signature" {
                trailerSignature = String(value)
            } else {
                guard trailers.utf8.count < Self.maxLine else { throw .incompleteBody }
                trailers += name.lowercased() + ":" + value + "\n"
            }
        case .data, .end: break
        }
    }

    private mutating func check(_ signature: String?) throws(S3Error) {
        guard let signer else { return }
        let expected = signer.signature(after: previous, chunk)
        guard let signature, let given = Hex.decode(signature), Constant.equal(given, expected) else { throw .signature }
        previous = Hex.encode(expected)
    }

    private mutating func endTrailers() throws(S3Error) {
        state = .end
        guard signsTrailers, let signer else { return }
        let expected = signer.trailer(after: previous, trailers)
        guard let trailerSignature, let given = Hex.decode(trailerSignature), Constant.equal(given, expected) else { throw .signature }
    }
}
