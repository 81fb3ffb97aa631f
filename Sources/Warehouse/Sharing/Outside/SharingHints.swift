import Columnar
import JSON
import SparkFunctions
import SparkSQL

/// What a scan's tests are as `jsonPredicateHints`. Format: delta-io/delta-sharing, PROTOCOL.md, "JSON predicates for Filtering". A test that has no
/// such form is left out: rows are looked at again in any case.
enum SharingHints {
    private static let maxValues = 100

    static func predicate(_ tests: [ScanTest], _ schema: Schema) -> JSONValue? {
        let parts = tests.compactMap { test in
            schema.fields.indices.contains(test.column) ? self.predicate(test.test, schema.fields[test.column]) : nil
        }
        return parts.count < 2 ? parts.first : node("and", parts)
    }

    private static func predicate(_ test: ValueTest, _ field: Field) -> JSONValue? {
        guard let type = typeName(field.type) else { return nil }
        let column: JSONValue = ["op": "column", "name": .string(field.name), "valueType": .string(type)]
        func literal(_ value: Value) -> JSONValue? {
            text(value, field.type).map { ["op": "literal", "value": .string($0), "valueType": .string(type)] }
        }
        switch test {
        case .isNull: return node("isNull", [column])
        case .isNotNull: return node("not", [node("isNull", [column])])
        case .isIn(let values):
            let literals = values.compactMap(literal)
            guard !values.isEmpty, literals.count == values.count, values.count <= maxValues else { return nil }
            let parts = literals.map { node("equal", [column, $0]) }
            return parts.count == 1 ? parts[0] : node("or", parts)
        case .compare(let comparison, let value):
            guard let name = name(comparison), let literal = literal(value) else { return nil }
            return node(name, [column, literal])
        }
    }

    private static func node(_ op: String, _ children: [JSONValue]) -> JSONValue { ["op": .string(op), "children": .array(children)] }

    private static func name(_ comparison: Comparison) -> String? {
        switch comparison {
        case .equal: "equal"
        case .less: "lessThan"
        case .lessOrEqual: "lessThanOrEqual"
        case .greater: "greaterThan"
        case .greaterOrEqual: "greaterThanOrEqual"
        case .notEqual: nil
        }
    }

    private static func typeName(_ type: DataType) -> String? {
        switch type {
        case .boolean: "bool"
        case .byte, .short, .int: "int"
        case .long: "long"
        case .string: "string"
        case .date: "date"
        default: nil
        }
    }

    private static func text(_ value: Value, _ type: DataType) -> String? {
        switch (type, value) {
        case (.boolean, .boolean(let value)): return value ? "true" : "false"
        case (.byte, .integer(let value)), (.short, .integer(let value)), (.int, .integer(let value)), (.long, .integer(let value)):
            return String(value)
        case (.string, .string(let value)): return value.utf8.count <= 1024 ? value : nil
        case (.date, .integer(let days)):
            // Years of four digits alone are written alike everywhere.
            guard (-719_162...2_932_896).contains(days) else { return nil }
            return String(DateText.iso(millis: days * 86_400_000).prefix(10)).paddedYear
        default: return nil
        }
    }
}

extension String {
    /// A date whose year has all of its four digits.
    fileprivate var paddedYear: String? {
        let year = prefix { $0 != "-" }
        return year.count == 4 ? self : nil
    }
}
