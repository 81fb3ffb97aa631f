import Columnar
import SparkErrors
import SparkFunctions

/// Binds expressions to the columns of an operator's input.
struct ExpressionCompiler {
    private let positions: [ColumnID: Int]
    /// Runs subqueries that depend on no row; nil where there can be none.
    private let planner: PhysicalPlanner?
    /// Constant columns for outer references that have been given values.
    private let outer: [ColumnID: Column]
    private let width: Int

    init(_ input: [Attribute], planner: PhysicalPlanner?) {
        self.init(input.map(\.id), planner: planner, outer: planner?.outer ?? [:])
    }

    init(_ input: [ColumnID], planner: PhysicalPlanner?, outer: [ColumnID: Column]) {
        var positions: [ColumnID: Int] = [:]
        positions.reserveCapacity(input.count)
        for (index, id) in input.enumerated() where positions[id] == nil { positions[id] = index }
        self.positions = positions
        self.planner = planner
        self.outer = outer
        width = input.count
    }

    private init(_ base: ExpressionCompiler, adding parameters: [Attribute]) {
        var positions = base.positions
        for (index, parameter) in parameters.enumerated() { positions[parameter.id] = base.width + index }
        self.positions = positions
        planner = base.planner
        outer = base.outer
        width = base.width + parameters.count
    }

    /// The position of a column of the input.
    func position(_ id: ColumnID) -> Int? { positions[id] }

    func compile(_ expressions: [ResolvedExpression]) throws(SQLError) -> [any Evaluator] {
        var result: [any Evaluator] = []
        result.reserveCapacity(expressions.count)
        for expression in expressions { result.append(try compile(expression)) }
        return result
    }

    func compile(_ expression: ResolvedExpression) throws(SQLError) -> any Evaluator {
        switch expression {
        case .constant(let constant): return ConstantEvaluator(Column(constant.type, of: [constant.value]))
        case .column(let column):
            if let position = positions[column.id] { return ColumnEvaluator(position) }
            if let value = outer[column.id] { return ConstantEvaluator(value) }
            throw .internalFault("column \(column.name) (\(column.id.number)) is not in the input")
        case .outer(let column):
            if let value = outer[column.id] { return ConstantEvaluator(value) }
            if let position = positions[column.id] { return ColumnEvaluator(position) }
            throw .internalFault("outer column \(column.name) (\(column.id.number)) has no value")
        case .call(let call):
            if let folded = call.folded { return ConstantEvaluator(folded) }
            return CallEvaluator(call, try compile(call.arguments))
        case .cast(let cast): return try compile(cast)
        case .and(let operands): return LogicalEvaluator(try compile(operands), isAnd: true)
        case .or(let operands): return LogicalEvaluator(try compile(operands), isAnd: false)
        case .not(let operand): return NotEvaluator(try compile(operand))
        case .isNull(let operand): return NullTestEvaluator(try compile(operand), wantsNull: true)
        case .isNotNull(let operand): return NullTestEvaluator(try compile(operand), wantsNull: false)
        case .conditional(let conditional):
            var branches: [(condition: any Evaluator, result: any Evaluator)] = []
            for branch in conditional.branches { branches.append((try compile(branch.condition), try compile(branch.result))) }
            var otherwise: (any Evaluator)?
            if let value = conditional.otherwise { otherwise = try compile(value) }
            return ConditionalEvaluator(branches, otherwise: otherwise, type: conditional.type)
        case .coalesce(let operands, let type): return CoalesceEvaluator(try compile(operands), type: type)
        case .inList(let operand, let items): return try InListEvaluator(try compile(operand), try compile(items), type: operand.type)
        case .field(let base, let index, let field): return FieldEvaluator(try compile(base), index: index, type: field.type)
        case .element(let base, let key, let type, let span):
            return ElementEvaluator(try compile(base), try compile(key), type: type, span: span)
        case .lambda(let call): return try compile(call)
        case .subquery(let subquery):
            guard let planner else { throw .internalFault("a subquery where none can be") }
            return try planner.evaluator(subquery)
        case .check(let operand, let check): return CheckEvaluator(try compile(operand), check)
        case .replaced(_, let operand): return try compile(operand)
        case .aggregate, .window, .grouping: throw .internalFault("\(expression.sql) is left over")
        }
    }

    private func compile(_ cast: CastExpression) throws(SQLError) -> any Evaluator {
        let operand = try compile(cast.operand)
        if cast.operand.type == cast.type { return operand }
        let evaluator = CastEvaluator(cast, operand)
        // A constant is cast once, unless that fails: then the rows that need it fail.
        if operand is ConstantEvaluator, let planner, let column = try? evaluator.evaluate(.one, planner.state.context) {
            return ConstantEvaluator(column)
        }
        return evaluator
    }

    private func compile(_ call: LambdaCall) throws(SQLError) -> any Evaluator {
        var bodies: [any Evaluator] = []
        for lambda in call.lambdas { bodies.append(try ExpressionCompiler(self, adding: lambda.parameters).compile(lambda.body)) }
        return LambdaEvaluator(call, try compile(call.arguments), bodies, width: width, planner?.state)
    }
}

/// Evaluation apart from any plan.
enum Evaluation {
    /// The value of an expression that depends on no row, as a column of one row.
    static func constant(_ expression: ResolvedExpression, _ context: EvaluationContext) throws(SQLError) -> Column {
        try ExpressionCompiler([], planner: nil, outer: [:]).compile(expression).column(.one, context)
    }
}
