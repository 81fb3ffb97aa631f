import Columnar
import SparkErrors

/// Exact percentiles: all values are kept, and sorted at the end.
struct PercentileAccumulator: GroupedAccumulator {
    enum Method: Sendable {
        /// Between two neighbours in proportion (`percentile`, `median`, `percentile_cont`).
        case interpolated
        /// The first value up to which so great a part lies (`percentile_disc`).
        case discrete
        /// The same, in the values' own type (`percentile_approx`).
        case nearest
    }

    private var rows: GroupedRows
    let method: Method
    let percentages: [Double]
    let type: DataType
    let element: DataType
    let isArray: Bool
    let descending: Bool
    /// Which of the arguments hold the values and, if there, how often each counts.
    let valueIndex: Int
    let frequencyIndex: Int?

    init(
        _ method: Method, value: DataType, percentages: [Double], element: DataType, isArray: Bool, descending: Bool = false, valueIndex: Int = 0,
        frequencyIndex: Int? = nil
    ) {
        rows = GroupedRows(frequencyIndex == nil ? [value] : [value, .long])
        self.method = method
        self.percentages = percentages
        self.element = element
        self.type = isArray ? .array(element: element, containsNull: false) : element
        self.isArray = isArray
        self.descending = descending
        self.valueIndex = valueIndex
        self.frequencyIndex = frequencyIndex
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        var columns = [arguments[valueIndex]]
        if let frequencyIndex {
            let counts = arguments[frequencyIndex]
            columns.append(counts)
            if let values = Int64.source(counts) {
                for (row, count) in values.enumerated() where count < 0 && !counts.isNull(row) {
                    throw SQLError(
                        .negativeValuesInFrequencyExpression, ["frequencyExpression": SQLQuote.expr("\(count)"), "negativeValue": "\(count)L"])
                }
            }
        }
        try rows.append(columns, groups: groups, where: Kernel.combinedValidity(columns))
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        rows.merge(try Self.peer(other).rows, groups: groups)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let columns = try rows.columns()
        let numbers = rows.groupNumbers
        let order = Kernel.sortIndices([SortKey(Column(.int, .int32(PrimitiveArray(numbers)))), SortKey(columns[0], ascending: !descending)])
        let sorted = columns.map { $0.take(order) }
        var starts = [Int](repeating: 0, count: groupCount + 1)
        for group in numbers { starts[Int(group) + 1] += 1 }
        for group in 0..<groupCount { starts[group + 1] += starts[group] }
        // The place that each percentage asks for, as two neighbours and the way between them.
        var cumulative: [Int64]?
        if sorted.count > 1, let counts = Int64.source(sorted[1]) {
            var total: Int64 = 0
            cumulative = counts.map {
                total = total.addingReportingOverflow($0).partialValue
                return total
            }
        }
        let values = sorted[0]
        let bounds = starts
        if method == .nearest {
            var picks: [Int32] = []
            var present: [Bool] = []
            for group in 0..<groupCount {
                let range = bounds[group]..<bounds[group + 1]
                present.append(!range.isEmpty)
                for percentage in percentages { picks.append(range.isEmpty ? -1 : Int32(range.lowerBound + Self.rank(percentage, range.count))) }
            }
            let picked = try values.gather(picks)
            guard isArray else { return picked.with(type: type) }
            return lists(picked, present)
        }
        var results: [Value] = []
        for group in 0..<groupCount {
            let range = bounds[group]..<bounds[group + 1]
            let before = range.lowerBound == 0 ? 0 : (cumulative?[range.lowerBound - 1] ?? 0)
            let total = range.isEmpty ? 0 : (cumulative.map { $0[range.upperBound - 1] - before } ?? Int64(range.count))
            if total == 0 {
                results.append(.null)
                continue
            }
            func value(_ position: Int64) -> Double {
                let row: Int
                if let cumulative {
                    // The first row whose cumulated count passes the position.
                    row = range.first { cumulative[$0] - before > position } ?? range.upperBound - 1
                } else {
                    row = range.lowerBound + Int(position)
                }
                switch values.value(at: row) {
                case .double(let number): return number
                case .integer(let number): return Double(number)
                default: return .nan
                }
            }
            let found = percentages.map { percentage -> Double in
                if method == .discrete {
                    let rank = (Double(total) * percentage).rounded(.up)
                    return value(Swift.max(0, Int64(rank) - 1))
                }
                let position = Double(total - 1) * percentage
                let (lower, higher) = (position.rounded(.down), position.rounded(.up))
                let low = value(Int64(lower))
                if lower == higher { return low }
                let high = value(Int64(higher))
                return low == high ? low : (higher - position) * low + (position - lower) * high
            }
            let cells = found.map(cell)
            results.append(isArray ? .list(cells) : cells[0])
        }
        return Column(type, of: results)
    }

