import Columnar
import SparkErrors

/// Arithmetic of dates, timestamps and intervals.
enum TemporalArithmetic {
    /// nil if neither operand is one of these.
    static func bind(
        _ operation: ArithmeticOperation, _ call: Call, _ context: EvaluationContext, attempt: Bool
    ) throws(SQLError) -> BoundScalar? {
        let (left, right) = (call.arguments[0].type, call.arguments[1].type)
        guard isTemporal(left) || isTemporal(right) else { return nil }
        switch operation {
        case .add:
            // An interval or a number first: the same with the sides changed.
            let isSwapped =
                isPoint(right) && !isPoint(left)
                || isDayTime(left) && !isPoint(right) && !isDayTime(right) && right != .void
            guard isSwapped else { return try addition(call, attempt: attempt) }
            let swapped = Call(name: call.name, sql: call.sql, arguments: [call.arguments[1], call.arguments[0]])
            return try addition(swapped, attempt: attempt).reversed()
        case .subtract: return try subtraction(call, attempt: attempt)
        case .multiply:
            if isInterval(left), acceptsFactor(right) { return scaling(call, interval: 0, attempt: attempt, divides: false) }
            if isInterval(right), acceptsFactor(left) { return scaling(call, interval: 1, attempt: attempt, divides: false) }
            if isInterval(left) { throw call.unexpectedType(1, "\"NUMERIC\"") }
            if isInterval(right) { throw call.swapped("*").unexpectedType(1, "\"NUMERIC\"") }
            throw incompatible(call, "\"NUMERIC\"")
        case .divide:
            if isInterval(left), acceptsFactor(right) { return scaling(call, interval: 0, attempt: attempt, divides: true) }
            if isInterval(left) { throw call.unexpectedType(1, "\"NUMERIC\"") }
            throw incompatible(call, "(\"DOUBLE\" or \"DECIMAL\")")
        case .integralDivide:
            if let bound = intervalRatio(call) { return bound }
            throw call.differentTypes(left.isInteger ? .long : left, right.isInteger ? .long : right)
        case .remainder: throw incompatible(call, "\"NUMERIC\"")
        }
    }

    /// Operands of one type have the wrong one, others do not go together.
    private static func incompatible(_ call: Call, _ wanted: String) -> SQLError {
        let (left, right) = (call.types[0], call.types[1])
        if left == right || right == .void { return call.wrongType(wanted, left) }
        // A string takes the other's type.
        if left.isString != right.isString, let both = Coercion.widerForString(left, right) { return call.wrongType(wanted, both) }
        return left == .void ? call.wrongType(wanted, right) : call.differentTypes(left, right)
    }

    private static func isDayTime(_ type: DataType) -> Bool { if case .dayTimeInterval = type { true } else { false } }

    static func isInterval(_ type: DataType) -> Bool {
        switch type {
        case .yearMonthInterval, .dayTimeInterval: true
        default: false
        }
    }

    /// A date or timestamp.
    static func isPoint(_ type: DataType) -> Bool {
        switch type {
        case .date, .timestamp, .timestampNTZ: true
        default: false
        }
    }

    private static func isTemporal(_ type: DataType) -> Bool { isInterval(type) || isPoint(type) }

    private static func acceptsFactor(_ type: DataType) -> Bool { type.isNumeric || type.isString || type == .void }

    // MARK: Sums and differences

