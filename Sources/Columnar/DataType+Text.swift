extension DataType {
    /// As SQL writes it, in capitals: `DECIMAL(10,2)`, `ARRAY<INT>`, `STRUCT<a: INT NOT NULL, b: STRING>` (the statements API's `type_text`).
    package var sqlText: String {
        switch self {
        case .array(let element, _): "ARRAY<\(element.sqlText)>"
        case .map(let key, let value, _): "MAP<\(key.sqlText), \(value.sqlText)>"
        case .structure(let fields):
            "STRUCT<" + fields.map { "\(Self.quotedIfNeeded($0.name)): \($0.type.sqlText)\($0.nullable ? "" : " NOT NULL")" }.joined(separator: ", ")
                + ">"
        default: simpleText.uppercased()
        }
    }

    /// A field's name in back-ticks if it is no plain identifier.
    package static func quotedIfNeeded(_ name: String) -> String {
        let isPlain = name.utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x5F }
        if isPlain, let first = name.utf8.first, !(0x30...0x39).contains(first) { return name }
        return "`\(name.replacing("`", with: "``"))`"
    }

    /// As Spark's `catalogString`, in lower case without spaces: `decimal(10,2)`, `map<string,int>`, `struct<a:int>`.
    package var simpleText: String {
        switch self {
        case .void: "void"
        case .boolean: "boolean"
        case .byte: "tinyint"
        case .short: "smallint"
        case .int: "int"
        case .long: "bigint"
        case .float: "float"
        case .double: "double"
        case .decimal(let type): "decimal(\(type.precision),\(type.scale))"
        case .string(.utf8Binary): "string"
        case .string(let collation): "string collate \(collation.rawValue)"
        case .char(let length): "char(\(length))"
        case .varchar(let length): "varchar(\(length))"
        case .binary: "binary"
        case .date: "date"
        case .timestamp: "timestamp"
        case .timestampNTZ: "timestamp_ntz"
        case .yearMonthInterval(let range): "interval " + Self.range(range.start, range.end)
        case .dayTimeInterval(let range): "interval " + Self.range(range.start, range.end)
        case .array(let element, _): "array<\(element.simpleText)>"
        case .map(let key, let value, _): "map<\(key.simpleText),\(value.simpleText)>"
        case .structure(let fields): "struct<" + fields.map { "\($0.name):\($0.type.simpleText)" }.joined(separator: ",") + ">"
        case .variant: "variant"
        }
    }

    private static func range<Unit: Equatable>(_ start: Unit, _ end: Unit) -> String {
        start == end ? "\(start)" : "\(start) to \(end)"
    }

    package var isInteger: Bool {
        switch self {
        case .byte, .short, .int, .long: true
        default: false
        }
    }

    package var isNumeric: Bool {
        switch self {
        case .byte, .short, .int, .long, .float, .double, .decimal: true
        default: false
        }
    }

    package var isString: Bool {
        switch self {
        case .string, .char, .varchar: true
        default: false
        }
    }
}