    private func cell(_ number: Double) -> Value {
        if case .double = element { return .double(number) }
        return .integer(Int64(exactly: number.rounded(.towardZero)) ?? 0)
    }

    private func lists(_ child: Column, _ present: [Bool]) -> Column {
        let width = percentages.count
        let offsets = (0...present.count).map { Int32($0 * width) }
        return Column(
            type, .list(ListArray(offsets: offsets, child: child.with(type: element), validity: present.contains(false) ? Bitmap(present) : nil)))
    }

    /// The place, from 0, of the value up to which that part of `count` lies.
    private static func rank(_ percentage: Double, _ count: Int) -> Int {
        Swift.min(count - 1, Swift.max(0, Int((percentage * Double(count)).rounded(.up)) - 1))
    }
}

/// The most frequent value; of several, the least or the greatest.
struct ModeAccumulator: GroupedAccumulator {
    private var rows: GroupedRows
    let greatest: Bool
    let valueIndex: Int

    init(_ type: DataType, greatest: Bool, valueIndex: Int = 0) {
        rows = GroupedRows([type])
        self.greatest = greatest
        self.valueIndex = valueIndex
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try rows.append([arguments[valueIndex]], groups: groups, where: arguments[valueIndex].validity)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        rows.merge(try Self.peer(other).rows, groups: groups)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try rows.columns()[0]
        let groups = Column(.int, .int32(PrimitiveArray(rows.groupNumbers)))
        var indexer = GroupIndexer(types: [.int, column.type])
        let ids = indexer.groups(of: [groups, column], rowCount: column.count)
        let keys = indexer.keyColumns()
        var counts = [Int64](repeating: 0, count: indexer.count)
        for id in ids { counts[Int(id)] += 1 }
        // Frequent ones last in their group, among equals the wanted one last.
        let frequency = Column(.long, .int64(PrimitiveArray(counts)))
        let order = Kernel.sortIndices([SortKey(keys[0]), SortKey(frequency), SortKey(keys[1], ascending: greatest)])
        var picks = [Int32](repeating: -1, count: groupCount)
        if let numbers = Int32.source(keys[0]) { for row in order { picks[Int(numbers[Int(row)])] = row } }
        return keys[1].take(picks)
    }
}

