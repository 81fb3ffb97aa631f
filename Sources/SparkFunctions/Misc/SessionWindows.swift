import Columnar
import SparkErrors

extension ScalarFunction {
    /// A window that an event opens and later ones prolong. By itself: that of one event.
    static let sessionWindow = ScalarFunction(
        "session_window", group: .datetime, since: "3.2.0",
        usage: "session_window(time, gap) - In GROUP BY: the events of a group that follow each other within a gap, such as '5 minutes'.",
        examples: [
            Example(
                "session_window(TIMESTAMP'2021-01-01 00:04:30', '5 minutes')",
                "{\"start\":\"2021-01-01T00:04:30.000Z\",\"end\":\"2021-01-01T00:09:30.000Z\"}")
        ],
        syntax: .custom { _, _ in "session_window" }
    ) { (call, context) throws(SQLError) in
        let instant = try sessionInstant(call)
        let type = DataType.structure([Field("start", instant), Field("end", instant)])
        return BoundScalar([instant, .text], returns: type, nullable: true) { (arguments, rowCount, context) throws(SQLError) in
            let ends = try sessionEnds(arguments, instant, context)
            return Column(type, .structure(StructArray(children: [arguments[0], ends], validity: ends.validity, count: rowCount)))
        }
    }

    /// Where the window of one event ends; NULL without a time, and where the gap is none or not positive. Not to be called by name.
    package static let sessionEnd = ScalarFunction(
        "session_window", group: .datetime, since: "3.2.0", usage: "session_window(time, gap) - The end of an event's window.",
        syntax: .custom { _, _ in "session_window" }
    ) { (call, context) throws(SQLError) in
        let instant = try sessionInstant(call)
        return BoundScalar([instant, .text], returns: instant, nullable: true) { (arguments, _, context) throws(SQLError) in
            try sessionEnds(arguments, instant, context)
        }
    }

    private static func sessionInstant(_ call: Call) throws(SQLError) -> DataType {
        try call.checkCount(2...2)
        let given = call.arguments[0].type
        guard let instant = given.isString ? .timestamp : Coercion.implicitCast(given, to: .anyTimestamp) else {
            throw call.unexpectedType(0, "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\")")
        }
        let gap = call.arguments[1].type
        guard gap.isString else { throw SQLError(.legacySessionGap, ["dt": gap.sqlText], phase: .analysis) }
        return instant
    }

    private static func sessionEnds(_ arguments: [Column], _ instant: DataType, _ context: EvaluationContext) throws(SQLError) -> Column {
        let zone = instant == .timestamp ? context.timeZone : .utc
        var last: (text: String, gap: CalendarInterval?) = ("", nil)
        return try Rows.map(arguments[0], arguments[1], to: instant) { (start: Int64, text: String) throws(SQLError) -> Int64? in
            if text != last.text { last = (text, CalendarInterval.parse(text)) }
            guard let end = last.gap?.added(to: start, zone), end > start else { return nil }
            return end
        }
    }
}
