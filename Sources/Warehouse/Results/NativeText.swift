package import Columnar
package import SparkFunctions

/// Values as the texts that the drivers parse where they did not ask for Arrow's own types: JSON for what is nested, else as CAST to STRING writes them.
package enum NativeText {
    package static func text(_ value: Value, _ type: DataType, _ context: EvaluationContext) -> String {
        switch type {
        case .array, .map, .structure:
            var text = ""
            json(value, type, context, &text)
            return text
        default:
            // Intervals without their type's words, as Spark's `HiveResult` has them.
            switch (type, value) {
            case (.yearMonthInterval, .integer(let months)): return IntervalText.plainYearMonth(Int32(truncatingIfNeeded: months))
            case (.dayTimeInterval, .integer(let micros)): return IntervalText.plainDayTime(micros)
            default: return Cast.text(of: value, type, context)
            }
        }
    }

    private static func json(_ value: Value, _ type: DataType, _ context: EvaluationContext, _ text: inout String) {
        switch (value, type) {
        case (.null, _): text += "null"
        case (.list(let items), .array(let element, _)):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                json(item, element, context, &text)
            }
            text += "]"
        case (.map(let entries), .map(let key, let element, _)):
            text += "{"
            for (index, entry) in entries.enumerated() {
                if index > 0 { text += "," }
                quote(Cast.text(of: entry.key, key, context), &text)
                text += ":"
                json(entry.value, element, context, &text)
            }
            text += "}"
        case (.structure(let parts), .structure(let fields)):
            text += "{"
            for (index, (part, field)) in zip(parts, fields).enumerated() {
                if index > 0 { text += "," }
                quote(field.name, &text)
                text += ":"
                json(part, field.type, context, &text)
            }
            text += "}"
        case (.boolean, _), (.integer, .byte), (.integer, .short), (.integer, .int), (.integer, .long), (.decimal, _), (.structure, .variant):
            text += Cast.text(of: value, type, context)
        case (.float(let number), _) where number.isFinite: text += Cast.text(of: value, type, context)
        case (.double(let number), _) where number.isFinite: text += Cast.text(of: value, type, context)
        default: quote(Cast.text(of: value, type, context), &text)
        }
    }

    private static func quote(_ value: String, _ text: inout String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
