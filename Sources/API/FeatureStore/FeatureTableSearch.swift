import HTTPTypes
import JSON
import Workspace

/// `POST /api/2.0/feature-store/feature-tables/search`: the feature tables that the caller sees, in the order of their names.
enum FeatureTableSearch {
    private static let pageSize = 100
    private static let shortest = 1

    static let search = Operation(
        "feature_store.search_feature_tables", .post, FeatureTablesAPI.path + "/search", limits: "in the order of names; nothing is highlighted"
    ) { call -> JSONValue in
        let body = try call.fields()
        let text = try body.string(optional: "text")?.lowercased() ?? ""
        let owners = Set(try body.strings(optional: "owner_ids") ?? [])
        let tags = try body.has("tags") ? body.objects("tags").map { (try $0.string("key"), try $0.string(optional: "value")) } : []
        var catalogs = try body.strings(optional: "catalog_names") ?? []
        if let one = try body.string(optional: "catalog_name"), !one.isEmpty { catalogs.append(one) }
        let size = try body.int(optional: "max_results") ?? pageSize
        guard size >= shortest else { throw WorkspaceError.invalid("max_results must be at least \(shortest).") }
        let after = try body.string(optional: "page_token").flatMap { $0.isEmpty ? nil : $0 }
        let known = try call.workspace.catalogs.list(by: call.principal).map(\.name)
        let wanted = catalogs.isEmpty ? known : known.filter { Set(catalogs.map { $0.lowercased() }).contains($0) }
        var found: [JSONValue] = []
        var next: String?
        let tables = try wanted.flatMap { try call.workspace.tables.list(inCatalog: $0, columns: true, by: call.principal) }
            .map { (name: $0.name.description, info: $0) }.sorted { $0.name < $1.name }
        for (name, info) in tables where name > after ?? "" && (owners.isEmpty || owners.contains(info.owner)) {
            let table = try FeatureTable(info, call)
            guard !table.primaryKeys.isEmpty, matches(table, text) else { continue }
            let json = try table.json(call)
            let own = (json["tags"]?.arrayValue ?? []).map { ($0["key"]?.stringValue ?? "", $0["value"]?.stringValue) }
            guard tags.allSatisfy({ tag in own.contains { $0.0 == tag.0 && (tag.1 ?? $0.1) == $0.1 } }) else { continue }
            if found.count == min(size, pageSize) {
                next = found.last?["name"]?.stringValue
                break
            }
            found.append(json)
        }
        var answer = JSONObject([("feature_tables", .array(found))])
        answer["next_page_token"] = next.map { .string($0) }
        return .object(answer)
    }

    private static func matches(_ table: FeatureTable, _ text: String) -> Bool {
        guard !text.isEmpty else { return true }
        let texts = [table.info.name.description, table.info.comment ?? ""] + table.features.map(\.name)
        return texts.contains { $0.lowercased().contains(text) }
    }
}
