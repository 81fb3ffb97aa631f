import Columnar
import SparkErrors

extension ScalarFunction {
    static let sequence = ScalarFunction(
        "sequence", group: .array, since: "2.4.0",
        usage:
            "sequence(start, stop[, step]) - An array from start to stop, both included; of dates and timestamps by an interval, of a day if not said.",
        examples: [
            Example("sequence(1, 5)", "[1,2,3,4,5]"), Example("sequence(5, 1)", "[5,4,3,2,1]"), Example("sequence(1, 10, 3)", "[1,4,7,10]"),
            Example(
                "sequence(DATE'2018-01-31', DATE'2018-04-30', INTERVAL '1' MONTH)", "[\"2018-01-31\",\"2018-02-28\",\"2018-03-31\",\"2018-04-30\"]"),
            Example("sequence(DATE'2018-01-01', DATE'2018-01-03')", "[\"2018-01-01\",\"2018-01-02\",\"2018-01-03\"]"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...3)
        let ends = Array(call.types[0...1])
        // Strings take the type of the other end, and of the step.
        guard var common = Coercion.commonType(ends), !common.isString else { throw wrongTypes(call) }
        if common == .void {
            guard call.count == 3, call.types[2].isInteger else { throw wrongTypes(call) }
            common = call.types[2]
        }
        let type = common
        switch common {
        case .byte, .short, .int, .long:
            var type = common
            if call.count == 3 {
                guard let withStep = Coercion.leastCommonType(common, call.types[2]), withStep.isInteger else { throw wrongTypes(call) }
                type = withStep
            }
            let element = type
            return BoundScalar(
                [DataType](repeating: element, count: call.count), returns: .array(element: element, containsNull: false), nullable: call.anyNullable
            ) { (arguments, rowCount, context) throws(SQLError) in try integers(arguments, element, rowCount, context) }
        case .date, .timestamp, .timestampNTZ:
            var step = DataType.dayTimeInterval(.init(.day, .day))
            if call.count == 3 {
                guard TemporalArithmetic.isInterval(call.types[2]) else { throw wrongTypes(call) }
                step = call.types[2]
            }
            let stepType = step
            let types = [common, common] + (call.count == 3 ? [stepType] : [])
            return BoundScalar(types, returns: .array(element: type, containsNull: false), nullable: call.anyNullable) {
                (arguments, rowCount, context) throws(SQLError) in try points(arguments, type, stepType, rowCount, context)
            }
        default: throw wrongTypes(call)
        }
    }

    private static func wrongTypes(_ call: Call) -> SQLError {
        call.mismatch(
            .datatypeMismatchSequenceWrongInputTypes,
            [
                "functionName": SQLQuote.id(call.name), "startType": "(\"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"DATE\")",
                "stepType": "(\"INTERVAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")", "otherStartType": "\"INTEGRAL\"",
            ])
    }

    private static func illegal(_ start: String, _ stop: String, _ step: String) -> SQLError {
        .invalidArgument("step", of: "sequence", "Illegal sequence boundaries: \(start) to \(stop) by \(step)")
    }