    /// `point + interval`, `date + days`, `interval + interval`.
    private static func addition(_ call: Call, attempt: Bool) throws(SQLError) -> BoundScalar {
        let (left, right) = (call.arguments[0], call.arguments[1])
        switch (left.type, right.type) {
        case (_, _) where isPoint(left.type) && isInterval(right.type): return shift(call, sign: 1, attempt: attempt)
        case (.date, .byte), (.date, .short), (.date, .int): return days(call, sign: 1)
        case (.date, .void): return nulls(call, .timestamp)
        case (.date, _): throw dateAddMismatch(call, "date_add", right.type.isString ? .date : right.type)
        case (_, .date): throw dateAddMismatch(call.swapped("+"), "date_add", left.type)
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval):
            return try intervals(call, sign: 1, attempt: attempt)
        case (_, .void) where isTemporal(left.type): return nulls(call, left.type)
        case (.void, _) where isTemporal(right.type): return nulls(call, right.type)
        case (_, .dayTimeInterval) where left.type.isString: return textShift(call, sign: 1, attempt: attempt)
        case (_, .dayTimeInterval): throw notAPoint(call, "+")
        case (_, .yearMonthInterval) where left.type.isString, (.yearMonthInterval, _) where right.type.isString:
            throw call.differentTypes(left.type, right.type)
        default: throw incompatible(call, Arithmetic.additive)
        }
    }

    private static func subtraction(_ call: Call, attempt: Bool) throws(SQLError) -> BoundScalar {
        let (left, right) = (call.arguments[0], call.arguments[1])
        switch (left.type, right.type) {
        case (_, _) where isPoint(left.type) && isInterval(right.type):
            return shift(call, sign: -1, attempt: attempt)
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval):
            return try intervals(call, sign: -1, attempt: attempt)
        case (.date, .byte), (.date, .short), (.date, .int): return days(call, sign: -1)
        case (_, .timestamp), (_, .timestampNTZ), (.timestamp, _), (.timestampNTZ, _):
            for (index, type) in call.types.enumerated() where !(isPoint(type) || type.isString || type == .void) {
                throw call.unexpectedType(index, points)
            }
            return timestampDifference(call, attempt: attempt)
        case (_, .void) where isInterval(left.type): return nulls(call, left.type)
        case (.void, _) where isInterval(right.type): return nulls(call, right.type)
        case (.date, .date), (.date, .void), (.void, .date): return dateDifference(call)
        case (.date, _) where right.type.isString: return dateDifference(call)
        case (_, .date):
            guard left.type.isString else { throw call.unexpectedType(0, "\"DATE\"") }
            return dateDifference(call)
        case (.date, _): throw dateAddMismatch(call, "date_sub", right.type)
        case (_, .dayTimeInterval) where left.type.isString: return textShift(call, sign: -1, attempt: attempt)
        case (_, .dayTimeInterval): throw notAPoint(call, "-")
        default: throw incompatible(call, Arithmetic.additive)
        }
    }

    private static let points = "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\""

    /// What an interval of days and less is put to must be a timestamp.
    private static func notAPoint(_ call: Call, _ symbol: String) -> SQLError {
        let sql = call.arguments.map(\.sql).joined(separator: " \(symbol) ")
        return Call(name: call.name, sql: sql, arguments: call.arguments).unexpectedType(0, points)
    }

    private static func dateAddMismatch(_ call: Call, _ name: String, _ actual: DataType) -> SQLError {
        let sql = "\(name)(\(call.arguments.map(\.sql).joined(separator: ", ")))"
        return SQLError(
            .datatypeMismatchUnexpectedInputType,
            [
                "sqlExpr": SQLQuote.expr(sql), "paramIndex": "second", "requiredType": "(\"INT\" or \"SMALLINT\" or \"TINYINT\")",
                "inputSql": SQLQuote.expr(call.arguments[1].sql), "inputType": SQLQuote.type(actual.sqlText),
            ], phase: .analysis)
    }

    private static func nulls(_ call: Call, _ type: DataType) -> BoundScalar {
        BoundScalar(call.types, returns: type, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(type, count: rowCount) }
    }

    private static func days(_ call: Call, sign: Int32) -> BoundScalar {
        let sql = "\(sign > 0 ? "date_add" : "date_sub")(\(call.arguments[0].sql), \(call.arguments[1].sql))"
        return BoundScalar([.date, .int], returns: .date, nullable: call.anyNullable, sql: sql) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: .date) { (day: Int32, count: Int32) throws(SQLError) -> Int32? in day &+ sign &* count }
        }
    }

    /// A point moved by an interval, forth or back. Months keep the day where they can; days and more are of the wall clock, hours of time.
    private static func shift(_ call: Call, sign: Int64, attempt: Bool) -> BoundScalar {
        let (left, right) = (call.arguments[0], call.arguments[1])
        let infix = "\(left.sql) \(sign > 0 ? "+" : "-") \(right.sql)"
        let strict = !attempt
        switch (left.type, right.type) {
        case (.date, .yearMonthInterval):
            return BoundScalar([.date, right.type], returns: .date, nullable: call.anyNullable || attempt, sql: infix) {
                (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: .date) { (day: Int32, months: Int32) throws(SQLError) -> Int32? in
                    let result = CivilDate(days: Int(day)).adding(months: Int(sign) * Int(months)).days
                    return try Int32(exactly: result).orOverflow("integer overflow", strict)
                }
            }
        case (.date, .dayTimeInterval(let range)) where range == DayTimeRange(.day, .day):
            let name = sign > 0 ? "date_add" : "date_sub"
            let sql = "\(name)(\(left.sql), extractansiintervaldays(\(right.sql)))"
            return BoundScalar([.date, right.type], returns: .date, nullable: call.anyNullable, sql: sql) { (arguments, _, _) throws(SQLError) in
                try Rows.map(arguments[0], arguments[1], to: .date) { (day: Int32, micros: Int64) throws(SQLError) -> Int32? in
                    Int32(truncatingIfNeeded: Int64(day) + sign * (micros / Micros.perDay))
                }
            }
        case (_, .yearMonthInterval):
            let type = left.type
            return BoundScalar([type, right.type], returns: type, nullable: call.anyNullable || attempt, sql: infix) {
                (arguments, _, context) throws(SQLError) in
                let zone = type == .timestamp ? context.timeZone : .utc
                return try Rows.map(arguments[0], arguments[1], to: type) { (micros: Int64, months: Int32) throws(SQLError) -> Int64? in
                    try TimestampMath.adding(months: Int(sign) * Int(months), to: micros, zone).orOverflow("long overflow", strict)
                }
            }
        default:
            let type: DataType = left.type == .date ? .timestamp : left.type
            return BoundScalar([type, right.type], returns: type, nullable: call.anyNullable || attempt, sql: infix) {
                (arguments, _, context) throws(SQLError) in
                let zone = type == .timestamp ? context.timeZone : .utc
                return try Rows.map(arguments[0], arguments[1], to: type) { (micros: Int64, interval: Int64) throws(SQLError) -> Int64? in
                    let (amount, overflow) = interval.multipliedReportingOverflow(by: sign)
                    return try (overflow ? nil : TimestampMath.adding(micros: amount, to: micros, zone)).orOverflow("long overflow", strict)
                }
            }
        }
    }

    /// `'2024-01-01' + INTERVAL '1' DAY`: the text is read as a timestamp and the result written as text.
    private static func textShift(_ call: Call, sign: Int64, attempt: Bool) -> BoundScalar {
        let (left, right) = (call.arguments[0], call.arguments[1])
        let inner = shift(
            Call(name: call.name, sql: call.sql, arguments: [ArgumentInfo(.timestamp, nullable: left.nullable, sql: left.sql), right]), sign: sign,
            attempt: attempt)
        return BoundScalar([.timestamp, right.type], returns: .text, nullable: inner.nullable, sql: inner.sql) {
            (arguments, rowCount, context) throws(SQLError) in
            try Cast.cast(try inner.evaluate(arguments, rowCount: rowCount, context), to: .text, context)
        }
    }

    private static func dateDifference(_ call: Call) -> BoundScalar {
        let type = DataType.dayTimeInterval(.init(.day, .day))
        return BoundScalar([.date, .date], returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: type) { (a: Int32, b: Int32) throws(SQLError) -> Int64? in
                let (micros, overflow) = (Int64(a) - Int64(b)).multipliedReportingOverflow(by: Micros.perDay)
                return try (overflow ? nil : micros).orOverflow("long overflow", true)
            }
        }
    }

    private static func timestampDifference(_ call: Call, attempt: Bool) -> BoundScalar {
        let types = call.types
        let ntz = types.contains(.timestampNTZ) && !types.contains(.timestamp)
        let point: DataType = ntz ? .timestampNTZ : .timestamp
        let type = DataType.dayTimeInterval(.init(.day, .second))
        return BoundScalar([point, point], returns: type, nullable: call.anyNullable || attempt) { (arguments, _, context) throws(SQLError) in
            let zone = ntz ? .utc : context.timeZone
            return try Rows.map(arguments[0], arguments[1], to: type) { (a: Int64, b: Int64) throws(SQLError) -> Int64? in
                // Between the wall clocks' readings, so that a day is 24 hours.
                let (micros, overflow) = zone.local(fromUTC: a).subtractingReportingOverflow(zone.local(fromUTC: b))
                return try (overflow ? nil : micros).orOverflow("long overflow", !attempt)
            }
        }
    }

    private static func intervals(_ call: Call, sign: Int64, attempt: Bool) throws(SQLError) -> BoundScalar {
        let (left, right) = (call.arguments[0].type, call.arguments[1].type)
        guard let type = Coercion.tightestCommonType(left, right) else { throw call.differentTypes(left, right) }
        let hint = sign > 0 ? "try_add" : "try_subtract"
        return BoundScalar([type, type], returns: type, nullable: call.anyNullable || attempt, constants: .passed) {
            (arguments, _, _) throws(SQLError) in
            do throws(KernelError) {
                return try Kernel.arithmetic(
                    sign > 0 ? .add : .subtract, arguments[0], arguments[1], type: type, onFault: attempt ? .null : .raise)
            } catch {
                throw .intervalOverflow(hint: hint)
            }
        }
    }

    // MARK: Products

    private static func scaling(_ call: Call, interval: Int, attempt: Bool, divides: Bool) -> BoundScalar {
        let source = call.arguments[interval].type
        let given = call.arguments[1 - interval].type
        let factor: DataType =
            switch given {
            case .decimal: given
            case .byte, .short, .int, .long: .decimal(.holding(given) ?? DecimalType(20, 0))
            default: .double
            }
        let isMonths = if case .yearMonthInterval = source { true } else { false }
        let type: DataType = isMonths ? .yearMonthInterval(.init(.year, .month)) : .dayTimeInterval(.init(.day, .second))
        let sql = interval == 1 ? "(\(call.arguments[1].sql) * \(call.arguments[0].sql))" : nil
        return BoundScalar(
            interval == 0 ? [source, factor] : [factor, source], returns: type, nullable: call.anyNullable || attempt, sql: sql
        ) { (arguments, _, _) throws(SQLError) in
            let amounts = arguments[interval]
            let factors = arguments[1 - interval]
            let limit: ClosedRange<Int64> = isMonths ? Int64(Int32.min)...Int64(Int32.max) : Int64.min...Int64.max
            let scale = if case .decimal(let decimal) = factor { decimal.scale } else { 0 }
            let wide = try Rows.make(.long, amounts.count, validity: Kernel.combinedValidity(amounts.validity, factors.validity)) {
                (row) throws(SQLError) -> Int64? in
                guard case .integer(let amount) = amounts.value(at: row) else { return nil }
                let result: Int64?
                switch factors.value(at: row) {
                case .decimal(let digits):
                    if divides, digits == 0 { return try .none.orDividedByZero(attempt) }
                    result = IntervalMath.scale(amount, digits, scale, divides: divides)
                case .double(let number):
                    if divides, number == 0 { return try .none.orDividedByZero(attempt) }
                    let value = divides ? Double(amount) / number : Double(amount) * number
                    result = Int64(exactly: value.rounded(.toNearestOrAwayFromZero))
                default: return nil
                }
                if let result, limit.contains(result) { return result }
                if attempt { return nil }
                throw .intervalOverflow(hint: divides ? "try_divide" : "try_multiply")
            }
            guard isMonths else { return wide.with(type: type) }
            return try Rows.map(wide, to: type) { (months: Int64) throws(SQLError) -> Int32? in Int32(truncatingIfNeeded: months) }
        }
    }

    /// `interval div interval`, both of one family: how many times.
    private static func intervalRatio(_ call: Call) -> BoundScalar? {
        switch (call.arguments[0].type, call.arguments[1].type) {
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval): break
        default: return nil
        }
        let types = call.types
        return BoundScalar(types, returns: .long, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            return try Rows.make(.long, arguments[0].count, validity: validity) { (row) throws(SQLError) -> Int64? in
                guard case .integer(let a) = arguments[0].value(at: row), case .integer(let b) = arguments[1].value(at: row) else { return nil }
                if b == 0 { throw .divideByZero }
                let (quotient, overflow) = a.dividedReportingOverflow(by: b)
                if overflow { throw .arithmeticOverflow("Overflow in integral divide", hint: "try_divide") }
                return quotient
            }
        }
    }
}

