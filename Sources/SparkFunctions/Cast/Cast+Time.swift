import Columnar
import SparkErrors

extension Caster {
    func toDate(_ column: Column) throws(SQLError) -> Column {
        switch from {
        case .string, .char, .varchar: return try convert(column, as: ByteSlice.self, { DateTimeText.parseDate($0) }, failure: invalid)
        case .timestamp:
            let zone = context.timeZone
            return try convert(column, as: Int64.self) { Int32(truncatingIfNeeded: zone.local(fromUTC: $0).floorDiv(Micros.perDay)) }
        case .timestampNTZ: return try convert(column, as: Int64.self) { Int32(truncatingIfNeeded: $0.floorDiv(Micros.perDay)) }
        default: throw unsupported()
        }
    }

    func toTimestamp(_ column: Column) throws(SQLError) -> Column {
        let zone = context.timeZone
        let now = context.nowMicros
        switch from {
        case .string, .char, .varchar:
            return try convert(column, as: ByteSlice.self, { DateTimeText.parseTimestamp($0, in: zone, now: now) }, failure: invalid)
        case .date: return try convert(column, as: Int32.self) { zone.utc(fromLocal: saturatedMicros(days: $0)) }
        case .timestampNTZ: return try convert(column, as: Int64.self) { zone.utc(fromLocal: $0) }
        case .boolean: return try convert(column, as: Bool.self) { $0 ? 1 as Int64 : 0 }
        case .byte: return try convert(column, as: Int8.self) { Int64($0) * Micros.perSecond }
        case .short: return try convert(column, as: Int16.self) { Int64($0) * Micros.perSecond }
        case .int: return try convert(column, as: Int32.self) { Int64($0) * Micros.perSecond }
        case .long:
            return try convert(column, as: Int64.self) { (seconds: Int64) -> Int64 in
                let (micros, overflow) = seconds.multipliedReportingOverflow(by: Micros.perSecond)
                return overflow ? (seconds < 0 ? .min : .max) : micros
            }
        case .float: return try secondsToTimestamp(column, Float.self) { Double($0) }
        case .double: return try secondsToTimestamp(column, Double.self) { $0 }
        case .decimal(let decimal):
            return try convert(column, as: Int128.self) { (digits: Int128) -> Int64 in
                // Java's BigDecimal.longValue: towards zero, cut to 64 bits.
                let divisor = Decimals.powers[min(max(decimal.scale - 6, 0), 38)]
                let factor = Decimals.powers[min(max(6 - decimal.scale, 0), 38)]
                return Int64(truncatingIfNeeded: (digits / divisor).multipliedReportingOverflow(by: factor).partialValue)
            }
        default: throw unsupported()
        }
    }

