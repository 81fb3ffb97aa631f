extension ResolvedExpression {
    /// The same node over other operands; a subquery's plan is not entered.
    func mapChildren<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression) throws(E) -> ResolvedExpression {
        switch self {
        case .constant, .column, .outer: return self
        case .call(var call):
            for index in call.arguments.indices { call.arguments[index] = try body(call.arguments[index]) }
            return .call(call)
        case .cast(var cast):
            cast.operand = try body(cast.operand)
            return .cast(cast)
        case .and(var operands):
            for index in operands.indices { operands[index] = try body(operands[index]) }
            return .and(operands)
        case .or(var operands):
            for index in operands.indices { operands[index] = try body(operands[index]) }
            return .or(operands)
        case .not(let operand): return .not(try body(operand))
        case .isNull(let operand): return .isNull(try body(operand))
        case .isNotNull(let operand): return .isNotNull(try body(operand))
        case .conditional(var conditional):
            for index in conditional.branches.indices {
                conditional.branches[index].condition = try body(conditional.branches[index].condition)
                conditional.branches[index].result = try body(conditional.branches[index].result)
            }
            if let otherwise = conditional.otherwise { conditional.otherwise = try body(otherwise) }
            return .conditional(conditional)
        case .coalesce(var operands, let type):
            for index in operands.indices { operands[index] = try body(operands[index]) }
            return .coalesce(operands, type: type)
        case .inList(let operand, var items):
            let operand = try body(operand)
            for index in items.indices { items[index] = try body(items[index]) }
            return .inList(operand, items)
        case .field(let base, let index, let field): return .field(try body(base), index: index, field)
        case .element(let base, let key, let type, let span): return .element(try body(base), try body(key), type: type, span: span)
        case .lambda(var call):
            for index in call.arguments.indices { call.arguments[index] = try body(call.arguments[index]) }
            for index in call.lambdas.indices { call.lambdas[index].body = try body(call.lambdas[index].body) }
            return .lambda(call)
        case .aggregate(let aggregate): return .aggregate(try aggregate.mapInputs(body))
        case .window(let window): return .window(try window.mapInputs(body))
        case .subquery(var subquery):
            if case .membership(var keys) = subquery.kind {
                for index in keys.indices { keys[index] = try body(keys[index]) }
                subquery.kind = .membership(keys)
            }
            return .subquery(subquery)
        case .grouping(var arguments, let isID, let span):
            for index in arguments.indices { arguments[index] = try body(arguments[index]) }
            return .grouping(arguments, isID: isID, span: span)
        case .check(let operand, let check): return .check(try body(operand), check)
        case .replaced(let sql, let operand): return .replaced(sql: sql, try body(operand))
        }
    }

    /// Each node, parents first. The shape is `mapChildren`'s.
    func forEach(_ body: (ResolvedExpression) -> Void) {
        body(self)
        switch self {
        case .constant, .column, .outer: break
        case .call(let call): for argument in call.arguments { argument.forEach(body) }
        case .cast(let cast): cast.operand.forEach(body)
        case .and(let operands), .or(let operands), .coalesce(let operands, _): for operand in operands { operand.forEach(body) }
        case .not(let operand), .isNull(let operand), .isNotNull(let operand), .field(let operand, _, _), .replaced(_, let operand),
            .check(let operand, _):
            operand.forEach(body)
        case .conditional(let conditional):
            for branch in conditional.branches {
                branch.condition.forEach(body)
                branch.result.forEach(body)
            }
            conditional.otherwise?.forEach(body)
        case .inList(let operand, let items):
            operand.forEach(body)
            for item in items { item.forEach(body) }
        case .element(let base, let key, _, _):
            base.forEach(body)
            key.forEach(body)
        case .lambda(let call):
            for argument in call.arguments { argument.forEach(body) }
            for lambda in call.lambdas { lambda.body.forEach(body) }
        case .aggregate(let aggregate):
            for argument in aggregate.arguments { argument.forEach(body) }
            aggregate.filter?.forEach(body)
        case .window(let window): window.forEachInput { $0.forEach(body) }
        case .subquery(let subquery):
            if case .membership(let keys) = subquery.kind { for key in keys { key.forEach(body) } }
        case .grouping(let arguments, _, _): for argument in arguments { argument.forEach(body) }
        }
    }

    func contains(where matches: (ResolvedExpression) -> Bool) -> Bool {
        var found = false
        forEach { if !found, matches($0) { found = true } }
        return found
    }

    /// Replaces the topmost nodes for which `body` gives something else.
    func replacing<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression?) throws(E) -> ResolvedExpression {
        if let replacement = try body(self) { return replacement }
        return try mapChildren { (child) throws(E) in try child.replacing(body) }
    }

    /// Columns of the operator's input that the expression reads, those that its subqueries take from it included.
    var references: Set<ColumnID> {
        var found: Set<ColumnID> = []
        collectReferences(into: &found)
        return found
    }

    func collectReferences(into found: inout Set<ColumnID>) {
        var parameters: [ColumnID] = []
        forEach { part in
            switch part {
            case .column(let column): found.insert(column.id)
            case .subquery(let subquery): for column in subquery.outer { found.insert(column.id) }
            case .lambda(let call): for lambda in call.lambdas { parameters += lambda.parameters.map(\.id) }
            default: break
            }
        }
        for parameter in parameters { found.remove(parameter) }
    }

    /// Whether an outer column of these is used directly (not within a subquery of the expression).
    func usesOuterHere(_ ids: Set<ColumnID>) -> Bool {
        contains { if case .outer(let column) = $0 { ids.contains(column.id) } else { false } }
    }

    /// An aggregate of this query, be it one that a subquery needs.
    var containsAggregate: Bool {
        contains { part in
            switch part {
            case .aggregate: true
            case .subquery(let subquery): !subquery.aggregates.isEmpty
            default: false
            }
        }
    }
    var containsWindow: Bool { contains { if case .window = $0 { true } else { false } } }
    var containsSubquery: Bool { contains { if case .subquery = $0 { true } else { false } } }
}

extension AggregateExpression {
    func mapInputs<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression) throws(E) -> AggregateExpression {
        var result = self
        for index in arguments.indices { result.arguments[index] = try body(arguments[index]) }
        if let filter { result.filter = try body(filter) }
        return result
    }
}

extension WindowExpression {
    /// The expressions that are evaluated over the window's input, frame bounds included.
    func mapInputs<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression) throws(E) -> WindowExpression {
        var result = self
        switch function {
        case .window(let name, let bound, var arguments):
            for index in arguments.indices { arguments[index] = try body(arguments[index]) }
            result.function = .window(name: name, bound, arguments: arguments)
        case .aggregate(let aggregate): result.function = .aggregate(try aggregate.mapInputs(body))
        }
        for index in partition.indices { result.partition[index] = try body(partition[index]) }
        for index in order.indices { result.order[index] = try order[index].map(body) }
        if case .range(let offset, let isPreceding) = frame.start { result.frame.start = .range(try body(offset), isPreceding: isPreceding) }
        if case .range(let offset, let isPreceding) = frame.end { result.frame.end = .range(try body(offset), isPreceding: isPreceding) }
        return result
    }

    func forEachInput(_ body: (ResolvedExpression) -> Void) {
        switch function {
        case .window(_, _, let arguments): arguments.forEach(body)
        case .aggregate(let aggregate):
            aggregate.arguments.forEach(body)
            aggregate.filter.map(body)
        }
        partition.forEach(body)
        for key in order { body(key.expression) }
        if case .range(let offset, _) = frame.start { body(offset) }
        if case .range(let offset, _) = frame.end { body(offset) }
    }
}