extension Optional where Wrapped: FixedWidthInteger {
    fileprivate func orOverflow(_ message: String, _ strict: Bool) throws(SQLError) -> Wrapped? {
        if let self { return self }
        if strict { throw SQLError(.datetimeOverflow, ["operation": message]) }
        return nil
    }

    fileprivate func orDividedByZero(_ attempt: Bool) throws(SQLError) -> Wrapped? {
        if attempt { return nil }
        throw SQLError(.intervalDividedByZero)
    }
}

extension SQLError {
    static func intervalOverflow(hint: String) -> SQLError {
        SQLError(.intervalArithmeticOverflowWithSuggestion, ["functionName": SQLQuote.id(hint)])
    }
}

enum IntervalMath {
    /// amount × digits/10^scale, or its inverse, rounded half up; nil beyond Int64.
    static func scale(_ amount: Int64, _ digits: Int128, _ scale: Int, divides: Bool) -> Int64? {
        let whole = DecimalType(38, 0)
        let result =
            divides
            ? DecimalMath.divide(Int128(amount), 0, digits, scale, to: whole)
            : DecimalMath.multiply(Int128(amount), 0, digits, scale, to: whole)
        return result.flatMap { Int64(exactly: $0) }
    }
}

extension Call {
    /// `b op a` for `a op b`.
    fileprivate func swapped(_ symbol: String) -> Call {
        let turned = [arguments[1], arguments[0]]
        return Call(name: name, sql: "(\(turned.map(\.sql).joined(separator: " \(symbol) ")))", arguments: turned)
    }
}
