/// Stands in for secrets: one word for each distinct value, so that what was equal stays equal.
struct Placeholders: Sendable {
    /// With `nil` all secrets of a kind become one word: for comparing requests whose secrets differ.
    private var words: [String: String]?
    private var counts: [SecretKind: Int] = [:]

    static let start = "REDACTED_"
    /// Longer than any word.
    static let maxLength = 64

    /// Numbered words.
    init() { words = [:] }

    private init(words: [String: String]?) { self.words = words }

    static let uniform = Placeholders(words: nil)

    /// The word for a secret. What is a placeholder already stays one.
    mutating func word(for value: String, _ kind: SecretKind) -> String {
        guard words != nil else { return "REDACTED" }
        if value.hasPrefix("REDACTED") { return value }
        if let word = words?[value] { return word }
        let number = (counts[kind] ?? 0) + 1
        counts[kind] = number
        let word = "\(Self.start)\(kind.rawValue)_\(number)"
        words?[value] = word
        return word
    }

    /// A word of the same length in bytes, for bodies whose framing counts bytes.
    mutating func word(for value: String, _ kind: SecretKind, length: Int) -> [UInt8] {
        var word = Array(self.word(for: value, kind).utf8.prefix(length))
        while word.count < length { word.append(UInt8(ascii: "_")) }
        return word
    }

    /// Numbers in `text` are taken: a cassette that is recorded into again must not give one word to two values.
    mutating func reserve(wordsIn bytes: some Collection<UInt8>) {
        for word in Placeholders.occurrences(in: Array(bytes)) {
            counts[word.kind] = max(counts[word.kind] ?? 0, word.number)
        }
    }
}

extension Placeholders {
    struct Occurrence {
        let range: Range<Int>
        let kind: SecretKind
        let number: Int
    }

    private static let kinds = SecretKind.allCases.sorted { $0.rawValue.utf8.count > $1.rawValue.utf8.count }

    /// All placeholders in a text, in order.
    static func occurrences(in bytes: [UInt8]) -> [Occurrence] {
        var result: [Occurrence] = []
        var position = 0
        let start = Array(start.utf8)
        while let found = bytes.firstRange(of: start, from: position) {
            position = found.upperBound
            for kind in kinds where bytes[position...].starts(with: kind.rawValue.utf8) {
                let digits = position + kind.rawValue.utf8.count + 1
                guard digits <= bytes.count, bytes[digits - 1] == UInt8(ascii: "_") else { continue }
                var end = digits
                while end < bytes.count, end - digits < 9, SecretShapes.isDigit(bytes[end]) { end += 1 }
                guard let number = Int(String(decoding: bytes[digits..<end], as: UTF8.self)) else { continue }
                result.append(Occurrence(range: found.lowerBound..<end, kind: kind, number: number))
                position = end
                break
            }
        }
        return result
    }
}

extension [UInt8] {
    /// The first place of `part` at or behind a position.
    func firstRange(of part: [UInt8], from start: Int) -> Range<Int>? { withUnsafeBufferPointer { $0.firstRange(of: part, from: start) } }
}

extension UnsafeBufferPointer<UInt8> {
    /// The first place of `part` at or behind a position.
    func firstRange(of part: [UInt8], from start: Int) -> Range<Int>? {
        guard let first = part.first else { return nil }
        var position = start
        while position + part.count <= count {
            if self[position] == first {
                var length = 1
                while length < part.count, self[position + length] == part[length] { length += 1 }
                if length == part.count { return position..<(position + length) }
            }
            position += 1
        }
        return nil
    }
}
