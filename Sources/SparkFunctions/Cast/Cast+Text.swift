package import Columnar
import SparkErrors

extension Cast {
    /// A value as CAST to STRING writes it; `null` inside of nested values.
    package static func text(of value: Value, _ type: DataType, _ context: EvaluationContext) -> String {
        switch (value, type) {
        case (.null, _): return "null"
        case (.boolean(let bit), _): return bit ? "true" : "false"
        case (.integer(let days), .date): return DateTimeText.date(days: Int(days))
        case (.integer(let micros), .timestamp): return DateTimeText.timestamp(localMicros: context.timeZone.local(fromUTC: micros))
        case (.integer(let micros), .timestampNTZ): return DateTimeText.timestamp(localMicros: micros)
        case (.integer(let months), .yearMonthInterval(let range)): return IntervalText.yearMonth(Int32(truncatingIfNeeded: months), range)
        case (.integer(let micros), .dayTimeInterval(let range)): return IntervalText.dayTime(micros, range)
        case (.integer(let number), _): return String(number)
        case (.decimal(let digits), .decimal(let decimal)): return NumberText.text(unscaled: digits, scale: decimal.scale)
        case (.decimal(let digits), _): return String(digits)
        case (.float(let number), _): return NumberText.text(number)
        case (.double(let number), _): return NumberText.text(number)
        case (.string(let text), _): return text
        case (.binary(let bytes), _): return String(decoding: bytes, as: UTF8.self)
        case (.list(let items), .array(let element, _)):
            return "[" + items.map { text(of: $0, element, context) }.joined(separator: ", ") + "]"
        case (.list(let items), _): return "[" + items.map { text(of: $0, .void, context) }.joined(separator: ", ") + "]"
        case (.map(let entries), .map(let key, let value, _)):
            return "{" + entries.map { "\(text(of: $0.key, key, context)) -> \(text(of: $0.value, value, context))" }.joined(separator: ", ") + "}"
        case (.map, _): return "{}"
        case (.structure(let parts), .structure(let fields)) where parts.count == fields.count:
            return "{" + zip(parts, fields).map { text(of: $0, $1.type, context) }.joined(separator: ", ") + "}"
        case (.structure(let parts), .variant): return VariantColumn.decode(parts)?.json(context.timeZone) ?? "null"
        case (.structure, _): return "{}"
        }
    }
}

extension Caster {
    func toText(_ column: Column) throws(SQLError) -> Column {
        let context = context
        switch from {
        case .string, .char, .varchar: return column.with(type: to)
        case .binary: return column.with(type: to)
        case .boolean: return try convert(column, as: Bool.self) { $0 ? "true" : "false" }
        case .byte: return try convert(column, as: Int8.self) { String($0) }
        case .short: return try convert(column, as: Int16.self) { String($0) }
        case .int: return try convert(column, as: Int32.self) { String($0) }
        case .long: return try convert(column, as: Int64.self) { String($0) }
        case .float: return try convert(column, as: Float.self) { NumberText.text($0) }
        case .double: return try convert(column, as: Double.self) { NumberText.text($0) }
        case .decimal(let decimal): return try convert(column, as: Int128.self) { NumberText.text(unscaled: $0, scale: decimal.scale) }
        case .date: return try convert(column, as: Int32.self) { DateTimeText.date(days: Int($0)) }
        case .timestamp:
            let zone = context.timeZone
            return try convert(column, as: Int64.self) { DateTimeText.timestamp(localMicros: zone.local(fromUTC: $0)) }
        case .timestampNTZ: return try convert(column, as: Int64.self) { DateTimeText.timestamp(localMicros: $0) }
        default:
            let type = from
            return try convert(column, as: Value.self) { Cast.text(of: $0, type, context) }
        }
    }

    func toBinary(_ column: Column) throws(SQLError) -> Column {
        switch column.values {
        case .bytes: return column.with(type: to)
        case .int8: return try convert(column, as: Int8.self) { bigEndian($0) }
        case .int16: return try convert(column, as: Int16.self) { bigEndian($0) }
        case .int32: return try convert(column, as: Int32.self) { bigEndian($0) }
        case .int64: return try convert(column, as: Int64.self) { bigEndian($0) }
        default: throw unsupported()
        }
    }

    private func bigEndian<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
        (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T((T.bitWidth / 8 - 1 - $0) * 8)) }
    }
}
