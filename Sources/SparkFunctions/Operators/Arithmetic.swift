import Columnar
import SparkErrors

/// `+ - * / % div` and their `try_` forms.
enum Arithmetic {
    static func bind(
        _ operation: ArithmeticOperation, _ call: Call, _ context: EvaluationContext, attempt: Bool = false
    ) throws(SQLError) -> BoundScalar {
        try call.checkCount(2...2)
        if let temporal = try TemporalArithmetic.bind(operation, call, context, attempt: attempt) { return temporal }
        let (left, right) = try operands(operation, call, context)
        let fault = FaultMode(attempt: attempt, ansi: context.ansi)
        let nullable = call.anyNullable || attempt || (!context.ansi && operation != .multiply)
        if case .decimal(let a) = left, case .decimal(let b) = right {
            let result = DecimalType.result(of: operation, a, b)
            return BoundScalar(
                [left, right], returns: operation == .integralDivide ? .long : .decimal(result), nullable: nullable, constants: .passed
            ) { (arguments, _, _) throws(SQLError) in
                try decimal(operation, arguments[0], arguments[1], result, fault)
            }
        }
        return BoundScalar([left, right], returns: left, nullable: nullable, constants: .passed) { (arguments, _, context) throws(SQLError) in
            try plain(operation, arguments[0], arguments[1], fault, context)
        }
    }

    /// How a row at fault is treated.
    struct FaultMode: Sendable {
        let attempt: Bool
        let ansi: Bool

        var handling: FaultHandling { attempt ? .null : (ansi ? .raise : .wrap) }
    }

    // MARK: Types

    /// The types of both operands, equal unless both are decimals.
    private static func operands(
        _ operation: ArithmeticOperation, _ call: Call, _ context: EvaluationContext
    ) throws(SQLError) -> (DataType, DataType) {
        var left = call.arguments[0].type
        var right = call.arguments[1].type
        // A string takes the other side's type, numbers widened; outside ANSI mode it is a DOUBLE.
        if context.ansi {
            if left.isString != right.isString, let wider = Coercion.widerForString(left, right) { (left, right) = (wider, wider) }
        } else {
            if left.isString { left = .double }
            if right.isString { right = .double }
        }
        if case .void = left { left = right }
        if case .void = right { right = left }
        if case .void = left {
            (left, right) = operation == .integralDivide ? (.long, .long) : (.double, .double)
        }
        // Decimals: integers become decimals too, floating numbers pull to DOUBLE.
        if Cast.isDecimal(left) != Cast.isDecimal(right) {
            let other = Cast.isDecimal(left) ? right : left
            switch other {
            case .float, .double: (left, right) = (.double, .double)
            default:
                left = widened(call.arguments[0], left)
                right = widened(call.arguments[1], right)
            }
        }
        if Cast.isDecimal(left), Cast.isDecimal(right) { return (left, right) }
        switch operation {
        case .divide where left.isNumeric && right.isNumeric: (left, right) = (.double, .double)
        case .integralDivide:
            if left.isInteger { left = .long }
            if right.isInteger { right = .long }
        default:
            if left.isNumeric, right.isNumeric, let common = Coercion.tightestCommonType(left, right) { (left, right) = (common, common) }
        }
        guard left == right else { throw call.differentTypes(left, right) }
        let accepted: Bool =
            switch operation {
            case .integralDivide: left == .long
            case .divide: left == .double
            default: left.isNumeric
            }
        guard accepted else { throw call.wrongType(inputText(operation), left) }
        return (left, right)
    }

    private static func widened(_ argument: ArgumentInfo, _ type: DataType) -> DataType {
        guard type.isInteger else { return type }
        if argument.isLiteral, case .integer(let value)? = argument.constant { return .decimal(.holding(literal: value)) }
        return DecimalType.holding(type).map { .decimal($0) } ?? type
    }

