/// Calls, windows, literals and types.
extension Printer {
    func text(_ call: FunctionCall) -> String {
        let arguments = call.arguments.map { argument in
            argument.name.map { "\(text($0)) => \(text(argument.value))" } ?? text(argument.value)
        }
        var result = "\(text(call.name))(\(call.isDistinct ? "DISTINCT " : "")\(arguments.joined(separator: ", ")))"
        if !call.withinGroup.isEmpty { result += " WITHIN GROUP (ORDER BY \(text(call.withinGroup)))" }
        if let filter = call.filter { result += " FILTER (WHERE \(text(filter)))" }
        if let nulls = call.nullTreatment { result += " \(nulls.rawValue)" }
        if let over = call.over { result += " OVER \(text(over))" }
        return result
    }

    package func text(_ items: [SortItem]) -> String {
        items.map { item in
            let order = item.isDescending ? " DESC" : ""
            return text(item.expression) + order + (item.nulls.map { " \($0.rawValue)" } ?? "")
        }.joined(separator: ", ")
    }

    package func text(_ window: WindowReference) -> String {
        switch window {
        case .named(let name): return text(name)
        case .inline(let window):
            var words: [String] = []
            if !window.partitionBy.isEmpty { words.append("PARTITION BY \(list(window.partitionBy))") }
            if !window.orderBy.isEmpty { words.append("ORDER BY \(text(window.orderBy))") }
            if let frame = window.frame {
                words.append("\(frame.units.rawValue) BETWEEN \(text(frame.start)) AND \(text(frame.end))")
            }
            return "(\(words.joined(separator: " ")))"
        }
    }

    private func text(_ bound: WindowFrame.Bound) -> String {
        switch bound {
        case .unboundedPreceding: "UNBOUNDED PRECEDING"
        case .unboundedFollowing: "UNBOUNDED FOLLOWING"
        case .currentRow: "CURRENT ROW"
        case .preceding(let expression): "\(text(expression)) PRECEDING"
        case .following(let expression): "\(text(expression)) FOLLOWING"
        }
    }

    // MARK: Literals

    /// A string literal that reads back as `value`.
    func quoted(_ value: String) -> String {
        var result = "'"
        for scalar in value.unicodeScalars {
            switch scalar {
            case "'": result += "\\'"
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "'"
    }

    package func text(_ literal: Literal) -> String {
        switch literal {
        case .null: return "NULL"
        case .boolean(let value): return value ? "TRUE" : "FALSE"
        case .tinyint(let value): return "\(value)Y"
        case .smallint(let value): return "\(value)S"
        case .int(let value): return "\(value)"
        case .bigint(let value): return "\(value)L"
        case .decimal(let value): return text(value) + "BD"
        case .float(let value): return "\(value)F"
        case .double(let value): return "\(value)D"
        case .string(let value): return quoted(value)
        case .binary(let bytes):
            let digits = bytes.map { byte in String(byte >> 4, radix: 16, uppercase: true) + String(byte & 15, radix: 16, uppercase: true) }
            return "X'\(digits.joined())'"
        case .typed(let kind, let value): return "\(kind.rawValue) \(quoted(value))"
        case .interval(let interval): return text(interval)
        }
    }

    private func text(_ decimal: DecimalLiteral) -> String {
        var digits = decimal.digits
        if decimal.scale > 0 {
            if digits.count <= decimal.scale { digits = String(repeating: "0", count: decimal.scale + 1 - digits.count) + digits }
            let point = digits.index(digits.endIndex, offsetBy: -decimal.scale)
            digits = digits[..<point] + "." + digits[point...]
        }
        return (decimal.isNegative ? "-" : "") + digits
    }

    private func text(_ interval: IntervalLiteral) -> String {
        switch interval {
        case .yearMonth(let months, let from, let to):
            let sign = months < 0 ? "-" : ""
            let years = "\(sign)\((months / 12).magnitude)"
            let value = from == .month ? "\(months)" : to == .year ? years : "\(years)-\((months % 12).magnitude)"
            return "INTERVAL '\(value)' \(fields(from, to))"
        case .dayTime(let microseconds, let from, let to):
            var rest = microseconds.magnitude
            var value = microseconds < 0 ? "-" : ""
            let lengths: [UInt64] = [86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000]
            for unit in from.rawValue...max(from.rawValue, to.rawValue) {
                let position = unit - IntervalUnit.day.rawValue
                guard lengths.indices.contains(position) else { continue }
                if unit > from.rawValue { value += unit == IntervalUnit.hour.rawValue ? " " : ":" }
                value += "\(rest / lengths[position])"
                rest %= lengths[position]
            }
            if rest > 0 { value += "." + String(String(1_000_000 + rest).dropFirst()) }
            return "INTERVAL '\(value)' \(fields(from, to))"
        }
    }

    private func fields(_ from: IntervalUnit, _ to: IntervalUnit) -> String { from == to ? from.name : "\(from.name) TO \(to.name)" }

    // MARK: Types

    package func text(_ type: TypeName) -> String {
        switch type.kind {
        case .boolean: return "BOOLEAN"
        case .tinyint: return "TINYINT"
        case .smallint: return "SMALLINT"
        case .int: return "INT"
        case .bigint: return "BIGINT"
        case .float: return "FLOAT"
        case .double: return "DOUBLE"
        case .date: return "DATE"
        case .timestamp: return "TIMESTAMP"
        case .timestampNTZ: return "TIMESTAMP_NTZ"
        case .time(let precision): return "TIME(\(precision))"
        case .string(let collation): return "STRING" + text(collation: collation)
        case .char(let length, let collation): return "CHAR(\(length))" + text(collation: collation)
        case .varchar(let length, let collation): return "VARCHAR(\(length))" + text(collation: collation)
        case .binary: return "BINARY"
        case .decimal(let precision, let scale): return "DECIMAL(\(precision),\(scale))"
        case .void: return "VOID"
        case .variant: return "VARIANT"
        case .calendarInterval: return "INTERVAL"
        case .yearMonthInterval(let from, let to), .dayTimeInterval(let from, let to):
            return "INTERVAL \(from.name)" + (from == to ? "" : " TO \(to.name)")
        case .array(let element): return "ARRAY<\(text(element))>"
        case .map(let key, let value): return "MAP<\(text(key)), \(text(value))>"
        case .structure(let fields):
            let shown = fields.map { field in
                let comment = field.comment.map { " COMMENT \(quoted($0))" } ?? ""
                return "\(text(field.name)): \(text(field.type))\(field.isNullable ? "" : " NOT NULL")\(comment)"
            }
            return "STRUCT<\(shown.joined(separator: ", "))>"
        case .geometry(let srid): return "GEOMETRY(\(srid.map { "\($0)" } ?? "ANY"))"
        case .geography(let srid): return "GEOGRAPHY(\(srid.map { "\($0)" } ?? "ANY"))"
        case .object: return "OBJECT"
        }
    }

    private func text(collation: String?) -> String { collation.map { " COLLATE \($0)" } ?? "" }
}
