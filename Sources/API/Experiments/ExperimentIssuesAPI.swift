import HTTPTypes
import JSON
import Workspace

/// Problems that were found in an experiment's traces: `/api/2.0/mlflow/experiments/{experiment}/issues`. The rules are those that the published SDK
/// describes (`ml.Issue`).
package enum ExperimentIssuesAPI: APIGroup {
    package static let operations = [create, get, update, search]

    private static let root = "/api/2.0/mlflow/experiments/{experiment}/issues"
    private static let kind = "experiment-issue"
    private static let tokenMillis: Int64 = 15 * 60_000
    private static let changeable: Set<String> = ["title", "description", "status", "severity", "categories", "tags", "last_seen_time"]

    // MARK: Rules

    private static func refuse(_ condition: Bool, _ message: @autoclosure () -> String) throws(WorkspaceError) {
        if condition { throw .invalid(message()) }
    }

    private static func text(_ issue: JSONObject, _ name: String) -> String { issue[name]?.stringValue ?? "" }

    /// Checks an issue and brings it to the form in which it is kept.
    private static func check(_ issue: inout JSONObject, _ experiment: Experiment, _ call: Call) throws {
        try refuse(text(issue, "title").isEmpty, "Missing required field: issue.title")
        try refuse(text(issue, "title").utf8.count > 250, "'issue.title' exceeds the maximum length of 250 bytes")
        try refuse(text(issue, "severity").isEmpty, "Missing required field: issue.severity")
        try refuse(text(issue, "description").utf8.count > 32 << 10, "'issue.description' exceeds the maximum length of 32768 bytes")
        try checkCategories(&issue)
        try checkMap(issue, "metadata", most: 20, key: 64, value: nil)
        try checkMap(issue, "tags", most: 10, key: 128, value: 256)
        for name in issue["tags"]?.objectValue?.names ?? [] {
            let isPlain = name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                default: "_.:/-".utf8.contains(byte)
                }
            }
            try refuse(name.isEmpty || !isPlain, "Invalid tag key '\(name.prefix(128))': it must match ^[A-Za-z0-9_.:/-]+$")
        }
        try checkSource(issue, experiment, call)
        if let seen = issue["last_seen_time"] {
            try refuse(
                RFC3339.micros(seen.stringValue ?? "") == nil,
                "Invalid value for field 'issue.last_seen_time': it must be a time such as 2026-01-01T00:00:00Z")
        } else {
            try refuse(text(issue, "source_type") != "MANUAL", "Missing required field: issue.last_seen_time")
        }
    }

    private static func checkCategories(_ issue: inout JSONObject) throws {
        guard let given = issue["categories"]?.arrayValue else { return }
        var seen: Set<String> = []
        var kept: [JSONValue] = []
        for category in given {
            let words = (category.stringValue ?? "").split(whereSeparator: \.isWhitespace)
            guard let first = words.first, let last = words.last, let raw = category.stringValue else {
                throw WorkspaceError.invalid("Categories must not be empty.")
            }
            let name = String(raw[first.startIndex..<last.endIndex])
            try refuse(name.utf8.count > 64, "A category exceeds the maximum length of 64 bytes")
            try refuse(!seen.insert(name.lowercased()).inserted, "The category '\(name)' is given twice.")
            kept.append(.string(name))
        }
        try refuse(kept.count > 10, "An issue can have at most 10 categories.")
        issue["categories"] = kept.isEmpty ? nil : .array(kept)
    }

    private static func checkMap(_ issue: JSONObject, _ name: String, most: Int, key: Int, value: Int?) throws {
        let members = issue[name]?.objectValue?.members ?? []
        try refuse(members.count > most, "An issue can have at most \(most) entries in '\(name)'.")
        for (member, text) in members {
            try refuse(member.utf8.count > key, "A key in '\(name)' exceeds the maximum length of \(key) bytes")
            if let value {
                try refuse((text.stringValue ?? "").utf8.count > value, "A value in '\(name)' exceeds the maximum length of \(value) bytes")
            }
        }
    }

    /// Issues of a detection run name a run of the same experiment.
    private static func checkSource(_ issue: JSONObject, _ experiment: Experiment, _ call: Call) throws {
        let source = text(issue, "source_id")
        switch text(issue, "source_type") {
        case "MANUAL": try refuse(!source.isEmpty, "'issue.source_id' must be absent if 'issue.source_type' is MANUAL.")
        case "ADHOC_RUN", "SCHEDULED_RUN":
            try refuse(source.isEmpty, "Missing required field: issue.source_id")
            let run = try call.workspace.trackedRuns.get(source)
            try refuse(run.experimentID != experiment.id, "The run \(source.prefix(64)) is one of another experiment.")
        default: break
        }
    }

    // MARK: Showing

    private static func existing(_ level: String, _ call: Call) throws -> (experiment: Experiment, issue: StoredResource) {
        let experiment = try ExperimentsAPI.existing(call.path("experiment"), level, call)
        let id = try call.path("issue")
        guard let issue = try call.workspace.resources.get(kind, id), issue.parent == String(experiment.id) else {
            throw WorkspaceError(.resourceDoesNotExist, "Issue \(id.prefix(256)) does not exist in experiment \(experiment.id).")
        }
        return (experiment, issue)
    }

    private static func json(_ issue: StoredResource, description: Bool = true) -> JSONValue {
        var json = issue.body
        if !description { json["description"] = nil }
        json["name"] = .string("experiments/\(issue.parent)/issues/\(issue.id)")
        json["issue_id"] = .string(issue.id)
        json["created_by"] = .string(issue.owner)
        json["create_time"] = .string(RFC3339.text(millis: issue.createdAt))
        json["update_time"] = .string(RFC3339.text(millis: issue.updatedAt))
        if json["last_seen_time"] == nil { json["last_seen_time"] = json["create_time"] }
        return .object(json)
    }

    private static func seen(_ issue: StoredResource) -> Double {
        Double(RFC3339.micros(text(issue.body, "last_seen_time")) ?? issue.createdAt &* 1000)
    }

    // MARK: Operations

    static let create = Operation("ml.experiments.create_issue", .post, root) { call -> JSONValue in
        let given = try call.contractBody(.post, root)
        let experiment = try ExperimentsAPI.existing(call.path("experiment"), "CAN_EDIT", call)
        try call.workspace.experiments.checkActive(experiment)
        var issue = JSONObject(given.members.filter { changeable.contains($0.name) || ["metadata", "source_id", "source_type"].contains($0.name) })
        if issue["status"] == nil { issue["status"] = "PENDING" }
        if issue["source_type"] == nil { issue["source_type"] = "MANUAL" }
        try check(&issue, experiment, call)
        issue["last_updated_by"] = .string(call.principal.userName)
        var id = "iss-" + call.workspace.environment.ids.uuid().filter { $0 != "-" }
        if let own = call.query.string("issue_id"), !own.isEmpty {
            let digits = own.utf8.dropFirst(4)
            let isValid = own.hasPrefix("iss-") && digits.count == 32 && digits.allSatisfy { "0123456789abcdef".utf8.contains($0) }
            try refuse(!isValid, "Invalid issue_id '\(own.prefix(64))': it must be iss- followed by 32 lowercase hex digits.")
            id = own
        }
        do {
            return json(
                try call.workspace.resources.insert(
                    kind, id: id, uniqueKey: nil, parent: String(experiment.id), owner: call.principal.userName, issue))
        } catch is ResourceStore.Taken {
            throw WorkspaceError(.alreadyExists, "Issue \(id) already exists.")
        }
    }

    static let get = Operation("ml.experiments.get_issue", .get, root + "/{issue}") { call -> JSONValue in json(try existing("CAN_READ", call).issue)
    }

    static let update = Operation("ml.experiments.update_issue", .patch, root + "/{issue}") { call -> JSONValue in
        let given = try call.contractBody(.patch, root + "/{issue}")
        let (experiment, issue) = try existing("CAN_EDIT", call)
        let mask = try call.query.required("update_mask").split(separator: ",").map { String($0) }
        try refuse(mask.isEmpty, "update_mask must name at least one field.")
        let changed = try call.workspace.resources.update(kind, issue.id) { stored in
            var new = stored.body
            for path in mask {
                if path.hasPrefix("metadata."), path != "metadata." {
                    let key = String(path.dropFirst("metadata.".count))
                    var metadata = new["metadata"]?.objectValue ?? JSONObject()
                    metadata[key] = given["metadata"]?[key]
                    new["metadata"] = metadata.isEmpty ? nil : .object(metadata)
                } else {
                    try refuse(!changeable.contains(path), "Invalid field in update_mask: '\(path.prefix(64))'.")
                    new[path] = given[path]
                }
            }
            try refuse(new["status"] == nil, "The field 'status' of an issue cannot be cleared.")
            try check(&new, experiment, call)
            new["last_updated_by"] = .string(call.principal.userName)
            stored.body = new
        }
        guard let changed else { throw WorkspaceError(.resourceDoesNotExist, "Issue \(issue.id) does not exist in experiment \(experiment.id).") }
        return json(changed)
    }

    // MARK: Search

    private static func matches(_ issue: JSONObject, _ body: Fields) throws -> Bool {
        func isOne(of name: String, _ value: String, fold: Bool = false) throws -> Bool {
            let wanted = try body.strings(optional: name) ?? []
            return wanted.isEmpty || wanted.contains { fold ? $0.lowercased() == value.lowercased() : $0 == value }
        }
        guard try isOne(of: "severities", text(issue, "severity")), try isOne(of: "statuses", text(issue, "status")) else { return false }
        let categories = try body.strings(optional: "categories") ?? []
        if !categories.isEmpty {
            let own = Set((issue["categories"]?.arrayValue ?? []).compactMap { $0.stringValue?.lowercased() })
            guard categories.contains(where: { own.contains($0.lowercased()) }) else { return false }
        }
        if let query = try body.string(optional: "query"), !query.isEmpty {
            guard text(issue, "title").lowercased().contains(query.lowercased()) else { return false }
        }
        for filter in try body.objects("tag_filters") {
            guard let value = issue["tags"]?[try filter.string("key")]?.stringValue else { return false }
            let wanted = try filter.strings(optional: "values") ?? []
            guard wanted.isEmpty || wanted.contains(value) else { return false }
        }
        return true
    }

    /// Groups by status come first, whatever the direction; ids break the last ties.
    private static func sorted(_ issues: [StoredResource], _ key: String, ascending: Bool) -> [StoredResource] {
        let ranks = ["LOW": 0.0, "MEDIUM": 1, "HIGH": 2, "PENDING": 0, "RESOLVED": 1, "REJECTED": 2]
        func value(_ issue: StoredResource) -> [Double] {
            switch key {
            case "CREATE_TIME": [Double(issue.createdAt)]
            case "UPDATE_TIME": [Double(issue.updatedAt)]
            case "LAST_SEEN_TIME": [seen(issue)]
            default: [ranks[text(issue.body, "severity")] ?? 0, seen(issue)]
            }
        }
        let keyed = issues.map { (issue: $0, group: ranks[text($0.body, "status")] ?? 0, value: value($0)) }
        return keyed.sorted { left, right in
            if left.group != right.group { return left.group < right.group }
            for (one, other) in zip(left.value, right.value) where one != other { return (one < other) == ascending }
            return left.issue.id < right.issue.id
        }.map(\.issue)
    }

    static let search = Operation("ml.experiments.search_issues", .post, root + ":search") { call -> JSONValue in
        let body = Fields(try call.contractBody(.post, root + ":search"))
        let experiment = try ExperimentsAPI.existing(call.path("experiment"), "CAN_READ", call)
        let filters = try body.objects("tag_filters")
        try refuse(filters.count > 10, "At most 10 tag_filters can be given.")
        for filter in filters { try refuse(try filter.strings(optional: "values")?.count ?? 0 > 20, "A tag filter can have at most 20 values.") }
        let size = try body.int(optional: "page_size") ?? 20
        try refuse(size < 0, "Invalid value \(size) for parameter 'page_size' supplied: it must not be negative.")
        // The time at which a token was given is in front of it.
        let now = call.workspace.environment.nowMillis
        var token = try body.string(optional: "page_token").flatMap { $0.isEmpty ? nil : $0 }
        if let given = token {
            let parts = given.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let time = Int64(parts[0]) else { throw WorkspaceError.invalid("Invalid page token: '\(given.prefix(64))'") }
            try refuse(now &- time > tokenMillis || time > now, "The page token has expired.")
            token = String(parts[1])
        }
        let scope = body.object.members.filter { !["page_token", "view"].contains($0.name) }.map { "\($0.name) \($0.value.text)" }
        let limit = size == 0 ? 20 : min(size, 100)
        let page = try SearchPage(limit: limit, token: token, scope: "issues \(experiment.id) \(scope)")
        let found = try call.workspace.resources.list(kind, parent: String(experiment.id)).filter { try matches($0.body, body) }
        let order = sorted(
            found, try body.string(optional: "sort_key") ?? "SEVERITY", ascending: try body.string(optional: "sort_order") == "ASCENDING")
        let (rows, next) = page.page(order) { $0.id }
        let isFull = try body.string(optional: "view") == "FULL"
        var reply = JSONObject()
        if !rows.isEmpty { reply["issues"] = .array(rows.map { json($0, description: isFull) }) }
        reply["total_size"] = .int(found.count)
        if let next { reply["next_page_token"] = .string("\(now).\(next)") }
        return .object(reply)
    }
}
