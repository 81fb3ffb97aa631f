import Columnar
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE, DROP, DESCRIBE and SHOW of attribute-based policies. Columns and conditions: Databricks SQL language manual.
extension StatementRunner {
    func policy(_ statement: PolicyStatement) throws(SQLError) -> ResultSet {
        switch statement {
        case .create(let create): try createPolicy(create)
        case .drop(let name, let place): try dropPolicy(name, on: place)
        case .describe(let name, let place): try describePolicy(name, on: place)
        case .show(let place, let isEffective): try showPolicies(on: place, isEffective: isEffective)
        }
    }

    private var attributePolicies: AttributePolicies { workspace.attributePolicies }

    private func path(_ place: PolicyStatement.Place) throws(SQLError) -> SecurablePath {
        guard [.catalog, .schema, .table].contains(place.kind) else {
            throw SQLError(
                .policySecurableType, ["securableType": place.kind.rawValue, "allowedTypes": "CATALOG, SCHEMA, TABLE"], at: place.name.span)
        }
        let (type, name) = try securable(place.kind, place.name)
        return try onCatalog(name.split(separator: ".").map(String.init)) { try attributePolicies.place(type, name, by: principal) }
    }

    private func createPolicy(_ create: CreatePolicy) throws(SQLError) -> ResultSet {
        let path = try path(create.place)
        var body = JSONObject([("for_securable_type", "TABLE")])
        body["comment"] = create.comment.map { .string($0) }
        body["to_principals"] = .array(create.principals.map { .string($0.text) })
        body["except_principals"] = .array(create.exceptions.map { .string($0.text) })
        body["when_condition"] = create.condition.map { .string($0.span.text(in: text) ?? "") }
        body["match_columns"] = .array(
            create.matches.map { match in
                var object = JSONObject([("condition", .string(match.condition.span.text(in: text) ?? ""))])
                object["alias"] = match.alias.map { .string($0.text) }
                return .object(object)
            })
        let function = try objectName(create.function)
        guard try onCatalog(function.parts, { try workspace.functions.find(function) }) != nil else {
            throw SQLError(.routineNotFound, ["routineName": SQLQuote.id(function.parts)], at: create.function.span)
        }
        var effect = JSONObject([("function_name", .string(function.description))])
        effect["using"] = .array(
            try create.arguments.map { (argument) throws(SQLError) -> JSONValue in
                switch argument.kind {
                case .name(let name) where name.parts.count == 1: return ["alias": .string(name.last)]
                case .literal: return ["constant": .string(argument.span.text(in: text) ?? "")]
                default: throw .notSimulated("an argument of a policy's function that is neither an alias nor a literal", at: argument.span)
                }
            })
        switch create.effect {
        case .rowFilter:
            body["policy_type"] = "POLICY_TYPE_ROW_FILTER"
            body["row_filter"] = .object(effect)
        case .columnMask(let alias):
            effect["on_column"] = .string(alias.text)
            body["policy_type"] = "POLICY_TYPE_COLUMN_MASK"
            body["column_mask"] = .object(effect)
        }
        let name = create.name.text
        let made = try onCatalog(path.name.split(separator: ".").map(String.init)) { [body] in
            let checked = try PolicyDraft(service, by: principal).checked(body)
            if create.orReplace, let known = try attributePolicies.find(name, on: path) {
                return try attributePolicies.replace(known, checked, name: name, on: path, by: principal)
            }
            return try attributePolicies.create(checked, name: name, on: path, by: principal)
        }
        guard made != nil else {
            throw SQLError(
                .policyAlreadyExists, ["policyName": SQLQuote.id([name]), "securableFullname": quoted(path)], at: create.name.span)
        }
        return .none
    }

    private func quoted(_ path: SecurablePath) -> String { SQLQuote.id(path.name.split(separator: ".").map(String.init)) }

    private func missing(_ name: Identifier, _ path: SecurablePath) -> SQLError {
        SQLError(.policyNotFound, ["policyName": SQLQuote.id([name.text]), "securableFullname": quoted(path)], at: name.span)
    }