extension AggregateFunction {
    /// The percentages as numbers between 0 and 1, and whether they were written as an array.
    private static func percentages(_ call: AggregateCall, _ index: Int, _ context: EvaluationContext) throws(SQLError) -> (
        values: [Double], isArray: Bool
    ) {
        let argument = call.arguments[index]
        let isArray = if case .array = argument.type { true } else { false }
        let target: DataType = isArray ? .array(element: .double, containsNull: true) : .double
        guard Coercion.implicitCast(argument.type, to: isArray ? .arrayOf(.exact(.double)) : .exact(.double)) != nil else {
            throw call.call.unexpectedType(index, "(\"DOUBLE\" or \"ARRAY\")")
        }
        let value = try call.call.constant(index, "percentage", target, context)
        let items: [Value] = if case .list(let items) = value { items } else { [value] }
        var found: [Double] = []
        for item in items {
            guard case .double(let number) = item else {
                throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "percentage"])
            }
            guard number >= 0, number <= 1 else {
                throw call.call.mismatch(
                    .datatypeMismatchValueOutOfRange,
                    [
                        "exprName": "percentage", "valueRange": "[0.0, 1.0]",
                        "currentValue": isArray ? Cast.text(of: value, target, context) : SQLLiteral.text(item, .double, context),
                    ])
            }
            found.append(number)
        }
        if found.isEmpty { throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "percentage"]) }
        return (found, isArray)
    }

    /// The values' type for interpolation, and the result's.
    private static func interpolated(_ call: AggregateCall, _ argument: ArgumentInfo, _ index: Int) throws(SQLError) -> (
        value: DataType, result: DataType
    ) {
        switch argument.type {
        case .yearMonthInterval: return (argument.type, .yearMonthInterval(.init(.year, .month)))
        case .dayTimeInterval: return (argument.type, .dayTimeInterval(.init(.day, .second)))
        case _ where argument.type.isNumeric || argument.type.isString || argument.type == .void: return (.double, .double)
        default: throw call.call.unexpectedType(index, "(\"NUMERIC\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")
        }
    }

    static let percentile = AggregateFunction(
        "percentile", since: "2.1.0",
        usage:
            "percentile(expr, percentage[, frequency]) - The exact percentile, between neighbours in proportion; an array of percentages gives an array.",
        examples: [
            Example("percentile(x, 0.3) FROM VALUES (0), (10) AS t(x)", "3.0"),
            Example("percentile(x, array(0.25, 0.75)) FROM VALUES (0), (10) AS t(x)", "[2.5,7.5]"),
            Example("percentile(x, 0.5, n) FROM VALUES (0, 3), (10, 1) AS t(x, n)", "0.0"),
        ],
        syntax: .custom { _, arguments in "percentile(\((arguments.count == 2 ? arguments + ["1"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(2...3)
        let (value, result) = try interpolated(call, call.arguments[0], 0)
        let (percentages, isArray) = try percentages(call, 1, context)
        var types = [value, isArray ? DataType.array(element: .double, containsNull: true) : .double]
        if call.arguments.count == 3 {
            guard call.arguments[2].type.isInteger || call.arguments[2].type.isString else { throw call.call.unexpectedType(2, "\"INTEGRAL\"") }
            types.append(.long)
        }
        let hasFrequency = call.arguments.count == 3
        let type: DataType = isArray ? .array(element: result, containsNull: false) : result
        return BoundAggregate(types, returns: type) {
            PercentileAccumulator(
                .interpolated, value: value, percentages: percentages, element: result, isArray: isArray, frequencyIndex: hasFrequency ? 2 : nil)
        }
    }

    static let median = AggregateFunction(
        "median", since: "3.4.0", usage: "median(expr) - The value in the middle.",
        examples: [
            Example("median(x) FROM VALUES (0), (10), (NULL), (20) AS t(x)", "10.0"), Example("median(x) FROM VALUES (0), (10) AS t(x)", "5.0"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.call.checkCount(1...1)
        let (value, result) = try interpolated(call, call.arguments[0], 0)
        return BoundAggregate([value], returns: result) {
            PercentileAccumulator(.interpolated, value: value, percentages: [0.5], element: result, isArray: false)
        }
    }

    private static func withinGroup(_ name: String, _ method: PercentileAccumulator.Method, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(name, since: "4.0.0", usage: usage, examples: examples) { (call, context) throws(SQLError) in
            try call.call.checkCount(1...1)
            guard call.withinGroup.count == 1 else {
                throw SQLError(
                    .invalidWithinGroupExpressionWrongNumOrderings,
                    ["funcName": SQLQuote.id(call.name), "expectedNum": "1", "actualNum": "\(call.withinGroup.count)"])
            }
            let key = call.withinGroup[0]
            let (value, result) = try interpolated(call, key.argument, 0)
            let (percentages, isArray) = try percentages(call, 0, context)
            let type: DataType = isArray ? .array(element: result, containsNull: false) : result
            return BoundAggregate([isArray ? .array(element: .double, containsNull: true) : .double, value], returns: type) {
                PercentileAccumulator(
                    method, value: value, percentages: percentages, element: result, isArray: isArray, descending: !key.ascending, valueIndex: 1)
            }
        }
    }

    static let percentileCont = withinGroup(
        "percentile_cont", .interpolated, usage: "percentile_cont(percentage) WITHIN GROUP (ORDER BY expr) - The percentile between neighbours.",
        examples: [Example("percentile_cont(0.25) WITHIN GROUP (ORDER BY x) FROM VALUES (0), (10) AS t(x)", "2.5")])
    static let percentileDisc = withinGroup(
        "percentile_disc", .discrete, usage: "percentile_disc(percentage) WITHIN GROUP (ORDER BY expr) - The percentile that is one of the values.",
        examples: [Example("percentile_disc(0.25) WITHIN GROUP (ORDER BY x) FROM VALUES (0), (10) AS t(x)", "0.0")])

    static let percentileApprox = AggregateFunction(
        "percentile_approx", aliases: ["approx_percentile"], since: "2.1.0",
        usage:
            "percentile_approx(expr, percentage[, accuracy]) - The value up to which that part of the rows lies. It is computed exactly, whatever the accuracy.",
        examples: [
            Example("percentile_approx(x, 0.5, 100) FROM VALUES (0), (6), (7), (9), (10) AS t(x)", "7"),
            Example("percentile_approx(x, array(0.5, 0.4, 0.1)) FROM VALUES (0), (1), (2), (10) AS t(x)", "[1,1,0]"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 2 ? arguments + ["10000"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(2...3)
        let given = call.arguments[0].type
        let value: DataType = given.isString || given == .void ? .double : given
        switch value {
        case .date, .timestamp, .timestampNTZ, .yearMonthInterval, .dayTimeInterval: break
        case _ where value.isNumeric: break
        default:
            throw call.call.unexpectedType(
                0, "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")
        }
        let (percentages, isArray) = try percentages(call, 1, context)
        var types = [value, isArray ? DataType.array(element: .double, containsNull: true) : .double]
        if call.arguments.count == 3 {
            types.append(.long)
            guard case .integer(let accuracy) = try call.call.constant(2, "accuracy", .long, context) else {
                throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "accuracy"])
            }
            guard accuracy > 0, accuracy <= Int64(Int32.max) else {
                throw call.call.mismatch(
                    .datatypeMismatchValueOutOfRange, ["exprName": "accuracy", "valueRange": "(0, 2147483647]", "currentValue": "\(accuracy)L"])
            }
        }
        let all = types
        return BoundAggregate(all, returns: isArray ? .array(element: value, containsNull: false) : value) {
            PercentileAccumulator(.nearest, value: value, percentages: percentages, element: value, isArray: isArray)
        }
    }

    static let mode = AggregateFunction(
        "mode", since: "3.4.0",
        usage:
            "mode(expr[, deterministic]), mode() WITHIN GROUP (ORDER BY expr) - The most frequent value; of several the least, or the greatest if the order is descending.",
        examples: [
            Example("mode(x) FROM VALUES (0), (10), (10), (NULL), (NULL), (NULL) AS t(x)", "10"),
            Example("mode(x, true) FROM VALUES (-10), (0), (10) AS t(x)", "-10"),
            Example("mode() WITHIN GROUP (ORDER BY x DESC) FROM VALUES (-10), (0), (10) AS t(x)", "10"),
        ],
        syntax: .custom { name, arguments in
            // Spark prints the form that it makes of a call that asks for the least.
            arguments.count == 2 && arguments[1] == "true"
                ? "mode() WITHIN GROUP (ORDER BY \(arguments[0]) DESC)" : "\(name)(\(arguments.prefix(1).joined()))"
        }
    ) { (call, _) throws(SQLError) in
        if let key = call.withinGroup.first {
            try call.call.checkCount(0...0)
            let type = key.argument.type
            return BoundAggregate([type], returns: type) { ModeAccumulator(type, greatest: !key.ascending) }
        }
        try call.call.checkCount(1...2)
        let type = call.arguments[0].type
        if call.arguments.count == 2 {
            let flag = call.arguments[1]
            guard flag.type == .boolean, flag.constant != nil else {
                throw SQLError(
                    .unexpectedInputType,
                    [
                        "functionName": "`mode`", "paramIndex": "second", "requiredType": "\"BOOLEAN\"", "inputSql": SQLQuote.expr(flag.sql),
                        "inputType": SQLQuote.type(flag.type.sqlText),
                    ], phase: .analysis)
            }
        }
        try call.call.checkOrderable(type)
        return BoundAggregate([type] + (call.arguments.count == 2 ? [.boolean] : []), returns: type) { ModeAccumulator(type, greatest: false) }
    }
}

let aggregateFunctions: [AggregateFunction] =
    [
        .count, .countIf, .sum, .trySum, .avg, .tryAvg, .min, .max, .minBy, .maxBy, .first, .last, .anyValue, .collectList, .collectSet, .listAgg,
        .boolAnd, .boolOr, .bitAndAggregate, .bitOrAggregate, .bitXorAggregate, .stddev, .stddevPop, .variance, .varPop, .skewness, .kurtosis,
        .percentile, .median, .percentileCont, .percentileDisc, .percentileApprox, .mode, .schemaOfVariantAgg,
        .approxCountDistinct, .countMinSketch, .histogramNumeric, .bitmapConstruct, .bitmapOr, .bitmapAnd,
        .hllSketch, .hllUnion, .thetaSketch, .thetaUnion, .thetaIntersection,
        .approxTopK, .approxTopKAccumulate, .approxTopKCombine,
    ] + AggregateFunction.pairs + AggregateFunction.kllAggregates
