import Columnar

/// A text as UTF8_LCASE searches it: code points in lower case. `İ` is two of them, between which no match begins or ends.
struct CaselessText {
    let bytes: ByteSlice
    private let points: [UInt32]
    /// Where in `bytes` each point's character begins, or -1 within a character; behind the last the end.
    private let places: [Int]

    init(_ bytes: ByteSlice) {
        self.bytes = bytes
        var points: [UInt32] = []
        var places: [Int] = []
        points.reserveCapacity(bytes.count)
        places.reserveCapacity(bytes.count + 1)
        for character in UTF8Text.characters(bytes) {
            var place = character.startIndex
            for scalar in Collation.folded(String(decoding: character, as: UTF8.self)).unicodeScalars {
                points.append(scalar.value)
                places.append(place)
                place = -1
            }
        }
        places.append(bytes.endIndex)
        self.points = points
        self.places = places
    }

    var isEmpty: Bool { points.isEmpty }

    static func == (left: CaselessText, right: CaselessText) -> Bool { left.points == right.points }

    /// Whether `part` lies here, from a point that begins a character up to one that ends one.
    private func matches(_ part: CaselessText, at index: Int) -> Bool {
        guard index >= 0, index + part.points.count <= points.count, places[index] >= 0, places[index + part.points.count] >= 0 else { return false }
        for offset in part.points.indices where points[index + offset] != part.points[offset] { return false }
        return true
    }

    func hasPrefix(_ part: CaselessText) -> Bool { matches(part, at: 0) }
    func hasSuffix(_ part: CaselessText) -> Bool { matches(part, at: points.count - part.points.count) }

    var count: Int { points.count }

    /// Where in the bytes a point's character begins; the end behind the last.
    func place(_ index: Int) -> Int { places[index] }

    /// The point whose character begins at a place or is the first behind it.
    func index(at place: Int) -> Int { places.firstIndex { $0 >= place } ?? points.count }

    /// The points of the first match that begins at or behind one.
    func firstRange(of part: CaselessText, from start: Int = 0) -> Range<Int>? {
        var index = start
        while index + part.points.count <= points.count {
            if index & 0xFFF == 0xFFF, ExecutionMonitor.isOver { return nil }
            if matches(part, at: index) { return index..<(index + part.points.count) }
            index += 1
        }
        return nil
    }

    /// The points of the last match that ends before one.
    func lastRange(of part: CaselessText, before end: Int) -> Range<Int>? {
        var index = end - part.points.count
        while index >= 0 {
            if index & 0xFFF == 0xFFF, ExecutionMonitor.isOver { return nil }
            if matches(part, at: index) { return index..<(index + part.points.count) }
            index -= 1
        }
        return nil
    }

    /// The parts between matches.
    func split(by delimiter: CaselessText) -> [ByteSlice] {
        if delimiter.isEmpty { return [bytes] }
        var parts: [ByteSlice] = []
        var start = 0
        while let found = firstRange(of: delimiter, from: start) {
            parts.append(bytes[places[start]..<places[found.lowerBound]])
            start = found.upperBound
        }
        parts.append(bytes[places[start]...])
        return parts
    }
}

/// Single characters without regard to case, as `translate` and `trim` take them: `İ` stands for itself, and for `i` with a dot above it
/// where the set has it.
enum CaselessCharacter {
    static let dottedI: UInt32 = 0x130
    private static let smallI: UInt32 = 0x69
    private static let dotAbove: UInt32 = 0x307

    static func folded(_ scalar: Unicode.Scalar) -> UInt32 {
        if scalar.value == dottedI { return dottedI }
        return Collation.folded(String(scalar)).unicodeScalars.first?.value ?? scalar.value
    }

    /// How many code points at `index` are one of the set, and which.
    static func match(_ text: [Unicode.Scalar], at index: Int, _ contains: (UInt32) -> Bool) -> (key: UInt32, length: Int)? {
        let key = folded(text[index])
        if key == smallI, index + 1 < text.count, text[index + 1].value == dotAbove, contains(dottedI) { return (dottedI, 2) }
        return contains(key) ? (key, 1) : nil
    }

    /// The same before `end`.
    static func match(_ text: [Unicode.Scalar], before end: Int, _ contains: (UInt32) -> Bool) -> (key: UInt32, length: Int)? {
        let key = folded(text[end - 1])
        if key == dotAbove, end > 1, folded(text[end - 2]) == smallI, contains(dottedI) { return (dottedI, 2) }
        return contains(key) ? (key, 1) : nil
    }
}
