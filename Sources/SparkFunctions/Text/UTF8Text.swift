/// UTF-8 text as bytes: characters are code points, as Spark counts them.
enum UTF8Text {
    @inline(__always) static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

    @inline(__always) static func width(_ lead: UInt8) -> Int { lead < 0x80 ? 1 : (lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4)) }

    static func count(_ text: ByteSlice) -> Int {
        text.withUnsafeBufferPointer { bytes in
            var count = 0
            for byte in bytes where !isContinuation(byte) { count += 1 }
            return count
        }
    }

    static func isASCII(_ text: ByteSlice) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            var all: UInt8 = 0
            for byte in bytes { all |= byte }
            return all < 0x80
        }
    }

    /// The code points from `start` up to `end`, both counted from the first; a start before it counts towards the end.
    static func slice(_ text: ByteSlice, from start: Int, to end: Int) -> ByteSlice {
        if end <= start || start >= text.count { return text.prefix(0) }
        var index = text.startIndex
        var position = 0
        while index < text.endIndex, position < start {
            index = min(index + width(text[index]), text.endIndex)
            position += 1
        }
        let first = index
        while index < text.endIndex, position < end {
            index = min(index + width(text[index]), text.endIndex)
            position += 1
        }
        return text[first..<index]
    }

    /// SQL's substring: positions from 1, negative ones from the end.
    static func substring(_ text: ByteSlice, position: Int, length: Int) -> ByteSlice {
        let start = position > 0 ? position - 1 : (position < 0 ? count(text) + position : 0)
        let (end, overflow) = start.addingReportingOverflow(length)
        return slice(text, from: start, to: overflow ? (length > 0 ? .max : .min) : end)
    }

    static func binarySubstring(_ bytes: ByteSlice, position: Int, length: Int) -> ByteSlice {
        let start = position > 0 ? position - 1 : (position < 0 ? bytes.count + position : 0)
        let (end, overflow) = start.addingReportingOverflow(length)
        let upper = min(overflow ? (length > 0 ? .max : 0) : end, bytes.count)
        let lower = max(start, 0)
        if lower >= upper { return bytes.prefix(0) }
        return bytes[(bytes.startIndex + lower)..<(bytes.startIndex + upper)]
    }

    /// Where `part` first lies at or behind `start`.
    static func firstIndex(of part: ByteSlice, in text: ByteSlice, from start: Int? = nil) -> Int? {
        let start = start ?? text.startIndex
        if part.isEmpty { return start <= text.endIndex ? start : nil }
        if text.endIndex - start < part.count { return nil }
        return text.withUnsafeBufferPointer { haystack -> Int? in
            part.withUnsafeBufferPointer { needle -> Int? in
                let first = needle[0]
                var index = start - text.startIndex
                var compared = 0
                let last = haystack.count - needle.count
                let wanted = UInt64(first) &* 0x0101_0101_0101_0101
                search: while index <= last {
                    if index & 0xFFFF == 0xFFFF, ExecutionMonitor.isOver { return nil }
                    // Eight bytes without the first one are passed over at once.
                    while index + 8 <= haystack.count {
                        let word =
                            UnsafeRawPointer(haystack.baseAddress.unsafelyUnwrapped).loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wanted
                        let zeros = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
                        if zeros != 0 {
                            index += UInt64(littleEndian: zeros).trailingZeroBitCount / 8
                            break
                        }
                        index += 8
                    }
                    if index > last { return nil }
                    if haystack[index] == first {
                        var offset = 1
                        while offset < needle.count {
                            if haystack[index + offset] != needle[offset] {
                                index += 1
                                compared += offset
                                if compared > 1 << 20 {
                                    compared = 0
                                    if ExecutionMonitor.isOver { return nil }
                                }
                                continue search
                            }
                            offset += 1
                        }
                        return index + text.startIndex
                    }
                    index += 1
                }
                return nil
            }
        }
    }

    static func lastIndex(of part: ByteSlice, in text: ByteSlice, before end: Int) -> Int? {
        var index = min(end, text.endIndex) - part.count
        var compared = 0
        while index >= text.startIndex {
            if text[index..<index + part.count].elementsEqual(part) { return index }
            index -= 1
            compared += part.count + 8
            if compared > 1 << 20 {
                compared = 0
                if ExecutionMonitor.isOver { return nil }
            }
        }
        return nil
    }

    static func hasPrefix(_ text: ByteSlice, _ part: ByteSlice) -> Bool { text.count >= part.count && text.prefix(part.count).elementsEqual(part) }
    static func hasSuffix(_ text: ByteSlice, _ part: ByteSlice) -> Bool { text.count >= part.count && text.suffix(part.count).elementsEqual(part) }

    /// The bytes of each code point.
    static func characters(_ text: ByteSlice) -> [ByteSlice] {
        var parts: [ByteSlice] = []
        var index = text.startIndex
        while index < text.endIndex {
            let next = min(index + width(text[index]), text.endIndex)
            parts.append(text[index..<next])
            index = next
        }
        return parts
    }

    static func isValid(_ bytes: ByteSlice) -> Bool { String(validating: bytes, as: UTF8.self) != nil }
}
