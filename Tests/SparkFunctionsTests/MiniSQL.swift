/// Just enough of SQL's expressions to read the functions' examples: literals, calls, operators, CAST, typed literals, and `agg(…) FROM VALUES`.
indirect enum Node {
    case null
    case boolean(Bool)
    case integer(Int64, suffix: String)
    case decimal(String, suffix: String)
    case string(String)
    case hex([UInt8])
    /// DATE'…', TIMESTAMP'…', and the like.
    case typed(String, String)
    case interval(String, String)
    case column(String)
    case call(String, [Node], distinct: Bool, order: [(Node, Bool)])
    case cast(Node, String, attempt: Bool)
}

struct MiniError: Error { let message: String }

enum Token: Equatable {
    case word(String)
    case quoted(String)
    case string(String)
    case number(String)
    case symbol(String)
    case end
}

struct MiniSQL {
    private var tokens: [Token] = []
    private var position = 0

    struct Query {
        var expression: Node
        var rows: [[Node]] = []
        var columns: [String] = []
        var hasFrom = false
    }

    static func parse(_ text: String) throws -> Query {
        var parser = MiniSQL()
        parser.tokens = try lex(text)
        var query = Query(expression: try parser.expression(0))
        if parser.takeWord("FROM") {
            query.hasFrom = true
            guard parser.takeWord("VALUES") else { throw MiniError(message: "VALUES expected") }
            repeat {
                if parser.take(.symbol("(")) {
                    var row = [try parser.expression(0)]
                    while parser.take(.symbol(",")) { row.append(try parser.expression(0)) }
                    try parser.need(.symbol(")"))
                    query.rows.append(row)
                } else {
                    query.rows.append([try parser.expression(0)])
                }
            } while parser.take(.symbol(","))
            _ = parser.takeWord("AS")
            _ = parser.next()
            try parser.need(.symbol("("))
            repeat { if case .word(let name) = parser.next() { query.columns.append(name.lowercased()) } } while parser.take(.symbol(","))
            try parser.need(.symbol(")"))
        }
        guard parser.peek == .end else { throw MiniError(message: "text behind the end: \(parser.peek)") }
        return query
    }

    // MARK: Lexer

    private static let symbols = ["<=>", ">>>", "||", "<=", ">=", "<>", "!=", "==", "<<", ">>", "->"]

    private static func lex(_ text: String) throws -> [Token] {
        var tokens: [Token] = []
        let characters = Array(text)
        var i = 0
        while i < characters.count {
            let c = characters[i]
            if c.isWhitespace {
                i += 1
            } else if c == "'" || c == "\"" || c == "`" {
                var value = ""
                i += 1
                while i < characters.count, characters[i] != c {
                    if characters[i] == "\\", c != "`", i + 1 < characters.count {
                        i += 1
                        switch characters[i] {
                        case "n": value.append("\n")
                        case "t": value.append("\t")
                        case "r": value.append("\r")
                        case "0": value.append("\0")
                        case "%": value.append("\\%")
                        case "_": value.append("\\_")
                        default: value.append(characters[i])
                        }
                    } else {
                        value.append(characters[i])
                    }
                    i += 1
                }
                guard i < characters.count else { throw MiniError(message: "open string") }
                i += 1
                tokens.append(c == "`" ? .quoted(value) : .string(value))
            } else if c.isASCII, c.isNumber || (c == "." && i + 1 < characters.count && characters[i + 1].isNumber) {
                var value = ""
                while i < characters.count {
                    let d = characters[i]
                    if d.isNumber || d == "." || d.isLetter {
                        value.append(d)
                    } else if d == "-" || d == "+", let last = value.last, last == "e" || last == "E",
                        value.dropLast().allSatisfy({ $0.isNumber || $0 == "." })
                    {
                        value.append(d)
                    } else {
                        break
                    }
                    i += 1
                }
                tokens.append(.number(value))
            } else if c.isLetter || c == "_" {
                var value = ""
                while i < characters.count, characters[i].isLetter || characters[i].isNumber || characters[i] == "_" {
                    value.append(characters[i])
                    i += 1
                }
                tokens.append(.word(value))
            } else if let symbol = symbols.first(where: { text.count - i >= $0.count && String(characters[i..<i + $0.count]) == $0 }) {
                tokens.append(.symbol(symbol))
                i += symbol.count
            } else {
                tokens.append(.symbol(String(c)))
                i += 1
            }
        }
        return tokens
    }

    private var peek: Token { position < tokens.count ? tokens[position] : .end }
    private func peek(_ offset: Int) -> Token { position + offset < tokens.count ? tokens[position + offset] : .end }

    private mutating func next() -> Token {
        defer { position += 1 }
        return peek
    }

    private mutating func take(_ token: Token) -> Bool {
        if peek == token { position += 1; return true }
        return false
    }

    private mutating func takeWord(_ word: String) -> Bool {
        if case .word(let found) = peek, found.uppercased() == word { position += 1; return true }
        return false
    }

    private func isWord(_ word: String, at offset: Int = 0) -> Bool {
        if case .word(let found) = peek(offset) { found.uppercased() == word } else { false }
    }

    private mutating func need(_ token: Token) throws { if !take(token) { throw MiniError(message: "\(token) expected, found \(peek)") } }

    // MARK: Parser

