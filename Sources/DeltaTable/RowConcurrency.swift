/// Lets a change of rows in beside changes of other rows in the same files, by putting deletion vectors together. The service does so for tables with
/// deletion vectors and without partitions; whoever changed the same row, or made one that the statement would have taken, is in the way.
/// Source: the service's page "Row-level concurrency".
struct RowConcurrency {
    /// What the transaction's actions start from.
    let before: Snapshot
    /// The table as the winners left it.
    let after: Snapshot
    let table: DeltaTable
    let context: CommitContext
    let isolation: IsolationLevel
    /// Whether the statement would have taken a row of these files.
    let touching: (Snapshot, [AddFile]) throws -> Bool

    /// The actions as they are to be on top of the winners' commits; nil if the conflict stands.
    func merged(_ actions: [Action], over winners: [LogStore.Commit]) throws -> [Action]? {
        guard before.hidesRows, after.hidesRows, before.partitionColumns.isEmpty else { return nil }
        var removes: [RemoveFile] = []
        var hiding: [String: AddFile] = [:]
        for action in actions {
            switch action {
            case .add(let file): if file.deletionVector != nil { hiding[file.path] = file }
            case .remove(let file): removes.append(file)
            case .cdc, .commitInfo: break
            default: return nil
            }
        }
        let old = Dictionary(before.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(after.files.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
        guard let fresh = try fresh(winners, old, new) else { return nil }
        var merged: [String: (current: AddFile, hidden: [Int32])] = [:]
        for remove in removes {
            // Rows that another commit has arranged anew cannot be told from here.
            guard let was = old[remove.path], was.key == remove.key, let current = new[remove.path] else { return nil }
            if current.key == was.key { continue }
            // Of a file that goes as a whole every row was taken.
            guard let hidden = hiding[remove.path] else { return nil }
            let (first, mine, others) = (try kept(was), try kept(hidden), try kept(current))
            guard first.count == mine.count, first.count == others.count else { return nil }
            var gone: [Int32] = []
            for row in first.indices {
                let (isMine, isOthers) = (first[row] && !mine[row], first[row] && !others[row])
                if isMine && isOthers { return nil }
                if isMine || !others[row] { gone.append(Int32(truncatingIfNeeded: row)) }
            }
            merged[remove.path] = (current, gone)
        }
        if !fresh.isEmpty, try touching(after, fresh) { return nil }
        return try rewritten(actions, merged)
    }

    /// The winners' new rows as far as they are still there; nil if rows of old files have come back. Appends that read nothing come behind the statement.
    private func fresh(_ winners: [LogStore.Commit], _ old: [String: AddFile], _ new: [String: AddFile]) throws -> [AddFile]? {
        var fresh: [AddFile] = []
        var seen: Set<String> = []
        for winner in winners {
            let isBehind = isolation != .serializable && winner.info?.isBlindAppend == true
            for action in winner.actions {
                switch action {
                case .metadata, .tableProtocol, .transaction: return nil
                case .add(let file):
                    guard file.dataChange, let current = new[file.path], seen.insert(file.path).inserted else { continue }
                    if let was = old[file.path] {
                        let (first, now) = (try kept(was), try kept(current))
                        guard first.count == now.count, !now.indices.contains(where: { now[$0] && !first[$0] }) else { return nil }
                    } else if !isBehind {
                        fresh.append(current)
                    }
                default: break
                }
            }
        }
        return fresh
    }

    /// For each row of the data file whether it is one of the table's.
    private func kept(_ file: AddFile) throws -> [Bool] {
        let count = try after.storedRowCount(file)
        guard let live = try after.livePositions(file) else { return [Bool](repeating: true, count: count) }
        var kept = [Bool](repeating: false, count: count)
        for row in live where kept.indices.contains(Int(row)) { kept[Int(row)] = true }
        return kept
    }

    private func rewritten(_ actions: [Action], _ merged: [String: (current: AddFile, hidden: [Int32])]) throws -> [Action] {
        var partial: [String] = []
        for path in merged.keys.sorted() {
            guard let (current, hidden) = merged[path] else { continue }
            if try hidden.count < after.storedRowCount(current) { partial.append(path) }
        }
        let vectors = try table.writeDeletionVectors(partial.map { merged[$0]?.hidden ?? [] }, context)
        let vectorOf = Dictionary(zip(partial, vectors), uniquingKeysWith: { first, _ in first })
        return actions.compactMap { action in
            switch action {
            case .remove(let file):
                guard let (current, _) = merged[file.path] else { return action }
                return .remove(current.removed(at: context.timestampMillis, dataChange: true))
            case .add(let file):
                guard file.deletionVector != nil, let (current, _) = merged[file.path] else { return action }
                return vectorOf[file.path].map { .add(current.hiding($0)) }
            default: return action
            }
        }
    }
}

extension Snapshot {
    var hidesRows: Bool { property("delta.enableDeletionVectors")?.lowercased() == "true" }
}

extension DeltaTable {
    /// Whether since a version files were only arranged anew, beside appends that read nothing, so that a statement may begin again as if it had come
    /// later: with deletion vectors OPTIMIZE is in nobody's way. `anything`: whether other changes of rows are fine, too, as they are for OPTIMIZE itself.
    package func isRearranged(since version: Version, or anything: Bool = false) throws(DeltaError) -> Bool {
        let latest = try snapshot()
        guard latest.hidesRows else { return false }
        let isSerializable = latest.property("delta.isolationLevel")?.lowercased() == "serializable"
        var isRearranged = anything
        let commits = try log.commits(after: version)
        for commit in commits {
            var changesRows = false
            var hasFiles = false
            for action in commit.actions {
                switch action {
                case .metadata, .tableProtocol: return false
                case .add(let file):
                    hasFiles = true
                    if file.dataChange { changesRows = true }
                case .remove(let file):
                    hasFiles = true
                    if file.dataChange { changesRows = true }
                default: break
                }
            }
            if changesRows, !anything, isSerializable || commit.info?.isBlindAppend != true { return false }
            if hasFiles, !changesRows {
                // Rows along a curve are in the way.
                let zOrder = commit.info?.operationParameters.first { $0.name == "zOrderBy" }?.value
                if !anything, let zOrder, zOrder != "[]" { return false }
                isRearranged = true
            }
        }
        return isRearranged && !commits.isEmpty
    }
}
