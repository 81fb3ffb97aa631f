import Columnar

/// A leaf column that is to be written.
struct WriterLeaf {
    let element: SchemaElement
    let path: [String]
    let maxDefinition: Int
    let maxRepetition: Int
}

/// A file's schema as Spark lays it out: lists and maps in three levels, a variant as a group of two binaries.
struct WriterSchema {
    private(set) var elements: [SchemaElement] = []
    /// By column.
    private(set) var leaves: [[WriterLeaf]] = []
    private let options: ParquetWriter.Options

    init(_ schema: Schema, _ options: ParquetWriter.Options) throws(ParquetError) {
        self.options = options
        elements = [.group("spark_schema", .required, childCount: schema.count, nil)]
        elements[0].repetition = nil
        for (index, field) in schema.fields.enumerated() {
            var columnLeaves: [WriterLeaf] = []
            let id = options.fieldIDs.indices.contains(index) ? options.fieldIDs[index] : nil
            try append(field, id: id, idPath: [field.name], path: [], definition: 0, repetition: 0, &columnLeaves)
            leaves.append(columnLeaves)
        }
    }

    /// `definition` and `repetition` are those of what the field lies in.
    private mutating func append(
        _ field: Field, id: Int32?, idPath: [String], path: [String], definition: Int, repetition: Int, _ leaves: inout [WriterLeaf]
    ) throws(ParquetError) {
        guard path.count < 120 else { throw .unsupported("types nested more deeply than 60 levels") }
        let path = path + [field.name]
        let present = definition + (field.nullable ? 1 : 0)
        let kind: Repetition = field.nullable ? .optional : .required
        func add(_ inner: Field, at part: String, path: [String], isElement: Bool) throws(ParquetError) {
            let innerPath = idPath + [part]
            try append(
                inner, id: options.nestedFieldIDs[innerPath], idPath: innerPath, path: path, definition: present + (isElement ? 1 : 0),
                repetition: repetition + (isElement ? 1 : 0), &leaves)
        }
        switch field.type {
        case .array(let element, let containsNull):
            elements.append(.group(field.name, kind, childCount: 1, id, .list, .list))
            elements.append(.group("list", .repeated, childCount: 1, nil))
            try add(Field("element", element, nullable: containsNull), at: "element", path: path + ["list"], isElement: true)
        case .map(let key, let value, let containsNull):
            elements.append(.group(field.name, kind, childCount: 1, id, .map, .map))
            elements.append(.group("key_value", .repeated, childCount: 2, nil))
            try add(Field("key", key, nullable: false), at: "key", path: path + ["key_value"], isElement: true)
            try add(Field("value", value, nullable: containsNull), at: "value", path: path + ["key_value"], isElement: true)
        case .structure(let fields):
            guard !fields.isEmpty else { throw .unsupported("the column '\(path.joined(separator: "."))' of type STRUCT<>") }
            elements.append(.group(field.name, kind, childCount: fields.count, id))
            for field in fields { try add(field, at: field.name, path: path, isElement: false) }
        case .variant:
            elements.append(.group(field.name, kind, childCount: 2, id))
            for name in ["metadata", "value"] { try add(Field(name, .binary, nullable: false), at: name, path: path, isElement: false) }
        default:
            let element = try SchemaElement(field, fieldID: id)
            elements.append(element)
            leaves.append(WriterLeaf(element: element, path: path, maxDefinition: present, maxRepetition: repetition))
        }
    }
}

extension SchemaElement {
    fileprivate static func group(
        _ name: String, _ repetition: Repetition, childCount: Int, _ id: Int32?, _ converted: ConvertedType? = nil,
        _ logical: LogicalType? = nil
    ) -> SchemaElement {
        var element = SchemaElement()
        element.name = name
        element.repetition = repetition
        element.childCount = Int32(truncatingIfNeeded: childCount)
        element.fieldID = id
        (element.convertedType, element.logicalType) = (converted, logical)
        return element
    }
}
