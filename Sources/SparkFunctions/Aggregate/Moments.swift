import Columnar
import SparkErrors

/// Mean and central moments up to the fourth, updated value by value and merged as Spark does, so that results agree to the last digit.
struct MomentsAccumulator: GroupedAccumulator {
    enum Result: Sendable { case standardDeviation(sample: Bool), variance(sample: Bool), skewness, kurtosis }

    struct State: Sendable {
        var n = 0.0
        var mean = 0.0
        var m2 = 0.0
        var m3 = 0.0
        var m4 = 0.0

        mutating func add(_ x: Double) {
            n += 1
            let delta = x - mean
            let deltaN = delta / n
            mean += deltaN
            m2 += delta * (delta - deltaN)
            let delta2 = delta * delta
            let deltaN2 = deltaN * deltaN
            m3 = m3 - 3 * deltaN * m2 + delta * (delta2 - deltaN2)
            m4 = m4 - 4 * deltaN * m3 - 6 * deltaN2 * m2 + delta * (delta * delta2 - deltaN * deltaN2)
        }

        mutating func merge(_ o: State) {
            let (n1, n2) = (n, o.n)
            n = n1 + n2
            let delta = o.mean - mean
            let deltaN = n == 0 ? 0 : delta / n
            mean += deltaN * n2
            let (l2, l3) = (m2, m3)
            m2 = l2 + o.m2 + delta * deltaN * n1 * n2
            m3 = l3 + o.m3 + deltaN * deltaN * delta * n1 * n2 * (n1 - n2) + 3 * deltaN * (n1 * o.m2 - n2 * l2)
            m4 =
                m4 + o.m4 + deltaN * deltaN * deltaN * delta * n1 * n2 * (n1 * n1 - n1 * n2 + n2 * n2)
                + 6 * deltaN * deltaN * (n1 * n1 * o.m2 + n2 * n2 * l2) + 4 * deltaN * (n1 * o.m3 - n2 * l3)
        }
    }

    private var states: [State] = []
    let result: Result

    init(_ result: Result) { self.result = result }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: State())
        guard let values = Double.source(arguments[0]) else { return }
        let validity = arguments[0].validity
        for (row, group) in groups.enumerated() where validity?[row] ?? true { states[Int(group)].add(values[row]) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: State())
        for (group, state) in zip(groups, try Self.peer(other).states) where state.n > 0 { states[Int(group)].merge(state) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let result = result
        let single: Double? = context.ansi ? nil : .nan
        return try Rows.make(.double, groupCount) { (group) throws(SQLError) -> Double? in
            guard group < states.count, states[group].n > 0 else { return nil }
            let state = states[group]
            switch result {
            case .variance(let sample): return sample ? (state.n == 1 ? nil : state.m2 / (state.n - 1)) : state.m2 / state.n
            case .standardDeviation(let sample):
                return sample ? (state.n == 1 ? nil : (state.m2 / (state.n - 1)).squareRoot()) : (state.m2 / state.n).squareRoot()
            case .skewness: return state.m2 == 0 ? single : state.n.squareRoot() * state.m3 / (state.m2 * state.m2 * state.m2).squareRoot()
            case .kurtosis: return state.m2 == 0 ? single : state.n * state.m4 / (state.m2 * state.m2) - 3
            }
        }
    }
}

/// Means and moments of pairs of which neither is null: covariance, correlation and linear regression.
struct PairAccumulator: GroupedAccumulator {
    enum Result: Sendable { case correlation, covariance(sample: Bool), count, sxx, syy, sxy, slope, intercept, r2 }

    struct State: Sendable {
        var n = 0.0
        var meanX = 0.0
        var meanY = 0.0
        var ck = 0.0
        var xMk = 0.0
        var yMk = 0.0
        /// The same as xMk and yMk by the formula of single variables, whose last digits differ.
        var x2 = 0.0
        var y2 = 0.0

        mutating func add(_ x: Double, _ y: Double) {
            n += 1
            let dx = x - meanX
            let dy = y - meanY
            let (dxN, dyN) = (dx / n, dy / n)
            meanX += dxN
            meanY += dyN
            x2 += dx * (dx - dxN)
            y2 += dy * (dy - dyN)
            ck += dx * (y - meanY)
            xMk += dx * (x - meanX)
            yMk += dy * (y - meanY)
        }

