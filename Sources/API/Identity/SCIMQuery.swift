import JSON
import Workspace

/// The query of a SCIM list, and its page.
struct SCIMQuery {
    private let filter: SCIMFilter?
    private let attributes: Set<String>?
    private let excluded: Set<String>
    private let start: Int
    private let count: Int
    private let sortBy: SCIMFilter.Path?
    private let descending: Bool

    /// No page is longer.
    static let longestPage = 10_000

    init(_ call: Call) throws(WorkspaceError) {
        func names(_ name: String) -> Set<String>? {
            call.query.string(name).map { Set($0.split(separator: ",").map { String($0).lowercased().filter { $0 != " " } }) }
        }
        if let text = call.query.string("filter") { filter = try SCIMFilter(parsing: text) } else { filter = nil }
        attributes = names("attributes")
        excluded = names("excludedAttributes") ?? []
        func number(_ name: String) throws(WorkspaceError) -> Int? {
            do { return try call.query.int(name) } catch { throw SCIM.invalid("Query parameter \(name) must be a number.") }
        }
        start = max(1, try number("startIndex") ?? 1)
        count = min(Self.longestPage, max(0, try number("count") ?? Self.longestPage))
        sortBy = call.query.string("sortBy").map(SCIMFilter.Path.init)
        descending = call.query.string("sortOrder")?.lowercased() == "descending"
    }

    /// `id` and `schemas` are always there.
    func shown(_ resource: JSONObject) -> JSONObject {
        guard attributes != nil || !excluded.isEmpty else { return resource }
        return JSONObject(
            resource.members.filter { name, _ in
                if name == "id" || name == "schemas" { return true }
                let name = name.lowercased()
                if let attributes, !attributes.contains(where: { $0 == name || $0.hasPrefix(name + ".") }) { return false }
                return !excluded.contains(name)
            }.map { ($0.name, $0.value) })
    }

    func reply(_ resources: [JSONObject]) -> Reply {
        var found = filter.map { filter in resources.filter { filter.matches(.object($0)) } } ?? resources
        if let sortBy {
            let keys = found.map { (sortBy.texts(in: .object($0)).first ?? "").lowercased() }
            let order = keys.indices.sorted { keys[$0] == keys[$1] ? $0 < $1 : (keys[$0] < keys[$1]) != descending }
            found = order.map { found[$0] }
        }
        let page = found.dropFirst(start - 1).prefix(count).map { JSONValue.object(shown($0)) }
        return SCIM.reply(
            JSONObject([
                ("schemas", SCIM.listSchemas), ("totalResults", .int(found.count)), ("startIndex", .int(start)),
                ("itemsPerPage", .int(page.count)),
                ("Resources", .array(page)),
            ]))
    }
}
