extension Column {
    /// The rows of a range.
    package func slice(_ range: Range<Int>) -> Column {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        if range.count == count { return self }
        return Column(type, values.slice(range))
    }
}

extension RecordBatch {
    /// The rows of a range.
    package func slice(_ range: Range<Int>) -> RecordBatch {
        RecordBatch(schema: schema, columns: columns.map { $0.slice(range) }, rowCount: range.count)
    }
}

extension ColumnValues {
    fileprivate func slice(_ range: Range<Int>) -> ColumnValues {
        func primitive<T>(_ array: PrimitiveArray<T>) -> PrimitiveArray<T> {
            PrimitiveArray(Array(array.values[range]), validity: array.validity?.slice(range).asValidity)
        }
        switch self {
        case .void: return .void(range.count)
        case .boolean(let array):
            return .boolean(BooleanArray(array.values.slice(range), validity: array.validity?.slice(range).asValidity))
        case .int8(let array): return .int8(primitive(array))
        case .int16(let array): return .int16(primitive(array))
        case .int32(let array): return .int32(primitive(array))
        case .int64(let array): return .int64(primitive(array))
        case .int128(let array): return .int128(primitive(array))
        case .float(let array): return .float(primitive(array))
        case .double(let array): return .double(primitive(array))
        case .bytes(let array):
            // The bytes are shared: offsets need not begin with zero.
            return .bytes(
                BytesArray(
                    offsets: Array(array.offsets[range.lowerBound...range.upperBound]), bytes: array.bytes,
                    validity: array.validity?.slice(range).asValidity))
        case .list(let array):
            return .list(
                ListArray(
                    offsets: Array(array.offsets[range.lowerBound...range.upperBound]), child: array.child,
                    validity: array.validity?.slice(range).asValidity))
        case .structure(let array):
            return .structure(
                StructArray(
                    children: array.children.map { $0.slice(range) }, validity: array.validity?.slice(range).asValidity, count: range.count)
            )
        }
    }
}
