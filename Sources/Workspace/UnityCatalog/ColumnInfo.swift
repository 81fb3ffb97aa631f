package import JSON

/// A column of a table as Unity Catalog describes it.
package struct ColumnInfo: Sendable, Hashable {
    package var name: String
    /// Spark's name of the type in lower case: `decimal(10,2)`, `struct<a:int>`
    package var typeText: String
    /// `LONG`, `DECIMAL`, `STRUCT`, …: the enumeration `ColumnTypeName`
    package var typeName: String
    /// The field as Spark's schema JSON has it: `{"name":"id","type":"long","nullable":true,"metadata":{}}`
    package var typeJSON: String
    package var precision: Int?
    package var scale: Int?
    /// `DAY TO SECOND`, …
    package var intervalType: String?
    package var position: Int
    package var nullable: Bool
    package var comment: String?
    /// Position among the partition columns
    package var partitionIndex: Int?

    package init(
        name: String, typeText: String, typeName: String, typeJSON: String, precision: Int? = nil, scale: Int? = nil,
        intervalType: String? = nil,
        position: Int, nullable: Bool = true, comment: String? = nil, partitionIndex: Int? = nil
    ) {
        self.name = name
        self.typeText = typeText
        self.typeName = typeName
        self.typeJSON = typeJSON
        self.precision = precision
        self.scale = scale
        self.intervalType = intervalType
        self.position = position
        self.nullable = nullable
        self.comment = comment
        self.partitionIndex = partitionIndex
    }

    package init(_ json: JSONValue) {
        name = json["name"]?.stringValue ?? ""
        typeText = json["type_text"]?.stringValue ?? ""
        typeName = json["type_name"]?.stringValue ?? ""
        typeJSON = json["type_json"]?.stringValue ?? ""
        precision = json["type_precision"]?.intValue
        scale = json["type_scale"]?.intValue
        intervalType = json["type_interval_type"]?.stringValue
        position = json["position"]?.intValue ?? 0
        nullable = json["nullable"]?.boolValue ?? true
        comment = json["comment"]?.stringValue
        partitionIndex = json["partition_index"]?.intValue
    }

    /// The object of the API's answers.
    package var json: JSONValue {
        var members: [(String, JSONValue)] = [("name", .string(name)), ("type_text", .string(typeText)), ("type_name", .string(typeName))]
        if !typeJSON.isEmpty { members.append(("type_json", .string(typeJSON))) }
        if let precision { members.append(("type_precision", .int(precision))) }
        if let scale { members.append(("type_scale", .int(scale))) }
        if let intervalType { members.append(("type_interval_type", .string(intervalType))) }
        members.append(("position", .int(position)))
        if let comment { members.append(("comment", .string(comment))) }
        members.append(("nullable", .bool(nullable)))
        if let partitionIndex { members.append(("partition_index", .int(partitionIndex))) }
        return .members(members)
    }
}

/// A table's columns. They are kept as the text of the JSON array that the API answers, and taken apart only when somebody wants to look inside.
package struct ColumnList: Sendable, Hashable {
    /// Compact JSON.
    package let json: String

    package static let none = ColumnList(json: "[]")

    /// A text that this type made before.
    init(json: String) { self.json = json }

    package init(_ columns: [ColumnInfo]) {
        json = columns.isEmpty ? "[]" : JSONValue.array(columns.map(\.json)).text
    }

    package var isEmpty: Bool { json == "[]" }

    package var all: [ColumnInfo] {
        guard !isEmpty, case .array(let columns)? = try? JSONValue(parsing: json) else { return [] }
        return columns.map { ColumnInfo($0) }
    }
}
