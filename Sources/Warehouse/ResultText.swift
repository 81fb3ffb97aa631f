package import Columnar
import Foundation
package import JSON
import SparkFunctions

/// Writes cells as the statements API's JSON_ARRAY has them: every value a string, or null.
///
/// Forms: API page "Statement Execution", and answers of the real service for times (session zone, three digits) and nested values
/// (JSON text whose leaves are strings).
package struct ResultText: Sendable {
    private let zone: SessionTimeZone
    private let context: EvaluationContext

    package init(timeZoneID: String) {
        zone = SessionTimeZone(timeZoneID) ?? .utc
        var context = EvaluationContext()
        context.timeZone = zone
        self.context = context
    }

    /// The rows of a batch as arrays, one behind the other; returns how many were written before `byteLimit` was passed.
    package func write(_ batch: RecordBatch, to writer: inout JSONWriter) {
        for row in 0..<batch.rowCount {
            writer.beginArray()
            for column in batch.columns { write(column, row, to: &writer) }
            writer.endArray()
        }
    }

    private func write(_ column: Column, _ row: Int, to writer: inout JSONWriter) {
        if column.isNull(row) { return writer.null() }
        switch (column.type, column.values) {
        case (.string, .bytes(let array)), (.char, .bytes(let array)), (.varchar, .bytes(let array)): writer.string(utf8: array[row])
        case (.int, .int32(let array)): writer.string(String(array.values[row]))
        case (.long, .int64(let array)): writer.string(String(array.values[row]))
        default: writer.string(text(column.value(at: row), column.type))
        }
    }

    /// A value that is not null.
    package func text(_ value: Value, _ type: DataType) -> String {
        switch (value, type) {
        case (.string(let text), _): return text
        case (.boolean(let bit), _): return bit ? "true" : "false"
        case (.binary(let bytes), _): return Data(bytes).base64EncodedString()
        case (.integer(let micros), .timestamp): return instant(micros)
        case (.integer(let micros), .timestampNTZ): return wallClock(micros)
        case (.list, .array), (.map, .map), (.structure, .structure): return nested(value, type).text
        default: return Cast.text(of: value, type, context)
        }
    }

    private func nested(_ value: Value, _ type: DataType) -> JSONValue {
        switch (value, type) {
        case (.null, _): return .null
        case (.list(let items), .array(let element, _)): return .array(items.map { nested($0, element) })
        case (.map(let entries), .map(let key, let element, _)):
            return .members(entries.map { (text($0.key, key), nested($0.value, element)) })
        case (.structure(let values), .structure(let fields)):
            return .members(zip(fields, values).map { ($0.name, nested($1, $0.type)) })
        default: return .string(text(value, type))
        }
    }

    private func instant(_ micros: Int64) -> String {
        let offset = zone.offset(atMicros: micros)
        let sign = offset < 0 ? "-" : "+"
        let (minutes, seconds) = abs(offset).quotientAndRemainder(dividingBy: 60)
        var suffix = offset == 0 ? "Z" : "\(sign)\(Self.twoDigits(minutes / 60)):\(Self.twoDigits(minutes % 60))"
        // Local mean times, of before the zones, have seconds.
        if seconds != 0 { suffix += ":" + Self.twoDigits(seconds) }
        return wallClock(zone.local(fromUTC: micros)) + suffix
    }

    private func wallClock(_ micros: Int64) -> String {
        let day = 86_400_000_000 as Int64
        var days = micros / day
        var rest = micros % day
        if rest < 0 {
            days -= 1
            rest += day
        }
        let date = CivilDate(days: Int(days))
        let millis = Int(rest / 1000)
        let year = date.year < 0 || date.year > 9999 ? "\(date.year < 0 ? "-" : "+")\(Self.padded(abs(date.year), 4))" : Self.padded(date.year, 4)
        let time = "\(Self.twoDigits(millis / 3_600_000)):\(Self.twoDigits(millis / 60_000 % 60)):\(Self.twoDigits(millis / 1000 % 60))"
        return "\(year)-\(Self.twoDigits(date.month))-\(Self.twoDigits(date.day))T\(time).\(Self.fraction(Int(rest % 1_000_000)))"
    }

    /// Three digits, and of the next three those that are no trailing zeros.
    private static func fraction(_ micros: Int) -> String {
        var digits = padded(micros, 6)
        while digits.utf8.count > 3, digits.hasSuffix("0") { digits.removeLast() }
        return digits
    }

    private static func twoDigits(_ number: Int) -> String { padded(number, 2) }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
    }
}