        mutating func merge(_ o: State) {
            let (n1, n2) = (n, o.n)
            n = n1 + n2
            let dx = o.meanX - meanX
            let dy = o.meanY - meanY
            let dxN = n == 0 ? 0 : dx / n
            let dyN = n == 0 ? 0 : dy / n
            meanX += dxN * n2
            meanY += dyN * n2
            ck = ck + o.ck + dx * dyN * n1 * n2
            xMk = xMk + o.xMk + dx * dxN * n1 * n2
            yMk = yMk + o.yMk + dy * dyN * n1 * n2
            x2 = x2 + o.x2 + dx * dxN * n1 * n2
            y2 = y2 + o.y2 + dy * dyN * n1 * n2
        }
    }

    private var states: [State] = []
    let result: Result
    /// Regressions name the dependent variable first.
    let yFirst: Bool

    init(_ result: Result, yFirst: Bool) {
        self.result = result
        self.yFirst = yFirst
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: State())
        guard let x = Double.source(arguments[yFirst ? 1 : 0]), let y = Double.source(arguments[yFirst ? 0 : 1]) else { return }
        let validity = Kernel.combinedValidity(arguments)
        for (row, group) in groups.enumerated() where validity?[row] ?? true { states[Int(group)].add(x[row], y[row]) }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        states.extend(to: groupCount, with: State())
        for (group, state) in zip(groups, try Self.peer(other).states) where state.n > 0 { states[Int(group)].merge(state) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        if case .count = result {
            return try Rows.make(.long, groupCount) { (group) throws(SQLError) -> Int64? in group < states.count ? Int64(states[group].n) : 0 }
        }
        return try Rows.make(.double, groupCount) { (group) throws(SQLError) -> Double? in
            guard group < states.count, states[group].n > 0 else { return nil }
            let state = states[group]
            if case .correlation = result, state.n > 1, state.xMk * state.yMk == 0 {
                if context.ansi { throw .divideByZero }
                return nil
            }
            return value(state)
        }
    }

    private func value(_ s: State) -> Double? {
        switch result {
        case .count: s.n
        case .correlation: s.n == 1 ? nil : s.ck / (s.xMk * s.yMk).squareRoot()
        case .covariance(let sample): sample ? (s.n == 1 ? nil : s.ck / (s.n - 1)) : s.ck / s.n
        case .sxx: s.x2
        case .syy: s.y2
        case .sxy: s.ck
        case .slope: s.n < 2 || s.x2 == 0 ? nil : s.ck / s.x2
        case .intercept: s.n < 2 || s.x2 == 0 ? nil : s.meanY - s.ck / s.x2 * s.meanX
        case .r2: s.n < 2 || s.xMk == 0 ? nil : (s.yMk == 0 ? 1 : square(s.ck / (s.xMk * s.yMk).squareRoot()))
        }
    }

    private func square(_ x: Double) -> Double { x * x }
}

extension AggregateFunction {
    private static func moments(
        _ name: String, aliases: [String] = [], _ result: MomentsAccumulator.Result, usage: String, examples: [Example]
    ) -> AggregateFunction {
        AggregateFunction(name, aliases: aliases, Signature([.exact(.double)], returns: .double), since: "1.6.0", usage: usage, examples: examples) {
            _, _ in MomentsAccumulator(result)
        }
    }

    private static let four = "FROM VALUES (1), (2), (3), (10) AS t(x)"

    static let stddev = moments(
        "stddev", aliases: ["stddev_samp", "std"], .standardDeviation(sample: true), usage: "stddev(expr) - The standard deviation of a sample.",
        examples: [Example("stddev(x) " + four, "4.08248290463863")])
    static let stddevPop = moments(
        "stddev_pop", .standardDeviation(sample: false), usage: "stddev_pop(expr) - The standard deviation of a whole population.",
        examples: [Example("stddev_pop(x) " + four, "3.5355339059327378")])
    static let variance = moments(
        "variance", aliases: ["var_samp"], .variance(sample: true), usage: "variance(expr) - The variance of a sample.",
        examples: [Example("variance(x) " + four, "16.666666666666668")])
    static let varPop = moments(
        "var_pop", .variance(sample: false), usage: "var_pop(expr) - The variance of a whole population.",
        examples: [Example("var_pop(x) " + four, "12.5")])
    static let skewness = moments(
        "skewness", .skewness, usage: "skewness(expr) - How far the values lie to one side of their mean.",
        examples: [Example("skewness(x) " + four, "1.0182337649086284")])
    static let kurtosis = moments(
        "kurtosis", .kurtosis, usage: "kurtosis(expr) - How heavy the tails are; 0 for a normal distribution.",
        examples: [Example("kurtosis(x) FROM VALUES (1), (10), (100), (10), (1) AS t(x)", "0.19432323191699075")])

