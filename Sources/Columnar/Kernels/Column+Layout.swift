extension Column {
    /// The same values under another type of the same layout.
    package func with(type: DataType) -> Column { Column(type, values) }

    /// The same values with other nulls; nil: none. What lies under a null that this makes valid is unspecified.
    package func with(validity: Bitmap?) -> Column { Column(type, values.with(validity: validity)) }

    /// As it is, and null besides where `mask` is zero.
    package func nullWhereNot(_ mask: Bitmap) -> Column { with(validity: Kernel.combinedValidity(validity, mask)) }

    /// A column of nulls.
    package static func nulls(_ type: DataType, count: Int) -> Column { Column(type, .nulls(type, count: count)) }
}

extension ColumnValues {
    package func with(validity: Bitmap?) -> ColumnValues {
        switch self {
        case .void: self
        case .boolean(let array): .boolean(BooleanArray(array.values, validity: validity))
        case .int8(let array): .int8(PrimitiveArray(array.values, validity: validity))
        case .int16(let array): .int16(PrimitiveArray(array.values, validity: validity))
        case .int32(let array): .int32(PrimitiveArray(array.values, validity: validity))
        case .int64(let array): .int64(PrimitiveArray(array.values, validity: validity))
        case .int128(let array): .int128(PrimitiveArray(array.values, validity: validity))
        case .float(let array): .float(PrimitiveArray(array.values, validity: validity))
        case .double(let array): .double(PrimitiveArray(array.values, validity: validity))
        case .bytes(let array): .bytes(BytesArray(offsets: array.offsets, bytes: array.bytes, validity: validity))
        case .list(let array): .list(ListArray(offsets: array.offsets, child: array.child, validity: validity))
        case .structure(let array): .structure(StructArray(children: array.children, validity: validity, count: array.count))
        }
    }

    /// That many nulls in the layout of the type.
    static func nulls(_ type: DataType, count: Int) -> ColumnValues {
        let none = Bitmap(repeating: false, count: count)
        func primitive<T: BitwiseCopyable & Sendable>(_ zero: T) -> PrimitiveArray<T> {
            PrimitiveArray([T](repeating: zero, count: count), validity: count == 0 ? nil : none)
        }
        let validity = count == 0 ? nil : none
        switch type {
        case .void: return .void(count)
        case .boolean: return .boolean(BooleanArray(none, validity: validity))
        case .byte: return .int8(primitive(0))
        case .short: return .int16(primitive(0))
        case .int, .date, .yearMonthInterval: return .int32(primitive(0))
        case .long, .timestamp, .timestampNTZ, .dayTimeInterval: return .int64(primitive(0))
        case .decimal(let decimal): return decimal.fitsLong ? .int64(primitive(0)) : .int128(primitive(0))
        case .float: return .float(primitive(0))
        case .double: return .double(primitive(0))
        case .string, .char, .varchar, .binary:
            return .bytes(BytesArray(offsets: [Int32](repeating: 0, count: count + 1), bytes: [], validity: validity))
        case .array(let element, _):
            return .list(ListArray(offsets: [Int32](repeating: 0, count: count + 1), child: .nulls(element, count: 0), validity: validity))
        case .map(let key, let value, let containsNull):
            let child = Column.nulls(.mapEntry(key, value, valueContainsNull: containsNull), count: 0)
            return .list(ListArray(offsets: [Int32](repeating: 0, count: count + 1), child: child, validity: validity))
        case .structure(let fields):
            return .structure(StructArray(children: fields.map { .nulls($0.type, count: count) }, validity: validity, count: count))
        case .variant:
            let child = Column.nulls(.binary, count: count)
            return .structure(StructArray(children: [child, child], validity: validity, count: count))
        }
    }
}

extension DataType {
    /// The type of a map's entries in the layout: a struct of `key` and `value`.
    package static func mapEntry(_ key: DataType, _ value: DataType, valueContainsNull: Bool) -> DataType {
        .structure([Field("key", key, nullable: false), Field("value", value, nullable: valueContainsNull)])
    }

    /// The type of the child of the list layout, for arrays and maps.
    package var listChildType: DataType? {
        switch self {
        case .array(let element, _): element
        case .map(let key, let value, let containsNull): .mapEntry(key, value, valueContainsNull: containsNull)
        default: nil
        }
    }
}
