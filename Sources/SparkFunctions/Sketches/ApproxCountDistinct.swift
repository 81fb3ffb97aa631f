import Columnar
import SparkErrors

/// The registers of HyperLogLog++ as Spark keeps them: hashes by xxHash64, estimates corrected by the published figures.
struct HyperLogLog: Sendable {
    private(set) var registers: [UInt8]
    let precision: Int

    /// As many registers as the relative standard deviation asks for.
    init(precision: Int) {
        self.precision = precision
        registers = [UInt8](repeating: 0, count: 1 << precision)
    }

    static func precision(deviation: Double) -> Int { Int((2 * Libm.log(1.106 / deviation) / Libm.log(2)).rounded(.up)) }

    mutating func add(hash: Int64) {
        let hash = UInt64(bitPattern: hash)
        let index = Int(hash >> UInt64(64 - precision))
        let rest = hash << UInt64(precision) | 1 << UInt64(precision - 1)
        registers[index] = max(registers[index], UInt8(rest.leadingZeroBitCount + 1))
    }

    mutating func merge(_ other: HyperLogLog) {
        for index in registers.indices { registers[index] = max(registers[index], other.registers[index]) }
    }

    var estimate: Int64 {
        let count = Double(registers.count)
        var sum = 0.0
        var empty = 0
        for register in registers {
            sum += Double(sign: .plus, exponent: -Int(register), significand: 1)
            if register == 0 { empty += 1 }
        }
        let alpha =
            switch precision {
            case 4: 0.673
            case 5: 0.697
            case 6: 0.709
            default: 0.7213 / (1 + 1.079 / count)
            }
        let raw = alpha * count * count / sum
        let corrected = precision < 19 && raw < 5 * count ? raw - bias(raw) : raw
        if empty > 0 {
            let linear = count * Libm.log(count / Double(empty))
            let threshold =
                HyperLogLogFigures.thresholds.indices.contains(precision - 4) ? HyperLogLogFigures.thresholds[precision - 4] : 5 * count
            if linear <= threshold || raw <= 2.5 * count { return Int64(linear.rounded()) }
        }
        return Int64(corrected.rounded())
    }

    /// The mean bias of the six published points that are nearest.
    private func bias(_ estimate: Double) -> Double {
        guard HyperLogLogFigures.means.indices.contains(precision - 4) else { return 0 }
        let points = HyperLogLogFigures.means[precision - 4]
        let nearest = points.firstIndex { $0.raw >= estimate } ?? points.count
        func distance(_ index: Int) -> Double { (points[index].raw - estimate) * (points[index].raw - estimate) }
        var low = max(nearest - 6 + 1, 0)
        var high = min(low + 6, points.count)
        while high < points.count, distance(high) < distance(low) {
            low += 1
            high += 1
        }
        return points[low..<high].reduce(0) { $0 + $1.raw - $1.count } / Double(high - low)
    }
}

extension AggregateFunction {
    static let approxCountDistinct = AggregateFunction(
        "approx_count_distinct", since: "1.6.0",
        usage: "approx_count_distinct(expr[, relativeSD]) - About how many distinct values there are that are not NULL, by HyperLogLog++.",
        examples: [
            Example("approx_count_distinct(x) FROM VALUES (1), (1), (2), (2), (3), (NULL) AS t(x)", "3"),
            Example("approx_count_distinct(x, 0.1) FROM VALUES ('a'), ('b') AS t(x)", "2"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        var deviation = 0.05
        if call.arguments.count == 2 {
            guard case .double(let value) = try call.call.constant(1, "relativeSD", .double, context) else {
                throw call.call.unexpectedType(1, "\"DOUBLE\"")
            }
            deviation = value
        }
        let precision = deviation > 0 && deviation < 1e9 ? HyperLogLog.precision(deviation: deviation) : 0
        guard (4...25).contains(precision) else {
            throw call.call.mismatch(
                .datatypeMismatchValueOutOfRange,
                ["exprName": "relativeSD", "valueRange": "(0, 0.39]", "currentValue": "\(deviation)"])
        }
        let type = call.arguments[0].type
        let types = call.arguments.count == 2 ? [type, .double] : [type]
        return BoundAggregate(types, returns: .long, nullable: false) {
            StateAccumulator<HyperLogLog, Int64>(
                HyperLogLog(precision: precision), type: .long,
                steps: { (arguments, _) throws(SQLError) in
                    // Strings that their collation takes for equal count once.
                    let column = type.hasCollation ? arguments[0].collated() : arguments[0]
                    return { (state, row) throws(SQLError) in
                        if !column.isNull(row) { state.add(hash: XXHash64.hash(column, row, 42)) }
                    }
                },
                join: { (state, other) throws(SQLError) in state.merge(other) },
                result: { (state, _) throws(SQLError) in state.estimate })
        }
    }
}
