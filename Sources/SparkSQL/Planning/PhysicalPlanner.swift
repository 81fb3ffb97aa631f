import Columnar
import SparkErrors
import SparkFunctions

/// Chooses operators for a plan.
final class PhysicalPlanner {
    let state: ExecutionState
    /// Values of the enclosing queries' columns, each a column of one row.
    let outer: [ColumnID: Column]

    init(_ state: ExecutionState, outer: [ColumnID: Column] = [:]) {
        self.state = state
        self.outer = outer
    }

    func with(outer: [ColumnID: Column]) -> PhysicalPlanner { PhysicalPlanner(state, outer: outer) }

    func plan(_ plan: LogicalPlan) throws(SQLError) -> any Operator {
        switch plan {
        case .values(let values):
            return values.rowCount == 0
                ? RowsOperator([]) : BatchingOperator(Rows(values.columns, count: values.rowCount), size: state.limits.batchRows)
        case .scan(let scan): return ScanOperator(scan, state)
        case .sequence(let sequence): return SequenceOperator(sequence, state)
        case .project(let project):
            return try self.plan(project) { (child, needed) throws(SQLError) in try self.plan(child, needed: needed) }
        case .filter: return try self.plan(plan, needed: nil)
        case .join(let join): return try self.plan(join)
        case .aggregate(let aggregate): return try self.plan(aggregate)
        case .expand(let expand):
            let compiler = ExpressionCompiler(expand.child.output, planner: self)
            var projections: [[any Evaluator]] = []
            for projection in expand.projections { projections.append(try compiler.compile(projection)) }
            return ExpandOperator(try self.plan(expand.child), projections, types: expand.added.map(\.type), state)
        case .sort(let sort):
            return SortOperator(try self.planWhole(sort.child), try keys(sort), types: sort.child.output.map(\.type), state)
        case .limit(let limit): return try self.plan(limit)
        case .union(let union):
            var children: [any Operator] = []
            for child in union.children { children.append(try self.plan(child)) }
            return UnionOperator(children, types: union.output.map(\.type))
        case .setOperation(let operation):
            return SetOperationOperator(
                operation.kind, isAll: operation.isAll, try self.planWhole(operation.left), try self.planWhole(operation.right),
                types: operation.output.map(\.type), state)
        case .window(let window): return try self.plan(window)
        case .generate(let generate):
            let compiler = ExpressionCompiler(generate.child.output, planner: self)
            return GenerateOperator(
                try self.plan(generate.child), generate.generator, try compiler.compile(generate.arguments), isOuter: generate.isOuter,
                types: generate.output.map(\.type), state)
        case .apply(let apply): return try self.plan(apply)
        case .shared(let reference): return SharedOperator(reference, self)
        case .recursion(let recursion): return RecursionOperator(recursion, self)
        case .workingTable(let table): return WorkingTableOperator(table, state)
        }
    }

    func plan(_ project: LogicalPlan.Project, _ child: (LogicalPlan, [Int]?) throws(SQLError) -> any Operator) throws(SQLError) -> any Operator {
        let columns = try ExpressionCompiler(project.child.output, planner: self).compile(project.columns.map(\.expression))
        return ProjectOperator(
            try child(project.child, Evaluators.inputs(columns)), columns, types: project.columns.map(\.attribute.type), state)
    }

    /// `needed`: the positions of columns that are read; nil: all.
    func plan(_ filter: LogicalPlan.Filter, needed: [Int]?, _ child: any Operator) throws(SQLError) -> any Operator {
        let compiler = ExpressionCompiler(filter.child.output, planner: self)
        return FilterOperator(child, try compiler.compile(Self.cheapFirst(filter.condition.conjuncts)), needed: needed, state)
    }

    /// Comparisons of numbers before those of strings, as far as the order does not matter: up to the first condition that can fail.
    private static func cheapFirst(_ conditions: [ResolvedExpression]) -> [ResolvedExpression] {
        let harmless = conditions.prefix { $0.isHarmless }
        func isCheap(_ condition: ResolvedExpression) -> Bool {
            !condition.contains { part in
                switch part {
                case .or: true
                case .column(let column): column.type.isString
                default: false
                }
            }
        }
        return harmless.filter(isCheap) + harmless.filter { !isCheap($0) } + conditions[harmless.endIndex...]
    }

    /// For someone who reads only some columns; the others may come out as nulls.
    func plan(_ plan: LogicalPlan, needed: [Int]?) throws(SQLError) -> any Operator {
        guard case .filter(let filter) = plan else { return try self.plan(plan) }
        return try self.plan(filter, needed: needed, try self.plan(filter.child))
    }

    /// Within expressions: run once, when first needed.
    func evaluator(_ subquery: SubqueryExpression) throws(SQLError) -> any Evaluator {
        guard case .membership(let keys) = subquery.kind else { return SubqueryEvaluator(subquery, self, keys: []) }
        throw .internalFault("IN (\(keys.count) columns) is left over")
    }

    // MARK: Sorting

    private func keys(_ sort: LogicalPlan.Sort) throws(SQLError) -> [SortEvaluator] {
        try keys(sort.keys, ExpressionCompiler(sort.child.output, planner: self))
    }

    private func keys(_ order: [OrderKey], _ compiler: ExpressionCompiler) throws(SQLError) -> [SortEvaluator] {
        var result: [SortEvaluator] = []
        for key in order {
            result.append(SortEvaluator(evaluator: try compiler.compile(key.expression), ascending: key.ascending, nullsFirst: key.nullsFirst))
        }
        return result
    }