    private func secondsToTimestamp<A: Cell>(_ column: Column, _: A.Type, _ seconds: (A) -> Double) throws(SQLError) -> Column {
        guard let source = A.source(column) else { throw unsupported() }
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> Int64? in
            let value = seconds(A.read(source, row))
            guard value.isFinite else {
                if mode == .ansi { throw invalid(column.value(at: row)) }
                return nil
            }
            let micros = (value * 1e6).rounded(.towardZero)
            if let exact = Int64(exactly: micros) { return exact }
            if mode == .legacy { return micros < 0 ? .min : .max }
            if mode == .attempt { return nil }
            // Spark's message is about the step in microseconds.
            throw SQLError(
                .castOverflow,
                [
                    "value": SQLLiteral.text(.double(value * 1e6), .double, context), "sourceType": SQLQuote.type("DOUBLE"),
                    "targetType": SQLQuote.type("BIGINT"),
                ])
        }
    }

    private func saturatedMicros(days: Int32) -> Int64 {
        let (micros, overflow) = Int64(days).multipliedReportingOverflow(by: Micros.perDay)
        return overflow ? (days < 0 ? .min : .max) : micros
    }

    func toTimestampNTZ(_ column: Column) throws(SQLError) -> Column {
        switch from {
        case .string, .char, .varchar: return try convert(column, as: ByteSlice.self, { DateTimeText.parseTimestampNTZ($0) }, failure: invalid)
        case .date: return try convert(column, as: Int32.self) { saturatedMicros(days: $0) }
        case .timestamp:
            let zone = context.timeZone
            return try convert(column, as: Int64.self) { zone.local(fromUTC: $0) }
        default: throw unsupported()
        }
    }

    func toYearMonth(_ column: Column, _ range: YearMonthRange) throws(SQLError) -> Column {
        let factor: Int64 = range.end == .year ? 12 : 1
        switch from {
        case .string, .char, .varchar:
            return try text(column) { (bytes) throws(IntervalText.Failure) -> Int32 in try IntervalText.parseYearMonth(bytes, range) }
        case .yearMonthInterval:
            return range.end == .year
                ? try convert(column, as: Int32.self) { $0 - $0 % 12 } : column.with(type: to)
        case .byte: return try integers(column, Int8.self) { months(Int64($0), factor) }
        case .short: return try integers(column, Int16.self) { months(Int64($0), factor) }
        case .int: return try integers(column, Int32.self) { months(Int64($0), factor) }
        case .long: return try integers(column, Int64.self) { months($0, factor) }
        case .decimal(let decimal):
            return try integers(column, Int128.self) { (digits: Int128) -> Int32? in
                let (scaled, overflow) = digits.multipliedReportingOverflow(by: Int128(factor))
                return overflow ? nil : Decimals.rescale(scaled, from: decimal.scale, to: 0).flatMap { Int32(exactly: $0) }
            }
        default: throw unsupported()
        }
    }

    private func months(_ amount: Int64, _ factor: Int64) -> Int32? {
        let (months, overflow) = amount.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Int32(exactly: months)
    }

    private func integers<A: Cell, R: Cell>(_ column: Column, _: A.Type, _ body: (A) -> R?) throws(SQLError) -> Column {
        try convert(column, as: A.self, body, failure: overflow)
    }

    func toDayTime(_ column: Column, _ range: DayTimeRange) throws(SQLError) -> Column {
        let unit = Int64(IntervalText.unitMicros[range.end.rawValue])
        func micros(_ amount: Int64) -> Int64? {
            let (micros, overflow) = amount.multipliedReportingOverflow(by: unit)
            return overflow ? nil : micros
        }
        switch from {
        case .string, .char, .varchar:
            return try text(column) { (bytes) throws(IntervalText.Failure) -> Int64 in try IntervalText.parseDayTime(bytes, range) }
        case .dayTimeInterval:
            return range.end == .second ? column.with(type: to) : try convert(column, as: Int64.self) { $0 - $0 % unit }
        case .byte: return try integers(column, Int8.self) { micros(Int64($0)) }
        case .short: return try integers(column, Int16.self) { micros(Int64($0)) }
        case .int: return try integers(column, Int32.self) { micros(Int64($0)) }
        case .long: return try integers(column, Int64.self) { micros($0) }
        case .decimal(let decimal):
            return try integers(column, Int128.self) { (digits: Int128) -> Int64? in
                let (scaled, overflow) = digits.multipliedReportingOverflow(by: Int128(unit))
                return overflow ? nil : Decimals.rescale(scaled, from: decimal.scale, to: 0).flatMap { Int64(exactly: $0) }
            }
        default: throw unsupported()
        }
    }

    private func text<R: Cell>(
        _ column: Column, _ parse: (ByteSlice) throws(IntervalText.Failure) -> R
    ) throws(SQLError) -> Column {
        guard let source = ByteSlice.source(column) else { throw unsupported() }
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> R? in
            do throws(IntervalText.Failure) { return try parse(ByteSlice.read(source, row)) } catch {
                if mode != .ansi { return nil }
                throw intervalError(String(decoding: ByteSlice.read(source, row), as: UTF8.self), error)
            }
        }
    }

    private func intervalError(_ input: String, _ failure: IntervalText.Failure) -> SQLError {
        if failure == .outOfRange {
            let kind = if case .yearMonthInterval = to { "year-month" } else { "day-time" }
            return SQLError(.invalidIntervalFormatIntervalParsing, ["input": input, "interval": kind])
        }
        let name = to.simpleText
        switch to {
        case .yearMonthInterval(let range):
            return SQLError(
                .invalidIntervalFormatUnmatchedFormatString,
                ["input": input, "intervalStr": "year-month", "supportedFormat": IntervalText.supportedFormats(range), "typeName": name])
        case .dayTimeInterval(let range):
            return SQLError(
                .invalidIntervalFormatUnmatchedFormatStringWithNotice,
                ["input": input, "intervalStr": "day-time", "supportedFormat": IntervalText.supportedFormats(range), "typeName": name])
        default: return unsupported()
        }
    }
}
