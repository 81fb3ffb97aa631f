package import JSON
import SparkErrors
import SparkSyntax
package import Workspace

/// What makes an attribute-based policy from a request, by SQL or by the API: checked, and in the API's shape.
package struct PolicyDraft: Sendable {
    private static let mostPrincipals = 20
    /// Column conditions of a policy. Source: Databricks' page of the requirements and limits of row filter and column mask policies.
    private static let mostMatches = (filter: 6, mask: 3)

    package let service: SQLService
    package let principal: Principal

    package init(_ service: SQLService, by principal: Principal) {
        self.service = service
        self.principal = principal
    }

    /// `body`: the members of `PolicyInfo` that callers set. Throws `WorkspaceError`.
    package func checked(_ body: JSONObject) throws -> JSONObject {
        var policy = JSONObject()
        let type = body["policy_type"]?.stringValue ?? ""
        let members = ["POLICY_TYPE_ROW_FILTER": "row_filter", "POLICY_TYPE_COLUMN_MASK": "column_mask"]
        guard let member = members[type] else {
            guard !["POLICY_TYPE_GRANT", "POLICY_TYPE_DENY"].contains(type) else {
                throw WorkspaceError(.notImplemented, "Policies of the type \(type) are not simulated.", status: 501)
            }
            throw WorkspaceError.invalid("Invalid value '\(type.prefix(64))' for field 'policy_type'")
        }
        guard body["for_securable_type"]?.stringValue?.uppercased() == "TABLE" else {
            throw WorkspaceError.invalid("Policies of the type \(type) are for securables of the type TABLE alone.")
        }
        for (_, other) in members where other != member && body[other].map({ !$0.isNull }) ?? false {
            throw WorkspaceError.invalid("Field '\(other)' is not for policies of the type \(type).")
        }
        policy["policy_type"] = .string(type)
        policy["for_securable_type"] = "TABLE"
        if let comment = body["comment"]?.stringValue { policy["comment"] = .string(comment) }
        let names = try principals(body, "to_principals"), exceptions = try principals(body, "except_principals")
        guard !names.isEmpty else { throw WorkspaceError.missing("to_principals") }
        guard names.count + exceptions.count <= Self.mostPrincipals else {
            throw WorkspaceError.invalid("A policy may name at most \(Self.mostPrincipals) principals.")
        }
        policy["to_principals"] = .array(names.map { .string($0) })
        if !exceptions.isEmpty { policy["except_principals"] = .array(exceptions.map { .string($0) }) }
        if let when = body["when_condition"]?.stringValue, !when.isEmpty { policy["when_condition"] = .string(when) }
        let aliases = try matches(body, member == "row_filter" ? Self.mostMatches.filter : Self.mostMatches.mask, &policy)
        policy[member] = .object(try effect(body, member, aliases))
        let tags: [(key: String, value: String?)]
        do {
            tags = try AttributePolicy(policy).tags
        } catch {
            throw WorkspaceError.invalid(
                error.condition.name == ErrorCondition.catalogRequestRefused.name ? error.parameters["message"] ?? "" : error.message)
        }
        for tag in tags where try !service.workspace.tags.isGoverned(tag.key) {
            throw WorkspaceError.invalid("Unknown tag policy key '\(tag.key.prefix(256))': policies ask for governed tags alone.")
        }
        return policy
    }

    private func principals(_ body: JSONObject, _ member: String) throws -> [String] {
        var names: [String] = []
        for name in body[member]?.arrayValue ?? [] {
            let known = try service.workspace.attributePolicies.principal(name.stringValue ?? "")
            if !names.contains(known) { names.append(known) }
        }
        return names
    }

    /// The aliases that the conditions give, in lower case.
    private func matches(_ body: JSONObject, _ most: Int, _ policy: inout JSONObject) throws -> Set<String> {
        let given = body["match_columns"]?.arrayValue ?? []
        guard given.count <= most else { throw WorkspaceError.invalid("A policy may have at most \(most) conditions on columns.") }
        var aliases: Set<String> = []
        var kept: [JSONValue] = []
        for match in given {
            guard let condition = match["condition"]?.stringValue, !condition.isEmpty else { throw WorkspaceError.missing("match_columns.condition") }
            var object = JSONObject([("condition", .string(condition))])
            if let alias = match["alias"]?.stringValue, !alias.isEmpty {
                guard aliases.insert(alias.lowercased()).inserted else {
                    throw WorkspaceError.invalid("The alias '\(alias.prefix(128))' is given twice in match_columns.")
                }
                object["alias"] = .string(alias)
            }
            kept.append(.object(object))
        }
        if !kept.isEmpty { policy["match_columns"] = .array(kept) }
        return aliases
    }

    private func effect(_ body: JSONObject, _ member: String, _ aliases: Set<String>) throws -> JSONObject {
        guard let given = body[member]?.objectValue else { throw WorkspaceError.missing(member) }
        guard let function = given["function_name"]?.stringValue, !function.isEmpty else { throw WorkspaceError.missing("\(member).function_name") }
        let name = try Functions.name(function, rpc: "CreatePolicy")
        guard let info = try service.workspace.functions.find(name) else { throw WorkspaceError.noSuch(.function, name.description) }
        try service.workspace.functions.requireExecute(info, by: principal)
        var object = JSONObject([("function_name", .string(name.description))])
        func check(_ alias: String, _ field: String) throws {
            guard aliases.contains(alias.lowercased()) else {
                throw WorkspaceError.invalid("The alias '\(alias.prefix(128))' of \(member).\(field) is none of match_columns.")
            }
        }
        var count = 0
        if member == "column_mask" {
            guard let alias = given["on_column"]?.stringValue, !alias.isEmpty else { throw WorkspaceError.missing("column_mask.on_column") }
            try check(alias, "on_column")
            object["on_column"] = .string(alias)
            count = 1
        }
        var arguments: [JSONValue] = []
        for argument in given["using"]?.arrayValue ?? [] {
            if let alias = argument["alias"]?.stringValue {
                try check(alias, "using")
                arguments.append(["alias": .string(alias)])
            } else if let constant = argument["constant"].flatMap(AttributePolicy.scalar) {
                arguments.append(["constant": .string(constant)])
            } else if argument["function_arg_expression"] != nil {
                throw WorkspaceError(.notImplemented, "Expressions over tags as arguments of a policy's function are not simulated.", status: 501)
            } else {
                throw WorkspaceError.missing("\(member).using.alias")
            }
        }
        if !arguments.isEmpty { object["using"] = .array(arguments) }
        count += arguments.count
        guard case .createFunction(let definition)? = try? Parser.parse(info.definition).kind, definition.parameters.count == count else {
            let takes = (try? Parser.parse(info.definition).kind).flatMap { kind -> Int? in
                if case .createFunction(let definition) = kind { definition.parameters.count } else { nil }
            }
            throw WorkspaceError.invalid(
                "The policy definition requires \(count) argument(s), but the referred function \(name) takes \(takes ?? 0) argument(s).")
        }
        return object
    }
}