    private static func integers(_ arguments: [Column], _ element: DataType, _ rowCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column
    {
        var wide: [[Int64]] = []
        for argument in arguments { wide.append(Int64.source(try Cast.cast(argument, to: .long, context)) ?? []) }
        let validity = Kernel.combinedValidity(arguments)
        var values: [Int64] = []
        var offsets: [Int32] = [0]
        for row in 0..<rowCount {
            if validity?[row] ?? true {
                let (start, stop) = (wide[0][row], wide[1][row])
                let step = wide.count > 2 ? wide[2][row] : (start <= stop ? 1 : -1)
                guard (step > 0 && start <= stop) || (step < 0 && start >= stop) || (step == 0 && start == stop) else {
                    throw illegal("\(start)", "\(stop)", "\(step)")
                }
                if step == 0 {
                    values.append(start)
                } else {
                    let span =
                        stop >= start ? UInt64(bitPattern: stop) &- UInt64(bitPattern: start) : UInt64(bitPattern: start) &- UInt64(bitPattern: stop)
                    let count = span / step.magnitude
                    guard count < UInt64(Limits.arrayElements), values.count + Int(count) < Int(Int32.max) else {
                        throw .tooManyElements(Int(clamping: count), function: "sequence", parameter: "count")
                    }
                    if row > 0, 8 * (values.count + Int(count)) > Limits.batchBytes {
                        throw ExecutionMonitor.exhausted(8 * (values.count + Int(count)), of: Limits.batchBytes)
                    }
                    values.reserveCapacity(values.count + Int(count) + 1)
                    for index in 0...Int64(count) { values.append(start &+ index &* step) }
                    if count > 1024 || row & 63 == 63 { try ExecutionMonitor.check() }
                }
            }
            offsets.append(Int32(truncatingIfNeeded: values.count))
        }
        let child = try Cast.cast(Column(.long, .int64(PrimitiveArray(values))), to: element, mode: .legacy, context)
        return Column(.array(element: element, containsNull: false), .list(ListArray(offsets: offsets, child: child, validity: validity)))
    }

    private static func points(
        _ arguments: [Column], _ element: DataType, _ stepType: DataType, _ rowCount: Int, _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        let validity = Kernel.combinedValidity(arguments)
        // Dates go by as midnights of a clock without a zone.
        let zone = element == .timestamp ? context.timeZone : .utc
        let unit = element == .date ? Micros.perDay : 1
        let isMonths = if case .yearMonthInterval = stepType { true } else { false }
        func number(_ index: Int, _ row: Int) -> Int64 { if case .integer(let value) = arguments[index].value(at: row) { value } else { 0 } }
        var values: [Int64] = []
        var offsets: [Int32] = [0]
        for row in 0..<rowCount {
            if validity?[row] ?? true {
                let (start, overflow) = number(0, row).multipliedReportingOverflow(by: unit)
                let (stop, over) = number(1, row).multipliedReportingOverflow(by: unit)
                if overflow || over { throw SQLError(.datetimeOverflow, ["operation": "long overflow"]) }
                let step = arguments.count > 2 ? number(2, row) : (start <= stop ? Micros.perDay : -Micros.perDay)
                if element == .date, !isMonths, step % Micros.perDay != 0 {
                    throw .invalidArgument(
                        "step", of: "sequence", "sequence step must be an interval day to second of day granularity if start and end values are dates"
                    )
                }
                guard (step > 0 && start <= stop) || (step < 0 && start >= stop) || (step == 0 && start == stop) else {
                    throw illegal("\(start)", "\(stop)", "\(step)")
                }
                var index: Int64 = 0
                var point: Int64? = start
                while let value = point, step > 0 ? value <= stop : (step < 0 ? value >= stop : index == 0) {
                    values.append(value / unit)
                    if values.count & 1023 == 0 { try ExecutionMonitor.check() }
                    guard values.count < Limits.arrayElements else { throw .tooManyElements(values.count, function: "sequence", parameter: "count") }
                    index += 1
                    let (shift, far) = step.multipliedReportingOverflow(by: index)
                    if far { break }
                    point =
                        isMonths
                        ? Int(exactly: shift).flatMap { TimestampMath.adding(months: $0, to: start, zone) }
                        : TimestampMath.adding(micros: shift, to: start, zone)
                }
            }
            offsets.append(Int32(truncatingIfNeeded: values.count))
        }
        let child: Column =
            element == .date
            ? Column(.date, .int32(PrimitiveArray(values.map { Int32(truncatingIfNeeded: $0) }))) : Column(element, .int64(PrimitiveArray(values)))
        return Column(.array(element: element, containsNull: false), .list(ListArray(offsets: offsets, child: child, validity: validity)))
    }
}

let arraySequenceFunctions: [ScalarFunction] = [.sequence]
