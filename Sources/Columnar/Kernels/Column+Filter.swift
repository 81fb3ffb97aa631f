extension Column {
    /// The rows at which `mask` (as long as the column) is one, in order.
    package func filter(_ mask: Bitmap) -> Column {
        precondition(mask.count == count)
        let kept = mask.onesCount
        if kept == mask.count { return self }
        return Column(type, values.filter(mask, kept: kept))
    }
}

extension RecordBatch {
    /// The rows at which `mask` (as long as the batch) is one, in order.
    package func filter(_ mask: Bitmap) -> RecordBatch {
        precondition(mask.count == rowCount)
        let kept = mask.onesCount
        if kept == mask.count { return self }
        let columns = columns.map { Column($0.type, $0.values.filter(mask, kept: kept)) }
        return RecordBatch(schema: schema, columns: columns, rowCount: kept)
    }
}

extension ColumnValues {
    fileprivate func filter(_ mask: Bitmap, kept: Int) -> ColumnValues {
        func primitive<T>(_ array: PrimitiveArray<T>) -> PrimitiveArray<T> {
            PrimitiveArray(Kernel.filter(array.values, mask, kept: kept), validity: array.validity?.filter(mask, kept: kept).asValidity)
        }
        switch self {
        case .void: return .void(kept)
        case .boolean(let array):
            return .boolean(
                BooleanArray(array.values.filter(mask, kept: kept), validity: array.validity?.filter(mask, kept: kept).asValidity))
        case .int8(let array): return .int8(primitive(array))
        case .int16(let array): return .int16(primitive(array))
        case .int32(let array): return .int32(primitive(array))
        case .int64(let array): return .int64(primitive(array))
        case .int128(let array): return .int128(primitive(array))
        case .float(let array): return .float(primitive(array))
        case .double(let array): return .double(primitive(array))
        // Where few rows are kept, most of them stand alone.
        case .bytes(let array) where kept > mask.count / 4: return .bytes(Kernel.filter(array, mask, kept: kept))
        case .bytes, .list: return take(mask.indices(), hasNull: false)
        case .structure(let array):
            let children = array.children.map { Column($0.type, $0.values.filter(mask, kept: kept)) }
            return .structure(
                StructArray(children: children, validity: array.validity?.filter(mask, kept: kept).asValidity, count: kept))
        }
    }
}

extension Bitmap {
    /// As a validity: nil if all are ones.
    package var asValidity: Bitmap? { allOnes ? nil : self }

    /// The bits at which `mask` is one, in order; `kept` is the number of those.
    func filter(_ mask: Bitmap, kept: Int) -> Bitmap {
        var result = [UInt64](repeating: 0, count: (kept + 63) / 64)
        result.withUnsafeMutableBufferPointer { result in
            var written = 0
            for (bits, selected) in zip(words, mask.words) where selected != 0 {
                var gathered: UInt64 = 0
                let added = selected.nonzeroBitCount
                if selected == .max {
                    gathered = bits
                } else if bits & selected == selected {
                    gathered = (1 << UInt64(added)) - 1
                } else {
                    var rest = selected
                    var position: UInt64 = 0
                    while rest != 0 {
                        gathered |= (bits >> UInt64(rest.trailingZeroBitCount) & 1) << position
                        position += 1
                        rest &= rest - 1
                    }
                }
                let shift = written & 63
                result[written >> 6] |= gathered << UInt64(shift)
                if shift + added > 64 { result[written >> 6 + 1] = gathered >> UInt64(64 - shift) }
                written += added
            }
        }
        return Bitmap(words: result, count: kept)
    }
}

extension Kernel {
    fileprivate static func filter<T: BitwiseCopyable>(_ values: [T], _ mask: Bitmap, kept: Int) -> [T] {
        [T](unsafeUninitializedCapacity: kept) { result, filled in
            values.withUnsafeBufferPointer { values in
                var written = 0
                forEachRun(mask) { start, count in
                    for offset in 0..<count { result.initializeElement(at: written + offset, to: values[start + offset]) }
                    written += count
                }
                filled = written
            }
        }
    }

    /// What lies under nulls is kept, too.
    fileprivate static func filter(_ array: BytesArray, _ mask: Bitmap, kept: Int) -> BytesArray {
        array.offsets.withUnsafeBufferPointer { starts in
            let offsets = [Int32](unsafeUninitializedCapacity: kept + 1) { result, filled in
                result.initializeElement(at: 0, to: 0)
                var written = 1
                var end: Int32 = 0
                forEachRun(mask) { start, count in
                    // No more bytes are kept than there are.
                    let shift = starts[start] &- end
                    for offset in 1...count { result.initializeElement(at: written + offset - 1, to: starts[start + offset] &- shift) }
                    end = starts[start + count] &- shift
                    written += count
                }
                filled = written
            }
            let total = Int(offsets[kept])
            let bytes = [UInt8](unsafeUninitializedCapacity: total) { result, filled in
                array.bytes.withUnsafeBufferPointer { bytes in
                    guard total > 0, let target = result.baseAddress, let source = bytes.baseAddress else { return }
                    forEachRun(mask) { start, count in
                        let length = Int(starts[start + count]) - Int(starts[start])
                        (target + filled).initialize(from: source + Int(starts[start]), count: length)
                        filled += length
                    }
                }
            }
            return BytesArray(offsets: offsets, bytes: bytes, validity: array.validity?.filter(mask, kept: kept).asValidity)
        }
    }

    /// Calls `body` with the beginning and the length of runs of ones, in order; those of 64 bits' words are told apart.
    @inline(__always)
    private static func forEachRun(_ mask: Bitmap, _ body: (_ start: Int, _ count: Int) -> Void) {
        mask.words.withUnsafeBufferPointer { words in
            for index in 0..<words.count {
                var rest = words[index]
                var at = index << 6
                while rest != 0 {
                    let zeros = rest.trailingZeroBitCount
                    rest &>>= UInt64(truncatingIfNeeded: zeros)
                    at += zeros
                    let ones = (~rest).trailingZeroBitCount
                    body(at, ones)
                    if ones == 64 { break }
                    rest &>>= UInt64(truncatingIfNeeded: ones)
                    at += ones
                }
            }
        }
    }
}
