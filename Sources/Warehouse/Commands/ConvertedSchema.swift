import Columnar
import DeltaTable
import SparkErrors

/// The schema of a directory of Parquet files that becomes a Delta table. Source: Delta's `SchemaMergingUtils.mergeSchemas`.
struct ConvertedSchema {
    private(set) var fields: [Field] = []

    /// Takes in a file's columns. `path`: the file's, for errors.
    mutating func merge(_ file: [Field], path: String) throws(SQLError) {
        do {
            fields = try Self.merged(fields, file)
        } catch {
            throw SQLError(
                .delta("DELTA_FAILED_MERGE_SCHEMA_FILE", sqlState: "42KDA", "Failed to merge schema of file <file>:\n<schema>"),
                ["file": path, "schema": DataType.structure(file).treeText], phase: .analysis)
        }
    }

    private struct Mismatch: Error {}

    private static func merged(_ old: [Field], _ new: [Field]) throws(Mismatch) -> [Field] {
        var result: [Field] = []
        for field in old {
            let other = new.first { $0.name.lowercased() == field.name.lowercased() }
            result.append(Field(field.name, try other.map { (other) throws(Mismatch) in try merged(field.type, other.type) } ?? field.type))
        }
        for field in new where !old.contains(where: { $0.name.lowercased() == field.name.lowercased() }) {
            result.append(Field(field.name, nullable(field.type)))
        }
        return result
    }

    private static func merged(_ old: DataType, _ new: DataType) throws(Mismatch) -> DataType {
        switch (old, new) {
        case (.structure(let fields), .structure(let others)): return .structure(try merged(fields, others))
        case (.array(let element, _), .array(let other, _)): return .array(element: try merged(element, other), containsNull: true)
        case (.map(let key, let value, _), .map(let otherKey, let other, _)):
            return .map(key: try merged(key, otherKey), value: try merged(value, other), valueContainsNull: true)
        case _ where old == new: return old
        // Files keep the three in 32 bits.
        case (.byte, .short), (.byte, .int), (.short, .int): return new
        case (.short, .byte), (.int, .byte), (.int, .short): return old
        case (.void, _): return nullable(new)
        case (_, .void): return old
        default: throw Mismatch()
        }
    }

    /// Files' schemas say nothing of what a table may hold.
    private static func nullable(_ type: DataType) -> DataType {
        switch type {
        case .structure(let fields): .structure(fields.map { Field($0.name, nullable($0.type)) })
        case .array(let element, _): .array(element: nullable(element), containsNull: true)
        case .map(let key, let value, _): .map(key: nullable(key), value: nullable(value), valueContainsNull: true)
        default: type
        }
    }

    /// The table's columns: partition columns keep the place that files give them, the others follow.
    func columns(with partitions: [Field]) -> [Field] {
        func partition(_ name: String) -> Field? { partitions.first { $0.name.lowercased() == name.lowercased() } }
        return fields.map { partition($0.name) ?? $0 }
            + partitions.filter { column in !fields.contains { $0.name.lowercased() == column.name.lowercased() } }
    }
}

extension DataType {
    /// As Spark's `printSchema` shows a structure.
    var treeText: String {
        guard case .structure(let fields) = self else { return "" }
        return "root\n" + fields.map { Self.tree($0.name, $0.type, "nullable = \($0.nullable)", " |") }.joined()
    }

    private static func tree(_ name: String, _ type: DataType, _ remark: String, _ prefix: String) -> String {
        let line = "\(prefix)-- \(name): \(type.treeName) (\(remark))\n"
        let inner = prefix + "    |"
        switch type {
        case .structure(let fields): return line + fields.map { tree($0.name, $0.type, "nullable = \($0.nullable)", inner) }.joined()
        case .array(let element, let containsNull): return line + tree("element", element, "containsNull = \(containsNull)", inner)
        case .map(let key, let value, let containsNull):
            return line + "\(inner)-- key: \(key.treeName)\n" + (key.treeName == "struct" ? tree("key", key, "", inner) : "")
                + tree("value", value, "valueContainsNull = \(containsNull)", inner)
        default: return line
        }
    }

    private var treeName: String {
        switch self {
        case .structure: "struct"
        case .array: "array"
        case .map: "map"
        case .byte: "byte"
        case .short: "short"
        case .int: "integer"
        case .long: "long"
        default: simpleText
        }
    }
}
