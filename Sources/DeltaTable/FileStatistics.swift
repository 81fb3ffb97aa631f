package import Columnar
package import JSON

/// A data file's statistics, from which readers tell what need not be read. Source: Delta's PROTOCOL.md, "Per-file Statistics".
package struct FileStatistics: Sendable, Hashable {
    package let numRecords: Int?
    /// By physical name; nested for structs.
    package let minValues: JSONObject
    package let maxValues: JSONObject
    package let nullCount: JSONObject

    /// nil if the text is no statistics.
    package init?(_ text: String?) {
        guard let text, let json = try? JSONValue(parsing: text), case .object = json else { return nil }
        numRecords = json["numRecords"]?.intValue.flatMap(Self.plausible)
        minValues = json["minValues"]?.objectValue ?? JSONObject()
        maxValues = json["maxValues"]?.objectValue ?? JSONObject()
        nullCount = json["nullCount"]?.objectValue ?? JSONObject()
    }

    /// No value of the column lies outside; nil where nothing is known. Only for columns that are not nested.
    package func bounds(_ field: TableField) -> (min: Value?, max: Value?, nullCount: Int?) {
        (
            minValues[field.physicalName].flatMap { Self.value($0, field.type, isMax: false) },
            maxValues[field.physicalName].flatMap { Self.value($0, field.type, isMax: true) },
            nullCount[field.physicalName]?.intValue
        )
    }

    private static func value(_ json: JSONValue, _ type: DataType, isMax: Bool) -> Value? {
        switch (json, type) {
        case (.number(let text), .byte), (.number(let text), .short), (.number(let text), .int), (.number(let text), .long):
            return Int64(text).map { .integer($0) }
        case (.number(let text), .float): return Float(text).map { .float($0) }
        case (.number(let text), .double): return Double(text).map { .double($0) }
        case (.number(let text), .decimal(let decimal)): return DecimalText.unscaled(text, decimal).map { .decimal($0) }
        case (.string(let text), .date): return Civil.parseDate(text).map { .integer($0) }
        case (.string(let text), .timestamp), (.string(let text), .timestampNTZ):
            // Writers keep milliseconds and some cut maxima off there.
            return Civil.parseTimestamp(text).map { .integer(isMax ? $0 &+ 999 : $0) }
        case (.string(let text), .string(.utf8Binary)): return .string(text)
        default: return nil
        }
    }

    /// `numRecords` alone, without reading the rest.
    static func recordCount(_ text: String?) -> Int? {
        guard let text, !text.isEmpty else { return nil }
        let key = Array("\"numRecords\":".utf8)
        let utf8 = Array(text.utf8)
        // It is the first member with every writer known; else the whole text is read.
        guard utf8.count > key.count + 1, utf8[1...key.count].elementsEqual(key) else { return FileStatistics(text)?.numRecords }
        let digits = utf8[(key.count + 1)...].prefix { $0 &- UInt8(ascii: "0") < 10 }
        return Int(String(decoding: digits, as: UTF8.self)).flatMap(plausible) ?? FileStatistics(text)?.numRecords
    }

    /// Of more rows than have places in 32 bits nothing is known: so the sum over any number of files is a number, too.
    private static func plausible(_ count: Int) -> Int? { (0...Int(Int32.max)).contains(count) ? count : nil }
}

extension Snapshot {
    /// So many whole numbers or days lie between the least and the greatest that the files' statistics name; nil for other columns, and where a
    /// file has no statistics or there are too many files to look at while a query is planned.
    package func distinctBound(column: Int) -> Double? {
        guard tableSchema.fields.indices.contains(column), !files.isEmpty, files.count <= 32 else { return nil }
        let field = tableSchema.fields[column]
        var least = Double.infinity
        var greatest = -Double.infinity
        for file in files {
            guard case (.integer(let low)?, .integer(let high)?, _)? = FileStatistics(file.stats)?.bounds(field) else { return nil }
            least = min(least, Double(low))
            greatest = max(greatest, Double(high))
        }
        return max(1, greatest - least + 1)
    }
}
