import Columnar
import SparkErrors

extension ScalarFunction {
    private static func arithmetic(
        _ operation: ArithmeticOperation, aliases: [String] = [], usage: String, examples: [Example]
    ) -> ScalarFunction {
        ScalarFunction(
            operation.rawValue, aliases: aliases, group: .operators, usage: usage, examples: examples, syntax: .infix(operation.rawValue)
        ) { (call, context) throws(SQLError) in try Arithmetic.bind(operation, call, context) }
    }

    private static func attempt(_ name: String, _ operation: ArithmeticOperation, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .math, since: "3.2.0", usage: usage, examples: examples) { (call, context) throws(SQLError) in
            var strict = context
            strict.ansi = true
            return try Arithmetic.bind(operation, call, strict, attempt: true).shown(as: nil)
        }
    }

    static let add = arithmetic(
        .add, usage: "expr1 + expr2 - The sum; of a date or timestamp and an interval, the moved one; of a date and a whole number, days later.",
        examples: [
            Example("1 + 2", "3"), Example("1.5 + 2", "3.5"), Example("'1' + 1", "2"), Example("1 + NULL", "NULL"),
            Example("DATE'2024-01-31' + INTERVAL '1' MONTH", "2024-02-29"), Example("DATE'2024-01-31' + 1", "2024-02-01"),
        ])
    static let subtract = arithmetic(
        .subtract, usage: "expr1 - expr2 - The difference; of dates, an interval of days.",
        examples: [Example("2 - 5", "-3"), Example("0.1 - 1", "-0.9"), Example("DATE'2024-03-01' - 1", "2024-02-29")])
    static let multiply = arithmetic(
        .multiply, usage: "expr1 * expr2 - The product, also of an interval and a number.",
        examples: [Example("2 * 3", "6"), Example("1.10 * 1.1", "1.210")])
    static let divide = arithmetic(
        .divide, usage: "expr1 / expr2 - The quotient as DOUBLE, or DECIMAL of decimals; an error if expr2 is zero.",
        examples: [Example("3 / 2", "1.5"), Example("1.0 / 3", "0.333333"), Example("4L / 2L", "2.0")])
    static let remainder = arithmetic(
        .remainder, usage: "expr1 % expr2 - The remainder, with the sign of expr1.",
        examples: [Example("5 % 3", "2"), Example("-5 % 3", "-2"), Example("-5.5 % 2", "-1.5")])
    static let mod = ScalarFunction(
        "mod", group: .math, usage: "mod(expr1, expr2) - The same as expr1 % expr2.",
        examples: [Example("mod(2, 1.8)", "0.2"), Example("mod(-7, 3)", "-1")],
        syntax: .call
    ) { (call, context) throws(SQLError) in try Arithmetic.bind(.remainder, call, context) }
    static let integralDivide = arithmetic(
        .integralDivide, usage: "expr1 div expr2 - The quotient cut towards zero, as BIGINT.",
        examples: [Example("3 div 2", "1"), Example("-7 div 2", "-3"), Example("7.5 div 2", "3")])

    static let tryAdd = attempt(
        "try_add", .add, usage: "try_add(expr1, expr2) - The sum, or NULL if it does not fit.",
        examples: [Example("try_add(1, 2)", "3"), Example("try_add(2147483647, 1)", "NULL"), Example("try_add(DATE'2021-01-01', 1)", "2021-01-02")])
    static let trySubtract = attempt(
        "try_subtract", .subtract, usage: "try_subtract(expr1, expr2) - The difference, or NULL if it does not fit.",
        examples: [Example("try_subtract(2, 1)", "1"), Example("try_subtract(-2147483648, 1)", "NULL")])
    static let tryMultiply = attempt(
        "try_multiply", .multiply, usage: "try_multiply(expr1, expr2) - The product, or NULL if it does not fit.",
        examples: [Example("try_multiply(2, 3)", "6"), Example("try_multiply(2147483647, 2)", "NULL")])
    static let tryDivide = attempt(
        "try_divide", .divide, usage: "try_divide(dividend, divisor) - The quotient, or NULL if the divisor is zero.",
        examples: [Example("try_divide(3, 2)", "1.5"), Example("try_divide(1, 0)", "NULL")])
    static let tryMod = attempt(
        "try_mod", .remainder, usage: "try_mod(dividend, divisor) - The remainder, or NULL if the divisor is zero.",
        examples: [Example("try_mod(5, 3)", "2"), Example("try_mod(5, 0)", "NULL")])

    // MARK: Signs

    private static let signedText = "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")"

    static func signedType(_ call: Call, _ text: String) throws(SQLError) -> DataType {
        try call.checkCount(1...1)
        let type = call.arguments[0].type
        switch type {
        case .void: return .double
        case .yearMonthInterval, .dayTimeInterval: return type
        case _ where type.isString: return .double
        case _ where type.isNumeric: return type
        default: throw call.unexpectedType(0, text)
        }
    }

    static func signFault(_ error: KernelError, _ type: DataType) -> SQLError {
        switch type {
        case .byte: .arithmeticOverflow("byte overflow")
        case .short: .arithmeticOverflow("short overflow")
        case .int: .arithmeticOverflow("integer overflow")
        case .long: .arithmeticOverflow("long overflow")
        case .yearMonthInterval, .dayTimeInterval: SQLError(.intervalArithmeticOverflowWithoutSuggestion)
        default: .internalFault("sign of \(type.sqlText)")
        }
    }

    private static func negation(_ name: String, syntax: CallSyntax, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .math, usage: usage, examples: examples, syntax: syntax) { (call, context) throws(SQLError) in
            let type = try signedType(call, signedText)
            let handling: FaultHandling = context.ansi ? .raise : .wrap
            return BoundScalar([type], returns: type, nullable: call.anyNullable, constants: .passed) { (arguments, rowCount, _) throws(SQLError) in
                let numbers = try arguments[0].expanded(to: rowCount)
                do throws(KernelError) { return try Kernel.negate(numbers, onFault: handling) } catch {
                    throw signFault(error, type)
                }
            }
        }
    }

    static let negative = negation(
        "negative", syntax: .call, usage: "negative(expr) - The number or interval with its sign turned.",
        examples: [Example("negative(1)", "-1"), Example("negative(-1.5)", "1.5")])
    static let unaryMinus = negation(
        "unary -", syntax: .prefix("-"), usage: "- expr - The number or interval with its sign turned.", examples: [])
    static let positive = ScalarFunction(
        "positive", aliases: ["unary +"], group: .math, usage: "positive(expr) - The number or interval itself.",
        examples: [Example("positive(1)", "1"), Example("positive('2')", "2.0")], syntax: .prefix("+")
    ) { (call, _) throws(SQLError) in
        let type = try signedType(call, signedText)
        return BoundScalar([type], returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in arguments[0] }
    }
}

let arithmeticFunctions: [ScalarFunction] = [
    .add, .subtract, .multiply, .divide, .remainder, .mod, .integralDivide, .tryAdd, .trySubtract, .tryMultiply, .tryDivide, .tryMod, .negative,
    .unaryMinus, .positive,
]