    /// The mean of one of two numbers, over the pairs without NULL.
    private static func mean(_ name: String, of index: Int, usage: String, _ expected: String) -> AggregateFunction {
        AggregateFunction(
            name, since: "3.2.0", usage: usage,
            examples: [Example("\(name)(y, x) FROM VALUES (1, 2), (2, 3), (3, 5), (10, 11) AS t(x, y)", expected)]
        ) { (call, context) throws(SQLError) in
            let wanted = TypeClass.numeric
            let types = try Signature([wanted, wanted], returns: .double).argumentTypes(call.call)
            let inner = try AggregateFunction.avg.bind([call.arguments[index]], context)
            var given = types
            given[index] = inner.argumentTypes[0]
            return BoundAggregate(given, returns: inner.returnType) { PairwiseAccumulator(inner.make(), of: index) }
        }
    }

    private static func pair(
        _ name: String, _ result: PairAccumulator.Result, returns: DataType = .double, since: String, yFirst: Bool = false, usage: String,
        _ expected: String
    ) -> AggregateFunction {
        let example = Example("\(name)(\(yFirst ? "y, x" : "x, y")) FROM VALUES (1, 2), (2, 3), (3, 5), (10, 11) AS t(x, y)", expected)
        return AggregateFunction(
            name, Signature([.exact(.double), .exact(.double)], returns: returns), since: since, usage: usage, examples: [example],
            nullable: returns != .long
        ) { _, _ in PairAccumulator(result, yFirst: yFirst) }
    }

    static let pairs: [AggregateFunction] = [
        pair("corr", .correlation, since: "1.6.0", usage: "corr(x, y) - Pearson's correlation.", "0.9924845797419933"),
        pair("covar_pop", .covariance(sample: false), since: "2.0.0", usage: "covar_pop(x, y) - The covariance of a whole population.", "12.25"),
        pair("covar_samp", .covariance(sample: true), since: "2.0.0", usage: "covar_samp(x, y) - The covariance of a sample.", "16.333333333333332"),
        pair("regr_count", .count, returns: .long, since: "3.2.0", yFirst: true, usage: "regr_count(y, x) - How many pairs hold no NULL.", "4"),
        mean("regr_avgx", of: 1, usage: "regr_avgx(y, x) - The mean of x where y is not NULL.", "4.0"),
        mean("regr_avgy", of: 0, usage: "regr_avgy(y, x) - The mean of y where x is not NULL.", "5.25"),
        pair("regr_sxx", .sxx, since: "3.4.0", yFirst: true, usage: "regr_sxx(y, x) - The sum of squares of x about its mean.", "50.0"),
        pair("regr_syy", .syy, since: "3.4.0", yFirst: true, usage: "regr_syy(y, x) - The sum of squares of y about its mean.", "48.75"),
        pair("regr_sxy", .sxy, since: "3.4.0", yFirst: true, usage: "regr_sxy(y, x) - The sum of products about the means.", "49.0"),
        pair("regr_slope", .slope, since: "3.4.0", yFirst: true, usage: "regr_slope(y, x) - The slope of the fitted line.", "0.98"),
        pair("regr_intercept", .intercept, since: "3.4.0", yFirst: true, usage: "regr_intercept(y, x) - Where the fitted line meets x = 0.", "1.33"),
        pair("regr_r2", .r2, since: "3.3.0", yFirst: true, usage: "regr_r2(y, x) - How much of y the fitted line explains.", "0.9850256410256412"),
    ]
}

/// Another aggregate of one of two arguments, over rows in which neither is null.
struct PairwiseAccumulator: GroupedAccumulator {
    private var inner: any GroupedAccumulator
    private let index: Int

    init(_ inner: any GroupedAccumulator, of index: Int) {
        self.inner = inner
        self.index = index
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        let other = arguments[1 - index]
        let present = other.isVoid ? Bitmap(repeating: false, count: other.count) : other.validity
        let values = present.map { arguments[index].nullWhereNot($0) } ?? arguments[index]
        try inner.update([values], groups: groups, groupCount: groupCount, context)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try inner.merge(try Self.peer(other).inner, groups: groups, groupCount: groupCount, context)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        try inner.finish(groupCount: groupCount, context)
    }
}
