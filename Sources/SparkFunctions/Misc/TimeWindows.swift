import Columnar
import SparkErrors

/// Windows of one length over a time line, from one to the next by a slide.
package struct TimeWindow: Sendable {
    package let length: Int64
    package let slide: Int64
    let start: Int64

    package var isTumbling: Bool { length == slide }

    /// How many windows an instant lies in.
    package var count: Int { Int(clamping: (length - 1) / slide + 1) }

    /// The start of the latest window that an instant lies in, if it is `index` 0; of earlier ones behind it. nil: it is beyond time, or does not lie in that one.
    package func start(of instant: Int64, index: Int = 0) -> Int64? {
        let (distance, overflow) = instant.subtractingReportingOverflow(start)
        guard !overflow else { return nil }
        let rest = distance % slide
        let (latest, underflow) = instant.subtractingReportingOverflow(rest < 0 ? rest + slide : rest)
        let (back, far) = slide.multipliedReportingOverflow(by: Int64(index))
        let (begin, below) = latest.subtractingReportingOverflow(back)
        let (age, tooOld) = instant.subtractingReportingOverflow(begin)
        guard !underflow, !far, !below, !tooOld, age < length else { return nil }
        return begin
    }

    /// `INTERVAL 5 minutes`, `1 hour 30 minutes`: microseconds; nil if it is none, or has months.
    static func micros(_ text: String) -> Int64? {
        let units: [String: Int64] = [
            "microsecond": 1, "millisecond": 1000, "second": Micros.perSecond, "minute": 60 * Micros.perSecond, "hour": 3600 * Micros.perSecond,
            "day": Micros.perDay, "week": 7 * Micros.perDay,
        ]
        var words = text.lowercased().split(whereSeparator: { $0 == " " })[...]
        if words.first == "interval" { words = words.dropFirst() }
        guard !words.isEmpty, words.count % 2 == 0 else { return nil }
        var total: Int64 = 0
        while let number = words.popFirst(), let unit = words.popFirst() {
            guard let count = Int64(number), let size = units[String(unit)] ?? units[String(unit.dropLast())] else { return nil }
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            let (sum, beyond) = total.addingReportingOverflow(product)
            guard !overflow, !beyond else { return nil }
            total = sum
        }
        return total
    }

    fileprivate init(_ call: Call, _ context: EvaluationContext) throws(SQLError) {
        func duration(_ index: Int, _ name: String) throws(SQLError) -> Int64? {
            guard index < call.count else { return nil }
            switch (call.arguments[index].type, call.arguments[index].constant) {
            case (.dayTimeInterval, .integer(let micros)): return micros
            case (.string, .string(let text)):
                guard let micros = Self.micros(text) else {
                    throw SQLError(.cannotParseInterval, ["intervalString": "'\(text)'"], phase: .analysis)
                }
                return micros
            default: throw call.unexpectedType(index, "\"STRING\"")
            }
        }
        let length = try duration(1, "windowDuration") ?? 0
        let slide = try duration(2, "slideDuration") ?? length
        let start = try duration(3, "startTime") ?? 0
        func outOfOrder(_ left: String, _ right: String) -> SQLError {
            call.mismatch(
                .datatypeMismatchParameterConstraintViolation,
                [
                    "leftExprName": left, "leftExprValue": left.contains("slide") ? "\(slide)L" : "\(length)L", "constraint": "<=",
                    "rightExprName": right, "rightExprValue": "\(length)L",
                ])
        }
        func positive(_ name: String, _ value: Int64) throws(SQLError) {
            guard value > 0 else {
                throw call.mismatch(
                    .datatypeMismatchValueOutOfRange,
                    ["exprName": SQLQuote.id(name), "valueRange": "(0, 9223372036854775807]", "currentValue": "\(value)L"])
            }
        }
        try positive("window_duration", length)
        try positive("slide_duration", slide)
        guard slide <= length else { throw outOfOrder("`slide_duration`", "`window_duration`") }
        self.length = length
        self.slide = slide
        self.start = start
    }
}

extension ScalarFunction {
    private static func windowType(_ instant: DataType) -> DataType { .structure([Field("start", instant), Field("end", instant)]) }

