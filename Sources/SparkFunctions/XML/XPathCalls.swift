extension XPathEvaluation {
    /// The functions of XPath 1.0.
    func call(_ name: String, _ arguments: [XPath], _ context: Context) throws(XPath.Failure) -> XPathValue {
        func count(_ allowed: ClosedRange<Int>) throws(XPath.Failure) {
            guard allowed.contains(arguments.count) else { throw .init(message: "\(name)() does not take \(arguments.count) arguments") }
        }
        func given(_ index: Int) throws(XPath.Failure) -> XPathValue { try evaluated(arguments[index], context) }
        func text(_ index: Int) throws(XPath.Failure) -> String { string(try given(index)) }
        func textOrOwn() throws(XPath.Failure) -> String { arguments.isEmpty ? document.stringValue(context.node) : try text(0) }
        func set(_ index: Int) throws(XPath.Failure) -> [Int] {
            guard case .nodes(let nodes) = try given(index) else { throw .init(message: "\(name)() takes a node set") }
            return nodes
        }
        switch name {
        case "last":
            try count(0...0)
            return .number(Double(context.size))
        case "position":
            try count(0...0)
            return .number(Double(context.position))
        case "count":
            try count(1...1)
            return .number(Double(try set(0).count))
        case "sum":
            try count(1...1)
            return .number(try set(0).reduce(0) { $0 + number(.string(document.stringValue($1))) })
        case "name", "local-name", "namespace-uri":
            try count(0...1)
            let node = arguments.isEmpty ? context.node : try set(0).first
            let full = node.map { document.nodes[$0].name } ?? ""
            if name == "namespace-uri" { return .string("") }
            return .string(name == "name" ? full : full.split(separator: ":").last.map(String.init) ?? "")
        case "string":
            try count(0...1)
            return .string(try textOrOwn())
        case "concat":
            try count(2...1000)
            var joined = ""
            for index in arguments.indices { joined += try text(index) }
            return .string(joined)
        case "starts-with":
            try count(2...2)
            return .boolean(try text(0).utf8.starts(with: try text(1).utf8))
        case "contains":
            try count(2...2)
            let part = try text(1)
            let whole = try text(0)
            return .boolean(part.isEmpty || Self.place(of: part, in: whole) != nil)
        case "substring-before", "substring-after":
            try count(2...2)
            let (whole, part) = (Array(try text(0).unicodeScalars), Array(try text(1).unicodeScalars))
            guard let place = whole.indices.first(where: { whole[$0...].starts(with: part) }) else {
                return .string(part.isEmpty && name == "substring-after" ? Self.text(whole[...]) : "")
            }
            return .string(Self.text(name == "substring-before" ? whole[..<place] : whole[(place + part.count)...]))
        case "substring":
            try count(2...3)
            let whole = Array(try text(0).unicodeScalars)
            let start = Self.rounded(number(try given(1)))
            let end = arguments.count == 3 ? start + Self.rounded(number(try given(2))) : .infinity
            return .string(Self.text(whole.enumerated().filter { Double($0.offset + 1) >= start && Double($0.offset + 1) < end }.map(\.element)[...]))
        case "string-length":
            try count(0...1)
            return .number(Double(try textOrOwn().unicodeScalars.count))
        case "normalize-space":
            try count(0...1)
            return .string(try textOrOwn().split(whereSeparator: \.isWhitespace).joined(separator: " "))
        case "translate":
            try count(3...3)
            let (from, to) = (Array(try text(1).unicodeScalars), Array(try text(2).unicodeScalars))
            var result = String.UnicodeScalarView()
            for scalar in try text(0).unicodeScalars {
                guard let place = from.firstIndex(of: scalar) else {
                    result.append(scalar)
                    continue
                }
                if place < to.count { result.append(to[place]) }
            }
            return .string(String(result))
        case "boolean":
            try count(1...1)
            return .boolean(boolean(try given(0)))
        case "not":
            try count(1...1)
            return .boolean(!boolean(try given(0)))
        case "true", "false":
            try count(0...0)
            return .boolean(name == "true")
        case "number":
            try count(0...1)
            return .number(arguments.isEmpty ? number(.string(document.stringValue(context.node))) : number(try given(0)))
        case "floor":
            try count(1...1)
            return .number(number(try given(0)).rounded(.down))
        case "ceiling":
            try count(1...1)
            return .number(number(try given(0)).rounded(.up))
        case "round":
            try count(1...1)
            return .number(Self.rounded(number(try given(0))))
        default: throw .init(message: "the function \(name)() does not exist")
        }
    }

    /// Halves go up.
    private static func rounded(_ value: Double) -> Double { (value + 0.5).rounded(.down) }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    private static func place(of part: String, in whole: String) -> Int? {
        let (part, whole) = (Array(part.utf8), Array(whole.utf8))
        guard part.count <= whole.count else { return nil }
        return (0...(whole.count - part.count)).first { whole[$0...].starts(with: part) }
    }
}
