/// A record batch's buffers, each padded to 8 bytes, with the places that its message lists.
struct ArrowBody {
    private(set) var bytes: [UInt8] = []
    /// Length and count of nulls of each column, parents before children.
    private(set) var nodes: [(Int64, Int64)] = []
    /// Place and length of each buffer.
    private(set) var buffers: [(Int64, Int64)] = []

    mutating func append(_ column: Column) {
        nodes.append((Int64(column.count), Int64(column.nullCount)))
        // A column of nulls alone has no buffers.
        if case .void = column.values { return }
        append(validity: column.validity, count: column.count)
        switch column.values {
        case .void: break
        case .boolean(let array): append(bits: array.values)
        case .int8(let array): append(array.values)
        case .int16(let array): append(array.values)
        case .int32(let array): append(array.values)
        case .int64(let array):
            if case .decimal = column.type { append(wide: array.values) } else { append(array.values) }
        case .int128(let array): append(array.values)
        case .float(let array): append(array.values)
        case .double(let array): append(array.values)
        case .bytes(let array):
            let range = append(offsets: array.offsets)
            array.bytes.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0[range])) }
        case .list(let array):
            let range = append(offsets: array.offsets)
            append(array.child.slice(range))
        case .structure(let array):
            for child in array.children { append(child) }
        }
    }

    private mutating func append(_ raw: UnsafeRawBufferPointer) {
        buffers.append((Int64(bytes.count), Int64(raw.count)))
        bytes.append(contentsOf: raw)
        while bytes.count % 8 != 0 { bytes.append(0) }
    }

    /// Little-endian as they lie in memory: Swift runs on no other kind of machine.
    private mutating func append<T: BitwiseCopyable>(_ values: [T]) { values.withUnsafeBytes { append($0) } }

    private mutating func append(wide values: [Int64]) { append(values.map { Int128($0) }) }

    private mutating func append(bits: Bitmap) {
        bits.words.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0[..<((bits.count + 7) / 8)])) }
    }

    private mutating func append(validity: Bitmap?, count: Int) {
        guard let validity, !validity.allOnes else {
            buffers.append((Int64(bytes.count), 0))
            return
        }
        append(bits: validity)
    }

    /// Offsets from zero on; the part of the values that they are of.
    private mutating func append(offsets: [Int32]) -> Range<Int> {
        let first = offsets.first ?? 0
        append(first == 0 ? offsets : offsets.map { $0 &- first })
        return Int(first)..<Int(offsets.last ?? first)
    }
}
