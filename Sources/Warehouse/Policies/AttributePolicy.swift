import JSON
import SparkErrors
import SparkSyntax
import Workspace

/// An attribute-based policy as the API's `PolicyInfo` describes it, ready to be evaluated.
struct AttributePolicy: Sendable {
    enum Argument: Sendable {
        case alias(String)
        /// As SQL
        case constant(String)
    }

    struct Match: Sendable {
        let text: String
        let condition: TagCondition
        let alias: String?
    }

    let name: String
    /// Full name
    let function: [String]
    /// The alias of the columns that are masked; nil for a row filter.
    let maskedAlias: String?
    let arguments: [Argument]
    let when: TagCondition?
    let matches: [Match]
    private let principals: [String]
    private let exceptions: [String]

    init(_ body: JSONObject) throws(SQLError) {
        name = body["name"]?.stringValue ?? ""
        func texts(_ name: String) -> [String] { body[name]?.arrayValue?.compactMap(\.stringValue) ?? [] }
        principals = texts("to_principals")
        exceptions = texts("except_principals")
        let mask = body["column_mask"]
        let effect = mask ?? body["row_filter"]
        function = (effect?["function_name"]?.stringValue ?? "").split(separator: ".").map(String.init)
        maskedAlias = mask?["on_column"]?.stringValue
        arguments = (effect?["using"]?.arrayValue ?? []).map { argument in
            if let alias = argument["alias"]?.stringValue { return .alias(alias) }
            return .constant(Self.literal(argument["constant"].flatMap(Self.scalar) ?? ""))
        }
        when = try body["when_condition"]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }.map { (text) throws(SQLError) in try TagCondition(text) }
        var matches: [Match] = []
        for match in body["match_columns"]?.arrayValue ?? [] {
            let text = match["condition"]?.stringValue ?? ""
            matches.append(Match(text: text, condition: try TagCondition(text), alias: match["alias"]?.stringValue))
        }
        self.matches = matches
    }

    /// Text, or a number or a boolean as its text.
    static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text), .number(let text): text
        case .bool(let flag): flag ? "true" : "false"
        default: nil
        }
    }

    /// A constant is a literal as SQL writes it; any other text is that text.
    private static func literal(_ text: String) -> String {
        if let expression = try? Parser.parseExpression(text), case .literal = expression.kind { return text }
        return "'" + text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "'"
    }

    func concerns(_ principal: Principal) -> Bool {
        principals.contains { principal.isNamed($0) } && !exceptions.contains { principal.isNamed($0) }
    }

    /// The governed tags that the conditions name.
    var tags: [(key: String, value: String?)] { (when?.tags ?? []) + matches.flatMap { $0.condition.tags } }

    func match(_ alias: String) -> Match? { matches.first { $0.alias?.lowercased() == alias.lowercased() } }
}
