/// What an expression of XPath gives.
enum XPathValue {
    /// In document order.
    case nodes([Int])
    case number(Double)
    case string(String)
    case boolean(Bool)
}

/// Evaluates expressions over one document.
struct XPathEvaluation {
    let document: XMLDocument

    struct Context {
        let node: Int
        let position: Int
        let size: Int
    }

    func value(_ expression: XPath) throws(XPath.Failure) -> XPathValue {
        try value(expression, Context(node: 0, position: 1, size: 1))
    }

    // MARK: Conversions

    func number(_ value: XPathValue) -> Double {
        switch value {
        case .number(let number): return number
        case .boolean(let bit): return bit ? 1 : 0
        case .nodes, .string:
            var text = Substring(string(value))
            while let first = text.unicodeScalars.first, first.properties.isWhitespace { text.unicodeScalars.removeFirst() }
            while let last = text.unicodeScalars.last, last.properties.isWhitespace { text.unicodeScalars.removeLast() }
            let isNumeral = text.utf8.allSatisfy { ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
            return isNumeral && !text.isEmpty ? Double(text) ?? Double(text + "0") ?? .nan : .nan
        }
    }

    func string(_ value: XPathValue) -> String {
        switch value {
        case .nodes(let nodes): nodes.first.map(document.stringValue) ?? ""
        case .string(let text): text
        case .boolean(let bit): bit ? "true" : "false"
        case .number(let number):
            if number.isNaN {
                "NaN"
            } else if number.isInfinite {
                number > 0 ? "Infinity" : "-Infinity"
            } else if let whole = Int64(exactly: number) {
                "\(whole)"
            } else {
                "\(number)"
            }
        }
    }

    func boolean(_ value: XPathValue) -> Bool {
        switch value {
        case .nodes(let nodes): !nodes.isEmpty
        case .string(let text): !text.isEmpty
        case .number(let number): !(number == 0 || number.isNaN)
        case .boolean(let bit): bit
        }
    }

    // MARK: Expressions

    func evaluated(_ expression: XPath, _ context: Context) throws(XPath.Failure) -> XPathValue { try value(expression, context) }

    private func value(_ expression: XPath, _ context: Context) throws(XPath.Failure) -> XPathValue {
        switch expression {
        case .number(let number): return .number(number)
        case .literal(let text): return .string(text)
        case .negated(let inner): return .number(-number(try value(inner, context)))
        case .binary(let symbol, let left, let right): return try binary(symbol, left, right, context)
        case .call(let name, let arguments): return try call(name, arguments, context)
        case .filtered(let base, let predicates):
            var nodes = try self.nodes(base, context)
            for predicate in predicates { nodes = try filtered(nodes, predicate) }
            return .nodes(nodes)
        case .path(let start, let steps):
            var nodes: [Int]
            switch start {
            case .root: nodes = [0]
            case .context: nodes = [context.node]
            case .expression(let base): nodes = try self.nodes(base, context)
            }
            for step in steps {
                var found = Set<Int>()
                for node in nodes {
                    // Predicates count along the axis.
                    var reached = reached(node, step)
                    for predicate in step.predicates { reached = try filtered(reached, predicate) }
                    found.formUnion(reached)
                }
                nodes = found.sorted()
            }
            return .nodes(nodes)
        }
    }

    private func nodes(_ expression: XPath, _ context: Context) throws(XPath.Failure) -> [Int] {
        guard case .nodes(let nodes) = try value(expression, context) else { throw .init(message: "a node set was expected") }
        return nodes
    }

    private func filtered(_ nodes: [Int], _ predicate: XPath) throws(XPath.Failure) -> [Int] {
        var kept: [Int] = []
        for (index, node) in nodes.enumerated() {
            let result = try value(predicate, Context(node: node, position: index + 1, size: nodes.count))
            if case .number(let wanted) = result {
                if wanted == Double(index + 1) { kept.append(node) }
            } else if boolean(result) {
                kept.append(node)
            }
        }
        return kept
    }

    /// The nodes that an axis leads to and a test accepts, in the axis's order.
    private func reached(_ node: Int, _ step: XPath.Step) -> [Int] {
        let nodes = document.nodes
        func below(_ top: Int) -> [Int] {
            var all: [Int] = []
            var stack = Array(nodes[top].children.reversed())
            while let next = stack.popLast() {
                all.append(next)
                stack.append(contentsOf: nodes[next].children.reversed())
            }
            return all
        }
        func above(_ bottom: Int) -> [Int] {
            var all: [Int] = []
            var next = nodes[bottom].parent
            while next >= 0 {
                all.append(next)
                next = nodes[next].parent
            }
            return all
        }
        func siblings(after: Bool) -> [Int] {
            let parent = nodes[node].parent
            guard parent >= 0, nodes[node].kind != .attribute, let place = nodes[parent].children.firstIndex(of: node) else { return [] }
            return after ? Array(nodes[parent].children[(place + 1)...]) : nodes[parent].children[..<place].reversed()
        }
        let reached: [Int]
        switch step.axis {
        case .child: reached = nodes[node].children
        case .descendant: reached = below(node)
        case .descendantOrSelf: reached = [node] + below(node)
        case .me: reached = [node]
        case .parent: reached = nodes[node].parent >= 0 ? [nodes[node].parent] : []
        case .ancestor: reached = above(node)
        case .ancestorOrSelf: reached = [node] + above(node)
        case .attribute: reached = nodes[node].attributes
        case .followingSibling: reached = siblings(after: true)
        case .precedingSibling: reached = siblings(after: false)
        case .following:
            let own = Set(below(node))
            reached = nodes.indices.filter { $0 > node && !own.contains($0) && nodes[$0].kind != .attribute }
        case .preceding:
            let own = Set(above(node))
            reached = nodes.indices.filter { $0 < node && !own.contains($0) && nodes[$0].kind != .attribute }.reversed()
        }
        let principal: XMLDocument.Kind = step.axis == .attribute ? .attribute : .element
        return reached.filter { index in
            let candidate = nodes[index]
            switch step.test {
            case .node: return true
            case .text: return candidate.kind == .text
            case .comment: return candidate.kind == .comment
            case .instruction(let target): return candidate.kind == .instruction && (target == nil || target == candidate.name)
            case .anyName: return candidate.kind == principal
            case .name(let name): return candidate.kind == principal && candidate.name == name
            case .prefixed(let prefix): return candidate.kind == principal && candidate.name.hasPrefix(prefix)
            }
        }
    }

    private func binary(_ symbol: String, _ left: XPath, _ right: XPath, _ context: Context) throws(XPath.Failure) -> XPathValue {
        switch symbol {
        case "or": return .boolean(boolean(try value(left, context)) ? true : boolean(try value(right, context)))
        case "and": return .boolean(boolean(try value(left, context)) ? boolean(try value(right, context)) : false)
        case "|": return .nodes(Set(try nodes(left, context)).union(try nodes(right, context)).sorted())
        default: break
        }
        let (a, b) = (try value(left, context), try value(right, context))
        switch symbol {
        case "=", "!=", "<", "<=", ">", ">=": return .boolean(compared(symbol, a, b))
        case "+": return .number(number(a) + number(b))
        case "-": return .number(number(a) - number(b))
        case "*": return .number(number(a) * number(b))
        case "div": return .number(number(a) / number(b))
        default: return .number(number(a).truncatingRemainder(dividingBy: number(b)))
        }
    }

    /// A node set compares by any of its nodes.
    private func compared(_ symbol: String, _ a: XPathValue, _ b: XPathValue) -> Bool {
        if case .nodes(let nodes) = a {
            if case .boolean = b { return plain(symbol, .boolean(!nodes.isEmpty), b) }
            return nodes.contains { compared(symbol, .string(document.stringValue($0)), b) }
        }
        if case .nodes(let nodes) = b {
            if case .boolean = a { return plain(symbol, a, .boolean(!nodes.isEmpty)) }
            return nodes.contains { plain(symbol, a, .string(document.stringValue($0))) }
        }
        return plain(symbol, a, b)
    }

    private func plain(_ symbol: String, _ a: XPathValue, _ b: XPathValue) -> Bool {
        switch symbol {
        case "=", "!=":
            let isEqual: Bool
            switch (a, b) {
            case (.boolean, _), (_, .boolean): isEqual = boolean(a) == boolean(b)
            case (.number, _), (_, .number): isEqual = number(a) == number(b)
            default: isEqual = string(a) == string(b)
            }
            return (symbol == "=") == isEqual
        case "<": return number(a) < number(b)
        case "<=": return number(a) <= number(b)
        case ">": return number(a) > number(b)
        default: return number(a) >= number(b)
        }
    }
}