extension AttributePolicies.Placed {
    /// The API's `PolicyInfo`.
    package var shown: JSONObject {
        var object = JSONObject()
        for name in [
            "id", "name", "policy_type", "comment", "to_principals", "except_principals", "for_securable_type", "when_condition", "match_columns",
            "row_filter", "column_mask",
        ] {
            if let value = policy.body[name] { object[name] = value }
        }
        object["on_securable_type"] = .string(place.type.rawValue)
        object["on_securable_fullname"] = .string(place.name)
        let tags = governedTags
        if !tags.isEmpty {
            object["governed_tags"] = .array(
                tags.map { tag in
                    var reference = JSONObject([("tag_key", .string(tag.key))])
                    if let value = tag.value { reference["tag_value"] = .string(value) }
                    return .object(reference)
                })
        }
        object["created_at"] = .int(policy.createdAt)
        object["created_by"] = .string(policy.owner)
        object["updated_at"] = .int(policy.updatedAt)
        object["updated_by"] = policy.body["updated_by"] ?? .string(policy.owner)
        return object
    }

    /// Each once, in the order of the policy's text.
    var governedTags: [(key: String, value: String?)] {
        var seen: [(key: String, value: String?)] = []
        for tag in (try? AttributePolicy(policy.body).tags) ?? [] where !seen.contains(where: { $0.key == tag.key && $0.value == tag.value }) {
            seen.append(tag)
        }
        return seen
    }
}
