import Columnar
import SparkErrors

extension ScalarFunction {
    private static let factorials: [Int64] = (1...20).reduce(into: [1]) { $0.append($0[$0.count - 1] * Int64($1)) }

    static let factorial = ScalarFunction(
        "factorial", Signature([.exact(.int)], returns: .long), group: .math, since: "1.5.0",
        usage: "factorial(expr) - The factorial; NULL outside of 0 to 20.",
        examples: [Example("factorial(5)", "120"), Example("factorial(21)", "NULL"), Example("factorial(20)", "2432902008176640000")], nulls: .always,
        kernel: .unary { (n: Int32) -> Int64? in factorials.indices.contains(Int(n)) ? factorials[Int(n)] : nil })

    static let bin = ScalarFunction(
        "bin", Signature([.exact(.long)], returns: .text), group: .math, since: "1.5.0",
        usage: "bin(expr) - A whole number's 64 bits, without zeros before them.",
        examples: [
            Example("bin(13)", "1101"), Example("bin(-13)", "1111111111111111111111111111111111111111111111111111111111110011"),
            Example("bin(13.3)", "1101"),
        ],
        kernel: .unary { (value: Int64) in String(UInt64(bitPattern: value), radix: 2) })

    static let conv = ScalarFunction(
        "conv", Signature([.string, .exact(.int), .exact(.int)], returns: .text), group: .math, since: "1.5.0",
        usage: "conv(num, from_base, to_base) - A number's digits in another base (2 to 36); a negative to_base takes it as signed.",
        examples: [
            Example("conv('100', 2, 10)", "4"), Example("conv(-10, 16, -10)", "-16"), Example("conv('-1', 10, 16)", "FFFFFFFFFFFFFFFF"),
            Example("conv('1g', 16, 10)", "1"),
            Example("conv('11', 1, 10)", "NULL"), Example("conv('zz', 10, 16)", "0"),
        ], nulls: .always,
        kernel: .ternaryIn { (text: ByteSlice, from: Int32, to: Int32, context: EvaluationContext) throws(SQLError) -> String? in
            guard (2...36).contains(from), (2...36).contains(to.magnitude) else { return nil }
            var digits = text
            while digits.first == 0x20 { digits.removeFirst() }
            while digits.last == 0x20 { digits.removeLast() }
            if digits.isEmpty { return nil }
            var negative = false
            if digits.first == UInt8(ascii: "-") {
                negative = true
                digits = digits.dropFirst()
            }
            var value: UInt64 = 0
            for byte in digits {
                let digit: UInt64
                switch byte {
                case 48...57: digit = UInt64(byte - 48)
                case 65...90: digit = UInt64(byte - 55)
                case 97...122: digit = UInt64(byte - 87)
                default: digit = 99
                }
                guard digit < UInt64(from) else { break }
                let (scaled, overflow) = value.multipliedReportingOverflow(by: UInt64(from))
                let (sum, over) = scaled.addingReportingOverflow(digit)
                if overflow || over {
                    if context.ansi { throw .arithmeticOverflow("Overflow in function conv()") }
                    value = .max
                    break
                }
                value = sum
            }
            if negative {
                value = to > 0 && Int64(bitPattern: value) < 0 ? .max : 0 &- value
            }
            if to < 0, Int64(bitPattern: value) < 0 { return "-" + String((0 &- value), radix: Int(to.magnitude), uppercase: true) }
            return String(value, radix: Int(to.magnitude), uppercase: true)
        })

    static let widthBucket = ScalarFunction(
        "width_bucket", group: .math, since: "3.1.0",
        usage: "width_bucket(value, min, max, n) - The bucket, of n equal ones from min to max, in which value lies; 0 or n + 1 outside of them.",
        examples: [
            Example("width_bucket(5.3, 0.2, 10.6, 5)", "3"), Example("width_bucket(-2.1, 1.3, 3.4, 3)", "0"),
            Example("width_bucket(8.1, 0.0, 5.7, 4)", "5"),
            Example("width_bucket(-0.9, 5.2, 0.5, 2)", "3"), Example("width_bucket(1, 1, 1, 2)", "NULL"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(4...4)
        let given = call.types
        let bounds: DataType
        if TemporalArithmetic.isInterval(given[0]), let common = Coercion.commonType(Array(given[0...2])), TemporalArithmetic.isInterval(common) {
            bounds = common
        } else {
            bounds = .double
            for index in 0...2 where Coercion.implicitCast(given[index], to: .exact(.double)) == nil {
                throw call.unexpectedType(index, "(\"DOUBLE\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")
            }
        }
        guard Coercion.implicitCast(given[3], to: .exact(.long)) != nil else { throw call.unexpectedType(3, "\"BIGINT\"") }
        return BoundScalar([bounds, bounds, bounds, .long], returns: .long, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            func number(_ value: Value) -> Double {
                switch value {
                case .double(let number): number
                case .integer(let number): Double(number)
                default: .nan
                }
            }
            return try Rows.make(.long, rowCount, validity: validity) { (row) throws(SQLError) -> Int64? in
                guard case .integer(let count) = arguments[3].value(at: row) else { return nil }
                let (value, low, high) = (
                    number(arguments[0].value(at: row)), number(arguments[1].value(at: row)), number(arguments[2].value(at: row))
                )
                guard count > 0, count != .max, !value.isNaN, low != high, low.isFinite, high.isFinite else { return nil }
                let (least, greatest) = (min(low, high), max(low, high))
                if low < high {
                    if value < least { return 0 }
                    if value >= greatest { return count + 1 }
                } else {
                    if value > greatest { return 0 }
                    if value <= least { return count + 1 }
                }
                let part = low < high ? (value - least) / (greatest - least) : (greatest - value) / (greatest - least)
                return Int64(exactly: (Double(count) * part).rounded(.towardZero)).map { $0 + 1 }
            }
        }
    }
}

let numberFunctions: [ScalarFunction] = [.factorial, .bin, .conv, .widthBucket]
