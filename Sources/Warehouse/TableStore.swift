import DeltaTable
package import Storage
import Synchronization
package import Workspace

/// The Delta tables behind a workspace's catalog rows. One `DeltaTable` a location, so that its snapshots and decoded columns are shared.
package final class TableStore: Sendable {
    package let objects: any ObjectStore
    let workspace: Workspace
    private let samples = Mutex<[String: SampleTable]>(
        Dictionary(SampleTable.all.map { (TableStore.objectPath($0.location), $0) }, uniquingKeysWith: { first, _ in first }))
    private let tables = Mutex<[String: DeltaTable]>([:])
    /// Until then no dropped table is past its time: milliseconds since 1970.
    let nextSweep = Mutex<Int64>(.min)
    /// Of all tables together, so that the memory of a server has one bound, and one large table may use it.
    private let columns = ColumnCache(byteLimit: 1 << 30)

    package init(workspace: Workspace, objects: any ObjectStore) {
        self.workspace = workspace
        self.objects = objects
    }

    /// The catalog's row; nil if there is none.
    func find(_ name: ObjectName) throws -> TableInfo? { try workspace.tables.find(name) }

    /// The same for who has the privilege; throws `PERMISSION_DENIED` otherwise.
    func find(_ name: ObjectName, requiring privilege: Privilege, by principal: Principal) throws -> TableInfo? {
        do {
            return try workspace.tables.get(name, requiring: privilege, by: principal)
        } catch let error as WorkspaceError
            where error.code == .tableDoesNotExist || error.code == .schemaDoesNotExist || error.code == .catalogDoesNotExist
        {
            return nil
        }
    }

    /// The Delta table at a location; nothing is read yet. A sample's files are written when it is first asked for.
    func delta(at location: String) throws -> DeltaTable {
        let path = Self.objectPath(location)
        let table: DeltaTable
        if let known = tables.withLock({ $0[path] }) {
            table = known
        } else {
            let roots = try workspace.tables.roots(of: path)
            table = tables.withLock { tables in
                if let table = tables[path] { return table }
                let table = DeltaTable(store: objects, location: path, roots: roots, cache: columns)
                tables[path] = table
                return table
            }
        }
        // The lock makes a second reader wait until the files are whole.
        try samples.withLock { samples in
            guard let sample = samples[path] else { return }
            try writeSample(sample, table)
            samples[path] = nil
        }
        return table
    }

    /// `s3://bucket/a/b` is the object prefix `bucket/a/b`.
    static func objectPath(_ location: String) -> String {
        guard let scheme = location.firstRange(of: "://") else { return location }
        return String(location[scheme.upperBound...])
    }

    /// Dropped tables' files stay (UNDROP); only what is held in memory for them goes.
    func forget(_ dropped: DroppedObjects) { for location in dropped.tables { forget(location) } }

    func forget(_ location: String) { _ = tables.withLock { $0.removeValue(forKey: Self.objectPath(location)) } }
}
