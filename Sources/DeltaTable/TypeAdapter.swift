package import Columnar

/// Columns whose type in the file is not quite the table's.
package enum TypeAdapter {
    /// nil if the column's values cannot stand for the wanted type without loss.
    package static func adapt(_ column: Column, to type: DataType) -> Column? {
        switch (column.values, type) {
        case (.boolean, .boolean), (.int8, .byte), (.int16, .short), (.float, .float), (.double, .double): return column.with(type: type)
        case (.int32, .int): return column.type == .int ? column.with(type: type) : nil
        case (.int32, .date): return column.type == .date ? column.with(type: type) : nil
        case (.int64, .long): return column.type == .long ? column.with(type: type) : nil
        // Text and bytes are laid out alike; text is checked where it is made.
        case (.bytes, .string), (.bytes, .char), (.bytes, .varchar), (.bytes, .binary): return column.with(type: type)
        // Writers differ in whether they mark timestamps as UTC.
        case (.int64, .timestamp), (.int64, .timestampNTZ):
            return column.type == .timestamp || column.type == .timestampNTZ ? column.with(type: type) : nil
        case (.int8(let array), .short): return Column(type, .int16(widen(array)))
        case (.int8(let array), .int): return Column(type, .int32(widen(array)))
        case (.int8(let array), .long): return Column(type, .int64(widen(array)))
        case (.int16(let array), .int): return Column(type, .int32(widen(array)))
        case (.int16(let array), .long): return Column(type, .int64(widen(array)))
        case (.int32(let array), .long): return column.type == .int ? Column(type, .int64(widen(array))) : nil
        // Files may keep small integers in 32 bits.
        case (.int32(let array), .byte): return column.type == .int ? narrow(array).map { Column(type, .int8($0)) } : nil
        case (.int32(let array), .short): return column.type == .int ? narrow(array).map { Column(type, .int16($0)) } : nil
        case (.float(let array), .double):
            return Column(type, .double(PrimitiveArray(array.values.map { Double($0) }, validity: array.validity)))
        case (.int8(let array), .double): return Column(type, .double(PrimitiveArray(array.values.map { Double($0) }, validity: array.validity)))
        case (.int16(let array), .double): return Column(type, .double(PrimitiveArray(array.values.map { Double($0) }, validity: array.validity)))
        case (.int32(let array), .double) where column.type == .int:
            return Column(type, .double(PrimitiveArray(array.values.map { Double($0) }, validity: array.validity)))
        case (.int32(let array), .timestampNTZ) where column.type == .date:
            return Column(type, .int64(PrimitiveArray(array.values.map { Int64($0) * 86_400_000_000 }, validity: array.validity)))
        case (_, .decimal(let wanted)): return decimal(column, wanted).map { Column(type, $0) }
        case (.list(let array), .array(let element, _)):
            guard case .array = column.type else { return nil }
            return adapt(array.child, to: element).map {
                Column(type, .list(ListArray(offsets: array.offsets, child: $0, validity: array.validity)))
            }
        case (.list(let array), .map(let key, let value, let valueContainsNull)):
            guard case .map = column.type else { return nil }
            let entry = DataType.structure([Field("key", key, nullable: false), Field("value", value, nullable: valueContainsNull)])
            guard case .structure(let entries) = array.child.values, entries.children.count == 2,
                let keys = adapt(entries.children[0], to: key),
                let values = adapt(entries.children[1], to: value)
            else { return nil }
            let child = Column(entry, .structure(StructArray(children: [keys, values], validity: entries.validity, count: entries.count)))
            return Column(type, .list(ListArray(offsets: array.offsets, child: child, validity: array.validity)))
        case (.structure(let array), .variant):
            // Files have the parts of a variant in either order, and may have a third one for values taken apart into columns.
            guard case .structure(let fields) = column.type, fields.count == 2,
                let parts = structure(array, column.type, [Field("metadata", .binary), Field("value", .binary)]),
                fields.contains(where: { $0.name == "metadata" }), fields.contains(where: { $0.name == "value" })
            else { return nil }
            return Column(type, .structure(parts))
        case (.structure(let array), .structure(let fields)):
            return structure(array, column.type, fields).map { Column(type, .structure($0)) }
        case (.void(let count), _): return .nulls(type, count: count)
        default: return nil
        }
    }

    /// Fields are found by name; those that the file lacks are null.
    private static func structure(_ array: StructArray, _ type: DataType, _ wanted: [Field]) -> StructArray? {
        guard case .structure(let fields) = type else { return nil }
        let schema = Schema(fields)
        var children: [Column] = []
        for field in wanted {
            guard let position = schema.index(of: field.name) else {
                children.append(.nulls(field.type, count: array.count))
                continue
            }
            let child = array.children[position]
            guard let adapted = child.type == field.type ? child : adapt(child, to: field.type) else { return nil }
            children.append(adapted)
        }
        return StructArray(children: children, validity: array.validity, count: array.count)
    }

    private static func widen<A: FixedWidthInteger, B: FixedWidthInteger & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<A>)
        -> PrimitiveArray<B>
    {
        PrimitiveArray(array.values.map { B(truncatingIfNeeded: $0) }, validity: array.validity)
    }

    private static func narrow<B: FixedWidthInteger & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<Int32>) -> PrimitiveArray<B>? {
        for (index, value) in array.values.enumerated() where B(exactly: value) == nil && (array.validity?[index] ?? true) { return nil }
        return PrimitiveArray(array.values.map { B(truncatingIfNeeded: $0) }, validity: array.validity)
    }

    /// Scale and digits ahead of the point may grow. Source: Delta's PROTOCOL.md, "Type Widening".
    private static func decimal(_ column: Column, _ wanted: DecimalType) -> ColumnValues? {
        let actual: DecimalType
        switch column.type {
        case .byte, .short, .int: actual = DecimalType(10, 0)
        case .long: actual = DecimalType(20, 0)
        case .decimal(let type): actual = type
        default: return nil
        }
        guard actual.scale <= wanted.scale, actual.precision - actual.scale <= wanted.precision - wanted.scale else { return nil }
        switch column.values {
        case .int8(let array): return scaled(array, by: wanted.scale, wanted)
        case .int16(let array): return scaled(array, by: wanted.scale, wanted)
        case .int32(let array): return scaled(array, by: wanted.scale, wanted)
        case .int64(let array): return scaled(array, by: wanted.scale - actual.scale, wanted)
        case .int128(let array): return scaled(array, by: wanted.scale - actual.scale, wanted)
        default: return nil
        }
    }

    private static func scaled<T: FixedWidthInteger>(_ array: PrimitiveArray<T>, by digits: Int, _ wanted: DecimalType) -> ColumnValues {
        let factor = (0..<digits).reduce(Int128(1)) { product, _ in product &* 10 }
        if wanted.fitsLong {
            let narrow = Int64(truncatingIfNeeded: factor)
            // What lies under a null may be anything.
            return .int64(PrimitiveArray(array.values.map { Int64(truncatingIfNeeded: $0) &* narrow }, validity: array.validity))
        }
        return .int128(PrimitiveArray(array.values.map { Int128(truncatingIfNeeded: $0) &* factor }, validity: array.validity))
    }
}
