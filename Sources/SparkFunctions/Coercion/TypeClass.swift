package import Columnar

/// What a parameter accepts: one type, or a family of which the argument's own type is kept.
package indirect enum TypeClass: Sendable, Hashable {
    case any
    case exact(DataType)
    /// STRING of any collation.
    case string
    case numeric
    case integral
    case decimal
    /// TIMESTAMP or TIMESTAMP_NTZ.
    case anyTimestamp
    case yearMonthInterval
    case dayTimeInterval
    case array
    case arrayOf(TypeClass)
    case map
    case structure
    case oneOf([TypeClass])

    func accepts(_ type: DataType) -> Bool {
        switch (self, type) {
        case (.any, _): true
        case (.exact(let wanted), _): wanted == type
        case (.string, .string): true
        case (.numeric, _): type.isNumeric
        case (.integral, _): type.isInteger
        case (.decimal, .decimal): true
        case (.anyTimestamp, .timestamp), (.anyTimestamp, .timestampNTZ): true
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval): true
        case (.array, .array), (.map, .map), (.structure, .structure): true
        case (.arrayOf(let element), .array(let found, _)): element.accepts(found)
        case (.oneOf(let classes), _): classes.contains { $0.accepts(type) }
        default: false
        }
    }

    /// What NULL becomes.
    var defaultType: DataType {
        switch self {
        case .any: .void
        case .exact(let type): type
        case .string: .text
        case .numeric: .double
        case .integral: .int
        case .decimal: .decimal(.systemDefault)
        case .anyTimestamp: .timestamp
        case .yearMonthInterval: .yearMonthInterval(.init(.year, .month))
        case .dayTimeInterval: .dayTimeInterval(.init(.day, .second))
        case .array: .array(element: .void, containsNull: true)
        case .arrayOf(let element): .array(element: element.defaultType, containsNull: true)
        case .map: .map(key: .void, value: .void, valueContainsNull: true)
        case .structure: .structure([])
        case .oneOf(let classes): classes.first?.defaultType ?? .void
        }
    }

    /// As messages name it: `"STRING"`, `("STRING" or "ARRAY")`.
    var text: String {
        switch self {
        case .any: "\"ANY\""
        case .exact(let type): "\"\(type.sqlText)\""
        case .string: "\"STRING\""
        case .numeric: "\"NUMERIC\""
        case .integral: "\"INTEGRAL\""
        case .decimal: "\"DECIMAL\""
        case .anyTimestamp: "(\"TIMESTAMP\" or \"TIMESTAMP WITHOUT TIME ZONE\")"
        case .yearMonthInterval: "\"INTERVAL YEAR TO MONTH\""
        case .dayTimeInterval: "\"INTERVAL DAY TO SECOND\""
        case .array: "\"ARRAY\""
        case .arrayOf(let element): "\"ARRAY<\(element.text.filter { $0 != "\"" })>\""
        case .map: "\"MAP\""
        case .structure: "\"STRUCT\""
        case .oneOf(let classes): "(" + classes.map(\.text).joined(separator: " or ") + ")"
        }
    }
}
