/// An expression of XPath 1.0.
indirect enum XPath: Sendable {
    case number(Double)
    case literal(String)
    case binary(String, XPath, XPath)
    case negated(XPath)
    case call(String, [XPath])
    case path(start: Start, steps: [Step])
    case filtered(XPath, [XPath])

    enum Start: Sendable {
        case root, context
        case expression(XPath)
    }

    enum Axis: String, Sendable {
        case child, descendant, parent, ancestor, attribute, preceding, following
        case me = "self"
        case descendantOrSelf = "descendant-or-self"
        case ancestorOrSelf = "ancestor-or-self"
        case followingSibling = "following-sibling"
        case precedingSibling = "preceding-sibling"

        var isReverse: Bool {
            switch self {
            case .parent, .ancestor, .ancestorOrSelf, .preceding, .precedingSibling: true
            default: false
            }
        }
    }

    enum Test: Sendable {
        case name(String)
        case anyName
        /// `prefix:*`.
        case prefixed(String)
        case node, text, comment
        case instruction(String?)
    }

    struct Step: Sendable {
        let axis: Axis
        let test: Test
        let predicates: [XPath]
    }

    struct Failure: Error { let message: String }
}

extension XPath {
    init(_ text: String) throws(Failure) {
        var parser = XPathParser(tokens: try XPathParser.tokens(text))
        self = try parser.whole()
    }
}

private struct XPathParser {
    enum Token: Equatable {
        case number(Double)
        case literal(String)
        case name(String)
        case symbol(String)
    }

    private static let symbols = ["//", "..", "::", "!=", "<=", ">=", "/", ".", "@", "(", ")", "[", "]", ",", "|", "+", "-", "*", "=", "<", ">", "$"]
    private static let operators: Set<String> = ["and", "or", "div", "mod"]
    private static let maximumDepth = 1000

    let tokens: [Token]
    private var position = 0
    private var depth = 0

    init(tokens: [Token]) { self.tokens = tokens }

    static func tokens(_ text: String) throws(XPath.Failure) -> [Token] {
        let scalars = Array(text.unicodeScalars)
        var tokens: [Token] = []
        var index = 0
        func isDigit(_ at: Int) -> Bool { at < scalars.count && scalars[at] >= "0" && scalars[at] <= "9" }
        while index < scalars.count {
            let scalar = scalars[index]
            if scalar.properties.isWhitespace {
                index += 1
            } else if scalar == "'" || scalar == "\"" {
                guard let end = scalars[(index + 1)...].firstIndex(of: scalar) else { throw .init(message: "misquoted literal") }
                var literal = String.UnicodeScalarView()
                literal.append(contentsOf: scalars[(index + 1)..<end])
                tokens.append(.literal(String(literal)))
                index = end + 1
            } else if isDigit(index) || (scalar == "." && isDigit(index + 1)) {
                var end = index
                while isDigit(end) || (end < scalars.count && scalars[end] == ".") { end += 1 }
                var digits = String.UnicodeScalarView()
                digits.append(contentsOf: scalars[index..<end])
                guard let number = Double(String(digits)) ?? Double(String(digits) + "0") else { throw .init(message: "a malformed number") }
                tokens.append(.number(number))
                index = end
            } else if scalar == "_" || scalar.properties.isAlphabetic {
                var end = index
                var name = String.UnicodeScalarView()
                while end < scalars.count {
                    let next = scalars[end]
                    let isPrefix = next == ":" && end + 1 < scalars.count && scalars[end + 1] != ":" && (end == 0 || scalars[end - 1] != ":")
                    guard next == "_" || next == "-" || next == "." || next.properties.isAlphabetic || isDigit(end) || isPrefix else { break }
                    name.append(next)
                    end += 1
                }
                tokens.append(.name(String(name)))
                index = end
            } else if let symbol = symbols.first(where: { scalars[index...].starts(with: $0.unicodeScalars) }) {
                tokens.append(.symbol(symbol))
                index += symbol.unicodeScalars.count
            } else {
                throw .init(message: "an unexpected character '\(scalar)'")
            }
        }
        return tokens
    }

    private var current: Token? { position < tokens.count ? tokens[position] : nil }

    private mutating func skip(_ symbol: String) -> Bool {
        guard current == .symbol(symbol) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ symbol: String) throws(XPath.Failure) {
        guard skip(symbol) else { throw .init(message: "'\(symbol)' was expected") }
    }

    mutating func whole() throws(XPath.Failure) -> XPath {
        let expression = try self.expression(0)
        guard position == tokens.count else { throw .init(message: "extra tokens behind the expression") }
        return expression
    }

