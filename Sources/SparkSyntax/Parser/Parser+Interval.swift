import SparkErrors

/// `INTERVAL` constants.
extension Parser {
    private static let units: [Keyword: String] = [
        .nanosecond: "nanosecond", .nanoseconds: "nanosecond", .microsecond: "microsecond", .microseconds: "microsecond",
        .millisecond: "millisecond", .milliseconds: "millisecond", .second: "second", .seconds: "second", .minute: "minute",
        .minutes: "minute", .hour: "hour", .hours: "hour", .day: "day", .days: "day", .week: "week", .weeks: "week", .month: "month",
        .months: "month", .year: "year", .years: "year",
    ]
    private static let rangeUnits: [Keyword: IntervalUnit] = [
        .second: .second, .minute: .minute, .hour: .hour, .day: .day, .month: .month, .year: .year,
    ]

    /// INTERVAL here begins a constant and is not a name.
    func startsInterval() -> Bool {
        func isValue(_ offset: Int) -> Bool { isString(offset) || at(.integer, offset) || at(.decimal, offset) }
        if isValue(1) { return true }
        return (at(.minus, 1) || at(.plus, 1)) && isValue(2) && token(3).keyword.map { Self.units[$0] != nil } ?? false
    }

    mutating func parseInterval() throws(SQLError) -> Expression {
        let start = current.start
        advance()
        let next = token(1).keyword
        if isString(), next.map({ Self.units[$0] == nil }) ?? true {
            let value = try parseStringToken()
            let whole = span(from: start)
            return Expression(.literal(.interval(try interval(text: value, whole))), span: whole)
        }
        let literal = try parseIntervalBody(start)
        return Expression(.literal(.interval(literal)), span: span(from: start))
    }

    /// What follows INTERVAL: pairs of value and unit, or `'…' from TO to`.
    mutating func parseIntervalBody(_ start: Int) throws(SQLError) -> IntervalLiteral {
        var texts: [String] = []
        let bodyStart = current.start
        repeat {
            let valueStart = current.start
            var isNegative = false
            if at(.minus) || at(.plus) {
                isNegative = at(.minus)
                advance()
            }
            let token = current
            let isText = isString()
            let value = isText ? try parseStringToken() : text(token)
            if !isText {
                guard token.kind == .integer || token.kind == .decimal else { throw syntaxError() }
                advance()
            }
            guard let keyword = current.keyword, let unit = Self.units[keyword] else { throw syntaxError() }
            if at(.to, 1), let from = Self.rangeUnits[keyword] {
                advance()
                advance()
                guard let end = current.keyword.flatMap({ Self.rangeUnits[$0] }) else { throw syntaxError() }
                advance()
                let isAlone = texts.isEmpty
                if isIntervalValueHere() {
                    while isIntervalValueHere() { skipIntervalPair() }
                    throw refusal(.legacy0024, at: span(from: start))
                }
                guard isAlone else { throw refusal(.legacy0024, at: span(from: start)) }
                guard isText else { throw refusal(.legacy0027, at: span(from: valueStart)) }
                return try range(value, isNegative, from, end, span(from: valueStart))
            }
            if isText, value.contains(where: \.isLetter) {
                throw refusal(.legacy0026, ["value": value], at: span(from: bodyStart))
            }
            advance()
            let trimmed = value.trimmingBlanks()
            if isNegative {
                texts.append(trimmed.hasPrefix("-") ? "\(trimmed.dropFirst()) \(unit)" : "-\(trimmed.drop { $0 == "+" }) \(unit)")
            } else {
                texts.append("\(trimmed) \(unit)")
            }
        } while isIntervalValueHere()
        let body = SourceSpan(start: bodyStart, end: previousEnd)
        let parsed = try intervalText(texts.joined(separator: " "), shown: " " + text(body))
        return try literal(parsed, span(from: start))
    }

    private func isIntervalValueHere() -> Bool {
        let offset = at(.minus) || at(.plus) ? 1 : 0
        guard isString(offset) || at(.integer, offset) || at(.decimal, offset), let unit = token(offset + 1).keyword else { return false }
        return Self.units[unit] != nil
    }

    private mutating func skipIntervalPair() {
        if at(.minus) || at(.plus) { advance() }
        advance()
        advance()
        if at(.to) {
            advance()
            advance()
        }
    }

    /// The value of `INTERVAL 'text'` without units behind the string.
    func interval(text value: String, _ span: SourceSpan) throws(SQLError) -> IntervalLiteral {
        let parsed: IntervalText
        do throws(IntervalText.Problem) {
            parsed = try IntervalText(value)
        } catch {
            throw invalidTypedLiteral("INTERVAL", value, span)
        }
        return try literal(parsed, span)
    }

    private func intervalText(_ value: String, shown: String) throws(SQLError) -> IntervalText {
        do throws(IntervalText.Problem) {
            return try IntervalText(value)
        } catch {
            throw problem(error, input: shown)
        }
    }

