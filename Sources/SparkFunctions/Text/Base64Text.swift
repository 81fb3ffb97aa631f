/// Base64 as Java's MIME codec has it: lines of 76 characters; what is no digit is passed over in reading.
enum Base64Text {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: ByteSlice, lines: Bool = true) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + 4)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if lines, index > bytes.startIndex, (index - bytes.startIndex) % 57 == 0 { text.append(contentsOf: [13, 10]) }
            let count = min(3, bytes.endIndex - index)
            var word = 0
            for offset in 0..<3 { word = word << 8 | (offset < count ? Int(bytes[index + offset]) : 0) }
            for offset in 0..<4 { text.append(offset <= count ? digits[word >> (18 - 6 * offset) & 63] : UInt8(ascii: "=")) }
            index += count
        }
        return text
    }

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        return values
    }()

    /// nil if a single digit is left over. `strict`: nil too for anything that is no digit, blank or padding in its place.
    static func decode(_ text: ByteSlice, strict: Bool = false) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word = 0
        var count = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(character)]
            if value == 255 {
                if strict, ![9, 10, 13, 32].contains(character) { return nil }
                continue
            }
            if padding > 0 { return strict ? nil : bytes + rest(word, count) }
            word = word << 6 | Int(value)
            count += 1
            if count == 4 {
                bytes.append(UInt8(truncatingIfNeeded: word >> 16))
                bytes.append(UInt8(truncatingIfNeeded: word >> 8))
                bytes.append(UInt8(truncatingIfNeeded: word))
                (word, count) = (0, 0)
            }
        }
        if count == 1 { return nil }
        if strict, padding > 0, (count + padding) % 4 != 0 || count == 0 { return nil }
        return bytes + rest(word, count)
    }

    private static func rest(_ word: Int, _ count: Int) -> [UInt8] {
        switch count {
        case 2: [UInt8(truncatingIfNeeded: word >> 4)]
        case 3: [UInt8(truncatingIfNeeded: word >> 10), UInt8(truncatingIfNeeded: word >> 2)]
        default: []
        }
    }
}