    /// Operators that bind looser come first.
    private static let levels: [[String]] = [["or"], ["and"], ["=", "!="], ["<", "<=", ">", ">="], ["+", "-"], ["*", "div", "mod"]]

    private mutating func expression(_ level: Int) throws(XPath.Failure) -> XPath {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.maximumDepth else { throw .init(message: "the expression lies too deep") }
        guard level < Self.levels.count else { return try unary() }
        var left = try expression(level + 1)
        while let symbol = infix, Self.levels[level].contains(symbol) {
            position += 1
            left = .binary(symbol, left, try expression(level + 1))
        }
        return left
    }

    private var infix: String? {
        switch current {
        case .symbol(let text): text
        case .name(let text) where Self.operators.contains(text): text
        default: nil
        }
    }

    private mutating func unary() throws(XPath.Failure) -> XPath {
        if skip("-") {
            depth += 1
            defer { depth -= 1 }
            guard depth < Self.maximumDepth else { throw .init(message: "the expression lies too deep") }
            return .negated(try unary())
        }
        var left = try path()
        while skip("|") { left = .binary("|", left, try path()) }
        return left
    }

    private mutating func path() throws(XPath.Failure) -> XPath {
        if let primary = try primary() {
            var base = primary
            var predicates: [XPath] = []
            while skip("[") { predicates.append(try predicate()) }
            if !predicates.isEmpty { base = .filtered(base, predicates) }
            guard current == .symbol("/") || current == .symbol("//") else { return base }
            return .path(start: .expression(base), steps: try steps([]))
        }
        if current == .symbol("/") || current == .symbol("//") {
            if current == .symbol("/"), !startsStep(position + 1) {
                position += 1
                return .path(start: .root, steps: [])
            }
            return .path(start: .root, steps: try steps([]))
        }
        return .path(start: .context, steps: try steps([try step()]))
    }

    private func startsStep(_ index: Int) -> Bool {
        guard index < tokens.count else { return false }
        switch tokens[index] {
        case .name: return true
        case .symbol(let text): return ["@", "*", ".", ".."].contains(text)
        default: return false
        }
    }

    private mutating func steps(_ first: [XPath.Step]) throws(XPath.Failure) -> [XPath.Step] {
        var steps = first
        while true {
            if skip("//") {
                steps.append(.init(axis: .descendantOrSelf, test: .node, predicates: []))
            } else if !skip("/") {
                return steps
            }
            steps.append(try step())
        }
    }

    private mutating func predicate() throws(XPath.Failure) -> XPath {
        let expression = try self.expression(0)
        try expect("]")
        return expression
    }

    private mutating func step() throws(XPath.Failure) -> XPath.Step {
        if skip(".") { return .init(axis: .me, test: .node, predicates: []) }
        if skip("..") { return .init(axis: .parent, test: .node, predicates: []) }
        var axis = XPath.Axis.child
        if skip("@") {
            axis = .attribute
        } else if case .name(let name) = current, position + 1 < tokens.count, tokens[position + 1] == .symbol("::") {
            guard let named = XPath.Axis(rawValue: name) else { throw .init(message: "an unknown axis '\(name)'") }
            axis = named
            position += 2
        }
        let test: XPath.Test
        if skip("*") {
            test = .anyName
        } else if case .name(let name) = current {
            position += 1
            if ["node", "text", "comment", "processing-instruction"].contains(name), skip("(") {
                var target: String?
                if case .literal(let text) = current {
                    target = text
                    position += 1
                }
                try expect(")")
                switch name {
                case "node": test = .node
                case "text": test = .text
                case "comment": test = .comment
                default: test = .instruction(target)
                }
            } else if name.hasSuffix(":"), skip("*") {
                test = .prefixed(name)
            } else {
                test = .name(name)
            }
        } else {
            throw .init(message: "a location path was expected")
        }
        var predicates: [XPath] = []
        while skip("[") { predicates.append(try predicate()) }
        return .init(axis: axis, test: test, predicates: predicates)
    }

    private mutating func primary() throws(XPath.Failure) -> XPath? {
        switch current {
        case .number(let value):
            position += 1
            return .number(value)
        case .literal(let text):
            position += 1
            return .literal(text)
        case .symbol("("):
            position += 1
            let inner = try expression(0)
            try expect(")")
            return inner
        case .name(let name)
        where position + 1 < tokens.count && tokens[position + 1] == .symbol("(")
            && !["node", "text", "comment", "processing-instruction"].contains(name):
            position += 2
            var arguments: [XPath] = []
            if !skip(")") {
                repeat { arguments.append(try expression(0)) } while skip(",")
                try expect(")")
            }
            return .call(name, arguments)
        default: return nil
        }
    }
}
