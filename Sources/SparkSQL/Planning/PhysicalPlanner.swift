import Columnar
import SparkErrors

/// Makes the operators of a plan. Subqueries that stand for themselves are run on the way, once, and become constants.
struct PhysicalPlanner {
    private let state: ExecutionState

    init(_ state: ExecutionState) { self.state = state }

    func plan(_ plan: LogicalPlan) throws(SQLError) -> any Operator {
        switch plan {
        case .values(let values):
            return ChunkListOperator([Chunk(values.columns, rowCount: values.rowCount)], batchRows: state.limits.batchRows)
        case .scan(let scan): return ScanOperator(scan, state)
        case .sequence(let sequence): return SequenceOperator(sequence, state)
        case .project(let project):
            let expressions = try prepare(project.columns.map(\.expression))
            return ProjectOperator(try self.plan(project.child), Evaluator(project.child.output, state), expressions)
        case .filter(let filter):
            return FilterOperator(try self.plan(filter.child), Evaluator(filter.child.output, state), try prepare(filter.condition))
        case .join(var join):
            if let condition = join.condition { join.condition = try prepare(condition) }
            for index in join.membership.indices {
                join.membership[index] = (try prepare(join.membership[index].left), try prepare(join.membership[index].right))
            }
            return JoinOperator(try self.plan(join.left), try self.plan(join.right), join, state)
        case .aggregate(var aggregate):
            for index in aggregate.groups.indices { aggregate.groups[index].expression = try prepare(aggregate.groups[index].expression) }
            for index in aggregate.aggregates.indices {
                aggregate.aggregates[index].aggregate = try aggregate.aggregates[index].aggregate.mapInputs { (part) throws(SQLError) in
                    try prepare(part)
                }
            }
            return AggregateOperator(try self.plan(aggregate.child), Evaluator(aggregate.child.output, state), aggregate)
        case .expand(let expand):
            var projections: [[ResolvedExpression]] = []
            for projection in expand.projections { projections.append(try prepare(projection)) }
            return ExpandOperator(try self.plan(expand.child), Evaluator(expand.child.output, state), projections)
        case .sort(let sort): return try self.sort(sort, limit: nil)
        case .limit(let limit):
            if let count = limit.count, case .sort(let sort) = limit.child {
                let (wanted, overflow) = count.addingReportingOverflow(limit.offset)
                let sorted = try self.sort(sort, limit: overflow ? nil : wanted)
                return LimitOperator(sorted, count: count, offset: limit.offset)
            }
            return LimitOperator(try self.plan(limit.child), count: limit.count, offset: limit.offset)
        case .union(let union):
            var children: [any Operator] = []
            for child in union.children { children.append(try self.plan(child)) }
            return UnionOperator(children, types: union.output.map(\.type))
        case .setOperation(let operation):
            return SetOperationOperator(try self.plan(operation.left), try self.plan(operation.right), operation, state)
        case .window(var window):
            window.partition = try prepare(window.partition)
            window.order = try prepare(window.order)
            return WindowOperator(try self.plan(window.child), Evaluator(window.child.output, state), window)
        case .generate(var generate):
            generate.arguments = try prepare(generate.arguments)
            return GenerateOperator(try self.plan(generate.child), Evaluator(generate.child.output, state), generate)
        case .apply(let apply): return ApplyOperator(try self.plan(apply.child), apply, state)
        case .shared(let reference):
            let state = state
            return SelectColumnsOperator(columns: reference.columns, batchRows: state.limits.batchRows) { () throws(SQLError) in
                try state.shared(reference.index)
            }
        case .recursion(let recursion): return RecursionOperator(recursion, state)
        case .workingTable(let table):
            let state = state
            return SelectColumnsOperator(columns: nil, batchRows: state.limits.batchRows) { () throws(SQLError) in
                state.workingTables[table.table] ?? []
            }
        }
    }

    private func sort(_ sort: LogicalPlan.Sort, limit: Int?) throws(SQLError) -> any Operator {
        SortOperator(
            try plan(sort.child), Evaluator(sort.child.output, state), try prepare(sort.keys), types: sort.child.output.map(\.type), limit: limit)
    }

    private func prepare(_ keys: [OrderKey]) throws(SQLError) -> [OrderKey] {
        var prepared: [OrderKey] = []
        for key in keys { prepared.append(try key.map { (part) throws(SQLError) in try prepare(part) }) }
        return prepared
    }

    private func prepare(_ expressions: [ResolvedExpression]) throws(SQLError) -> [ResolvedExpression] {
        var prepared: [ResolvedExpression] = []
        for expression in expressions { prepared.append(try prepare(expression)) }
        return prepared
    }

    /// Puts the values of uncorrelated subqueries in their places.
    private func prepare(_ expression: ResolvedExpression) throws(SQLError) -> ResolvedExpression {
        guard expression.containsSubquery else { return expression }
        return try expression.replacing { (part) throws(SQLError) -> ResolvedExpression? in
            guard case .subquery(let subquery) = part else { return nil }
            guard subquery.outer.isEmpty else { throw .unsupported("A correlated subquery in this place", at: subquery.span) }
            let rows = try state.collect(try plan(subquery.plan))
            let count = rows.reduce(0) { $0 + $1.rowCount }
            switch subquery.kind {
            case .scalar:
                if count > 1 { throw SQLError(.scalarSubqueryTooManyRows, at: subquery.span) }
                let value = rows.first?.columns.first?.value(at: 0) ?? .null
                return .constant(Constant(value, subquery.type))
            case .exists: return count > 0 ? .trueConstant : .falseConstant
            case .membership(let keys):
                guard keys.count == 1, let key = keys.first else { throw .unsupported("IN of several columns in this place", at: subquery.span) }
                let column = Column.concat(rows.compactMap(\.columns.first), type: key.type)
                let items = (0..<column.count).map { ResolvedExpression.constant(Constant(column.value(at: $0), key.type)) }
                return .inList(try prepare(key), items)
            }
        }
    }
}
