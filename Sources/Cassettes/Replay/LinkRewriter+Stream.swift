package import HTTPTypes

extension LinkRewriter {
    /// What other hosts send is data, and passed on as it is; only their OAuth discovery documents hold links for the client to follow.
    package static func applies(toPath path: String, isOtherHost: Bool) -> Bool {
        !isOtherHost || path.contains("/.well-known/")
    }

    static func holdsLinks(_ name: HTTPField.Name) -> Bool { name == .location || name == .contentLocation || name == .link }

    package func rewrite(_ headers: HTTPFields) -> HTTPFields {
        var headers = headers
        for index in headers.indices where Self.holdsLinks(headers[index].name) {
            if let rewritten = rewrite(Array(headers[index].value.utf8)[...]) { headers[index].value = String(decoding: rewritten, as: UTF8.self) }
        }
        return headers
    }

    /// Rewrites a text that comes in parts. What may be the beginning of a link waits for the next part.
    package struct Stream: Sendable {
        private static let maxLink = 512

        private let rewriter: LinkRewriter
        private var pending: [UInt8] = []

        package init(_ rewriter: LinkRewriter) { self.rewriter = rewriter }

        package mutating func push(_ part: [UInt8]) -> [UInt8] {
            let bytes = pending.isEmpty ? part : pending + part
            let cut = Self.cut(bytes)
            pending = Array(bytes[cut...])
            let whole = bytes[..<cut]
            return rewriter.rewrite(whole) ?? Array(whole)
        }

        package mutating func finish() -> [UInt8] {
            defer { pending = [] }
            return rewriter.rewrite(pending[...]) ?? pending
        }

        /// Where the last link begins if it goes on to the end.
        private static func cut(_ bytes: [UInt8]) -> Int {
            var position = max(0, bytes.count - maxLink)
            let start = Array("http".utf8)
            while position < bytes.count {
                let rest = bytes[position...]
                if rest.count < start.count, start.starts(with: rest) { return position }
                if rest.starts(with: start), rest.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "<") }) {
                    return position
                }
                position += 1
            }
            return bytes.count
        }
    }
}

extension HTTPField.Name {
    fileprivate static let link = HTTPField.Name("link")!
}
