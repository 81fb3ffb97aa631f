package import Columnar
import JSON

extension TableField {
    /// Takes a wider type, and notes the change for readers of older files. Source: Delta's PROTOCOL.md, "Type Change Metadata".
    package mutating func widen(to new: DataType) {
        func name(_ type: DataType) -> JSONValue { TableField("c", type).json["type"] ?? .null }
        var changes: [JSONValue] = []
        if case .array(let old)? = metadata["delta.typeChanges"] { changes = old }
        changes.append(["fromType": name(type), "toType": name(new)])
        metadata["delta.typeChanges"] = .array(changes)
        type = new
    }
}
