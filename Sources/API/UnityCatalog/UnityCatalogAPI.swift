import HTTPTypes
import JSON
import Warehouse
import Workspace

/// What the groups of Unity Catalog have in common: both prefixes answer, and objects are written member by member in the service's own order.
enum UnityCatalogAPI {
    static let prefix = "/api/2.1/unity-catalog"
    static let olderPrefix = "/api/2.0/unity-catalog"

    /// Items that a page has if the caller leaves it to the server.
    static let pageSize = 1000
    static let largePageSize = 10_000

    /// The metastore's id, which every object shows.
    static func metastoreID(_ call: Call) throws -> String { try call.workspace.metastore.id }
}

extension Operation {
    static func unityCatalog(
        _ id: String, _ method: HTTPRequest.Method, _ path: String, limits: String? = nil,
        handler: @escaping @Sendable (Call) throws -> Reply
    ) -> Operation {
        Operation(
            id, method, UnityCatalogAPI.prefix + path, aliases: [UnityCatalogAPI.olderPrefix + path], limits: limits,
            handler: { call -> Reply in
                let outside = try call.tenant.sql.refreshReceived()
                if !outside.isEmpty, method == .get { try await OutsideCatalogs.refresh(outside, id, for: call) }
                return try handler(call)
            })
    }

    /// One that may wait for providers outside of this server.
    static func unityCatalog(
        waiting id: String, _ method: HTTPRequest.Method, _ path: String, limits: String? = nil,
        handler: @escaping @Sendable (Call) async throws -> Reply
    ) -> Operation {
        Operation(
            id, method, UnityCatalogAPI.prefix + path, aliases: [UnityCatalogAPI.olderPrefix + path], limits: limits,
            handler: { call -> Reply in
                try call.tenant.sql.refreshReceived()
                return try await handler(call)
            })
    }
}

extension Reply {
    /// One object, written by a closure.
    static func object(capacity: Int = 1024, _ write: (inout JSONWriter) throws -> Void) rethrows -> Reply {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        try write(&writer)
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }
}

extension Paging {
    /// As `reply(_:_:key:item:)`, with items that write their members themselves.
    func encoded<Row>(
        _ name: String, _ rows: [Row], key: (Row) -> String, write: (Row, inout JSONWriter) throws -> Void
    ) rethrows -> Reply {
        let page = limit.map { rows.prefix($0) } ?? rows[...]
        return try .object(capacity: 2_048) { writer in
            if !page.isEmpty {
                writer.name(name)
                writer.beginArray()
                for (position, row) in page.enumerated() {
                    writer.beginObject()
                    try write(row, &writer)
                    writer.endObject()
                    // The others are about as long as the first: a large answer is not copied while it grows.
                    if position == 0 { writer.reserve((writer.bytes.count + 64) * page.count * 9 / 8) }
                }
                writer.endArray()
            }
            if let token = nextToken(page: page, rows: rows, key: key) { writer.member("next_page_token", token) }
        }
    }
}

extension JSONWriter {
    /// Leaves an absent or empty text out, as the service does.
    mutating func optional(_ name: String, _ value: String?) {
        if let value, !value.isEmpty { member(name, value) }
    }

    /// A member whose value is JSON text already.
    mutating func encoded(_ name: String, _ json: String) {
        self.name(name)
        raw(json.utf8)
    }

    mutating func properties(_ name: String, _ map: PropertyMap) {
        if !map.isEmpty { encoded(name, map.json) }
    }

    mutating func times(createdAt: Int64, createdBy: String, updatedAt: Int64, updatedBy: String, names: Bool = true) {
        member("created_at", createdAt)
        if names { member("created_by", createdBy) }
        member("updated_at", updatedAt)
        if names { member("updated_by", updatedBy) }
    }

    mutating func effective(_ flag: PredictiveOptimization.Effective) {
        name("effective_predictive_optimization_flag")
        beginObject()
        member("value", flag.value.rawValue)
        if let (type, parent) = flag.inheritedFrom {
            member("inherited_from_type", type.rawValue)
            member("inherited_from_name", parent)
        }
        endObject()
    }
}

extension Fields {
    /// A name in a body. An absent one is the empty name, which the model refuses in the service's words.
    func name(_ field: String) throws(WorkspaceError) -> String { try string(optional: field) ?? "" }

    func properties(_ field: String) throws(WorkspaceError) -> PropertyMap? { try stringMap(optional: field).map { PropertyMap($0) } }

    func predictiveOptimization() throws(WorkspaceError) -> PredictiveOptimization? {
        try choice(optional: "enable_predictive_optimization", of: PredictiveOptimization.allCases.map(\.rawValue)).flatMap {
            .init(rawValue: $0)
        }
    }

    /// An owner; an empty one is no change.
    func owner() throws(WorkspaceError) -> String? {
        guard let owner = try string(optional: "owner"), !owner.isEmpty else { return nil }
        return owner
    }

    /// A new name that an update asks for; an empty one is no change.
    func newName() throws(WorkspaceError) -> String? {
        guard let name = try string(optional: "new_name"), !name.isEmpty else { return nil }
        return name
    }
}

extension QueryItems {
    /// A parent's name in the query of a list.
    func parent(_ name: String, rpc: String) throws(WorkspaceError) -> String {
        guard let value = string(name) else { throw .missingField(rpc, name) }
        return value
    }
}
