/// A column of values of one type.
package struct Column: Sendable {
    package let type: DataType
    package let values: ColumnValues

    /// `values` must have the layout that `type` calls for (see `ColumnValues`).
    package init(_ type: DataType, _ values: ColumnValues) {
        self.type = type
        self.values = values
    }

    package var count: Int { values.count }
    package var validity: Bitmap? { values.validity }
    package var nullCount: Int { values.nullCount }

    package func isNull(_ index: Int) -> Bool {
        if case .void = values { return true }
        guard let validity = values.validity else { return false }
        return !validity[index]
    }
}

/// How a column's values are laid out; loops switch on this once a batch.
package indirect enum ColumnValues: Sendable {
    /// That many nulls: `void`.
    case void(Int)
    case boolean(BooleanArray)
    case int8(PrimitiveArray<Int8>)
    case int16(PrimitiveArray<Int16>)
    /// `int`, `date`, `yearMonthInterval`.
    case int32(PrimitiveArray<Int32>)
    /// `long`, `timestamp`, `timestampNTZ`, `dayTimeInterval`, and `decimal` of precision ≤ 18 (unscaled).
    case int64(PrimitiveArray<Int64>)
    /// `decimal` of precision > 18 (unscaled).
    case int128(PrimitiveArray<Int128>)
    case float(PrimitiveArray<Float>)
    case double(PrimitiveArray<Double>)
    /// `string`, `char`, `varchar`, `binary`.
    case bytes(BytesArray)
    /// `array`; `map` as a list of structs of key and value.
    case list(ListArray)
    /// `structure`; `variant` as a struct of two binaries, metadata and value.
    case structure(StructArray)

    package var count: Int {
        switch self {
        case .void(let count): count
        case .boolean(let array): array.count
        case .int8(let array): array.count
        case .int16(let array): array.count
        case .int32(let array): array.count
        case .int64(let array): array.count
        case .int128(let array): array.count
        case .float(let array): array.count
        case .double(let array): array.count
        case .bytes(let array): array.count
        case .list(let array): array.count
        case .structure(let array): array.count
        }
    }

    /// nil: no value is null (but for `void`, where every value is).
    package var validity: Bitmap? {
        switch self {
        case .void(let count): Bitmap(repeating: false, count: count)
        case .boolean(let array): array.validity
        case .int8(let array): array.validity
        case .int16(let array): array.validity
        case .int32(let array): array.validity
        case .int64(let array): array.validity
        case .int128(let array): array.validity
        case .float(let array): array.validity
        case .double(let array): array.validity
        case .bytes(let array): array.validity
        case .list(let array): array.validity
        case .structure(let array): array.validity
        }
    }

    package var nullCount: Int {
        if case .void(let count) = self { return count }
        guard let validity else { return 0 }
        return count - validity.onesCount
    }
}