    private static let topLimit = 1 << 17

    private func plan(_ limit: LogicalPlan.Limit) throws(SQLError) -> any Operator {
        if let count = limit.count, count + limit.offset <= Self.topLimit {
            switch limit.child {
            case .sort(let sort):
                return TopOperator(
                    try planWhole(sort.child), try keys(sort), types: sort.child.output.map(\.type), limit: count, offset: limit.offset, state)
            default: break
            }
        }
        var child = limit.child
        if let count = limit.count {
            let (rows, overflows) = count.addingReportingOverflow(limit.offset)
            if !overflows { child = Self.bounded(child, rows) }
        }
        return LimitOperator(try plan(child), count: limit.count, offset: limit.offset)
    }

    /// Lets a scan know that no more than so many rows are read of it.
    private static func bounded(_ plan: LogicalPlan, _ rows: Int) -> LogicalPlan {
        switch plan {
        case .project(var project):
            project.child = bounded(project.child, rows)
            return .project(project)
        case .scan(var scan):
            scan.atMost = rows
            return .scan(scan)
        default: return plan
        }
    }

    // MARK: Aggregation and windows

    private func plan(_ aggregate: LogicalPlan.Aggregate) throws(SQLError) -> any Operator {
        // A DISTINCT over no columns has no groups, and no row that an aggregate without GROUP BY would give.
        if aggregate.groups.isEmpty, aggregate.aggregates.isEmpty { return LimitOperator(try plan(aggregate.child), count: 1, offset: 0) }
        if let segment = Segment(aggregate), !aggregate.groups.isEmpty || !aggregate.aggregates.isEmpty {
            return SegmentAggregateOperator(segment, aggregate, self)
        }
        let specification = try specification(aggregate)
        return HashAggregateOperator(try plan(aggregate.child, needed: specification.inputs), specification, state)
    }

    func specification(_ aggregate: LogicalPlan.Aggregate) throws(SQLError) -> AggregateSpecification {
        let compiler = ExpressionCompiler(aggregate.child.output, planner: self)
        var functions: [AggregateEvaluator] = []
        for named in aggregate.aggregates {
            let call = named.aggregate
            var filter: (any Evaluator)?
            if let condition = call.filter { filter = try compiler.compile(condition) }
            functions.append(
                AggregateEvaluator(
                    bound: call.bound, arguments: try compiler.compile(call.arguments), filter: filter, isDistinct: call.isDistinct, span: call.span))
        }
        return AggregateSpecification(
            groups: try compiler.compile(aggregate.groups.map(\.expression)), groupTypes: aggregate.groups.map(\.expression.type),
            aggregates: functions, types: aggregate.groups.map(\.attribute.type) + aggregate.aggregates.map(\.attribute.type))
    }

    private func plan(_ window: LogicalPlan.Window) throws(SQLError) -> any Operator {
        let compiler = ExpressionCompiler(window.child.output, planner: self)
        var functions: [WindowEvaluator] = []
        for column in window.columns {
            let call = column.function
            let function: WindowEvaluator.Function
            let arguments: [ResolvedExpression]
            switch call.function {
            case .window(_, let bound, let inputs): (function, arguments) = (.window(bound), inputs)
            case .aggregate(let aggregate): (function, arguments) = (.aggregate(aggregate.bound), aggregate.arguments)
            }
            functions.append(
                WindowEvaluator(
                    function: function, arguments: try compiler.compile(arguments), isRange: call.frame.isRange,
                    start: try bound(call.frame.start, compiler), end: try bound(call.frame.end, compiler), type: column.attribute.type,
                    span: call.span))
        }
        return WindowOperator(
            try planWhole(window.child), partition: try compiler.compile(window.partition), partitionTypes: window.partition.map(\.type),
            order: try keys(window.order, compiler), orderTypes: window.order.map(\.expression.type), functions: functions,
            types: window.child.output.map(\.type), state)
    }

    private func bound(_ bound: WindowExpression.Bound, _ compiler: ExpressionCompiler) throws(SQLError) -> WindowEvaluator.Bound {
        switch bound {
        case .unboundedPreceding: .unboundedPreceding
        case .unboundedFollowing: .unboundedFollowing
        case .currentRow: .currentRow
        case .rows(let count): .rows(Int(count))
        case .range(let target, _): .range(try compiler.compile(target))
        }
    }

    // MARK: Apply

    private func plan(_ apply: LogicalPlan.Apply) throws(SQLError) -> any Operator {
        let input = apply.child.output
        let compiler = ExpressionCompiler(input, planner: self)
        var outer: [(id: ColumnID, position: Int, type: DataType)] = []
        for column in apply.outer {
            // Columns of queries further out have their values already.
            guard let position = compiler.position(column.id) else { continue }
            outer.append((column.id, position, input[position].type))
        }
        let kind: ApplyOperator.Kind
        switch apply.kind {
        case .scalar(let attribute): kind = .scalar(attribute.type)
        case .existence: kind = .existence
        case .membership(_, let keys): kind = .membership(try compiler.compile(keys), apply.subquery.output.map(\.type))
        case .lateral(let isOuter, let condition):
            let both = ExpressionCompiler(input + apply.subquery.output, planner: self)
            var bound: (any Evaluator)?
            if let condition { bound = try both.compile(condition) }
            kind = .lateral(isOuter: isOuter, condition: bound)
        }
        return ApplyOperator(try plan(apply.child), apply.subquery, outer: outer, kind: kind, planner: self, span: apply.span)
    }
}
