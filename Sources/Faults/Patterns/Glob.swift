/// A text with stars, cut at the stars.
struct Glob: Sendable {
    /// At least one part; between two parts lies a star.
    let parts: [[UInt8]]

    init(_ text: String) {
        var parts: [[UInt8]] = [[]]
        var isEscaped = false
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            if isEscaped {
                parts[parts.count - 1].append(byte)
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "*") {
                isEscaped = true
            } else if byte == UInt8(ascii: "*") {
                // Two stars match what one does.
                if parts.count == 1 || !(parts.last ?? []).isEmpty { parts.append([]) }
            } else {
                parts[parts.count - 1].append(byte)
            }
        }
        self.parts = parts
    }

    var literal: [UInt8]? { parts.count == 1 ? parts[0] : nil }
    var matchesAnything: Bool { parts.count > 1 && parts.allSatisfy(\.isEmpty) }

    func matches(_ value: String) -> Bool {
        value.utf8.withContiguousStorageIfAvailable(matches) ?? Array(value.utf8).withUnsafeBufferPointer(matches)
    }

    /// Each middle part is taken at its first place; that can never spoil a match. Quadratic at worst, over short texts.
    private func matches(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let first = parts[0]
        guard parts.count > 1, let last = parts.last else { return Self.equal(value, 0, first) && value.count == first.count }
        guard value.count >= first.count + last.count, Self.equal(value, 0, first), Self.equal(value, value.count - last.count, last) else {
            return false
        }
        var position = first.count
        let end = value.count - last.count
        for part in parts[1..<(parts.count - 1)] {
            guard let found = Self.find(part, in: value, from: position, to: end) else { return false }
            position = found + part.count
        }
        return true
    }

    private static func find(_ part: [UInt8], in value: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int) -> Int? {
        var position = start
        while position + part.count <= end {
            if equal(value, position, part) { return position }
            position += 1
        }
        return nil
    }

    private static func equal(_ value: UnsafeBufferPointer<UInt8>, _ start: Int, _ part: [UInt8]) -> Bool {
        guard start + part.count <= value.count else { return false }
        for index in part.indices where value[start + index] != part[index] { return false }
        return true
    }
}
