package import Columnar
import JSON
package import SparkErrors

/// What one record of a file came to under a schema.
package struct DecodedRecord: Sendable {
    /// By the schema's order.
    package var values: [Value]
    /// What did not fit or has no column: names with JSON texts of their values.
    package var rescued: [(name: String, json: String)] = []
    /// Whether something did not fit; what has no column is none of that in JSON.
    package var isMalformed = false

    init(values: [Value]) { self.values = values }

    package init(nullsFor count: Int) { values = [Value](repeating: .null, count: count) }

    /// Keeps a field that has no column.
    package mutating func rescue(_ name: String, _ text: String) { rescued.append((name, JSONValue.string(text).text)) }
}

/// Records of CSV under the options of the format, by the same rules as `from_csv`.
package struct CSVRecords: Sendable {
    private let dialect: CSVDialect
    private let options: JSONOptions

    /// `options`: by lower-case names.
    package init(_ options: [String: String]) {
        var options = options
        if options["ignoreleadingwhitespace"] == nil { options["ignoreleadingwhitespace"] = "false" }
        if options["ignoretrailingwhitespace"] == nil { options["ignoretrailingwhitespace"] = "false" }
        self.options = JSONOptions(options)
        dialect = CSVDialect(self.options, writing: false)
    }

    /// The fields of one record; nil is NULL.
    package func tokens(_ record: ArraySlice<UInt8>) -> [[UInt8]?] { dialect.tokens(record) }

    package func reader(_ context: EvaluationContext) throws(SQLError) -> CSVValues { CSVValues(reader: try FieldReader(options, context)) }
}

/// The values of CSV's fields.
package struct CSVValues {
    let reader: FieldReader

    /// The values of a record's fields under `types`; `nil` types take no field's value.
    package func decode(_ tokens: [[UInt8]?], _ fields: [Field], at positions: [Int?]) -> DecodedRecord {
        var record = DecodedRecord(values: [])
        record.values.reserveCapacity(fields.count)
        for (field, position) in zip(fields, positions) {
            guard let position else {
                record.values.append(.null)
                continue
            }
            guard tokens.indices.contains(position) else {
                record.isMalformed = true
                record.values.append(.null)
                continue
            }
            guard let token = tokens[position] else {
                record.values.append(.null)
                continue
            }
            let text = FieldReader.trimmed(token, field.type)
            if let value = reader.value(text, field.type) {
                record.values.append(value)
            } else {
                record.isMalformed = true
                record.rescued.append((field.name, JSONValue.string(String(decoding: token, as: UTF8.self)).text))
                record.values.append(.null)
            }
        }
        return record
    }

    /// The type that values of `type` and of this field have in common.
    package func widened(_ type: DataType, _ token: [UInt8]?) -> DataType {
        guard let token, !token.isEmpty else { return type }
        if type == .text { return type }
        return Self.merge(type, reader.inferred(DateTimeText.trimmed(token)))
    }

    /// Spark's rules for the types that CSV is inferred to have.
    package static func merge(_ left: DataType, _ right: DataType) -> DataType {
        switch (left, right) {
        case (.void, let other), (let other, .void): other
        case _ where left == right: left
        case (.date, .timestamp), (.timestamp, .date): .timestamp
        default: left.isNumeric && right.isNumeric ? Coercion.leastCommonType(left, right) ?? .text : .text
        }
    }

    /// A value of a partition's directory.
    package func value(_ text: String, _ type: DataType) -> Value? { reader.value(Array(text.utf8), type) }

    package func inferred(_ text: String) -> DataType { reader.inferred(Array(text.utf8)) }
}

/// Records of JSON, by the same rules as `from_json`.
package struct JSONRecords {
    private var converter: JSONConverter
    private let primitivesAsString: Bool

    package init(_ options: [String: String], _ context: EvaluationContext) throws(SQLError) {
        let all = JSONOptions(options)
        converter = try JSONConverter(all, context)
        primitivesAsString = all.flag("primitivesAsString", false)
    }

    /// The objects of a text: itself, or the elements of an array; nil if it is no JSON.
    private func objects(_ text: ArraySlice<UInt8>) -> [JSONObject]? {
        guard let value = LenientJSON.parse(text, converter.leniency) else { return nil }
        switch value {
        case .object(let object): return [object]
        case .array(let items):
            var objects: [JSONObject] = []
            for item in items {
                guard case .object(let object) = item else { return nil }
                objects.append(object)
            }
            return objects
        default: return nil
        }
    }

    /// nil: the text is no record.
    package mutating func decode(_ text: ArraySlice<UInt8>, _ fields: [Field]) -> [DecodedRecord]? {
        guard let objects = objects(text) else { return nil }
        var records: [DecodedRecord] = []
        for object in objects {
            var record = DecodedRecord(values: [])
            record.values.reserveCapacity(fields.count)
            var taken = 0
            for field in fields {
                guard let member = object[field.name] else {
                    record.values.append(.null)
                    continue
                }
                taken += 1
                converter.failed = false
                let value = converter.convert(member, field.type) ?? .null
                if converter.failed {
                    record.isMalformed = true
                    record.rescued.append((field.name, member.text))
                }
                record.values.append(value)
            }
            if taken < object.members.count {
                let names = Set(fields.map(\.name))
                for member in object.members where !names.contains(member.name) && !member.value.isNull {
                    record.rescued.append((member.name, member.value.text))
                }
            }
            records.append(record)
        }
        return records
    }

    /// The type that records of `type` and the text's have in common; nil if the text is no record.
    package func widened(_ type: DataType, _ text: ArraySlice<UInt8>) -> DataType? {
        guard let objects = objects(text) else { return nil }
        return objects.reduce(type) {
            JSONInference.merge($0, primitivesAsString ? Self.asText(JSONInference.type(.object($1))) : JSONInference.type(.object($1)))
        }
    }

    private static func asText(_ type: DataType) -> DataType {
        switch type {
        case .structure(let fields): .structure(fields.map { Field($0.name, asText($0.type)) })
        case .array(let element, let containsNull): .array(element: asText(element), containsNull: containsNull)
        case .void: .void
        default: .text
        }
    }

    /// What nothing was known of as STRING.
    package static func settled(_ type: DataType) -> DataType { type.settled }

    /// The JSON text of a rescued record.
    package static func rescue(_ record: DecodedRecord, path: String) -> Value {
        if record.rescued.isEmpty { return .null }
        let members = record.rescued.map { JSONValue.string($0.name).text + ":" + $0.json }
        return .string("{" + (members + ["\"_file_path\":" + JSONValue.string(path).text]).joined(separator: ",") + "}")
    }
}

/// Schemas in options: DDL or JSON.
package enum SchemaOption {
    /// nil if the text is no schema.
    package static func fields(_ text: String) -> [Field]? {
        let type = JSONSchemaText.parse(text) ?? (try? DDLParser.parse(text))
        guard case .structure(let fields)? = type?.asNullable else { return nil }
        return fields
    }
}
