import Columnar
import SparkErrors

/// Rows in which no argument is null; without arguments, rows.
struct CountAccumulator: GroupedAccumulator {
    private var counts = GroupedCount()

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        counts.update(groups: groups, groupCount: groupCount, validity: Kernel.combinedValidity(arguments))
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        counts.merge(try Self.peer(other).counts, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column { counts.finish(groupCount: groupCount) }
}

/// Rows in which the condition is true.
struct CountIfAccumulator: GroupedAccumulator {
    private var counts = GroupedCount()

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        guard let booleans = arguments[0].booleans else { return }
        counts.update(groups: groups, groupCount: groupCount, validity: booleans.trueBits)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        counts.merge(try Self.peer(other).counts, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column { counts.finish(groupCount: groupCount) }
}

/// What a sum does that does not fit its type.
enum SumFault: Sendable { case raise, null, wrap }

/// Integers into BIGINT, and intervals.
struct IntegerSumAccumulator: GroupedAccumulator {
    private var wrapping = GroupedIntegerSum()
    let type: DataType
    let fault: SumFault

    init(_ type: DataType, fault: SumFault) {
        self.type = type
        self.fault = fault
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        // In 64 bits as long as nothing overflows, which is what nearly every sum does.
        try layoutChecked { () throws(KernelError) in try wrapping.update(arguments[0], groups: groups, groupCount: groupCount) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        wrapping.merge(try Self.peer(other).wrapping, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let sums = wrapping.finish(groupCount: groupCount)
        let isMonths = if case .yearMonthInterval = type { true } else { false }
        if wrapping.overflowed, fault != .wrap || isMonths { throw error }
        guard isMonths else { return sums.with(type: type) }
        return try Rows.map(sums, to: type) { (months: Int64) throws(SQLError) -> Int32? in
            if let exact = Int32(exactly: months) { return exact }
            throw error
        }
    }

    private var error: SQLError {
        if type == .long { return .arithmeticOverflow("long overflow", hint: "try_add") }
        return .intervalOverflow(hint: "try_add")
    }
}

/// The same for `try_sum`: groups whose sum does not fit are NULL.
struct TrySumAccumulator: GroupedAccumulator {
    private var sums = GroupedDecimalSum()
    let type: DataType

    init(_ type: DataType) { self.type = type }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try layoutChecked { () throws(KernelError) in try sums.update(arguments[0], groups: groups, groupCount: groupCount) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        sums.merge(try Self.peer(other).sums, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let exact = try layoutChecked { () throws(KernelError) in
            try sums.finish(groupCount: groupCount, type: DecimalType(38, 0), onFault: .null)
        }
        if case .yearMonthInterval = type {
            return try Rows.map(exact, to: type) { (sum: Int128) throws(SQLError) -> Int32? in Int32(exactly: sum) }
        }
        return try Rows.map(exact, to: type) { (sum: Int128) throws(SQLError) -> Int64? in Int64(exactly: sum) }
    }
}

struct DecimalSumAccumulator: GroupedAccumulator {
    private var sums = GroupedDecimalSum()
    let type: DecimalType
    let fault: SumFault

    init(_ type: DecimalType, fault: SumFault) {
        self.type = type
        self.fault = fault
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try layoutChecked { () throws(KernelError) in try sums.update(arguments[0], groups: groups, groupCount: groupCount) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        sums.merge(try Self.peer(other).sums, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        do throws(KernelError) {
            return try sums.finish(groupCount: groupCount, type: type, onFault: fault == .raise ? .raise : .null)
        } catch {
            throw .arithmeticOverflow("Overflow in sum of decimals", hint: "try_sum")
        }
    }
}

struct DoubleSumAccumulator: GroupedAccumulator {
    private var sums = GroupedDoubleSum()

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try layoutChecked { () throws(KernelError) in try sums.update(arguments[0], groups: groups, groupCount: groupCount) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        sums.merge(try Self.peer(other).sums, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column { sums.finish(groupCount: groupCount) }
}

/// A sum and a count, divided at the end.
struct AverageAccumulator: GroupedAccumulator {
    enum Kind: Sendable {
        case double
        case decimal(source: DecimalType)
        case interval
    }

    let type: DataType
    let kind: Kind
    let fault: SumFault
    private var doubles = GroupedDoubleSum()
    private var exact = GroupedDecimalSum()
    private var counts = GroupedCount()

    init(_ type: DataType, _ kind: Kind, fault: SumFault) {
        self.type = type
        self.kind = kind
        self.fault = fault
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        counts.update(groups: groups, groupCount: groupCount, validity: arguments[0].validity)
        try layoutChecked { () throws(KernelError) in
            if case .double = kind {
                try doubles.update(arguments[0], groups: groups, groupCount: groupCount)
            } else {
                try exact.update(arguments[0], groups: groups, groupCount: groupCount)
            }
        }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        let other = try Self.peer(other)
        counts.merge(other.counts, groups: groups, groupCount: groupCount)
        if case .double = kind {
            doubles.merge(other.doubles, groups: groups, groupCount: groupCount)
        } else {
            exact.merge(other.exact, groups: groups, groupCount: groupCount)
        }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let counts = counts.finish(groupCount: groupCount)
        switch kind {
        case .double:
            return try Rows.map(doubles.finish(groupCount: groupCount), counts, to: type) { (sum: Double, count: Int64) throws(SQLError) -> Double? in
                count == 0 ? nil : sum / Double(count)
            }
        case .decimal(let source):
            guard case .decimal(let result) = type else { throw .internalFault("avg of a decimal that gives none") }
            let sums = try sums(groupCount, DecimalType.bounded(source.precision + 10, source.scale))
            let fault = fault
            return try Rows.map(sums, counts, to: type) { (sum: Int128, count: Int64) throws(SQLError) -> Int128? in
                if count == 0 { return nil }
                if let quotient = DecimalMath.divide(sum, source.scale, Int128(count), 0, to: result) { return quotient }
                if fault == .raise { throw .decimalOutOfRange(NumberText.text(unscaled: sum, scale: source.scale), result) }
                return nil
            }
        case .interval:
            let sums = try sums(groupCount, DecimalType(38, 0))
            let months = if case .yearMonthInterval = type { true } else { false }
            let limit: ClosedRange<Int128> = months ? Int128(Int32.min)...Int128(Int32.max) : Int128(Int64.min)...Int128(Int64.max)
            let whole = DecimalType(38, 0)
            let quotients = try Rows.map(sums, counts, to: .long) { (sum: Int128, count: Int64) throws(SQLError) -> Int64? in
                if count == 0 { return nil }
                // Spark's sum is of the argument's own type, and must fit it.
                guard limit.contains(sum) else {
                    if fault == .null { return nil }
                    throw .intervalOverflow(hint: "try_add")
                }
                return DecimalMath.divide(sum, 0, Int128(count), 0, to: whole).flatMap { Int64(exactly: $0) }
            }
            guard months else { return quotients.with(type: type) }
            return try Rows.map(quotients, to: type) { (value: Int64) throws(SQLError) -> Int32? in Int32(exactly: value) }
        }
    }

    private func sums(_ groupCount: Int, _ type: DecimalType) throws(SQLError) -> Column {
        do throws(KernelError) {
            return try exact.finish(groupCount: groupCount, type: type, onFault: fault == .raise ? .raise : .null)
        } catch {
            throw .arithmeticOverflow("Overflow in sum of decimals", hint: "try_avg")
        }
    }
}

extension AggregateFunction {
    static let count = AggregateFunction(
        "count", usage: "count(*), count(expr[, …]) - How many rows there are, or rows in which no expr is NULL.",
        examples: [
            Example("count(*) FROM VALUES (NULL), (5), (5) AS t(x)", "3"), Example("count(x) FROM VALUES (NULL), (5), (5) AS t(x)", "2"),
            Example("count(DISTINCT x) FROM VALUES (NULL), (5), (5) AS t(x)", "1"),
        ]
    ) { (call, _) throws(SQLError) in
        if call.arguments.isEmpty {
            throw SQLError(
                .wrongNumArgsWithSuggestion,
                [
                    "functionName": SQLQuote.id(call.name), "expectedNum": " >= 1", "actualNum": "0", "legacyNum": "0",
                    "legacyConfKey": SQLQuote.config("spark.sql.legacy.allowParameterlessCount"), "legacyConfValue": SQLQuote.config("true"),
                ])
        }
        return BoundAggregate(call.arguments.map(\.type), returns: .long, nullable: false) { CountAccumulator() }
    }

    static let countIf = AggregateFunction(
        "count_if", Signature([.exact(.boolean)], returns: .long), since: "3.0.0", usage: "count_if(expr) - In how many rows expr is true.",
        examples: [Example("count_if(x % 2 = 0) FROM VALUES (NULL), (0), (1), (2), (3) AS t(x)", "2")], nullable: false
    ) { _, _ in CountIfAccumulator() }

    private static func summed(_ call: AggregateCall) throws(SQLError) -> DataType {
        try call.call.checkCount(1...1)
        let type = call.arguments[0].type
        switch type {
        case .void: return .double
        case .yearMonthInterval, .dayTimeInterval: return type
        case _ where type.isString: return .double
        case _ where type.isNumeric: return type
        default: throw call.call.unexpectedType(0, "\"NUMERIC\" or \"ANSI INTERVAL\"")
        }
    }

    private static func sum(
        _ name: String, since: String, attempt: Bool, usage: String, examples: [Example]
    ) -> AggregateFunction {
        AggregateFunction(name, since: since, usage: usage, examples: examples) { (call, context) throws(SQLError) in
            let type = try summed(call)
            let fault: SumFault = attempt ? .null : (context.ansi ? .raise : .wrap)
            switch type {
            case .byte, .short, .int, .long:
                if attempt { return BoundAggregate([.long], returns: .long) { TrySumAccumulator(.long) } }
                return BoundAggregate([type], returns: .long) { IntegerSumAccumulator(.long, fault: fault) }
            case .float, .double: return BoundAggregate([type], returns: .double) { DoubleSumAccumulator() }
            case .decimal(let source):
                let result = DecimalType.bounded(source.precision + 10, source.scale)
                return BoundAggregate([type], returns: .decimal(result)) { DecimalSumAccumulator(result, fault: fault) }
            default:
                if attempt { return BoundAggregate([type], returns: type) { TrySumAccumulator(type) } }
                return BoundAggregate([type], returns: type) { IntegerSumAccumulator(type, fault: .raise) }
            }
        }
    }

    static let sum = sum(
        "sum", since: "1.0.0", attempt: false,
        usage: "sum(expr) - The sum: of whole numbers as BIGINT, of DECIMAL(p,s) as DECIMAL(p+10,s), else DOUBLE.",
        examples: [
            Example("sum(x) FROM VALUES (5), (10), (NULL) AS t(x)", "15"), Example("sum(x) FROM VALUES (1.5), (2.25) AS t(x)", "3.75"),
            Example("sum(x) FROM VALUES (CAST(NULL AS INT)) AS t(x)", "NULL"),
        ])
    static let trySum = sum(
        "try_sum", since: "3.3.0", attempt: true, usage: "try_sum(expr) - The sum, or NULL if it does not fit.",
        examples: [
            Example("try_sum(x) FROM VALUES (5), (10) AS t(x)", "15"), Example("try_sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x)", "NULL"),
        ])

    private static func average(
        _ name: String, aliases: [String], since: String, attempt: Bool, usage: String, examples: [Example]
    ) -> AggregateFunction {
        AggregateFunction(name, aliases: aliases, since: since, usage: usage, examples: examples) { (call, context) throws(SQLError) in
            let type = try summed(call)
            let fault: SumFault = attempt || !context.ansi ? .null : .raise
            switch type {
            case .decimal(let source):
                let result = DataType.decimal(.adjusted(bounded: source.precision + 4, source.scale + 4))
                return BoundAggregate([type], returns: result) { AverageAccumulator(result, .decimal(source: source), fault: fault) }
            case .yearMonthInterval:
                let result = DataType.yearMonthInterval(.init(.year, .month))
                return BoundAggregate([type], returns: result) { AverageAccumulator(result, .interval, fault: fault) }
            case .dayTimeInterval:
                let result = DataType.dayTimeInterval(.init(.day, .second))
                return BoundAggregate([type], returns: result) { AverageAccumulator(result, .interval, fault: fault) }
            default: return BoundAggregate([type], returns: .double) { AverageAccumulator(.double, .double, fault: fault) }
            }
        }
    }

    static let avg = average(
        "avg", aliases: ["mean"], since: "1.0.0", attempt: false, usage: "avg(expr) - The mean, as DOUBLE, or DECIMAL of decimals.",
        examples: [
            Example("avg(x) FROM VALUES (1), (2), (NULL) AS t(x)", "1.5"), Example("avg(x) FROM VALUES (1.10), (2.25) AS t(x)", "1.675000"),
        ])
    static let tryAvg = average(
        "try_avg", aliases: [], since: "3.3.0", attempt: true, usage: "try_avg(expr) - The mean, or NULL if it does not fit.",
        examples: [Example("try_avg(x) FROM VALUES (1), (2), (3) AS t(x)", "2.0")])
}

extension DecimalType {
    /// Cut to 38 digits and as many behind the point as they allow (`DecimalType.bounded`).
    static func adjusted(bounded precision: Int, _ scale: Int) -> DecimalType { bounded(precision, scale) }
}