    private func dropPolicy(_ name: Identifier, on place: PolicyStatement.Place) throws(SQLError) -> ResultSet {
        let path = try path(place)
        guard try onCatalog([], { try attributePolicies.delete(name.text, on: path) }) else { throw missing(name, path) }
        return .none
    }

    private func describePolicy(_ name: Identifier, on place: PolicyStatement.Place) throws(SQLError) -> ResultSet {
        let path = try path(place)
        guard let found = try onCatalog([], { try attributePolicies.find(name.text, on: path) }) else { throw missing(name, path) }
        let shown = found.shown
        func texts(_ member: String) -> String { (shown[member]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ") }
        let effect = shown["row_filter"] ?? shown["column_mask"]
        let matches = (shown["match_columns"]?.arrayValue ?? []).map { match -> String in
            let condition = match["condition"]?.stringValue ?? ""
            guard let alias = match["alias"]?.stringValue else { return condition }
            return "\(condition) AS \(alias)"
        }
        let using = (effect?["using"]?.arrayValue ?? []).compactMap { argument -> String? in
            argument["alias"]?.stringValue ?? argument["constant"].flatMap(AttributePolicy.scalar)
        }
        let tags = found.governedTags.map { tag -> String in
            guard let value = tag.value else { return tag.key }
            return "\(tag.key):\(value)"
        }
        func member(_ name: String) -> String { shown[name]?.stringValue ?? "" }
        var rows: [(String, String)] = [("Name", found.name), ("On Securable Type", found.place.type.rawValue), ("On Securable", found.place.name)]
        rows += [("Comment", member("comment")), ("To Principals", texts("to_principals")), ("Except Principals", texts("except_principals"))]
        rows += [("For Securable Type", "TABLE"), ("When Condition", member("when_condition")), ("Match Columns", matches.joined(separator: ", "))]
        rows += [("Policy Type", found.type), ("  Function Name", effect?["function_name"]?.stringValue ?? "")]
        rows += [("  On Column", effect?["on_column"]?.stringValue ?? ""), ("  Using Columns", using.joined(separator: ", "))]
        rows += [("Governed Tags", tags.joined(separator: ", "))]
        rows += [("Created By", found.policy.owner), ("Created At", Self.time(found.policy.createdAt))]
        rows += [("Updated By", member("updated_by")), ("Updated At", Self.time(found.policy.updatedAt))]
        return ResultSet(
            [Field("info_name", .text, nullable: false), Field("info_value", .text, nullable: false)],
            rows: rows.filter { !$0.1.isEmpty }.map { [.string($0.0), .string($0.1)] })
    }

    /// `2026-01-01 AD at 22:01:17 UTC`
    private static func time(_ millis: Int64) -> String {
        let time = CivilDateTime(micros: millis &* 1_000)
        func padded(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let second = Int(time.microOfDay / 1_000_000)
        let day = "\(padded(time.date.year, 4))-\(padded(time.date.month, 2))-\(padded(time.date.day, 2))"
        return "\(day) AD at \(padded(second / 3_600, 2)):\(padded(second / 60 % 60, 2)):\(padded(second % 60, 2)) UTC"
    }

    private func showPolicies(on place: PolicyStatement.Place, isEffective: Bool) throws(SQLError) -> ResultSet {
        let path = try path(place)
        let found = try onCatalog { try attributePolicies.list(on: path, inherited: isEffective) }
        return ResultSet(
            [
                Field("Policy Name", .text, nullable: false), Field("Policy Type", .text, nullable: false), Field("Catalog", .text, nullable: false),
                Field("Schema", .text), Field("Table", .text), Field("Comment", .text),
            ],
            rows: found.map { one in
                let parts = one.place.name.split(separator: ".").map(String.init)
                func part(_ index: Int) -> Value { InformationSchema.text(index < parts.count ? parts[index] : nil) }
                return [
                    .string(one.name), .string(one.type), part(0), part(1), part(2), InformationSchema.text(one.policy.body["comment"]?.stringValue),
                ]
            })
    }
}

extension AttributePolicies.Placed {
    /// `ROW_FILTER` or `COLUMN_MASK`
    fileprivate var type: String { policy.body["column_mask"] == nil ? "ROW_FILTER" : "COLUMN_MASK" }
}
