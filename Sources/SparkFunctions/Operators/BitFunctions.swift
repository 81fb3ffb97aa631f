import Columnar
import SparkErrors

extension ScalarFunction {
    private static func bitwise(_ symbol: String, _ operation: ArithmeticOp, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(symbol, group: .bitwise, usage: usage, examples: examples, syntax: .infix(symbol)) { (call, context) throws(SQLError) in
            try call.checkCount(2...2)
            var (left, right) = (call.arguments[0].type, call.arguments[1].type)
            if context.ansi, left.isString != right.isString, let wider = Coercion.widerForString(left, right) { (left, right) = (wider, wider) }
            if let common = Coercion.tightestCommonType(left, right) { (left, right) = (common, common) }
            if left == .void { (left, right) = (.int, .int) }
            guard left == right else { throw call.differentTypes(left, right) }
            guard left.isInteger else { throw call.wrongType("\"INTEGRAL\"", left) }
            return BoundScalar([left, left], returns: left, nullable: call.anyNullable, constants: .passed) { (arguments, _, _) throws(SQLError) in
                do throws(KernelError) { return try Kernel.arithmetic(operation, arguments[0], arguments[1]) } catch {
                    throw .internalFault("bits of \(arguments[0].type.sqlText)")
                }
            }
        }
    }

    static let bitAnd = bitwise("&", .bitAnd, usage: "expr1 & expr2 - The bits that both have.", examples: [Example("3 & 5", "1")])
    static let bitOr = bitwise("|", .bitOr, usage: "expr1 | expr2 - The bits that either has.", examples: [Example("3 | 5", "7")])
    static let bitXor = bitwise("^", .bitXor, usage: "expr1 ^ expr2 - The bits that one of them has.", examples: [Example("3 ^ 5", "6")])

    /// A function of whole numbers that keeps their type.
    private static func onIntegers(
        _ argument: Column, _ narrow: (Int64, Int) -> Int64
    ) throws(SQLError) -> Column {
        let type = argument.type
        func each<T: PlainCell & FixedWidthInteger>(_: T.Type) throws(SQLError) -> Column {
            try Rows.map(argument, to: type) { (value: T) throws(SQLError) -> T? in T(truncatingIfNeeded: narrow(Int64(value), T.bitWidth)) }
        }
        switch type {
        case .byte: return try each(Int8.self)
        case .short: return try each(Int16.self)
        case .int: return try each(Int32.self)
        default: return try each(Int64.self)
        }
    }

    static let bitNot = ScalarFunction(
        "~", Signature([.integral], returns: { $0[0] }), group: .bitwise, usage: "~ expr - All bits turned.",
        examples: [Example("~ 0", "-1"), Example("~ 5L", "-6")], syntax: .custom { _, arguments in "~" + arguments.joined() },
        kernel: RowKernel { (arguments, _, _, _) throws(SQLError) in try onIntegers(arguments[0]) { value, _ in ~value } })

    private static func shift(
        _ name: String, _ symbol: String, since: String, usage: String, examples: [Example],
        _ int: @escaping @Sendable (Int32, Int32) -> Int32, _ long: @escaping @Sendable (Int64, Int64) -> Int64
    ) -> [ScalarFunction] {
        func make(_ name: String, _ syntax: CallSyntax, _ examples: [Example]) -> ScalarFunction {
            ScalarFunction(
                name, Signature([.oneOf([.exact(.int), .exact(.long)]), .exact(.int)], returns: { $0[0] }), group: .bitwise, since: since,
                usage: usage,
                examples: examples, syntax: syntax,
                kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
                    if case .int = type {
                        return try Rows.map(arguments[0], arguments[1], to: type) { (a: Int32, b: Int32) throws(SQLError) -> Int32? in int(a, b & 31)
                        }
                    }
                    return try Rows.map(arguments[0], arguments[1], to: type) { (a: Int64, b: Int32) throws(SQLError) -> Int64? in
                        long(a, Int64(b & 63))
                    }
                })
        }
        return [make(name, .call, examples), make(symbol, .infix(symbol), [])]
    }

    static let shiftsLeft = shift(
        "shiftleft", "<<", since: "1.5.0", usage: "shiftleft(base, expr) - The bits of base moved left.", examples: [Example("shiftleft(2, 1)", "4")],
        { $0 &<< $1 }, { $0 &<< $1 })
    static let shiftsRight = shift(
        "shiftright", ">>", since: "1.5.0", usage: "shiftright(base, expr) - The bits of base moved right, the sign kept.",
        examples: [Example("shiftright(4, 1)", "2"), Example("shiftright(-8, 1)", "-4")], { $0 &>> $1 }, { $0 &>> $1 })
    static let shiftsRightUnsigned = shift(
        "shiftrightunsigned", ">>>", since: "1.5.0", usage: "shiftrightunsigned(base, expr) - The bits of base moved right, zeros behind them.",
        examples: [Example("shiftrightunsigned(4, 1)", "2"), Example("shiftrightunsigned(-8, 1)", "2147483644")],
        { Int32(bitPattern: UInt32(bitPattern: $0) &>> UInt32($1)) }, { Int64(bitPattern: UInt64(bitPattern: $0) &>> UInt64($1)) })

    static let bitCount = ScalarFunction(
        "bit_count", Signature([.oneOf([.integral, .exact(.boolean)])], returns: .int), group: .bitwise, since: "3.0.0",
        usage: "bit_count(expr) - How many bits are set; a negative number counts as 64 bits wide.",
        examples: [Example("bit_count(0)", "0"), Example("bit_count(7)", "3"), Example("bit_count(-1)", "64"), Example("bit_count(true)", "1")],
        kernel: RowKernel { (arguments, type, _, context) throws(SQLError) in
            let wide = try Cast.cast(arguments[0], to: .long, context)
            return try Rows.map(wide, to: type) { (value: Int64) throws(SQLError) -> Int32? in Int32(value.nonzeroBitCount) }
        })

    static let bitGet = ScalarFunction(
        "bit_get", aliases: ["getbit"], Signature([.integral, .exact(.int)], returns: .byte), group: .bitwise, since: "3.2.0",
        usage: "bit_get(expr, pos) - The bit at a position, counted from the right and from 0.",
        examples: [Example("bit_get(11, 0)", "1"), Example("bit_get(11, 2)", "0")],
        kernel: RowKernel { (arguments, type, _, context) throws(SQLError) in
            let width: Int32 =
                switch arguments[0].type {
                case .byte: 8
                case .short: 16
                case .int: 32
                default: 64
                }
            let wide = try Cast.cast(arguments[0], to: .long, context)
            return try Rows.map(wide, arguments[1], to: type) { (value: Int64, position: Int32) throws(SQLError) -> Int8? in
                guard position >= 0, position < width else {
                    throw SQLError(
                        .invalidParameterValueBitPositionRange,
                        [
                            "parameter": SQLQuote.id("pos"), "functionName": SQLQuote.id("bit_get"), "upper": "\(width)",
                            "invalidValue": "\(position)",
                        ])
                }
                return Int8(truncatingIfNeeded: value >> Int64(position) & 1)
            }
        })
}

let bitFunctions: [ScalarFunction] =
    [.bitAnd, .bitOr, .bitXor, .bitNot, .bitCount, .bitGet] + ScalarFunction.shiftsLeft + ScalarFunction.shiftsRight
    + ScalarFunction.shiftsRightUnsigned
