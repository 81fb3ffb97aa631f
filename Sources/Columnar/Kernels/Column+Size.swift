// A column of byte strings or lists has offsets of 32 bits. What would make one too long is a trap: whoever repeats or gathers rows that came from
// outside asks here first, and splits or refuses.
extension Column {
    /// About how many bytes of memory the values take; slices count what is theirs of the whole's bytes and elements.
    package var byteSize: Int { byteSize(of: 0..<count) }

    private func byteSize(of rows: Range<Int>) -> Int {
        let bits = (rows.count + 7) / 8
        return (validity == nil || isVoid ? 0 : bits)
            + {
                switch values {
                case .void: 0
                case .boolean: bits
                case .int8: rows.count
                case .int16: 2 * rows.count
                case .int32, .float: 4 * rows.count
                case .int64, .double: 8 * rows.count
                case .int128: 16 * rows.count
                case .bytes(let array): 4 * rows.count + Int(array.offsets[rows.upperBound] - array.offsets[rows.lowerBound])
                case .list(let array):
                    4 * rows.count + array.child.byteSize(of: Int(array.offsets[rows.lowerBound])..<Int(array.offsets[rows.upperBound]))
                case .structure(let array): array.children.reduce(0) { $0 + $1.byteSize(of: rows) }
                }
            }()
    }

    /// Whether the parts fit one column.
    package static func canConcat(_ parts: [Column]) -> Bool {
        guard parts.reduce(0, { $0 + $1.count }) <= Int(Int32.max) else { return false }
        if parts.reduce(0, { $0 + $1.byteSize }) <= Int(Int32.max) { return true }
        var total = 0
        var children: [[Column]] = []
        for part in parts {
            switch part.values {
            case .bytes(let array): total += Int(array.offsets[array.count] - array.offsets[0])
            case .list(let array): children.append([array.child.slice(Int(array.offsets[0])..<Int(array.offsets[array.count]))])
            case .structure(let array): children.append(array.children)
            default: break
            }
        }
        guard total <= Int(Int32.max), let first = children.first else { return total <= Int(Int32.max) }
        return first.indices.allSatisfy { index in canConcat(children.compactMap { $0.indices.contains(index) ? $0[index] : nil }) }
    }

    /// Whether the rows at `indices` fit one column of so many bytes or elements; the indices are those of `take`.
    package func canTake(_ indices: [Int32], limit: Int = Int(Int32.max)) -> Bool {
        switch values {
        case .bytes(let array): return Self.taken(array.offsets, array.validity, indices) <= limit
        case .list(let array):
            guard Self.taken(array.offsets, array.validity, indices) <= limit else { return false }
            if array.child.isFixedWidth { return true }
            var children: [Int32] = []
            for index in indices where index >= 0 && (array.validity?[Int(index)] ?? true) {
                children.append(contentsOf: array.offsets[Int(index)]..<array.offsets[Int(index) + 1])
            }
            return array.child.canTake(children, limit: limit)
        case .structure(let array): return array.children.allSatisfy { $0.canTake(indices, limit: limit) }
        default: return true
        }
    }

    private var isFixedWidth: Bool {
        switch values {
        case .bytes, .list: false
        case .structure(let array): array.children.allSatisfy(\.isFixedWidth)
        default: true
        }
    }

    private static func taken(_ offsets: [Int32], _ validity: Bitmap?, _ indices: [Int32]) -> Int {
        var total = 0
        offsets.withUnsafeBufferPointer { offsets in
            for index in indices where index >= 0 && (validity?[Int(index)] ?? true) {
                total += Int(offsets[Int(index) + 1] - offsets[Int(index)])
            }
        }
        return total
    }
}

extension RecordBatch {
    /// About how many bytes of memory the columns take.
    package var byteSize: Int { columns.reduce(0) { $0 + $1.byteSize } }

    /// Whether the rows at `indices` fit one batch; the indices are those of `take`.
    package func canTake(_ indices: [Int32]) -> Bool { columns.allSatisfy { $0.canTake(indices) } }
}
