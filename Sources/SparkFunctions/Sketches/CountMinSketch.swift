import Columnar
import SparkErrors

/// Counters of values by several hashes, in the format of Spark's `CountMinSketch`.
struct CountMinSketch: Sendable {
    private let width: Int
    private let multipliers: [Int64]
    private var counters: [Int64]
    private var total: Int64 = 0

    init(depth: Int, width: Int, seed: Int32) {
        self.width = width
        var random = JavaUtilRandom(seed: Int64(seed))
        multipliers = (0..<depth).map { _ in Int64(random.nextInt(below: .max)) }
        counters = [Int64](repeating: 0, count: depth * width)
    }

    mutating func add(_ value: Int64) {
        for (row, multiplier) in multipliers.enumerated() {
            var hash = multiplier &* value
            hash = (hash &+ hash >> 32) & Int64(Int32.max)
            counters[row * width + Int(hash) % width] &+= 1
        }
        total &+= 1
    }

    mutating func add(_ bytes: ByteSlice) {
        let first = Murmur3.bytes(bytes, 0)
        let second = Murmur3.bytes(bytes, first)
        for row in multipliers.indices {
            let hash = first &+ Int32(truncatingIfNeeded: row) &* second
            counters[row * width + Int((hash % Int32(truncatingIfNeeded: width)).magnitude)] &+= 1
        }
        total &+= 1
    }

    mutating func merge(_ other: CountMinSketch) {
        for index in counters.indices { counters[index] &+= other.counters[index] }
        total &+= other.total
    }

    /// Version 1: big-endian total, depth, width, multipliers, counters.
    var bytes: [UInt8] {
        var writer = ByteWriter()
        writer.big(Int32(1))
        writer.big(total)
        writer.big(Int32(truncatingIfNeeded: multipliers.count))
        writer.big(Int32(truncatingIfNeeded: width))
        for multiplier in multipliers { writer.big(multiplier) }
        for counter in counters { writer.big(counter) }
        return writer.bytes
    }
}

/// `java.util.Random`: a linear congruence of 48 bits.
struct JavaUtilRandom: Sendable {
    private var state: UInt64

    init(seed: Int64) { state = (UInt64(bitPattern: seed) ^ 0x5DEE_CE66D) & (1 << 48 - 1) }

    mutating func next(bits: UInt64) -> Int32 {
        state = (state &* 0x5DEE_CE66D &+ 0xB) & (1 << 48 - 1)
        return Int32(truncatingIfNeeded: Int64(bitPattern: state) >> Int64(48 - bits))
    }

    mutating func nextInt(below bound: Int32) -> Int32 {
        if bound & (bound - 1) == 0 { return Int32(truncatingIfNeeded: Int64(bound) * Int64(next(bits: 31)) >> 31) }
        while true {
            let bits = next(bits: 31)
            let value = bits % bound
            if bits &- value &+ (bound - 1) >= 0 { return value }
        }
    }

    mutating func nextDouble() -> Double {
        let high = Int64(next(bits: 26)) << 27
        return Double(high + Int64(next(bits: 27))) * 0x1p-53
    }
}

extension AggregateFunction {
    static let countMinSketch = AggregateFunction(
        "count_min_sketch", since: "2.2.0",
        usage: "count_min_sketch(expr, eps, confidence, seed) - How often values occur, as the bytes of a count-min sketch.",
        examples: [
            Example(
                "hex(count_min_sketch(x, 0.5d, 0.5d, 1)) FROM VALUES (1), (2), (1) AS t(x)",
                "0000000100000000000000030000000100000004000000005D8D6AB90000000000000000000000000000000200000000000000010000000000000000")
        ]
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(4...4)
        let given = call.arguments[0].type
        let wanted = TypeClass.oneOf([.integral, .string, .exact(.binary)])
        guard let type = Coercion.implicitCast(given, to: wanted) else { throw call.call.unexpectedType(0, wanted.text) }
        for index in 1...2 where ![.double, .void].contains(call.arguments[index].type) { throw call.call.unexpectedType(index, "\"DOUBLE\"") }
        guard Coercion.implicitCast(call.arguments[3].type, to: .exact(.int)) != nil else { throw call.call.unexpectedType(3, "\"INT\"") }
        func number(_ index: Int, _ name: String) throws(SQLError) -> Double {
            switch try call.call.constant(index, name, index == 3 ? .int : .double, context) {
            case .double(let value): return value
            case .integer(let value): return Double(value)
            default: throw call.call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": SQLQuote.id(name)])
            }
        }
        let (eps, confidence, seed) = (try number(1, "eps"), try number(2, "confidence"), try number(3, "seed"))
        func outOfRange(_ name: String, _ range: String, _ value: Double) -> SQLError {
            call.call.mismatch(.datatypeMismatchValueOutOfRange, ["exprName": name, "valueRange": range, "currentValue": "\(value)"])
        }
        guard eps > 0, eps.isFinite else { throw outOfRange("eps", "(0.0, 1.7976931348623157E308)", eps) }
        guard confidence > 0, confidence < 1 else { throw outOfRange("confidence", "(0.0, 1.0)", confidence) }
        let (depth, width) = ((-Libm.log(1 - confidence) / Libm.log(2)).rounded(.up), (2 / eps).rounded(.up))
        guard depth * width <= Double(1 << 24) else { throw .tooLong(1 << 24) }
        let empty = CountMinSketch(depth: Int(depth), width: Int(width), seed: Int32(seed))
        return BoundAggregate([type, .double, .double, .int], returns: .binary, nullable: false) {
            StateAccumulator<CountMinSketch, [UInt8]>(
                empty, type: .binary,
                steps: { (arguments, context) throws(SQLError) in
                    if let source = ByteSlice.source(arguments[0]) {
                        let column = arguments[0]
                        return { (state, row) throws(SQLError) in if !column.isNull(row) { state.add(ByteSlice.read(source, row)) } }
                    }
                    let column = try Cast.cast(arguments[0], to: .long, context)
                    let source = Int64.source(column) ?? []
                    return { (state, row) throws(SQLError) in if !column.isNull(row) { state.add(source[row]) } }
                },
                join: { (state, other) throws(SQLError) in state.merge(other) },
                result: { (state, _) throws(SQLError) in state.bytes })
        }
    }
}