    static let window = ScalarFunction(
        "window", group: .datetime, since: "2.0.0",
        usage: "window(time, length[, slide[, start]]) - The window of a length, such as '5 minutes', in which an instant lies.",
        examples: [
            Example(
                "window(TIMESTAMP'2021-01-01 00:04:30', '5 minutes')",
                "{\"start\":\"2021-01-01T00:00:00.000Z\",\"end\":\"2021-01-01T00:05:00.000Z\"}")
        ],
        syntax: .custom { _, _ in "window" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...4)
        let given = call.arguments[0].type
        guard let instant = given.isString ? .timestamp : Coercion.implicitCast(given, to: .anyTimestamp) else {
            throw call.unexpectedType(0, "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\")")
        }
        let window = try TimeWindow(call, context)
        guard window.isTumbling else {
            throw SQLError(.unsupportedFeatureNotSimulated, ["feature": "window() with a slide outside of GROUP BY"], phase: .analysis)
        }
        let type = windowType(instant)
        return BoundScalar([instant] + call.types.dropFirst(), returns: type, nullable: call.arguments[0].nullable) {
            (arguments, rowCount, _) throws(SQLError) in
            let starts = try Rows.map(arguments[0], to: instant) { (micros: Int64) throws(SQLError) -> Int64? in window.start(of: micros) }
            let ends = try Rows.map(starts, to: instant) { (micros: Int64) throws(SQLError) -> Int64? in
                let (end, overflow) = micros.addingReportingOverflow(window.length)
                return overflow ? nil : end
            }
            return Column(type, .structure(StructArray(children: [starts, ends], validity: starts.validity, count: rowCount)))
        }
    }

    /// All windows that an instant lies in, the latest first: what `window` in GROUP BY stands for. Not to be called by name.
    package static let timeWindows = ScalarFunction(
        "window", group: .datetime, since: "2.0.0", usage: "window(time, length[, slide[, start]]) - The windows in which an instant lies.",
        syntax: .custom { _, _ in "window" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...4)
        let given = call.arguments[0].type
        guard let instant = given.isString ? .timestamp : Coercion.implicitCast(given, to: .anyTimestamp) else {
            throw call.unexpectedType(0, "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\")")
        }
        let window = try TimeWindow(call, context)
        guard window.count <= 1 << 16 else { throw SQLError.tooLong(1 << 16) }
        let type = windowType(instant)
        let result = DataType.array(element: type, containsNull: false)
        return BoundScalar([instant] + call.types.dropFirst(), returns: result, nullable: call.arguments[0].nullable) {
            (arguments, rowCount, _) throws(SQLError) in
            guard let instants = Int64.source(arguments[0]) else { return .nulls(result, count: rowCount) }
            var offsets: [Int32] = [0]
            var starts: [Int64] = []
            var ends: [Int64] = []
            for row in 0..<rowCount {
                if !arguments[0].isNull(row) {
                    for index in 0..<window.count {
                        guard let start = window.start(of: instants[row], index: index) else { continue }
                        let (end, overflow) = start.addingReportingOverflow(window.length)
                        if overflow { continue }
                        starts.append(start)
                        ends.append(end)
                    }
                }
                guard starts.count <= Limits.arrayElements * 8 else { throw SQLError.tooLong(Limits.arrayElements * 8) }
                offsets.append(Int32(truncatingIfNeeded: starts.count))
            }
            let children = [Column(instant, .int64(PrimitiveArray(starts))), Column(instant, .int64(PrimitiveArray(ends)))]
            let structs = Column(type, .structure(StructArray(children: children, count: starts.count)))
            return Column(result, .list(ListArray(offsets: offsets, child: structs)))
        }
    }

    static let windowTime = ScalarFunction(
        "window_time", group: .datetime, since: "3.4.0", usage: "window_time(window) - The last instant of a window.",
        examples: [Example("window_time(window(TIMESTAMP'2021-01-01 00:04:30', '5 minutes'))", "2021-01-01T00:04:59.999999Z")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        guard case .structure(let fields) = call.arguments[0].type, fields.count == 2, fields[0].name == "start", fields[1].name == "end",
            fields[1].type == .timestamp || fields[1].type == .timestampNTZ
        else { throw call.unexpectedType(0, "\"STRUCT<start: TIMESTAMP, end: TIMESTAMP>\"") }
        let type = fields[1].type
        return BoundScalar(call.types, returns: type, nullable: call.arguments[0].nullable) { (arguments, rowCount, _) throws(SQLError) in
            guard case .structure(let array) = arguments[0].values else { return .nulls(type, count: rowCount) }
            let ends = array.validity.map { array.children[1].nullWhereNot($0) } ?? array.children[1]
            return try Rows.map(ends, to: type) { (micros: Int64) throws(SQLError) -> Int64? in micros &- 1 }
        }
    }
}

let timeWindowFunctions: [ScalarFunction] = [.window, .windowTime, .sessionWindow]
