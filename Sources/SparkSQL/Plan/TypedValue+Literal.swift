import Columnar
import SparkFunctions

extension TypedValue {
    /// The value as a SQL literal, as Spark prints a variable's.
    package var literal: String { Self.literal(value, type) }

    private static func literal(_ value: Value, _ type: DataType) -> String {
        switch (value, type) {
        case (.null, .void): return "NULL"
        case (.null, _): return "CAST(NULL AS \(type.sqlText))"
        case (.string(let text), _):
            return "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
        case (.list(let items), .array(let element, _)):
            return "ARRAY(" + items.map { literal($0, element) }.joined(separator: ", ") + ")"
        case (.map(let entries), .map(let key, let item, _)):
            return "MAP(" + entries.map { "\(literal($0.key, key)), \(literal($0.value, item))" }.joined(separator: ", ") + ")"
        case (.structure(let values), .structure(let fields)):
            let parts = zip(fields, values).map { "'\($0.name)', \(literal($1, $0.type))" }
            return "NAMED_STRUCT(" + parts.joined(separator: ", ") + ")"
        default:
            let text = Cast.text(of: value, type, EvaluationContext())
            switch type {
            case .long: return text + "L"
            case .short: return text + "S"
            case .byte: return text + "Y"
            case .double: return text + "D"
            case .decimal: return text + "BD"
            case .float: return "CAST('\(text)' AS FLOAT)"
            case .date: return "DATE '\(text)'"
            case .timestamp: return "TIMESTAMP '\(text)'"
            case .timestampNTZ: return "TIMESTAMP_NTZ '\(text)'"
            default: return text
            }
        }
    }
}