    /// The fields of the type are those between the longest and the shortest unit named.
    private func literal(_ parsed: IntervalText, _ span: SourceSpan) throws(SQLError) -> IntervalLiteral {
        var fields: [IntervalUnit] = []
        for unit in parsed.units {
            switch unit {
            case "year": fields.append(.year)
            case "month": fields.append(.month)
            case "week", "day": fields.append(.day)
            case "hour": fields.append(.hour)
            case "minute": fields.append(.minute)
            default: fields.append(.second)
            }
        }
        guard let first = fields.min(), let last = fields.max() else { throw syntaxError() }
        if last <= .month { return .yearMonth(months: parsed.months, from: first, to: last) }
        guard first >= .day else { throw refusal(.legacy0029, ["literal": text(span)], at: span) }
        return .dayTime(microseconds: parsed.microseconds, from: first, to: last)
    }

    // MARK: From-to

    private func range(
        _ value: String, _ isNegative: Bool, _ from: IntervalUnit, _ to: IntervalUnit, _ span: SourceSpan
    ) throws(SQLError) -> IntervalLiteral {
        guard from < to, (from <= .month) == (to <= .month) else {
            throw refusal(
                .invalidIntervalFormatUnsupportedFromToExpression,
                ["input": value, "from": from.name.lowercased(), "to": to.name.lowercased()], at: span)
        }
        let signed = isNegative ? "-" + value.trimmingBlanks() : value
        do throws(IntervalRange.Problem) {
            if from == .year { return .yearMonth(months: try IntervalRange.months(signed), from: from, to: to) }
            return .dayTime(microseconds: try IntervalRange.microseconds(signed, from: from, to: to), from: from, to: to)
        } catch {
            let family = from == .year ? "year-month" : "day-time"
            switch error {
            case .field(let name, let number, let limit):
                throw refusal(.legacy0063, ["msg": "requirement failed: \(name) \(number) outside range [0, \(limit)]"], at: span)
            case .overflow: throw refusal(.invalidIntervalFormatIntervalParsing, ["input": value, "interval": family], at: span)
            case .format:
                throw refusal(
                    from == .year ? .invalidIntervalFormatUnmatchedFormatString : .invalidIntervalFormatUnmatchedFormatStringWithNotice,
                    [
                        "input": value, "intervalStr": family, "supportedFormat": Self.supportedFormat(from, to),
                        "typeName": "interval \(from.name.lowercased()) to \(to.name.lowercased())",
                    ], at: span)
            }
        }
    }

    private static func supportedFormat(_ from: IntervalUnit, _ to: IntervalUnit) -> String {
        if from == .year { return "`[+|-]y-m`, `INTERVAL [+|-]'[+|-]y-m' YEAR TO MONTH`" }
        let letters = ["d", "h", "m", "s.n"]
        var pattern = ""
        for unit in from.rawValue...to.rawValue {
            let letter = letters[max(0, min(3, unit - IntervalUnit.day.rawValue))]
            if !pattern.isEmpty { pattern += unit == IntervalUnit.hour.rawValue ? " " : ":" }
            pattern += letter
        }
        return "`[+|-]\(pattern)`, `INTERVAL [+|-]'[+|-]\(pattern)' \(from.name) TO \(to.name)`"
    }

    // MARK: Errors

    /// Spark raises these from below its parser, without a place.
    private func problem(_ problem: IntervalText.Problem, input: String) -> SQLError {
        func error(_ condition: ErrorCondition, _ extra: [String: String]) -> SQLError {
            SQLError(condition, ["input": input].merging(extra) { $1 }, phase: .execution)
        }
        switch problem {
        case .empty: return error(.invalidIntervalFormatInputIsEmpty, [:])
        case .invalidPrefix(let prefix): return error(.invalidIntervalFormatInvalidPrefix, ["prefix": prefix])
        case .unrecognizedNumber(let number): return error(.invalidIntervalFormatUnrecognizedNumber, ["number": number])
        case .invalidFraction(let unit): return error(.invalidIntervalFormatInvalidFraction, ["unit": unit])
        case .invalidPrecision(let value): return error(.invalidIntervalFormatInvalidPrecision, ["value": value])
        case .missingNumber(let word): return error(.invalidIntervalFormatMissingNumber, ["word": word])
        case .missingUnit(let word): return error(.invalidIntervalFormatMissingUnit, ["word": word])
        case .invalidUnit(let unit): return error(.invalidIntervalFormatInvalidUnit, ["unit": unit.hasSuffix("s") ? unit : unit + "s"])
        case .invalidValue(let value): return error(.invalidIntervalFormatInvalidValue, ["value": value])
        case .overflow: return error(.invalidIntervalFormatArithmeticException, [:])
        }
    }
}
