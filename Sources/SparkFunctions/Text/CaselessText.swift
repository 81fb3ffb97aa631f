/// Text as UTF8_LCASE compares it, with the places that its characters have in the original.
struct CaselessText {
    /// The lower-case code points of all characters.
    let scalars: [UInt32]
    /// Where the character of each code point begins; -1 for the further code points of a character that becomes several. The text's end is the last.
    private let starts: [Int]

    init(_ text: ByteSlice) {
        var scalars: [UInt32] = []
        var starts: [Int] = []
        scalars.reserveCapacity(text.count)
        starts.reserveCapacity(text.count + 1)
        for character in UTF8Text.characters(text) {
            for (index, scalar) in Self.folded(character).enumerated() {
                scalars.append(scalar)
                starts.append(index == 0 ? character.startIndex : -1)
            }
        }
        starts.append(text.endIndex)
        self.scalars = scalars
        self.starts = starts
    }

    /// One character's lower-case form; a sigma at a word's end is as good as any.
    static func folded(_ character: ByteSlice) -> [UInt32] {
        if let byte = character.first, byte < 0x80 { return [UInt32((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)] }
        return String(decoding: character, as: UTF8.self).unicodeScalars.flatMap { scalar in
            scalar.properties.lowercaseMapping.unicodeScalars.map { $0.value == 0x3C2 ? 0x3C3 : $0.value }
        }
    }

    /// The offset in the original of the character that a code point begins.
    func offset(_ index: Int) -> Int { starts[index] }

    /// Where whole characters are equal to `part`, first at or behind the code point `start`.
    func firstRange(of part: [UInt32], from start: Int = 0) -> Range<Int>? {
        guard scalars.count - part.count >= start else { return nil }
        for index in start...(scalars.count - part.count) {
            if index & 0xFFFF == 0xFFFF, ExecutionMonitor.isOver { return nil }
            if lies(part, at: index) { return index..<(index + part.count) }
        }
        return nil
    }

    /// The last such place that begins at or before the code point `end`.
    func lastRange(of part: [UInt32], from end: Int) -> Range<Int>? {
        var index = min(end, scalars.count - part.count)
        while index >= 0 {
            if lies(part, at: index) { return index..<(index + part.count) }
            index -= 1
            if index & 0xFFFF == 0xFFFF, ExecutionMonitor.isOver { return nil }
        }
        return nil
    }

    private func lies(_ part: [UInt32], at index: Int) -> Bool {
        guard starts[index] >= 0, starts[index + part.count] >= 0 else { return false }
        for (offset, scalar) in part.enumerated() where scalars[index + offset] != scalar { return false }
        return true
    }
}
