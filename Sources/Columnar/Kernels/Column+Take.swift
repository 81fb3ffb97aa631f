extension Column {
    /// The rows at `indices`, in that order and as often; -1 gives null. Every index must be in -1..<count, and `canTake` hold.
    package func take(_ indices: [Int32]) -> Column {
        let range = Kernel.indexRange(indices)
        precondition(range.lowest >= -1 && range.highest < count, "take: index out of range")
        if count == 0 { return .nulls(type, count: indices.count) }
        return Column(type, values.take(indices, hasNull: range.lowest < 0))
    }

    /// Row by row `then` where the mask is one, else `otherwise`; all of one length, each column of this type's layout or `void`.
    package static func select(_ mask: Bitmap, then: Column, otherwise: Column, type: DataType) -> Column {
        precondition(mask.count == then.count && mask.count == otherwise.count)
        let chosen = mask.onesCount
        if chosen == mask.count { return concat([then], type: type) }
        if chosen == 0 { return concat([otherwise], type: type) }
        var indices = [Int32](repeating: 0, count: mask.count)
        for row in indices.indices { indices[row] = Int32(mask[row] ? row : row + mask.count) }
        return concat([then, otherwise], type: type).take(indices)
    }
}

extension RecordBatch {
    /// The rows at `indices`; -1 gives a row of nulls.
    package func take(_ indices: [Int32]) -> RecordBatch {
        RecordBatch(schema: schema, columns: columns.map { $0.take(indices) }, rowCount: indices.count)
    }
}

extension ColumnValues {
    /// `indices` have been checked, and there is at least one row to point to unless all of `indices` is gone.
    func take(_ indices: [Int32], hasNull: Bool) -> ColumnValues {
        func primitive<T>(_ array: PrimitiveArray<T>) -> PrimitiveArray<T> {
            PrimitiveArray(
                Kernel.take(array.values, indices), validity: Kernel.takeValidity(array.validity, indices, hasNull: hasNull))
        }
        switch self {
        case .void: return .void(indices.count)
        case .boolean(let array):
            let validity = Kernel.takeValidity(array.validity, indices, hasNull: hasNull)
            return .boolean(BooleanArray(Kernel.take(array.values, indices), validity: validity))
        case .int8(let array): return .int8(primitive(array))
        case .int16(let array): return .int16(primitive(array))
        case .int32(let array): return .int32(primitive(array))
        case .int64(let array): return .int64(primitive(array))
        case .int128(let array): return .int128(primitive(array))
        case .float(let array): return .float(primitive(array))
        case .double(let array): return .double(primitive(array))
        case .bytes(let array): return .bytes(Kernel.take(array, indices, hasNull: hasNull))
        case .list(let array): return .list(Kernel.take(array, indices, hasNull: hasNull))
        case .structure(let array):
            let children = array.children.map { Column($0.type, $0.values.take(indices, hasNull: hasNull)) }
            let validity = Kernel.takeValidity(array.validity, indices, hasNull: hasNull)
            return .structure(StructArray(children: children, validity: validity, count: indices.count))
        }
    }
}

extension Kernel {
    fileprivate static func indexRange(_ indices: [Int32]) -> (lowest: Int, highest: Int) {
        var lowest: Int32 = 0
        var highest: Int32 = -1
        indices.withUnsafeBufferPointer { indices in
            for index in indices {
                lowest = min(lowest, index)
                highest = max(highest, index)
            }
        }
        return (Int(lowest), Int(highest))
    }

    /// -1 reads row 0: its place is marked null besides.
    fileprivate static func take<T: BitwiseCopyable>(_ values: [T], _ indices: [Int32]) -> [T] {
        [T](unsafeUninitializedCapacity: indices.count) { result, filled in
            values.withUnsafeBufferPointer { values in
                indices.withUnsafeBufferPointer { indices in
                    for row in 0..<indices.count {
                        result.initializeElement(at: row, to: values[Int(max(indices[row], 0))])
                    }
                }
            }
            filled = indices.count
        }
    }