    private static let binding: [String: Int] = [
        "=": 3, "==": 3, "<>": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "<=>": 3, "|": 4, "^": 5, "&": 6, "<<": 7, ">>": 7, ">>>": 7, "+": 8,
        "-": 8,
        "||": 8, "*": 9, "/": 9, "%": 9, "DIV": 9, "LIKE": 3, "ILIKE": 3, "RLIKE": 3, "REGEXP": 3,
    ]

    private mutating func expression(_ minimum: Int) throws -> Node {
        var left: Node
        if minimum <= 2, takeWord("NOT") { left = .call("!", [try expression(2)], distinct: false, order: []) } else { left = try primary() }
        while true {
            let name: String
            switch peek {
            case .symbol(let symbol): name = symbol
            case .word(let word): name = word.uppercased()
            default: return left
            }
            guard let power = Self.binding[name], power >= minimum else { return left }
            position += 1
            let right = try expression(power + 1)
            left = .call(name.lowercased(), [left, right], distinct: false, order: [])
        }
    }

    private mutating func primary() throws -> Node {
        switch next() {
        case .string(let text): return .string(text)
        case .number(let text): return Self.number(text)
        case .symbol("("):
            let inner = try expression(0)
            try need(.symbol(")"))
            return inner
        case .symbol("-"):
            if case .number(let text) = peek {
                position += 1
                return Self.number("-" + text)
            }
            return .call("negative", [try expression(10)], distinct: false, order: [])
        case .symbol("+"): return try expression(10)
        case .symbol("~"): return .call("~", [try expression(10)], distinct: false, order: [])
        case .symbol("!"): return .call("!", [try expression(10)], distinct: false, order: [])
        case .symbol("*"): return .integer(1, suffix: "")
        case .word(let word): return try named(word)
        case let other: throw MiniError(message: "unexpected \(other)")
        }
    }

    private mutating func named(_ word: String) throws -> Node {
        let upper = word.uppercased()
        if case .string(let text) = peek {
            switch upper {
            case "X":
                position += 1
                let digits = Array(text.count % 2 == 0 ? text : "0" + text)
                return .hex(stride(from: 0, to: digits.count, by: 2).map { UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0 })
            case "R":
                position += 1
                return .string(text)
            case "DATE", "TIMESTAMP", "TIMESTAMP_NTZ":
                position += 1
                return .typed(upper, text)
            case "INTERVAL":
                position += 1
                var units: [String] = []
                while case .word(let unit) = peek, !["FROM", "AS"].contains(unit.uppercased()) {
                    units.append(unit.uppercased())
                    position += 1
                }
                return .interval(text, units.joined(separator: " "))
            default: break
            }
        }
        switch upper {
        case "NULL": return .null
        case "TRUE": return .boolean(true)
        case "FALSE": return .boolean(false)
        default: break
        }
        guard take(.symbol("(")) else { return .column(word.lowercased()) }
        if upper == "CAST" || upper == "TRY_CAST" {
            let inner = try expression(0)
            guard takeWord("AS") else { throw MiniError(message: "AS expected") }
            var type = ""
            var depth = 0
            while !(depth == 0 && peek == .symbol(")")) {
                switch next() {
                case .word(let part):
                    type +=
                        (type.isEmpty || type.hasSuffix("<") || type.hasSuffix("(") || type.hasSuffix(",") || type.hasSuffix(":") ? "" : " ") + part
                case .number(let part): type += part
                case .symbol(let part):
                    if part == "(" || part == "<" { depth += 1 }
                    if part == ")" || part == ">" { depth -= 1 }
                    if part == ">>" { depth -= 2 }
                    type += part
                default: throw MiniError(message: "type expected")
                }
            }
            try need(.symbol(")"))
            return .cast(inner, type, attempt: upper == "TRY_CAST")
        }
        let distinct = takeWord("DISTINCT")
        var arguments: [Node] = []
        if !take(.symbol(")")) {
            repeat {
                if upper == "EXTRACT", case .word(let field) = peek, isWord("FROM", at: 1) {
                    position += 2
                    arguments.append(.string(field))
                    arguments.append(try expression(0))
                } else if ["DATEADD", "DATE_ADD", "DATEDIFF", "DATE_DIFF", "TIMESTAMPADD", "TIMESTAMPDIFF"].contains(upper), arguments.isEmpty,
                    case .word(let unit) = peek, peek(1) == .symbol(",")
                {
                    position += 1
                    arguments.append(.string(unit))
                } else {
                    arguments.append(try expression(0))
                }
            } while take(.symbol(","))
            try need(.symbol(")"))
        }
        var order: [(Node, Bool)] = []
        if isWord("WITHIN") {
            position += 2
            try need(.symbol("("))
            position += 2
            let key = try expression(0)
            let descending = takeWord("DESC")
            try need(.symbol(")"))
            order = [(key, !descending)]
        }
        return .call(word.lowercased(), arguments, distinct: distinct, order: order)
    }

    private static func number(_ text: String) -> Node {
        let upper = text.uppercased()
        for suffix in ["BD", "L", "S", "Y", "D", "F"] where upper.hasSuffix(suffix) {
            let body = String(text.dropLast(suffix.count))
            if ["L", "S", "Y"].contains(suffix) { return .integer(Int64(body) ?? 0, suffix: suffix) }
            return .decimal(body, suffix: suffix)
        }
        if upper.contains("E") { return .decimal(text, suffix: "D") }
        if upper.contains(".") { return .decimal(text, suffix: "BD") }
        guard let value = Int64(text) else { return .decimal(text, suffix: "BD") }
        return .integer(value, suffix: Int32(exactly: value) == nil ? "L" : "")
    }
}
