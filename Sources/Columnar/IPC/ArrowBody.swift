/// A record batch's buffers, each padded to 8 bytes, with the places that its message lists.
///
/// The message's head says where each buffer lies and comes before them: so columns are laid out first, and written then, without a copy between.
struct ArrowBody {
    /// Length and count of nulls of each column, parents before children.
    private(set) var nodes: [(Int64, Int64)] = []
    /// Place and length of each buffer.
    private(set) var buffers: [(Int64, Int64)] = []
    private(set) var byteCount = 0
    private var output: [UInt8] = []
    private let isLayout: Bool

    /// The layout alone.
    init(_ columns: [Column]) {
        isLayout = true
        for column in columns { append(column) }
    }

    private init() { isLayout = false }

    static func write(_ columns: [Column], to bytes: inout [UInt8]) {
        var body = ArrowBody()
        // Moved, so that it has one owner while it grows.
        swap(&bytes, &body.output)
        for column in columns { body.append(column) }
        swap(&bytes, &body.output)
    }

    private mutating func append(_ column: Column) {
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
        if !isLayout { output.append(contentsOf: raw) }
        close(raw.count)
    }

    /// Pads behind a buffer of this length, and lists it.
    private mutating func close(_ length: Int) {
        buffers.append((Int64(byteCount), Int64(length)))
        let padding = -length & 7
        byteCount += length + padding
        if !isLayout { output.append(contentsOf: repeatElement(0, count: padding)) }
    }

    /// Little-endian as they lie in memory: Swift runs on no other kind of machine.
    private mutating func append<T: BitwiseCopyable>(_ values: [T]) { values.withUnsafeBytes { append($0) } }

    private mutating func append(wide values: [Int64]) {
        if isLayout { close(values.count * MemoryLayout<Int128>.size) } else { append(values.map { Int128($0) }) }
    }

    private mutating func append(bits: Bitmap) {
        bits.words.withUnsafeBytes { append(UnsafeRawBufferPointer(rebasing: $0[..<((bits.count + 7) / 8)])) }
    }

    private mutating func append(validity: Bitmap?, count: Int) {
        guard let validity, !validity.allOnes else { return close(0) }
        append(bits: validity)
    }

    /// Offsets from zero on; the part of the values that they are of.
    private mutating func append(offsets: [Int32]) -> Range<Int> {
        let first = offsets.first ?? 0
        if isLayout {
            close(offsets.count * MemoryLayout<Int32>.size)
        } else {
            append(first == 0 ? offsets : offsets.map { $0 &- first })
        }
        return Int(first)..<Int(offsets.last ?? first)
    }
}
