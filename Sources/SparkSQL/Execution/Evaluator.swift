import Columnar
import SparkErrors
import SparkFunctions

/// An expression bound to the positions of its input's columns. The result has a row for each of the input's, or a single row that stands for all.
protocol Evaluator: AnyObject {
    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column
    /// Positions of the columns that are read, ascending.
    var inputs: [Int] { get }
    /// Cheap and never an error: may be evaluated for rows that do not need it.
    var isSafe: Bool { get }
}

extension Evaluator {
    /// A row for each of the input's.
    func column(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        try evaluate(rows, context).expanded(to: rows.count)
    }

    /// The result as truth values, a row each.
    func booleans(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> BooleanArray {
        let column = try column(rows, context)
        guard let array = column.booleans else { throw SQLError.internalFault("a condition is not BOOLEAN") }
        return array
    }
}

extension SQLError {
    /// For what cannot happen.
    static func internalFault(_ message: String) -> SQLError { SQLError(.internalError, ["message": message]) }
}

enum Evaluators {
    static func inputs(_ parts: [any Evaluator]) -> [Int] {
        if parts.count == 1 { return parts[0].inputs }
        return Set(parts.flatMap(\.inputs)).sorted()
    }
}

final class ColumnEvaluator: Evaluator {
    private let index: Int
    let inputs: [Int]
    let isSafe = true

    init(_ index: Int) {
        self.index = index
        inputs = [index]
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard rows.columns.indices.contains(index) else { throw .internalFault("column \(index) is missing") }
        return rows.columns[index]
    }
}

final class ConstantEvaluator: Evaluator {
    let column: Column
    let inputs: [Int] = []
    let isSafe = true

    /// A column of one row.
    init(_ column: Column) { self.column = column }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column { column }
}

final class CallEvaluator: Evaluator {
    private let call: BoundScalar
    private let arguments: [any Evaluator]
    private let span: SourceSpan?
    let inputs: [Int]
    let isSafe: Bool
    /// Depends on no row: computed once for a batch.
    private let isConstant: Bool
    /// Rows before the batch, for calls that draw.
    private var offset = 0
    /// Whether the second argument counts only where the first is not NULL.
    private let endsAtNull: Bool

    init(_ call: BoundCall, _ arguments: [any Evaluator]) {
        self.call = call.bound
        self.arguments = arguments
        span = call.span
        inputs = Evaluators.inputs(arguments)
        isSafe = Self.total.contains(call.function) && arguments.allSatisfy(\.isSafe)
        endsAtNull = arguments.count == 2 && Self.endingAtNull.contains(call.function)
        isConstant = inputs.isEmpty && call.bound.deterministic && arguments.allSatisfy(\.isSafe)
    }

    private static let total: Set<String> = ["=", "<>", "<", "<=", ">", ">=", "<=>", "!"]

    private static let endingAtNull: Set<String> = ["+", "-", "*", "/", "%", "div", "mod", "pmod", "=", "<", "<=", ">", ">="]

    /// An argument behind the first. What fails for rows whose first operand is NULL is no error: those are not looked at.
    private func argument(_ index: Int, behind columns: [Column], _ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        do throws(SQLError) {
            return try arguments[index].evaluate(rows, context)
        } catch {
            guard endsAtNull, let first = columns.first, first.count == rows.count || first.count == 1 else { throw error }
            let left = try first.expanded(to: rows.count)
            guard let present = left.isVoid ? Bitmap(repeating: false, count: rows.count) : left.validity else { throw error }
            let count = present.onesCount
            guard count < rows.count else { throw error }
            let type = call.argumentTypes[index]
            if count == 0 { return .nulls(type, count: rows.count) }
            let needed = try arguments[index].evaluate(rows.filter(present, needed: arguments[index].inputs), context).expanded(to: count)
            var picks = [Int32](repeating: -1, count: rows.count)
            var next: Int32 = 0
            for row in 0..<rows.count where present[row] {
                picks[row] = next
                next += 1
            }
            return try needed.gather(picks)
        }
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        var columns: [Column] = []
        columns.reserveCapacity(arguments.count)
        for index in arguments.indices {
            columns.append(index == 0 ? try arguments[0].evaluate(rows, context) : try argument(index, behind: columns, rows, context))
        }
        let count = isConstant ? min(1, rows.count) : rows.count
        do throws(SQLError) {
            if call.deterministic { return try call.evaluate(columns, rowCount: count, context) }
            var drawing = context
            drawing.rowOffset = offset
            offset += rows.count
            return try call.evaluate(columns, rowCount: count, drawing)
        } catch {
            throw error.with(span: span)
        }
    }
}

final class CastEvaluator: Evaluator {
    private let operand: any Evaluator
    private let type: DataType
    private let mode: Cast.Mode
    private let span: SourceSpan?
    private let isRelabelling: Bool
    var typeText: String { type.sqlText }
    let inputs: [Int]
    let isSafe: Bool

