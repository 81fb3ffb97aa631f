extension LogicalPlan {
    var children: [LogicalPlan] {
        switch self {
        case .values, .scan, .sequence, .shared, .workingTable: []
        case .project(let node): [node.child]
        case .filter(let node): [node.child]
        case .join(let node): [node.left, node.right]
        case .aggregate(let node): [node.child]
        case .expand(let node): [node.child]
        case .sort(let node): [node.child]
        case .limit(let node): [node.child]
        case .union(let node): node.children
        case .setOperation(let node): [node.left, node.right]
        case .window(let node): [node.child]
        case .generate(let node): [node.child]
        case .apply(let node): [node.child, node.subquery]
        case .recursion(let node): [node.anchor, node.step]
        }
    }

    /// The same node over other children.
    func mapChildren<E: Error>(_ body: (LogicalPlan) throws(E) -> LogicalPlan) throws(E) -> LogicalPlan {
        switch self {
        case .values, .scan, .sequence, .shared, .workingTable: return self
        case .project(var node):
            node.child = try body(node.child)
            return .project(node)
        case .filter(var node):
            node.child = try body(node.child)
            return .filter(node)
        case .join(var node):
            node.left = try body(node.left)
            node.right = try body(node.right)
            return .join(node)
        case .aggregate(var node):
            node.child = try body(node.child)
            return .aggregate(node)
        case .expand(var node):
            node.child = try body(node.child)
            return .expand(node)
        case .sort(var node):
            node.child = try body(node.child)
            return .sort(node)
        case .limit(var node):
            node.child = try body(node.child)
            return .limit(node)
        case .union(var node):
            for index in node.children.indices { node.children[index] = try body(node.children[index]) }
            return .union(node)
        case .setOperation(var node):
            node.left = try body(node.left)
            node.right = try body(node.right)
            return .setOperation(node)
        case .window(var node):
            node.child = try body(node.child)
            return .window(node)
        case .generate(var node):
            node.child = try body(node.child)
            return .generate(node)
        case .apply(var node):
            node.child = try body(node.child)
            node.subquery = try body(node.subquery)
            return .apply(node)
        case .recursion(var node):
            node.anchor = try body(node.anchor)
            node.step = try body(node.step)
            return .recursion(node)
        }
    }

    /// The same node with other expressions of its own; children stay.
    func mapExpressions<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression) throws(E) -> LogicalPlan {
        switch self {
        case .values, .scan, .sequence, .shared, .workingTable, .limit, .union, .setOperation, .recursion: return self
        case .project(var node):
            for index in node.columns.indices { node.columns[index].expression = try body(node.columns[index].expression) }
            return .project(node)
        case .filter(var node):
            node.condition = try body(node.condition)
            return .filter(node)
        case .join(var node):
            if let condition = node.condition { node.condition = try body(condition) }
            for index in node.membership.indices {
                node.membership[index].left = try body(node.membership[index].left)
                node.membership[index].right = try body(node.membership[index].right)
            }
            return .join(node)
        case .aggregate(var node):
            for index in node.groups.indices { node.groups[index].expression = try body(node.groups[index].expression) }
            for index in node.aggregates.indices { node.aggregates[index].aggregate = try node.aggregates[index].aggregate.mapInputs(body) }
            return .aggregate(node)
        case .expand(var node):
            for row in node.projections.indices {
                for index in node.projections[row].indices { node.projections[row][index] = try body(node.projections[row][index]) }
            }
            return .expand(node)
        case .sort(var node):
            for index in node.keys.indices { node.keys[index] = try node.keys[index].map(body) }
            return .sort(node)
        case .window(var node):
            for index in node.partition.indices { node.partition[index] = try body(node.partition[index]) }
            for index in node.order.indices { node.order[index] = try node.order[index].map(body) }
            for index in node.columns.indices { node.columns[index].function = try node.columns[index].function.mapInputs(body) }
            return .window(node)
        case .generate(var node):
            for index in node.arguments.indices { node.arguments[index] = try body(node.arguments[index]) }
            return .generate(node)
        case .apply(var node):
            switch node.kind {
            case .membership(let attribute, var keys):
                for index in keys.indices { keys[index] = try body(keys[index]) }
                node.kind = .membership(attribute, keys)
            case .lateral(let isOuter, let condition?): node.kind = .lateral(isOuter: isOuter, condition: try body(condition))
            case .scalar, .existence, .lateral: break
            }
            return .apply(node)
        }
    }

    /// The node's own expressions.
    func forEachExpression(_ body: (ResolvedExpression) -> Void) {
        _ = mapExpressions { expression in
            body(expression)
            return expression
        }
    }

    /// Every node, parents first; not those of subqueries within expressions.
    func forEachNode(_ body: (LogicalPlan) -> Void) {
        body(self)
        for child in children { child.forEachNode(body) }
    }

    /// Every node of the plan and of the subqueries in its expressions.
    func forEachNodeDeep(_ body: (LogicalPlan) -> Void) {
        forEachNode { node in
            body(node)
            node.forEachExpression { expression in
                expression.forEach { if case .subquery(let subquery) = $0 { subquery.plan.forEachNodeDeep(body) } }
            }
        }
    }

    /// Whether the plan, or a subquery within, uses one of these columns of an enclosing query.
    func usesOuter(_ ids: Set<ColumnID>) -> Bool {
        var found = false
        forEachNodeDeep { node in
            if found { return }
            node.forEachExpression { expression in
                if !found, expression.usesOuterHere(ids) { found = true }
            }
        }
        return found
    }
}

extension LogicalPlan {
    /// The names by which the plan mentions columns of the enclosing query, from the top operator down: how Spark prints a subquery.
    func mentions(of ids: Set<ColumnID>) -> [String] {
        guard !ids.isEmpty else { return [] }
        var names: [String] = []
        forEachNode { node in
            node.forEachExpression { expression in
                expression.forEach { part in
                    if case .outer(let column) = part, ids.contains(column.id) { names.append(column.name) }
                }
            }
        }
        return names
    }
}
