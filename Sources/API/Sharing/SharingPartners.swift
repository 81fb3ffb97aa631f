import JSON
import Workspace

/// Lists of recipients and of providers.
enum SharingPartners {
    /// Those that the caller may see, by name; of one sharing identifier if the query names one by `field`.
    static func list(
        _ type: SecurableType, _ member: String, by field: String, _ call: Call, _ write: (CatalogObject, inout JSONWriter) throws -> Void
    ) throws -> Reply {
        let wanted = call.query.string(field).flatMap { $0.isEmpty ? nil : $0 }
        let paging = try Paging(call, list: "\(member)/\(wanted ?? "")", pageSize: UnityCatalogAPI.pageSize, unlimitedByDefault: true)
        let all = try call.workspace.catalogObjects(type).list(after: paging.after, by: call.principal)
        let rows = all.filter { wanted == nil || $0.fields[field]?.stringValue == wanted }.prefix(paging.fetchLimit)
        return try paging.encoded(member, Array(rows), key: \.name, write: write)
    }
}
