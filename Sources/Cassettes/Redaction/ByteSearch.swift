extension String {
    /// Whether the bytes of `part` stand somewhere in the text. The library's own search compares characters, at many times the cost, and these
    /// searches are made for every header of every exchange.
    func hasBytes(_ part: StaticString) -> Bool {
        let length = part.utf8CodeUnitCount
        let wanted = UnsafeBufferPointer(start: part.utf8Start, count: length)
        let found = utf8.withContiguousStorageIfAvailable { bytes in
            guard bytes.count >= length, let first = wanted.first else { return length == 0 }
            for start in 0...(bytes.count - length) where bytes[start] == first {
                if wanted.elementsEqual(bytes[start..<(start + length)]) { return true }
            }
            return false
        }
        return found ?? contains(part.description)
    }
}
