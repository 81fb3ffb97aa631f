import JSON

/// Which recorded requests keep equal answers to a poll apart when polls are collapsed.
///
/// A run of equal answers counts as one, and the next asking gets what came after it. That would show a client a change that it has not made
/// yet, so a different answer may be held back until the client has made the request that stands for the change:
///
/// - An answer that is under way (`STARTING`, a running run) changes by itself as time passes. Requests recorded between the polls are of
///   no account, other threads' above all, unless they address the polled resource itself (a `stop`, a `cancel`).
/// - An answer at rest changes because somebody does something. What it was is the last request before the answer changed, whatever it
///   was (SQL can make a table); and, since some effects are seen late, the last one during the run that addresses the resource.
///
/// However an answer is held back, it is never given more often than it was recorded.
enum PollRules {
    /// Requests that only look.
    static func isRead(_ exchange: Exchange) -> Bool {
        switch exchange.request.method {
        case "GET", "HEAD", "OPTIONS": true
        // The Thrift protocol polls by POST.
        default: exchange.operation == "thrift.GetOperationStatus"
        }
    }

    private static let underWay: Set<String> = [
        "PENDING", "QUEUED", "WAITING", "BLOCKED", "WAITING_FOR_RETRY", "STARTING", "STOPPING", "RESTARTING", "RESIZING", "TERMINATING",
        "DELETING", "CREATING", "UPDATING", "PROVISIONING", "INITIALIZING", "DEPLOYING", "RESETTING", "SETTING_UP_TABLES", "IN_PROGRESS",
        "WAITING_FOR_RESOURCES", "NOT_READY", "NOT_UPDATED",
    ]
    private static let stateNames: Set<String> = [
        "state", "status", "life_cycle_state", "config_update", "ready", "compute_status", "pending_config",
    ]
    /// Their `RUNNING` is a rest; a run's, a statement's or an update's is not.
    private static let restWhenRunning = ["warehouses", "endpoints", "clusters", "apps", "instance-pools"]

    /// Whether an answer says that something is under way.
    static func isUnderWay(_ body: ArraySlice<UInt8>, path: String) -> Bool {
        guard body.count <= 1 << 20, body.first == UInt8(ascii: "{"), let value = try? JSONValue(parsing: body) else { return false }
        let segments = path.split(separator: "/")
        let runs = !restWhenRunning.contains { name in segments.contains { $0 == name } }
        return isUnderWay(value, runs, depth: 3)
    }

    private static func isUnderWay(_ value: JSONValue, _ runs: Bool, depth: Int) -> Bool {
        guard depth > 0, case .object(let object) = value else { return false }
        return object.members.contains { member in
            if let word = member.value.stringValue {
                return stateNames.contains(member.name) && (underWay.contains(word) || runs && (word == "RUNNING" || word == "ACTIVE"))
            }
            return stateNames.contains(member.name) && isUnderWay(member.value, runs, depth: depth - 1)
        }
    }

    /// Whether a changing request addresses what a read looks at: the same path or one below it; the same id by the same name
    /// (`runs/get?run_id=1`, `runs/cancel {"run_id":1}`); for answers at rest also what is above it (a list, and an item that is deleted).
    static func addresses(_ change: ReplayIndex.Record, _ read: ReplayIndex.Record, atRest: Bool) -> Bool {
        guard change.exchange.request.host == read.exchange.request.host else { return false }
        if contains(read.requestPath, change.requestPath) { return true }
        if contains(change.requestPath, read.requestPath), atRest || change.exchange.request.method != "POST" { return true }
        guard !read.requestQuery.isEmpty else { return false }
        let wanted = ids(read.requestQuery)
        guard !wanted.isEmpty else { return false }
        if ids(change.requestQuery).contains(where: wanted.contains) { return true }
        guard change.requestBody.count <= 64 << 10, case .object(let object)? = try? JSONValue(parsing: change.requestBody) else { return false }
        return object.members.contains { member in
            guard member.name.hasSuffix("_id") || member.name == "id" else { return false }
            return wanted.contains("\(member.name)=\(member.value.stringValue ?? member.value.text)")
        }
    }

    private static func ids(_ query: String) -> [String] {
        query.split(separator: "&").filter { item in
            let name = item.prefix { $0 != "=" }
            return name.hasSuffix("_id") || name == "id"
        }.map(String.init)
    }

    /// On the borders of segments, without a slash at the end.
    private static func contains(_ outer: String, _ inner: String) -> Bool {
        let outer = outer.hasSuffix("/") ? outer.dropLast() : outer[...]
        guard inner.hasPrefix(outer) else { return false }
        let rest = inner.dropFirst(outer.count)
        return rest.isEmpty || rest.first == "/"
    }
}
