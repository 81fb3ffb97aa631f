import Columnar
import SparkErrors
import SparkFunctions

/// Evaluates expressions over the chunks of one operator's input. A result that is the same for every row may come as a column of one row;
/// `column` makes it full.
struct Evaluator {
    let state: ExecutionState
    private let positions: [ColumnID: Int]

    init(_ attributes: [Attribute], _ state: ExecutionState) {
        self.state = state
        var positions: [ColumnID: Int] = [:]
        for (position, attribute) in attributes.enumerated() where positions[attribute.id] == nil { positions[attribute.id] = position }
        self.positions = positions
    }

    /// A column with as many rows as the chunk.
    func column(_ expression: ResolvedExpression, _ chunk: Chunk) throws(SQLError) -> Column {
        try evaluate(expression, chunk).expanded(to: chunk.rowCount)
    }

    func columns(_ expressions: [ResolvedExpression], _ chunk: Chunk) throws(SQLError) -> [Column] {
        var columns: [Column] = []
        columns.reserveCapacity(expressions.count)
        for expression in expressions { columns.append(try column(expression, chunk)) }
        return columns
    }

    /// The rows for which a condition is true (not false, not null).
    func matches(_ condition: ResolvedExpression, _ chunk: Chunk) throws(SQLError) -> Bitmap { try boolean(condition, chunk).trueBits }

    func boolean(_ expression: ResolvedExpression, _ chunk: Chunk) throws(SQLError) -> BooleanArray {
        let column = try column(expression, chunk)
        if case .boolean(let array) = column.values { return array }
        return BooleanArray(Bitmap(repeating: false, count: chunk.rowCount), validity: Bitmap(repeating: false, count: chunk.rowCount))
    }

    func evaluate(_ expression: ResolvedExpression, _ chunk: Chunk) throws(SQLError) -> Column {
        switch expression {
        case .constant(let constant): return Column(constant.type, of: [constant.value])
        case .column(let reference):
            guard let position = positions[reference.id], chunk.columns.indices.contains(position) else {
                throw SQLError(.internalError, ["message": "Column \(reference.name) is missing from the operator's input."])
            }
            return chunk.columns[position]
        case .outer(let reference):
            return Column(reference.type, of: [state.outer[reference.id] ?? .null])
        case .call(let call): return try evaluate(call, chunk)
        case .cast(let cast):
            let operand = try evaluate(cast.operand, chunk)
            if operand.type == cast.type { return operand }
            do {
                return try Cast.cast(operand, to: cast.type, mode: cast.mode, state.context)
            } catch {
                throw error.at(cast.span)
            }
        case .and(let operands): return try connective(operands, chunk, isAnd: true)
        case .or(let operands): return try connective(operands, chunk, isAnd: false)
        case .not(let operand):
            let column = try evaluate(operand, chunk)
            guard case .boolean(let array) = column.values else { return Column.nulls(.boolean, count: column.count) }
            return Column(.boolean, .boolean(Kernel.not(array)))
        case .isNull(let operand): return Column(.boolean, .boolean(Kernel.isNull(try evaluate(operand, chunk))))
        case .isNotNull(let operand): return Column(.boolean, .boolean(Kernel.isNotNull(try evaluate(operand, chunk))))
        case .conditional(let conditional): return try choose(conditional, chunk)
        case .coalesce(let operands, let type): return try coalesce(operands, type, chunk)
        case .inList(let operand, let items): return try inList(operand, items, chunk)
        case .field(let base, let index, let field):
            let column = try evaluate(base, chunk)
            guard case .structure(let array) = column.values, array.children.indices.contains(index) else {
                return Column.nulls(field.type, count: column.count)
            }
            guard let validity = array.validity else { return array.children[index] }
            return array.children[index].nullWhereNot(validity)
        case .element(let base, let key, let type, let span): return try element(base, key, type, span, chunk)
        case .lambda(let call): return try lambda(call, chunk)
        case .replaced(_, let operand): return try evaluate(operand, chunk)
        case .aggregate, .window, .subquery:
            throw SQLError(.internalError, ["message": "An expression of this kind should have become a column of the input."])
        }
    }

    private func evaluate(_ call: BoundCall, _ chunk: Chunk) throws(SQLError) -> Column {
        var arguments: [Column] = []
        arguments.reserveCapacity(call.arguments.count)
        for argument in call.arguments { arguments.append(try evaluate(argument, chunk)) }
        // Constant arguments give a constant, unless the function draws.
        let rows = call.bound.deterministic && chunk.rowCount > 1 && arguments.allSatisfy { $0.count == 1 } ? 1 : chunk.rowCount
        if rows == 0 { return Column.nulls(call.bound.returnType, count: 0) }
        do {
            return try call.bound.evaluate(arguments, rowCount: rows, state.context)
        } catch {
            throw error.at(call.span)
        }
    }

    /// The evaluator of a lambda's body: the chunk's columns and the parameters behind them.
    func with(_ parameters: [Attribute], behind count: Int) -> Evaluator {
        var positions = positions
        for (offset, parameter) in parameters.enumerated() { positions[parameter.id] = count + offset }
        return Evaluator(state: state, positions: positions)
    }

    private init(state: ExecutionState, positions: [ColumnID: Int]) {
        self.state = state
        self.positions = positions
    }
}

extension SQLError {
    /// The same error at this place, if it has none yet.
    func at(_ span: SourceSpan?) -> SQLError {
        guard self.span == nil, let span else { return self }
        var error = self
        error.span = span
        return error
    }
}