    /// What `+` and `-` take, for messages.
    static let additive = "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")"

    private static func inputText(_ operation: ArithmeticOperation) -> String {
        switch operation {
        case .add, .subtract: additive
        case .multiply, .remainder: "\"NUMERIC\""
        case .divide: "(\"DOUBLE\" or \"DECIMAL\")"
        case .integralDivide: "(\"BIGINT\" or \"DECIMAL\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")"
        }
    }

    // MARK: Kernels

    private static func plain(
        _ operation: ArithmeticOperation, _ left: Column, _ right: Column, _ mode: FaultMode, _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        do throws(KernelError) {
            return try Kernel.arithmetic(operation.kernel, left, right, onFault: mode.handling)
        } catch {
            throw fault(error, operation, left, right, context)
        }
    }

    static func decimal(
        _ operation: ArithmeticOperation, _ left: Column, _ right: Column, _ result: DecimalType, _ mode: FaultMode
    ) throws(SQLError) -> Column {
        // Decimals never wrap: outside ANSI mode a result that does not fit is NULL.
        let handling: FaultHandling = mode.handling == .raise ? .raise : .null
        let column: Column
        do throws(KernelError) {
            column = try Kernel.decimal(operation.decimalKernel, left, right, result: result, onFault: handling)
        } catch {
            throw decimalFault(error, operation, left, right, result)
        }
        guard operation == .integralDivide else { return column }
        return try Rows.map(column, to: .long) { (digits: Int128) throws(SQLError) -> Int64? in
            if let exact = Int64(exactly: digits) { return exact }
            if mode.handling == .raise { throw .arithmeticOverflow("Overflow in integral divide", hint: "try_divide") }
            return mode.attempt ? nil : Int64(truncatingIfNeeded: digits)
        }
    }

    // MARK: Errors

    private static func at(_ column: Column, _ row: Int) -> Value { column.value(at: column.count == 1 ? 0 : row) }

    private static func fault(
        _ error: KernelError, _ operation: ArithmeticOperation, _ left: Column, _ right: Column, _ context: EvaluationContext
    ) -> SQLError {
        switch error {
        case .divideByZero: return operation == .remainder ? .remainderByZero : .divideByZero
        case .unsupportedLayout: return .internalFault("arithmetic on \(left.type.sqlText)")
        case .overflow(let row):
            if operation == .integralDivide { return .arithmeticOverflow("Overflow in integral divide", hint: "try_divide") }
            switch left.type {
            case .byte, .short:
                return .binaryOverflow(at(left, row), operation.rawValue, at(right, row), hint: operation.tryName)
            case .int: return .arithmeticOverflow("integer overflow", hint: operation.tryName)
            default: return .arithmeticOverflow("long overflow", hint: operation.tryName)
            }
        }
    }

    private static func decimalFault(
        _ error: KernelError, _ operation: ArithmeticOperation, _ left: Column, _ right: Column, _ result: DecimalType
    ) -> SQLError {
        switch error {
        case .divideByZero: return operation == .remainder ? .remainderByZero : .divideByZero
        case .unsupportedLayout: return .internalFault("decimal arithmetic on \(left.type.sqlText)")
        case .overflow(let row):
            guard case .decimal(let a) = left.type, case .decimal(let b) = right.type, case .decimal(let x) = at(left, row),
                case .decimal(let y) = at(right, row)
            else { return .arithmeticOverflow("decimal overflow", hint: operation.tryName) }
            if operation == .integralDivide { return .arithmeticOverflow("Overflow in integral divide", hint: "try_divide") }
            return .decimalOutOfRange(DecimalDigits.text(operation, x, a.scale, y, b.scale), result)
        }
    }
}

extension ArithmeticOperation {
    var kernel: ArithmeticOp {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide, .integralDivide: .divide
        case .remainder: .remainder
        }
    }

    var decimalKernel: DecimalOp {
        switch self {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        case .integralDivide: .integralDivide
        }
    }

    /// The function that gives NULL instead of an error.
    var tryName: String? {
        switch self {
        case .add: "try_add"
        case .subtract: "try_subtract"
        case .multiply: "try_multiply"
        case .divide, .integralDivide: "try_divide"
        case .remainder: "try_mod"
        }
    }
}

extension SQLError {
    private static let ansiConfig = SQLQuote.config("spark.sql.ansi.enabled")

    static var divideByZero: SQLError { SQLError(.divideByZero, ["config": ansiConfig]) }
    static var remainderByZero: SQLError { SQLError(.remainderByZero, ["config": ansiConfig]) }

    static func arithmeticOverflow(_ message: String, hint: String? = nil) -> SQLError {
        let alternative = hint.map { " Use '\($0)' to tolerate overflow and return NULL instead." } ?? ""
        return SQLError(.arithmeticOverflow, ["message": message, "alternative": alternative, "config": ansiConfig])
    }

    /// Both values are shown as SMALLINT, whichever of the two narrow types they have.
    static func binaryOverflow(_ left: Value, _ symbol: String, _ right: Value, hint: String?) -> SQLError {
        func text(_ value: Value) -> String { if case .integer(let number) = value { "\(number)S" } else { "NULL" } }
        return SQLError(
            .binaryArithmeticOverflow,
            ["value1": text(left), "symbol": symbol, "value2": text(right), "functionName": SQLQuote.id(hint ?? "")])
    }
}

extension Call {
    func differentTypes(_ left: DataType, _ right: DataType) -> SQLError {
        mismatch(
            .datatypeMismatchBinaryOpDiffTypes, ["left": SQLQuote.type(left.sqlText), "right": SQLQuote.type(right.sqlText)])
    }

    func wrongType(_ wanted: String, _ actual: DataType) -> SQLError {
        mismatch(.datatypeMismatchBinaryOpWrongType, ["inputType": wanted, "actualDataType": SQLQuote.type(actual.sqlText)])
    }
}
