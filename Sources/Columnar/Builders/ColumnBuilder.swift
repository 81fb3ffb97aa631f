/// Collects `Value`s of one type into a column: the slow, general way to make one.
package struct ColumnBuilder: Sendable {
    package let type: DataType
    private var values: [Value] = []

    package init(_ type: DataType, capacity: Int = 0) {
        self.type = type
        values.reserveCapacity(capacity)
    }

    /// The value must be null or of the shape that the type calls for; integers out of the type's range wrap.
    package mutating func append(_ value: Value) { values.append(value) }

    package consuming func finish() -> Column { Column(type, of: values) }
}

extension Column {
    /// A column of the given values, each null or of the shape that `type` calls for.
    package init(_ type: DataType, of values: [Value]) {
        self.init(type, ColumnValues(type, values))
    }

    package init(repeating value: Value, type: DataType, count: Int) {
        self = Column(type, of: [value]).take([Int32](repeating: 0, count: count))
    }
}

extension ColumnValues {
    fileprivate init(_ type: DataType, _ values: [Value]) {
        switch type {
        case .void: self = .void(values.count)
        case .boolean:
            var bits = BitmapBuilder()
            var validity = BitmapBuilder()
            for value in values {
                if case .boolean(let bit) = value { bits.append(bit) } else { bits.append(false) }
                validity.append(!value.isNull)
            }
            self = .boolean(BooleanArray(bits.finish(), validity: validity.finishValidity()))
        case .byte: self = .int8(Self.integers(values))
        case .short: self = .int16(Self.integers(values))
        case .int, .date, .yearMonthInterval: self = .int32(Self.integers(values))
        case .long, .timestamp, .timestampNTZ, .dayTimeInterval: self = .int64(Self.integers(values))
        case .decimal(let decimal): self = decimal.fitsLong ? .int64(Self.integers(values)) : .int128(Self.integers(values))
        case .float:
            var builder = PrimitiveBuilder<Float>(capacity: values.count)
            for value in values { if case .float(let number) = value { builder.append(number) } else { builder.appendNull() } }
            self = .float(builder.finish())
        case .double:
            var builder = PrimitiveBuilder<Double>(capacity: values.count)
            for value in values { if case .double(let number) = value { builder.append(number) } else { builder.appendNull() } }
            self = .double(builder.finish())
        case .string, .char, .varchar, .binary:
            var builder = BytesBuilder(capacity: values.count)
            for value in values {
                switch value {
                case .string(let text): builder.append(text)
                case .binary(let bytes): builder.append(bytes)
                default: builder.appendNull()
                }
            }
            self = .bytes(builder.finish())
        case .array(let element, _):
            self = .list(Self.lists(values, child: element) { if case .list(let items) = $0 { items } else { nil } })
        case .map(let key, let value, let valueNullable):
            let entry = DataType.structure([Field("key", key, nullable: false), Field("value", value, nullable: valueNullable)])
            self = .list(
                Self.lists(values, child: entry) {
                    if case .map(let entries) = $0 { entries.map { .structure([$0.key, $0.value]) } } else { nil }
                })
        case .structure(let fields): self = .structure(Self.structures(values, fields.map(\.type)))
        case .variant: self = .structure(Self.structures(values, [.binary, .binary]))
        }
    }

    private static func integers<T: FixedWidthInteger & BitwiseCopyable & Sendable>(_ values: [Value]) -> PrimitiveArray<T> {
        var builder = PrimitiveBuilder<T>(capacity: values.count)
        for value in values {
            switch value {
            case .integer(let number): builder.append(T(truncatingIfNeeded: number))
            case .decimal(let number): builder.append(T(truncatingIfNeeded: number))
            default: builder.appendNull()
            }
        }
        return builder.finish()
    }

    private static func lists(_ values: [Value], child: DataType, items: (Value) -> [Value]?) -> ListArray {
        var offsets: [Int32] = [0]
        var all: [Value] = []
        var validity = BitmapBuilder()
        for value in values {
            let found = items(value)
            all.append(contentsOf: found ?? [])
            validity.append(found != nil)
            offsets.append(Int32(all.count))
        }
        return ListArray(offsets: offsets, child: Column(child, of: all), validity: validity.finishValidity())
    }

    private static func structures(_ values: [Value], _ types: [DataType]) -> StructArray {
        var validity = BitmapBuilder()
        var columns = types.map { ColumnBuilder($0, capacity: values.count) }
        for value in values {
            var parts: [Value]?
            if case .structure(let found) = value { parts = found }
            validity.append(parts != nil)
            for index in columns.indices { columns[index].append(parts?[index] ?? .null) }
        }
        return StructArray(children: columns.map { $0.finish() }, validity: validity.finishValidity(), count: values.count)
    }
}
