import HTTPTypes
import JSON

/// Gives the ids that a service makes up words of their own form and length, numbered by their first appearance, so that another recording of the
/// same calls reads the same. Only what an answer brings up is renamed: an id that a request names first is one that the client knows without the
/// recording, and a replaying client will name it again.
///
/// Bytes are exchanged for as many bytes, wherever an id stands alone: in JSON, links, paths, headers, and in binary messages that count them.
struct StableIDs: Sendable {
    /// Forms of ids; names and texts are left alone.
    private enum Form {
        case uuid, number, hexadecimal
        /// `0923-164208-meows279`
        case cluster

        init?(_ bytes: some BidirectionalCollection<UInt8>) {
            if bytes.allSatisfy(SecretShapes.isDigit) {
                guard (12...19).contains(bytes.count) else { return nil }
                self = .number
            } else if bytes.allSatisfy(Self.isHex) {
                guard (16...64).contains(bytes.count) else { return nil }
                self = .hexadecimal
            } else {
                let parts = bytes.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
                let lengths = parts.map(\.count)
                if lengths == [8, 4, 4, 4, 12], parts.allSatisfy({ $0.allSatisfy(Self.isHex) }) {
                    self = .uuid
                } else if lengths.count == 3, lengths[0] == 4, lengths[1] == 6, (6...16).contains(lengths[2]),
                    parts[0].allSatisfy(SecretShapes.isDigit), parts[1].allSatisfy(SecretShapes.isDigit), parts[2].allSatisfy(Self.isWord)
                {
                    self = .cluster
                } else {
                    return nil
                }
            }
        }

        private static func isHex(_ byte: UInt8) -> Bool {
            SecretShapes.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            SecretShapes.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }

        /// What stands in front of the digits of a word's number. A number must not begin with 0, and a UUID keeps its version.
        func beginning(length: Int) -> [UInt8] {
            switch self {
            case .uuid: Array("00000000-0000-4000-8000-".utf8)
            case .number: [UInt8(ascii: "1")] + [UInt8](repeating: UInt8(ascii: "0"), count: max(0, length - 1 - StableIDs.digits))
            case .hexadecimal: [UInt8](repeating: UInt8(ascii: "a"), count: max(0, length - StableIDs.digits))
            case .cluster: Array("0101-000000-".utf8)
            }
        }
    }

    /// Digits of the largest number of a word, which all forms but a cluster's have room for.
    private static let digits = 6
    /// Bounds the memory of a long recording.
    private static let maxCount = 200_000
    private static let minLength = 12

    private var words: [[UInt8]: [UInt8]] = [:]
    /// What requests have named before any answer did.
    private var given: Set<[UInt8]> = []
    private var count = 0

    /// `cassette`: what is recorded already; its words are taken.
    init(continuing cassette: [UInt8] = []) { reserve(wordsIn: cassette) }

    mutating func reserve(wordsIn bytes: [UInt8]) {
        Self.scan(bytes) { range in
            let word = Array(bytes[range])
            guard let form = Form(word) else { return nil }
            let beginning = form.beginning(length: word.count)
            if word.starts(with: beginning), let number = Int(String(decoding: word[beginning.count...], as: UTF8.self)), number < 1_000_000 {
                count = max(count, number)
                // Answers bring it up again only where this very cassette is served and recorded anew.
                words[word] = word
            }
            return nil
        }
    }

    /// The exchange with its ids renamed, and those noted that it brings up.
    mutating func rename(_ exchange: Exchange) -> Exchange {
        note(given: exchange.request)
        if let value = document(exchange.response.body) { note(broughtUpBy: value, name: "") }
        guard !words.isEmpty else { return exchange }
        var exchange = exchange
        exchange.request.path = renamed(exchange.request.path)
        exchange.request.query = exchange.request.query.map(renamed)
        exchange.request.body = renamed(exchange.request.body)
        exchange.response.body = renamed(exchange.response.body)
        var headers = HTTPFields()
        for field in exchange.response.headers { headers.append(HTTPField(name: field.name, value: renamed(field.value))) }
        exchange.response.headers = headers
        return exchange
    }

    private func document(_ body: RecordedBody) -> JSONValue? {
        switch body {
        case .none: nil
        case .json(let bytes), .text(let bytes): try? JSONValue(parsing: bytes)
        case .file(_, let bytes): bytes.isEmpty ? nil : try? JSONValue(parsing: bytes[...])
        }
    }

