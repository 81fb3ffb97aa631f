package import Columnar

/// Types and schemas as DDL writes them: `a INT, b STRUCT<c: STRING NOT NULL>`, `array<int>`.
package struct DDLParser {
    private var bytes: [UInt8]
    private var position = 0

    package struct Failure: Error, Equatable {
        package let message: String
    }

    private static let maxDepth = 64

    private init(_ text: String) { bytes = Array(text.utf8) }

    /// A type alone, or a list of columns, which is a struct.
    package static func parse(_ text: String) throws(Failure) -> DataType {
        var parser = DDLParser(text)
        if let type = try? parser.type(0), parser.atEnd { return type }
        parser.position = 0
        let fields = try parser.fields(0, closedBy: nil)
        guard parser.atEnd else { throw parser.unexpected() }
        return .structure(fields)
    }

    private mutating func skipBlanks() {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    private var atEnd: Bool {
        mutating get {
            skipBlanks()
            return position == bytes.count
        }
    }

    private func unexpected() -> Failure {
        let rest = String(decoding: bytes[min(position, bytes.count)...].prefix(20), as: UTF8.self)
        return Failure(message: rest.isEmpty ? "end of input" : "'\(rest)'")
    }

    private mutating func take(_ symbol: Character) -> Bool {
        skipBlanks()
        guard position < bytes.count, let byte = symbol.asciiValue, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func need(_ symbol: Character) throws(Failure) { if !take(symbol) { throw unexpected() } }

    /// A name, in backquotes or of letters, digits and underscores.
    private mutating func identifier() throws(Failure) -> String {
        skipBlanks()
        var name: [UInt8] = []
        if take("`") {
            while position < bytes.count {
                if bytes[position] == UInt8(ascii: "`") {
                    position += 1
                    guard position < bytes.count, bytes[position] == UInt8(ascii: "`") else { return String(decoding: name, as: UTF8.self) }
                }
                name.append(bytes[position])
                position += 1
            }
            throw unexpected()
        }
        while position < bytes.count {
            let byte = bytes[position]
            guard byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte >= 128 else {
                break
            }
            name.append(byte)
            position += 1
        }
        if name.isEmpty { throw unexpected() }
        return String(decoding: name, as: UTF8.self)
    }

    private mutating func takeWord(_ word: String) -> Bool {
        let start = position
        if let name = try? identifier(), name.uppercased() == word { return true }
        position = start
        return false
    }

    private mutating func number() throws(Failure) -> Int {
        guard let value = Int(try identifier()) else { throw unexpected() }
        return value
    }

    private mutating func fields(_ depth: Int, closedBy close: Character?) throws(Failure) -> [Field] {
        var fields: [Field] = []
        if let close, take(close) { return [] }
        repeat {
            let name = try identifier()
            _ = take(":")
            var field = Field(name, try type(depth + 1))
            if takeWord("NOT") {
                guard takeWord("NULL") else { throw unexpected() }
                field.nullable = false
            }
            if takeWord("COMMENT") { field.comment = try literal() }
            fields.append(field)
        } while take(",")
        if let close { try need(close) }
        return fields
    }

    private mutating func literal() throws(Failure) -> String {
        try need("'")
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "'") {
            text.append(bytes[position])
            position += 1
        }
        try need("'")
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func type(_ depth: Int) throws(Failure) -> DataType {
        guard depth < Self.maxDepth else { throw Failure(message: "too many nested types") }
        switch try identifier().uppercased() {
        case "BOOLEAN": return .boolean
        case "TINYINT", "BYTE": return .byte
        case "SMALLINT", "SHORT": return .short
        case "INT", "INTEGER": return .int
        case "BIGINT", "LONG": return .long
        case "FLOAT", "REAL": return .float
        case "DOUBLE": return .double
        case "DATE": return .date
        case "TIMESTAMP", "TIMESTAMP_LTZ": return .timestamp
        case "TIMESTAMP_NTZ": return .timestampNTZ
        case "STRING": return .text
        case "BINARY": return .binary
        case "VOID": return .void
        case "VARIANT": return .variant
        case "DECIMAL", "DEC", "NUMERIC":
            guard take("(") else { return .decimal(DecimalType(10, 0)) }
            let precision = try number()
            let scale = take(",") ? try number() : 0
            try need(")")
            guard (1...38).contains(precision), (0...precision).contains(scale) else { throw Failure(message: "DECIMAL(\(precision),\(scale))") }
            return .decimal(DecimalType(precision, scale))
        case "CHAR", "CHARACTER", "VARCHAR":
            try need("(")
            _ = try number()
            try need(")")
            return .text
        case "ARRAY":
            try need("<")
            let element = try type(depth + 1)
            try need(">")
            return .array(element: element, containsNull: true)
        case "MAP":
            try need("<")
            let key = try type(depth + 1)
            try need(",")
            let value = try type(depth + 1)
            try need(">")
            return .map(key: key, value: value, valueContainsNull: true)
        case "STRUCT":
            try need("<")
            return .structure(try fields(depth, closedBy: ">"))
        case "INTERVAL": return try interval()
        default: throw unexpected()
        }
    }

    private mutating func interval() throws(Failure) -> DataType {
        let start = try identifier().uppercased()
        let end = takeWord("TO") ? try identifier().uppercased() : start
        let months: [String: YearMonthRange.Unit] = ["YEAR": .year, "MONTH": .month]
        let days: [String: DayTimeRange.Unit] = ["DAY": .day, "HOUR": .hour, "MINUTE": .minute, "SECOND": .second]
        if let a = months[start], let b = months[end], a.rawValue <= b.rawValue { return .yearMonthInterval(.init(a, b)) }
        if let a = days[start], let b = days[end], a.rawValue <= b.rawValue { return .dayTimeInterval(.init(a, b)) }
        throw unexpected()
    }
}