    init(_ cast: CastExpression, _ operand: any Evaluator) {
        self.operand = operand
        type = cast.type
        mode = cast.mode
        span = cast.span
        inputs = operand.inputs
        isRelabelling = cast.operand.type.isString && cast.type.isString
        isSafe = isRelabelling && operand.isSafe
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try operand.evaluate(rows, context)
        if isRelabelling { return column.with(type: type) }
        // A constant that no row needs is not cast.
        if rows.count == 0 { return Column.nulls(type, count: 0) }
        do throws(SQLError) {
            return try Cast.cast(column, to: type, mode: mode, context)
        } catch {
            throw error.with(span: span)
        }
    }
}

final class NotEvaluator: Evaluator {
    private let operand: any Evaluator
    var inputs: [Int] { operand.inputs }
    var isSafe: Bool { operand.isSafe }

    init(_ operand: any Evaluator) { self.operand = operand }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try operand.evaluate(rows, context)
        guard let array = column.booleans else { throw .internalFault("NOT of \(column.type.sqlText)") }
        return Column(.boolean, .boolean(Kernel.not(array)))
    }
}

final class NullTestEvaluator: Evaluator {
    private let operand: any Evaluator
    private let wantsNull: Bool
    var inputs: [Int] { operand.inputs }
    var isSafe: Bool { operand.isSafe }

    init(_ operand: any Evaluator, wantsNull: Bool) {
        self.operand = operand
        self.wantsNull = wantsNull
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try operand.evaluate(rows, context)
        return Column(.boolean, .boolean(wantsNull ? Kernel.isNull(column) : Kernel.isNotNull(column)))
    }
}

/// AND and OR: a right operand is evaluated for those rows only that the left ones leave open, unless it cannot do harm.
final class LogicalEvaluator: Evaluator {
    private let operands: [any Evaluator]
    private let isAnd: Bool
    let inputs: [Int]
    let isSafe: Bool

    init(_ operands: [any Evaluator], isAnd: Bool) {
        self.operands = operands
        self.isAnd = isAnd
        inputs = Evaluators.inputs(operands)
        isSafe = operands.allSatisfy(\.isSafe)
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let first = operands.first else { throw .internalFault("AND without operands") }
        var result = try first.booleans(rows, context)
        for operand in operands.dropFirst() {
            let part: BooleanArray
            if operand.isSafe {
                part = try operand.booleans(rows, context)
            } else {
                let open = isAnd ? ~result.falseBits : ~result.trueBits
                let count = open.onesCount
                if count == 0 { break }
                if count == rows.count {
                    part = try operand.booleans(rows, context)
                } else {
                    let some = try operand.booleans(rows.filter(open, needed: operand.inputs), context)
                    part = Self.scatter(some, open)
                }
            }
            result = isAnd ? Kernel.and(result, part) : Kernel.or(result, part)
        }
        return Column(.boolean, .boolean(result))
    }

    /// Values for the mask's ones, null elsewhere.
    private static func scatter(_ values: BooleanArray, _ mask: Bitmap) -> BooleanArray {
        var bits = BitmapBuilder()
        var validity = BitmapBuilder()
        bits.reserve(mask.count)
        validity.reserve(mask.count)
        var position = 0
        for row in 0..<mask.count {
            guard mask[row] else {
                bits.append(false)
                validity.append(false)
                continue
            }
            bits.append(values.values[position])
            validity.append(values.validity?[position] ?? true)
            position += 1
        }
        return BooleanArray(bits.finish(), validity: validity.finishValidity())
    }
}
