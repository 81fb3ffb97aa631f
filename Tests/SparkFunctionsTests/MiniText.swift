import Columnar
import SparkFunctions

/// A value as results show it: the text at the top, JSON inside of nested values.
enum MiniText {
    static func text(_ value: Value, _ type: DataType, _ context: EvaluationContext, nested: Bool = false) -> String {
        switch (value, type) {
        case (.null, _): return nested ? "null" : "NULL"
        case (.string(let text), _): return nested ? quoted(text) : text
        case (.binary(let bytes), _):
            let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
            if !nested { return hex }
            let base64 = base64(bytes)
            return nested ? quoted(base64) : base64
        case (.integer(let micros), .timestamp):
            let text = iso(DateTimeText.timestamp(localMicros: micros)) + "Z"
            return nested ? quoted(text) : text
        case (.integer(let micros), .timestampNTZ):
            let text = iso(DateTimeText.timestamp(localMicros: micros))
            return nested ? quoted(text) : text
        case (.integer, .date):
            let text = Cast.text(of: value, type, context)
            return nested ? quoted(text) : text
        case (.integer(let months), .yearMonthInterval): return wrap(IntervalText.plainYearMonth(Int32(months)), nested)
        case (.integer(let micros), .dayTimeInterval): return wrap(IntervalText.plainDayTime(micros), nested)
        case (.list(let items), .array(let element, _)):
            return "[" + items.map { text($0, element, context, nested: true) }.joined(separator: ",") + "]"
        case (.map(let entries), .map(let key, let value, _)):
            return "{"
                + entries.map { "\(quoted(text($0.key, key, context))):\(text($0.value, value, context, nested: true))" }.joined(separator: ",") + "}"
        case (.structure, .variant): return Cast.text(of: value, type, context)
        case (.structure(let parts), .structure(let fields)):
            return "{" + zip(parts, fields).map { "\(quoted($1.name)):\(text($0, $1.type, context, nested: true))" }.joined(separator: ",") + "}"
        default: return Cast.text(of: value, type, context)
        }
    }

    private static func wrap(_ text: String, _ nested: Bool) -> String { nested ? quoted(text) : text }

    private static func iso(_ text: String) -> String {
        var parts = text.split(separator: " ").map(String.init)
        let fraction = parts[1].split(separator: ".")
        if fraction.count == 1 {
            parts[1] += ".000"
        } else if fraction[1].count < 3 {
            parts[1] += String(repeating: "0", count: 3 - fraction[1].count)
        }
        return parts.joined(separator: "T")
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = Array(bytes[start..<min(start + 3, bytes.count)])
            let word = part.enumerated().reduce(0) { $0 | Int($1.element) << (16 - 8 * $1.offset) }
            for index in 0..<4 { text.append(index <= part.count ? alphabet[word >> (18 - 6 * index) & 63] : "=") }
        }
        return text
    }
}
