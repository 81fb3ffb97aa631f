import JSON
import Workspace

/// Objects that a deletion puts into the trash: they are in no list, can still be read, and are gone when their time is over.
extension Resource {
    static let month: Int64 = 30 * 86_400_000

    /// The stored members that tell of it; the first is what the API shows.
    private static let state = "lifecycle_state"
    private static let time = "trashed_at"

    func isTrashed(_ resource: StoredResource) -> Bool { trash != nil && resource.body[Self.state]?.stringValue == trashState }

    /// When it was put into the trash, in milliseconds since 1970-01-01 UTC.
    func trashedAt(_ resource: StoredResource) -> Int64? {
        isTrashed(resource) ? resource.body[Self.time]?.intValue.map { Int64($0) } : nil
    }

    /// The object with this id, unless its time in the trash is over.
    func find(_ id: String, _ call: Call) throws -> StoredResource? {
        guard let found = try call.workspace.resources.get(kind, id) else { return nil }
        guard let trash, let since = trashedAt(found), call.workspace.environment.nowMillis - since >= trash else { return found }
        return nil
    }

    func refuseTrashed(_ resource: StoredResource) throws {
        guard !isTrashed(resource) else { throw WorkspaceError(.invalidState, "\(noun) \(resource.id) is in the trash.") }
    }

    func moveToTrash(_ resource: StoredResource, _ call: Call) throws {
        let now = call.workspace.environment.nowMillis
        _ = try call.workspace.resources.update(self, resource.id, call) { stored in
            guard !isTrashed(stored) else { return }
            stored.body[Self.state] = .string(trashState)
            stored.body[Self.time] = .int(now)
        }
    }

    /// Nothing happens to an object that is not in the trash.
    func restore(_ resource: StoredResource, _ call: Call) throws {
        _ = try call.workspace.resources.update(self, resource.id, call) { stored in
            stored.body[Self.state] = "ACTIVE"
            stored.body[Self.time] = nil
        }
    }

    /// Deletes for good, with what belongs to it.
    func remove(_ resource: StoredResource, _ call: Call) throws {
        guard try call.workspace.resources.delete(kind, resource.id) else { throw notFound(resource.id) }
        for child in children { try call.workspace.resources.deleteAll(child, parent: resource.id) }
        if case .permissions(let type) = access { try call.workspace.permissions.forget(type, resource.id) }
    }
}
