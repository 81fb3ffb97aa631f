import Columnar
import DeltaTable
import JSON
import SparkErrors

/// NOT NULL within columns: kept for fields of structs, refused for what is in lists and maps. Source: Delta's `SchemaUtils`.
enum NestedNullability {
    /// Throws DELTA_NESTED_NOT_NULL_CONSTRAINT for what a statement may not define.
    static func check(_ fields: some Sequence<TableField>) throws(SQLError) {
        for field in fields { try check(field.type, [field.name]) }
    }

    private static func check(_ type: DataType, _ path: [String]) throws(SQLError) {
        switch type {
        case .structure(let fields): for field in fields { try check(field.type, path + [field.name]) }
        case .array(let element, _): if element.hasRequiredParts { throw refusal(path, "element", element) }
        case .map(let key, let value, _):
            if key.hasRequiredParts { throw refusal(path, "key", key) }
            if value.hasRequiredParts { throw refusal(path, "value", value) }
        default: break
        }
    }

    /// Of a field at a path that leads into a list or map.
    static func refusal(_ field: TableField, _ path: [String]) -> SQLError {
        var outer: [String] = []
        for step in path {
            switch field.type(at: outer) {
            case .array?, .map?: return refusal([field.name] + outer, step, field.type(at: outer + [step]) ?? .void)
            default: outer.append(step)
            }
        }
        return refusal([field.name], "element", field.type)
    }

    private static func refusal(_ path: [String], _ kind: String, _ type: DataType) -> SQLError {
        SQLError(
            .delta(
                "DELTA_NESTED_NOT_NULL_CONSTRAINT", sqlState: "0AKDC",
                """
                The <nestType> type of the field <parent> contains a NOT NULL constraint. Delta does not support NOT NULL constraints nested within arrays or maps. To suppress this error and silently ignore the specified constraints, set <configKey> = true.
                Parsed <nestType> type:
                <nestedPrettyJson>
                """),
            [
                "nestType": kind, "parent": path.joined(separator: "."),
                "configKey": "spark.databricks.delta.constraints.allowUnenforcedNotNull.enabled",
                "nestedPrettyJson": pretty(DeltaTypeJSON.json(type), indent: ""),
            ], phase: .analysis)
    }

    /// As Jackson prints it: objects over several lines, lists along one.
    private static func pretty(_ value: JSONValue, indent: String) -> String {
        switch value {
        case .object(let object) where !object.isEmpty:
            let inner = indent + "  "
            let members = object.members.map { "\(inner)\(JSONValue.string($0.name).text) : \(pretty($0.value, indent: inner))" }
            return "{\n" + members.joined(separator: ",\n") + "\n\(indent)}"
        case .object: return "{ }"
        case .array(let elements): return "[ " + elements.map { pretty($0, indent: indent) }.joined(separator: ", ") + " ]"
        default: return value.text
        }
    }
}

extension DataType {
    /// A field at any depth that may not be NULL.
    var hasRequiredParts: Bool {
        switch self {
        case .structure(let fields): fields.contains { !$0.nullable || $0.type.hasRequiredParts }
        case .array(let element, _): element.hasRequiredParts
        case .map(let key, let value, _): key.hasRequiredParts || value.hasRequiredParts
        default: false
        }
    }
}

extension TableField {
    /// The positions of fields on a path through structs alone; nil for another path.
    func structPath(_ path: [String]) -> [Int]? {
        var positions: [Int] = []
        for depth in path.indices {
            guard let fields = fields(at: Array(path[..<depth])), let index = fields.firstIndex(where: { $0.name == path[depth] }) else { return nil }
            positions.append(index)
        }
        return positions
    }

    /// Whether the list or map that a path ends in may hold NULL there.
    func containsNull(at path: [String]) -> Bool {
        switch type(at: path.dropLast()) {
        case .array(_, let containsNull)?: containsNull
        case .map(_, _, let containsNull)?: path.last == "value" && containsNull
        default: true
        }
    }
}
