extension With {
    var height: Int { queries.reduce(0) { max($0, $1.query.height, $1.maximumRecursion?.height ?? 0) } }
}

extension QueryBody {
    package var height: Int {
        switch self {
        case .select(let select): select.height
        case .setOperation(let operation): operation.height
        case .table(let name, _): name.height + 1
        case .values(let table, _): table.height + 1
        case .parenthesized(let query): query.height
        case .pipe(let source, let step): max(source.height, step.height) + 1
        }
    }
}

extension InlineTable {
    var height: Int { rows.reduce(0) { max($0, tallest($1)) } }
}

extension Query.Organization {
    var height: Int {
        var result = max(tallest(orderBy), tallest(sortBy), tallest(clusterBy), tallest(distributeBy), offset?.height ?? 0)
        if case .count(let expression)? = limit { result = max(result, expression.height) }
        return max(result, windows.tallestWindow)
    }
}

extension [NamedWindow] {
    var tallestWindow: Int { reduce(0) { Swift.max($0, $1.window.height) } }
}

extension GroupBy.Element {
    var height: Int {
        switch self {
        case .expression(let expression): expression.height
        case .rollup(let sets), .cube(let sets): sets.reduce(0) { max($0, tallest($1)) }
        case .groupingSets(let elements): elements.reduce(0) { max($0, $1.height) } + 1
        case .set(let expressions): tallest(expressions)
        }
    }
}

extension Select {
    var computedHeight: Int {
        let keys = groupBy?.keys.reduce(0) { max($0, $1.height) } ?? 0
        let groups = groupBy?.elements.reduce(keys) { max($0, $1.height) } ?? 0
        let conditions = max(filter?.height ?? 0, having?.height ?? 0, qualify?.height ?? 0)
        return max(tallest(items), from?.height ?? 0, groups, conditions, windows.tallestWindow) + 1
    }
}

extension PipeOperator.Kind {
    var height: Int {
        switch self {
        case .select(_, let items, let windows): max(tallest(items), windows.tallestWindow)
        case .extend(let items): tallest(items)
        case .set(let assignments): assignments.reduce(0) { max($0, $1.value.height) }
        case .drop, .alias: 0
        case .filter(let condition): condition.height
        case .aggregate(let items, let groups):
            max(tallest(items), groups?.elements.reduce(0) { max($0, $1.element.height) } ?? 0)
        case .relation(let relation): relation.height
        case .setOperation(_, _, _, let body): body.height
        case .organize(let organization): organization.height
        }
    }
}

extension Relation.Kind {
    var height: Int {
        switch self {
        case .table(let table):
            if case .timestamp(let expression)? = table.timeTravel { max(table.name.height, expression.height) } else { table.name.height }
        case .subquery(let query): query.height
        case .values(let table): table.height
        case .function(let function): max(function.name.height, function.arguments.reduce(0) { max($0, $1.height) })
        case .join(let join):
            if case .on(let condition) = join.criteria {
                max(join.left.height, join.right.height, condition.height)
            } else {
                max(join.left.height, join.right.height)
            }
        case .parenthesized(let relation): relation.height
        case .lateralView(let view): max(view.source.height, tallest(view.arguments))
        case .pivot(let pivot): max(pivot.source.height, tallest(pivot.aggregates), tallest(pivot.values))
        case .unpivot(let unpivot): unpivot.source.height
        case .pipeInput: 0
        }
    }
}

extension TableFunction.Argument {
    var height: Int {
        switch self {
        case .expression(_, let expression): return expression.height
        case .table(_, let argument):
            let inner = max(tallest(argument.partitionBy), tallest(argument.orderBy))
            switch argument.source {
            case .table(let name): return max(inner, name.height)
            case .query(let query): return max(inner, query.height)
            }
        }
    }
}