    fileprivate static func take(_ bits: Bitmap, _ indices: [Int32]) -> Bitmap {
        bits.words.withUnsafeBufferPointer { words in
            indices.withUnsafeBufferPointer { indices in
                bitmap(count: indices.count) { row in
                    let index = Int(max(indices[row], 0))
                    return words[index >> 6] >> UInt64(index & 63) & 1 == 1
                }
            }
        }
    }

    fileprivate static func takeValidity(_ validity: Bitmap?, _ indices: [Int32], hasNull: Bool) -> Bitmap? {
        guard hasNull else { return validity.flatMap { take($0, indices).asValidity } }
        let present = indices.withUnsafeBufferPointer { indices in bitmap(count: indices.count) { indices[$0] >= 0 } }
        guard let validity else { return present }
        return present & take(validity, indices)
    }

    fileprivate static func take(_ array: BytesArray, _ indices: [Int32], hasNull: Bool) -> BytesArray {
        let validity = takeValidity(array.validity, indices, hasNull: hasNull)
        let offsets = takenOffsets(array.offsets, validity, indices)
        let total = Int(offsets[offsets.count - 1])
        let bytes = [UInt8](unsafeUninitializedCapacity: total) { result, filled in
            array.bytes.withUnsafeBufferPointer { bytes in
                array.offsets.withUnsafeBufferPointer { starts in
                    offsets.withUnsafeBufferPointer { offsets in
                        guard let target = result.baseAddress, let source = bytes.baseAddress else { return }
                        for row in 0..<indices.count {
                            let length = Int(offsets[row + 1] - offsets[row])
                            if length == 0 { continue }
                            let start = Int(starts[Int(indices[row])])
                            (target + Int(offsets[row])).initialize(from: source + start, count: length)
                        }
                    }
                }
            }
            filled = total
        }
        return BytesArray(offsets: offsets, bytes: bytes, validity: validity)
    }

    fileprivate static func take(_ array: ListArray, _ indices: [Int32], hasNull: Bool) -> ListArray {
        let validity = takeValidity(array.validity, indices, hasNull: hasNull)
        let offsets = takenOffsets(array.offsets, validity, indices)
        var children: [Int32] = []
        children.reserveCapacity(Int(offsets[offsets.count - 1]))
        for row in indices.indices {
            let length = offsets[row + 1] - offsets[row]
            if length == 0 { continue }
            let start = array.offsets[Int(indices[row])]
            for child in start..<start + length { children.append(child) }
        }
        return ListArray(offsets: offsets, child: array.child.take(children), validity: validity)
    }

    /// Offsets of the taken values; nulls become empty.
    private static func takenOffsets(_ starts: [Int32], _ validity: Bitmap?, _ indices: [Int32]) -> [Int32] {
        [Int32](unsafeUninitializedCapacity: indices.count + 1) { result, filled in
            result.initializeElement(at: 0, to: 0)
            var total = 0
            starts.withUnsafeBufferPointer { starts in
                for row in 0..<indices.count {
                    let index = Int(indices[row])
                    if index >= 0, validity?[row] ?? true { total += Int(starts[index + 1] - starts[index]) }
                    // Wraps only beyond the limit that is checked below.
                    result.initializeElement(at: row + 1, to: Int32(truncatingIfNeeded: total))
                }
            }
            precondition(total <= Int(Int32.max), "a column of byte strings or lists holds at most 2^31 - 1 bytes or elements")
            filled = indices.count + 1
        }
    }

    /// A bitmap of what `bit` says for each row.
    @inline(__always)
    static func bitmap(count: Int, _ bit: (Int) -> Bool) -> Bitmap {
        let words = [UInt64](unsafeUninitializedCapacity: (count + 63) / 64) { result, filled in
            let full = count >> 6
            for index in 0..<full {
                var word: UInt64 = 0
                let base = index << 6
                for offset in 0..<64 { word |= (bit(base + offset) ? 1 : 0) << UInt64(offset) }
                result.initializeElement(at: index, to: word)
            }
            let rest = count & 63
            if rest != 0 {
                var word: UInt64 = 0
                for offset in 0..<rest { word |= (bit(full << 6 + offset) ? 1 : 0) << UInt64(offset) }
                result.initializeElement(at: full, to: word)
            }
            filled = (count + 63) / 64
        }
        return Bitmap(words: words, count: count)
    }
}
