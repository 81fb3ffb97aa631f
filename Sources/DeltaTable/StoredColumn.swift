import Columnar
import JSON

/// A column as data files have it: under physical names, those of struct fields inside it too, and without struct fields of the type `void`.
struct StoredColumn: Sendable {
    let name: String
    /// The type under physical names; `void` fields are still in it.
    let type: DataType
    let fieldID: Int32?
    /// The ids of fields within, by their paths under physical names, behind the column's own.
    let nestedIDs: [[String]: Int32]
    let nullable: Bool
    private let hasVoids: Bool

    init(_ field: TableField) {
        name = field.physicalName
        nullable = field.nullable
        fieldID = field.columnMappingID
        var ids: [[String]: Int32] = [:]
        type = Self.physical(field.type, field, logical: [], path: [], &ids)
        nestedIDs = ids
        hasVoids = field.type.contains { $0 == .void }
    }

    /// What is written to files.
    var field: Field { Field(name, hasVoids ? type.withoutVoids : type, nullable: nullable) }

    /// A column of the table's type, as it is written.
    func stored(_ column: Column) -> Column { (hasVoids ? column.droppingVoids(type) : column).relabelled(field.type) }

    private static func physical(
        _ type: DataType, _ field: TableField, logical: [String], path: [String], _ ids: inout [[String]: Int32]
    ) -> DataType {
        switch type {
        case .array(let element, let containsNull):
            let part = ["element"]
            return .array(element: physical(element, field, logical: logical + part, path: path + part, &ids), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            let keys = physical(key, field, logical: logical + ["key"], path: path + ["key"], &ids)
            let values = physical(value, field, logical: logical + ["value"], path: path + ["value"], &ids)
            return .map(key: keys, value: values, valueContainsNull: containsNull)
        case .structure(let fields):
            return .structure(
                fields.map { inner in
                    let innerLogical = logical + [inner.name]
                    let metadata = field.nestedMetadata[innerLogical]
                    let name = metadata?[TableField.physicalNameKey]?.stringValue ?? inner.name
                    let innerPath = path + [name]
                    if let id = metadata?[TableField.columnMappingIDKey]?.intValue.flatMap({ Int32(exactly: $0) }) { ids[innerPath] = id }
                    return Field(
                        name, physical(inner.type, field, logical: innerLogical, path: innerPath, &ids), nullable: inner.nullable,
                        comment: inner.comment)
                })
        default: return type
        }
    }
}

extension DataType {
    /// Without struct fields of the type `void`.
    fileprivate var withoutVoids: DataType {
        switch self {
        case .array(let element, let containsNull): .array(element: element.withoutVoids, containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            .map(key: key.withoutVoids, value: value.withoutVoids, valueContainsNull: containsNull)
        case .structure(let fields):
            .structure(
                fields.filter { $0.type != .void }.map { Field($0.name, $0.type.withoutVoids, nullable: $0.nullable, comment: $0.comment) })
        default: self
        }
    }
}

extension Column {
    /// The values under a type that differs in the names of struct fields alone.
    func relabelled(_ type: DataType) -> Column {
        switch (values, type) {
        case (.list(let array), .array), (.list(let array), .map):
            guard let inner = type.listChildType else { return with(type: type) }
            return Column(type, .list(ListArray(offsets: array.offsets, child: array.child.relabelled(inner), validity: array.validity)))
        case (.structure(let array), .structure(let fields)):
            let children = zip(array.children, fields).map { $0.relabelled($1.type) }
            guard children.count == array.children.count else { return with(type: type) }
            return Column(type, .structure(StructArray(children: children, validity: array.validity, count: array.count)))
        default: return with(type: type)
        }
    }

    /// Without the struct fields that are `void` in `type`.
    fileprivate func droppingVoids(_ type: DataType) -> Column {
        switch (values, type) {
        case (.list(let array), .array), (.list(let array), .map):
            guard let inner = type.listChildType else { return self }
            let child = array.child.droppingVoids(inner)
            return Column(type.withoutVoids, .list(ListArray(offsets: array.offsets, child: child, validity: array.validity)))
        case (.structure(let array), .structure(let fields)):
            let kept = zip(array.children, fields).filter { $1.type != .void }.map { $0.droppingVoids($1.type) }
            return Column(type.withoutVoids, .structure(StructArray(children: kept, validity: array.validity, count: array.count)))
        default: return self
        }
    }
}
