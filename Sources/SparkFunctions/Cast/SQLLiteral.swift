import Columnar
import SparkErrors

/// A value as error messages show it (`toSQLValue`): `'abc'`, `12L`, `1.5D`, `DATE '2024-01-01'`.
enum SQLLiteral {
    static func quoted(_ text: String) -> String { "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'" }

    static func text(_ value: Value, _ type: DataType, _ context: EvaluationContext) -> String {
        switch (value, type) {
        case (.null, _): return "NULL"
        case (.string(let text), _): return quoted(text)
        case (.binary(let bytes), _): return "X'" + HexText.upper(bytes) + "'"
        case (.integer(let number), .short): return "\(number)S"
        case (.integer(let number), .long): return "\(number)L"
        case (.float(let number), _): return NumberText.text(number)
        case (.double(let number), _): return number.isFinite ? NumberText.text(number) + "D" : NumberText.text(number)
        case (.decimal(let digits), .decimal(let decimal)): return NumberText.text(unscaled: digits, scale: decimal.scale) + "BD"
        case (.integer, .date): return "DATE '\(Cast.text(of: value, type, context))'"
        case (.integer, .timestamp): return "TIMESTAMP '\(Cast.text(of: value, type, context))'"
        case (.integer, .timestampNTZ): return "TIMESTAMP_NTZ '\(Cast.text(of: value, type, context))'"
        default: return Cast.text(of: value, type, context)
        }
    }
}

/// Bytes as hexadecimal digits.
enum HexText {
    private static let capitals = Array("0123456789ABCDEF".utf8)

    static func upperBytes(_ bytes: some Collection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            result.append(capitals[Int(byte >> 4)])
            result.append(capitals[Int(byte & 15)])
        }
        return result
    }

    static func upper(_ bytes: some Collection<UInt8>) -> String { String(decoding: upperBytes(bytes), as: UTF8.self) }
    static func lower(_ bytes: some Collection<UInt8>) -> String { upper(bytes).lowercased() }
}
