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
                for (index, selected) in mask.words.enumerated() where selected != 0 {
                    let base = index << 6
                    if selected == .max {
                        for offset in 0..<64 { result.initializeElement(at: written + offset, to: values[base + offset]) }
                        written += 64
                    } else {
                        var rest = selected
                        while rest != 0 {
                            result.initializeElement(at: written, to: values[base + rest.trailingZeroBitCount])
                            written += 1
                            rest &= rest - 1
                        }
                    }
                }
                filled = written
            }
        }
    }
}
