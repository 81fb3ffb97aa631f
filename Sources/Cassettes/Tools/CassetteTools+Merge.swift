import HTTPTypes

extension CassetteTools {
    /// One after the other, with the first one's header. Throws if they match requests differently.
    package static func merge(_ cassettes: [Cassette], name: String) throws(CassetteError) -> Cassette {
        guard let first = cassettes.first else { throw CassetteError(file: name, "nothing to merge") }
        for other in cassettes where other.header.match != first.header.match || other.header.ignore != first.header.ignore {
            throw CassetteError(file: other.file, line: 1, "'match' and 'ignore' differ from those of \(first.file)")
        }
        if let torn = cassettes.first(where: { $0.torn != nil }) {
            throw CassetteError(file: torn.file, line: torn.torn?.line, "the last line was cut off; 'dbxsim cassette fmt' removes it")
        }
        var exchanges = distinctPlaceholders(cassettes)
        for index in exchanges.indices { exchanges[index].number = index + 1 }
        return Cassette(name: name, header: first.header, exchanges: exchanges)
    }

    /// Later cassettes' placeholders get numbers of their own: equal words of two recordings do not stand for equal secrets.
    private static func distinctPlaceholders(_ cassettes: [Cassette]) -> [Exchange] {
        var exchanges: [Exchange] = []
        var taken: [SecretKind: Int] = [:]
        for cassette in cassettes {
            var renumbering = Renumbering(offsets: taken)
            exchanges += cassette.exchanges.map { renumbering.exchange($0) }
            taken.merge(renumbering.highest, uniquingKeysWith: max)
        }
        return exchanges
    }

    private struct Renumbering {
        let offsets: [SecretKind: Int]
        private(set) var highest: [SecretKind: Int] = [:]

        init(offsets: [SecretKind: Int]) { self.offsets = offsets }

        mutating func exchange(_ exchange: Exchange) -> Exchange {
            var exchange = exchange
            exchange.request.path = text(exchange.request.path)
            exchange.request.query = exchange.request.query.map { text($0) }
            for index in exchange.request.headers.indices { exchange.request.headers[index].value = text(exchange.request.headers[index].value) }
            for index in exchange.response.headers.indices { exchange.response.headers[index].value = text(exchange.response.headers[index].value) }
            exchange.request.body = body(exchange.request.body)
            exchange.response.body = body(exchange.response.body)
            return exchange
        }

        private mutating func text(_ text: String) -> String {
            guard text.utf8.count > Placeholders.start.utf8.count else { return text }
            return bytes(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
        }

        private mutating func body(_ body: RecordedBody) -> RecordedBody {
            // The framing of binary bodies counts bytes: their words stay.
            guard BodyPolicy.isText(Array(body.bytes)), let renumbered = bytes(Array(body.bytes)) else { return body }
            return switch body {
            case .none: .none
            case .json: .json(renumbered[...])
            case .text: .text(renumbered[...])
            case .file: .file(name: BodyPolicy.name(of: renumbered), bytes: renumbered)
            }
        }

        /// Nil if nothing changes.
        private mutating func bytes(_ bytes: [UInt8]) -> [UInt8]? {
            var result: [UInt8] = []
            var position = 0
            for word in Placeholders.occurrences(in: bytes) {
                let number = word.number + offsets[word.kind, default: 0]
                highest[word.kind] = max(highest[word.kind, default: 0], number)
                guard number != word.number else { continue }
                result += bytes[position..<word.range.lowerBound]
                result += "\(Placeholders.start)\(word.kind.rawValue)_\(number)".utf8
                position = word.range.upperBound
            }
            return position == 0 ? nil : result + bytes[position...]
        }
    }
}
