/// How the key columns of a row become words: narrow columns share words, byte strings and nested values are numbered first.
struct KeyPacking: Sendable {
    enum Kind: Sendable {
        case boolean, int8, int16, int32, int64, int128, float, double
        /// Byte strings and nested values, by their number in the table of that index.
        case numbered(Int)
        case void
    }

    struct Part: Sendable {
        let column: Int
        let kind: Kind
        /// Where the value's bits begin; for `int128` two whole words.
        var word = 0
        var shift: UInt64 = 0
        /// Of `int64` and `int128`, whose values leave no room for null: where a bit for it is.
        var nullWord = 0
        var nullShift: UInt64 = 0
    }

    private(set) var parts: [Part]
    private(set) var width = 0
    private(set) var tableCount = 0
    /// A lone 64-bit column: its values are the words, and null is looked after by the caller.
    let isSingleLong: Bool

    /// Of the two bits patterns that a canonical floating key never has.
    private static let nullFloat: UInt64 = 0x7FC0_0001
    private static let nullDouble: UInt64 = 0x7FF8_0000_0000_0001

    init(_ columns: [Column]) {
        var parts: [Part] = []
        var used: [Int] = []
        var tables = 0
        func place(_ bits: Int) -> (Int, UInt64) {
            if let word = used.firstIndex(where: { $0 + bits <= 64 }) {
                defer { used[word] += bits }
                return (word, UInt64(used[word]))
            }
            used.append(bits)
            return (used.count - 1, 0)
        }
        isSingleLong = columns.count == 1 && columns[0].values.asInt64 != nil
        for (index, column) in columns.enumerated() {
            var part: Part
            switch column.values {
            case .void: part = Part(column: index, kind: .void)
            case .boolean:
                part = Part(column: index, kind: .boolean)
                (part.word, part.shift) = place(2)
            case .int8:
                part = Part(column: index, kind: .int8)
                (part.word, part.shift) = place(9)
            case .int16:
                part = Part(column: index, kind: .int16)
                (part.word, part.shift) = place(17)
            case .int32:
                part = Part(column: index, kind: .int32)
                (part.word, part.shift) = place(33)
            case .float:
                part = Part(column: index, kind: .float)
                (part.word, part.shift) = place(32)
            case .double:
                part = Part(column: index, kind: .double)
                (part.word, part.shift) = place(64)
            case .int64:
                part = Part(column: index, kind: .int64)
                (part.word, part.shift) = place(64)
                if columns.count > 1 { (part.nullWord, part.nullShift) = place(1) }
            case .int128:
                part = Part(column: index, kind: .int128)
                part.word = used.count
                used += [64, 64]
                (part.nullWord, part.nullShift) = place(1)
            case .bytes, .list, .structure:
                part = Part(column: index, kind: .numbered(tables))
                tables += 1
                (part.word, part.shift) = place(31)
            }
            parts.append(part)
        }
        self.parts = parts
        width = max(used.count, 1)
        tableCount = tables
    }

    /// `width` words a row; `numbers` are the rows' numbers in the tables of the parts that are numbered.
    func words(_ columns: [Column], count: Int, numbers: [[Int32]]) -> [UInt64] {
        if isSingleLong, case .int64(let array) = columns[0].values {
            return array.values.withUnsafeBufferPointer { $0.withMemoryRebound(to: UInt64.self) { Array($0) } }
        }
        var words = [UInt64](repeating: 0, count: count * width)
        let width = width
        for part in parts {
            let validity = columns[part.column].validity
            @inline(__always)
            func put(null: UInt64, _ bits: (Int) -> UInt64) {
                words.withUnsafeMutableBufferPointer { words in
                    var at = part.word
                    if let validity {
                        for row in 0..<count {
                            words[at] |= (validity[row] ? bits(row) : null) << part.shift
                            at += width
                        }
                    } else {
                        for row in 0..<count {
                            words[at] |= bits(row) << part.shift
                            at += width
                        }
                    }
                }
            }
            @inline(__always)
            func integers<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) where T.Magnitude: UnsignedInteger {
                array.values.withUnsafeBufferPointer { values in
                    let mask: UInt64 = T.bitWidth >= 64 ? .max : (1 << UInt64(T.bitWidth)) - 1
                    put(null: T.bitWidth >= 64 ? 0 : mask + 1) { UInt64(truncatingIfNeeded: values[$0]) & mask }
                }
            }
            func nullBits() {
                guard let validity else { return }
                for row in 0..<count where !validity[row] { words[row * width + part.nullWord] |= 1 << part.nullShift }
            }
            switch columns[part.column].values {
            case .void: break
            case .boolean(let array): put(null: 2) { array.values[$0] ? 1 : 0 }
            case .int8(let array): integers(array)
            case .int16(let array): integers(array)
            case .int32(let array): integers(array)
            case .int64(let array):
                integers(array)
                nullBits()
            case .int128(let array):
                for row in 0..<count where validity?[row] ?? true {
                    words[row * width + part.word] = UInt64(truncatingIfNeeded: array.values[row])
                    words[row * width + part.word + 1] = UInt64(truncatingIfNeeded: array.values[row] >> 64)
                }
                nullBits()
            case .float(let array):
                array.values.withUnsafeBufferPointer { values in
                    put(null: Self.nullFloat) { UInt64(Mixing.canonical(values[$0])) }
                }
            case .double(let array):
                array.values.withUnsafeBufferPointer { values in put(null: Self.nullDouble) { Mixing.canonical(values[$0]) } }
            case .bytes, .list, .structure:
                guard case .numbered(let table) = part.kind else { continue }
                numbers[table].withUnsafeBufferPointer { numbers in
                    words.withUnsafeMutableBufferPointer { words in
                        var at = part.word
                        // A number of -1 is a key that is nowhere; the caller passes over its row.
                        for row in 0..<count {
                            words[at] |= UInt64(UInt32(bitPattern: max(numbers[row], 0))) << part.shift
                            at += width
                        }
                    }
                }
            }
        }
        return words
    }
}
