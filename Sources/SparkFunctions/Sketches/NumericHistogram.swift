import Columnar
import SparkErrors

/// A histogram of at most so many bins that follow the data: the nearest two become one (Ben-Haim and Tom-Tov, 2010). Of several nearest pairs a
/// draw decides, always the same one.
struct NumericHistogram: Sendable {
    private(set) var bins: [(x: Double, y: Double)] = []
    private let limit: Int
    private var random = JavaUtilRandom(seed: 31_183)

    init(limit: Int) { self.limit = limit }

    mutating func add(_ value: Double) {
        var low = 0
        var high = bins.count
        while low < high {
            let middle = (low + high) / 2
            if bins[middle].x < value { low = middle + 1 } else { high = middle }
        }
        if low < bins.count, bins[low].x == value {
            bins[low].y += 1
        } else {
            bins.insert((value, 1), at: low)
            trim()
        }
    }

    mutating func merge(_ other: NumericHistogram) {
        bins = (bins + other.bins).sorted { $0.x < $1.x }
        trim()
    }

    private mutating func trim() {
        while bins.count > limit, bins.count > 1 {
            var least = bins[1].x - bins[0].x
            var place = 0
            var ties = 1
            for index in 1..<max(1, bins.count - 1) {
                let difference = bins[index + 1].x - bins[index].x
                if difference < least {
                    least = difference
                    place = index
                    ties = 1
                } else if difference == least {
                    ties += 1
                    if random.nextDouble() <= 1 / Double(ties) { place = index }
                }
            }
            let (a, b) = (bins[place], bins[place + 1])
            let sum = a.y + b.y
            bins[place] = (a.x * (a.y / sum) + b.x / sum * b.y, sum)
            bins.remove(at: place + 1)
        }
    }
}

extension AggregateFunction {
    static let histogramNumeric = AggregateFunction(
        "histogram_numeric", since: "3.3.0",
        usage: "histogram_numeric(expr, nb) - A histogram of at most nb bins: the middle x and the count y of each.",
        examples: [
            Example(
                "histogram_numeric(x, 3) FROM VALUES (0), (2), (10), (20) AS t(x)",
                "[{\"x\":1,\"y\":2.0},{\"x\":10,\"y\":1.0},{\"x\":20,\"y\":1.0}]")
        ]
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(2...2)
        let wanted = TypeClass.oneOf([
            .numeric, .exact(.date), .exact(.timestamp), .exact(.timestampNTZ), .yearMonthInterval, .dayTimeInterval,
        ])
        guard let type = Coercion.implicitCast(call.arguments[0].type, to: wanted) else {
            throw call.call.unexpectedType(
                0,
                "(\"NUMERIC\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP_NTZ\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")
        }
        guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.int)) != nil else { throw call.call.unexpectedType(1, "\"INT\"") }
        guard case .integer(let limit) = try call.call.constant(1, "nb", .int, context) else {
            throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": "`nb`"])
        }
        guard limit >= 2 else {
            throw call.call.mismatch(
                .datatypeMismatchValueOutOfRange,
                ["exprName": "histogram_numeric", "valueRange": "[2, 2147483647]", "currentValue": "\(limit)"])
        }
        let bin = DataType.structure([Field("x", type), Field("y", .double)])
        let result = DataType.array(element: bin, containsNull: true)
        return BoundAggregate([type, .int], returns: result, orderInsensitive: false) {
            StateAccumulator<NumericHistogram, Value>(
                NumericHistogram(limit: Int(limit)), type: result,
                steps: { (arguments, _) throws(SQLError) in
                    let column = arguments[0]
                    return { (state, row) throws(SQLError) in
                        switch column.value(at: row) {
                        case .integer(let value): state.add(Double(value))
                        case .double(let value): state.add(value)
                        case .float(let value): state.add(Double(value))
                        case .decimal(let digits):
                            if case .decimal(let decimal) = type { state.add(Double(digits) / Libm.pow(10, Double(decimal.scale))) }
                        default: break
                        }
                    }
                },
                join: { (state, other) throws(SQLError) in state.merge(other) },
                result: { (state, context) throws(SQLError) in
                    if state.bins.isEmpty { return nil }
                    var bins: [Value] = []
                    for bin in state.bins {
                        let x: Value =
                            switch type {
                            case .double: .double(bin.x)
                            case .date, .timestamp, .timestampNTZ, .yearMonthInterval, .dayTimeInterval:
                                .integer(Int64(exactly: bin.x.rounded(.towardZero)) ?? 0)
                            default: try Cast.cast(.double(bin.x), from: .double, to: type, context)
                            }
                        bins.append(.structure([x, .double(bin.y)]))
                    }
                    return .list(bins)
                })
        }
    }
}
