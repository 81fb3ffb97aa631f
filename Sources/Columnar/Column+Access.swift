extension ColumnValues {
    package var asBoolean: BooleanArray? { if case .boolean(let array) = self { array } else { nil } }
    package var asInt8: PrimitiveArray<Int8>? { if case .int8(let array) = self { array } else { nil } }
    package var asInt16: PrimitiveArray<Int16>? { if case .int16(let array) = self { array } else { nil } }
    package var asInt32: PrimitiveArray<Int32>? { if case .int32(let array) = self { array } else { nil } }
    package var asInt64: PrimitiveArray<Int64>? { if case .int64(let array) = self { array } else { nil } }
    package var asInt128: PrimitiveArray<Int128>? { if case .int128(let array) = self { array } else { nil } }
    package var asFloat: PrimitiveArray<Float>? { if case .float(let array) = self { array } else { nil } }
    package var asDouble: PrimitiveArray<Double>? { if case .double(let array) = self { array } else { nil } }
    package var asBytes: BytesArray? { if case .bytes(let array) = self { array } else { nil } }
    package var asList: ListArray? { if case .list(let array) = self { array } else { nil } }
    package var asStructure: StructArray? { if case .structure(let array) = self { array } else { nil } }
}

extension Column {
    /// The boolean layout, if the column has it; a `void` column gives nulls.
    package var booleans: BooleanArray? {
        if case .void(let count) = values {
            return BooleanArray(Bitmap(repeating: false, count: count), validity: Bitmap(repeating: false, count: count))
        }
        return values.asBoolean
    }

    package var isVoid: Bool { if case .void = values { true } else { false } }
}