    // MARK: What is an id

    private mutating func note(given request: RecordedRequest) {
        for bytes in [Array(request.path.utf8), Array((request.query ?? "").utf8), Array(request.body.bytes)] {
            Self.scan(bytes) { range in
                let word = Array(bytes[range])
                if words[word] == nil, given.count < Self.maxCount, Form(word) != nil { given.insert(word) }
                return nil
            }
        }
    }

    private mutating func note(broughtUpBy value: JSONValue, name: String) {
        switch value {
        case .null, .bool: break
        case .string(let text):
            let bytes = Array(text.utf8)
            if Self.isIdentity(name) { note(id: bytes) }
            // In links and storage locations.
            Self.scan(bytes) { range in
                let word = Array(bytes[range])
                guard word.count == 36, case .uuid = Form(word) else { return nil }
                note(id: word)
                return range.upperBound
            }
        case .number(let text): if Self.isIdentity(name) { note(id: Array(text.utf8)) }
        case .array(let elements): for element in elements { note(broughtUpBy: element, name: name) }
        case .object(let object): for (name, member) in object.members { note(broughtUpBy: member, name: name) }
        }
    }

    private static func isIdentity(_ name: String) -> Bool {
        switch name {
        case "id", "ids", "guid", "uuid": true
        default: name.hasSuffix("_id") || name.hasSuffix("_ids") || name.hasSuffix("Id") || name.hasSuffix("_guid") || name.hasSuffix("_uuid")
        }
    }

    private mutating func note(id: [UInt8]) {
        guard words.count < Self.maxCount, words[id] == nil, !given.contains(id), let form = Form(id) else { return }
        let beginning = form.beginning(length: id.count)
        let room = id.count - beginning.count
        var digits = Array(String(count + 1).utf8)
        guard digits.count <= room else { return }
        digits.insert(contentsOf: repeatElement(UInt8(ascii: "0"), count: room - digits.count), at: 0)
        count += 1
        words[id] = beginning + digits
    }

    // MARK: Renaming

    private func renamed(_ text: String) -> String { renamed(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text }

    private func renamed(_ body: RecordedBody) -> RecordedBody {
        switch body {
        case .none: body
        case .json(let bytes): renamed(Array(bytes)).map { .json($0[...]) } ?? body
        case .text(let bytes): renamed(Array(bytes)).map { .text($0[...]) } ?? body
        // What was too large for memory is on the disk already, with its ids.
        case .file(_, let bytes): renamed(bytes).map { .file(name: BodyPolicy.name(of: $0), bytes: $0) } ?? body
        }
    }

    /// Nil if nothing changes.
    private func renamed(_ bytes: [UInt8]) -> [UInt8]? {
        guard bytes.count >= Self.minLength else { return nil }
        var result = bytes
        var isChanged = false
        Self.scan(bytes) { range in
            guard let word = words[Array(bytes[range])], word.count == range.count else { return nil }
            result.replaceSubrange(range, with: word)
            isChanged = true
            return range.upperBound
        }
        return isChanged ? result : nil
    }

    /// Calls `body` with each run of letters, digits and hyphens, and with the parts of it that may be ids: UUIDs and what stands between hyphens.
    /// It answers where to go on, if it has taken the range.
    private static func scan(_ bytes: [UInt8], _ body: (Range<Int>) -> Int?) {
        var position = 0
        while position < bytes.count {
            guard isLetter(bytes[position]) else {
                position += 1
                continue
            }
            // A run without hyphens, then the same with what follows behind them.
            var ends: [Int] = []
            var end = position
            var next = position
            while next < bytes.count, ends.count < 5 {
                while next < bytes.count, isLetter(bytes[next]) { next += 1 }
                end = next
                ends.append(end)
                guard next + 1 < bytes.count, bytes[next] == UInt8(ascii: "-"), isLetter(bytes[next + 1]) else { break }
                next += 1
            }
            let first = ends.first ?? position + 1
            var goesOn: Int?
            // The longest first: a UUID's parts are none of their own.
            for end in ends.reversed() where end - position >= minLength {
                goesOn = body(position..<end)
                if goesOn != nil { break }
            }
            position = goesOn ?? first
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        SecretShapes.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
