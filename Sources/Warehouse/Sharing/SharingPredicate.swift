import Columnar
import DeltaTable
import JSON

/// `jsonPredicateHints`, as far as they speak of partition columns. A hint that is not understood leaves every file in.
enum SharingPredicate {
    /// False only if no row of a file with these partition values can pass.
    static func mayPass(_ predicate: JSONValue, _ values: PartitionValues, _ snapshot: Snapshot) -> Bool {
        holds(predicate, values, snapshot, depth: 0) != false
    }

    /// Nil: unknown, or SQL's null; a row passes neither for sure.
    private static func holds(_ node: JSONValue, _ values: PartitionValues, _ snapshot: Snapshot, depth: Int) -> Bool? {
        guard depth < 64, let object = node.objectValue, let op = object["op"]?.stringValue else { return nil }
        let children = object["children"]?.arrayValue ?? []
        switch op {
        case "and":
            let all = children.map { holds($0, values, snapshot, depth: depth + 1) }
            return all.contains(false) ? false : all.contains(nil) ? nil : true
        case "or":
            let all = children.map { holds($0, values, snapshot, depth: depth + 1) }
            return all.contains(true) ? true : all.contains(nil) || all.isEmpty ? nil : false
        case "not":
            guard children.count == 1 else { return nil }
            return holds(children[0], values, snapshot, depth: depth + 1).map { !$0 }
        case "isNull":
            guard children.count == 1, let (_, value) = partition(children[0], values, snapshot) else { return nil }
            return value == .null
        case "equal":
            guard children.count == 2, let (type, value) = partition(children[0], values, snapshot), value != .null,
                let literal = children[1].objectValue, literal["op"]?.stringValue == "literal",
                let other = PartitionText.value(of: literal["value"]?.stringValue, type), other != .null
            else { return nil }
            return value == other
        default: return nil
        }
    }

    private static func partition(_ node: JSONValue, _ values: PartitionValues, _ snapshot: Snapshot) -> (DataType, Value)? {
        guard let object = node.objectValue, object["op"]?.stringValue == "column", let name = object["name"]?.stringValue?.lowercased(),
            let position = snapshot.partitionColumns.first(where: { snapshot.tableSchema.fields[$0].name.lowercased() == name })
        else { return nil }
        let field = snapshot.tableSchema.fields[position]
        return PartitionText.value(of: values[field.physicalName], field.type).map { (field.type, $0) }
    }
}
