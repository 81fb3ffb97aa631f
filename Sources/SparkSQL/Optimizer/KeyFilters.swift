import Columnar
import SparkErrors
import Synchronization

/// The keys that one side of a join turns out to have, told to a scan on the other side, which drops rows with other keys.
final class KeyFilter: Sendable {
    let type: DataType
    private let state = Mutex<KeySet?>(nil)

    init(_ type: DataType) { self.type = type }

    /// nil lets everything through.
    var keys: KeySet? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}

extension LogicalPlan {
    /// A filter over one of a scan's columns.
    struct ScanKeys: Sendable {
        let column: ColumnID
        let filter: KeyFilter
    }

    /// A filter over one of a join's keys, by the place of its equality among the condition's.
    struct JoinKeys: Sendable {
        let key: Int
        let filter: KeyFilter
    }
}

/// Has joins tell their keys to the scans of the other side: the right side's to scans on the left, which run later anyway; the left side's to scans on
/// the right where the left side is likely to be much smaller than a table there, which is then read first.
struct KeyFilters {
    /// Smaller tables are not worth it: on the right, where the left side is then read first; on the left, where asking is all.
    private static let worthwhileRows = 50_000.0
    private static let worthwhileLeftRows = 1_000.0
    private var bounds: [ColumnID: Double] = [:]

    static func apply(_ plan: LogicalPlan) -> LogicalPlan {
        var filters = KeyFilters()
        return filters.apply(plan).plan
    }

    /// The plan and a guess of how many rows it gives.
    private mutating func apply(_ plan: LogicalPlan) -> (plan: LogicalPlan, rows: Double) {
        switch plan {
        case .project(var project):
            let (child, rows) = apply(project.child)
            project.child = child
            return (.project(project), rows)
        case .filter(var filter):
            let (child, rows) = apply(filter.child)
            filter.child = child
            return (.filter(filter), Cardinality.rows(filter.condition, of: rows))
        case .sort(var sort):
            let (child, rows) = apply(sort.child)
            sort.child = child
            return (.sort(sort), rows)
        case .aggregate(var aggregate):
            let (child, rows) = apply(aggregate.child)
            aggregate.child = child
            return (.aggregate(aggregate), aggregate.groups.isEmpty ? 1 : max(1, rows / 4))
        case .join(let join): return self.join(join)
        default:
            let made = plan.mapChildren { apply($0).plan }
            return (made, Cardinality.rows(made))
        }
    }

    private mutating func join(_ join: LogicalPlan.Join) -> (plan: LogicalPlan, rows: Double) {
        var join = join
        let (left, leftRows) = apply(join.left)
        let (right, rightRows) = apply(join.right)
        join.left = left
        join.right = right
        let condition = JoinCondition(join.condition, left: left.outputIDs, right: right.outputIDs)
        var (values, most) = (1.0, 1.0)
        for (one, other) in zip(condition.leftKeys, condition.rightKeys) {
            let own = max(distinct(one, left, leftRows), distinct(other, right, rightRows))
            values *= max(1, own)
            most = max(most, own)
        }
        let both = leftRows * rightRows / max(1, min(values, max(most, min(leftRows, rightRows))))
        let rows: Double
        switch join.kind {
        case .inner: rows = both
        case .left, .right: rows = max(both, leftRows)
        case .full: rows = max(both, leftRows, rightRows)
        case .semi: rows = condition.leftKeys.isEmpty ? leftRows / 2 : min(leftRows, both)
        case .anti: rows = leftRows / 2
        case .existence, .membership, .single: rows = leftRows
        }
        join.rightRows = rightRows
        if !tellRight(&join, condition, leftRows) {
            passOn(&join, condition)
            tellLeft(&join, condition)
        }
        return (.join(join), max(1, rows))
    }

    /// The left side's keys to scans on the right.
    private func tellRight(_ join: inout LogicalPlan.Join, _ condition: JoinCondition, _ leftRows: Double) -> Bool {
        switch join.kind {
        case .inner, .left, .single, .semi, .anti, .existence: break
        case .right, .full, .membership: return false
        }
        for (index, key) in condition.rightKeys.enumerated() where !condition.nullSafe[index] {
            guard case .column(let column) = key, let scan = join.right.origin(of: column.id)?.scan else { continue }
            let rows = Double(scan.provider.rowCount ?? 0)
            guard rows >= Self.worthwhileRows, leftRows * 8 <= rows, leftRows <= Double(JoinOperator.aheadRows) else { continue }
            let filter = KeyFilter(key.type)
            join.right = join.right.dropping(column.id, filter)
            join.leftTells.append(.init(key: index, filter: filter))
        }
        return !join.leftTells.isEmpty
    }

    /// What joins below tell of the left side's keys holds of the right side's, too: those are read in the order of their sizes.
    private func passOn(_ join: inout LogicalPlan.Join, _ condition: JoinCondition) {
        switch join.kind {
        case .inner, .left, .semi, .anti, .existence, .single: break
        case .right, .full, .membership: return
        }
        for (index, key) in condition.leftKeys.enumerated() where !condition.nullSafe[index] {
            guard case .column(let column) = key, case .column(let other) = condition.rightKeys[index],
                let scan = join.right.origin(of: other.id)?.scan, Double(scan.provider.rowCount ?? 0) >= Self.worthwhileLeftRows
            else { continue }
            for filter in join.left.tells(of: column.id) { join.right = join.right.dropping(other.id, filter) }
        }
    }

    /// The right side's keys to scans on the left.
    private func tellLeft(_ join: inout LogicalPlan.Join, _ condition: JoinCondition) {
        switch join.kind {
        case .inner, .semi: break
        default: return
        }
        for (index, key) in condition.leftKeys.enumerated() where !condition.nullSafe[index] {
            guard case .column(let column) = key, let scan = join.left.origin(of: column.id)?.scan,
                Double(scan.provider.rowCount ?? 0) >= Self.worthwhileLeftRows
            else { continue }
            let filter = KeyFilter(key.type)
            join.left = join.left.dropping(column.id, filter)
            join.rightTells.append(.init(key: index, filter: filter))
        }
    }

    /// How many values a key may have.
    private mutating func distinct(_ key: ResolvedExpression, _ side: LogicalPlan, _ rows: Double) -> Double {
        guard case .column(let column) = key, let (scan, id) = side.origin(of: column.id) else { return rows }
        if let known = bounds[id] { return known }
        guard let position = scan.output.firstIndex(where: { $0.id == id }), let total = scan.provider.rowCount else { return rows }
        let bound = min(Double(total), scan.provider.distinctBound(column: scan.columns[position]) ?? Double(total))
        bounds[id] = bound
        return bound
    }
}

extension LogicalPlan {
    /// The scan that a column of the output comes from unchanged, and its name there. Dropping rows of the scan by the column's value drops, of the
    /// output, just the rows with that value.
    func origin(of id: ColumnID) -> (scan: Scan, column: ColumnID)? {
        switch self {
        case .scan(let scan): return scan.output.contains { $0.id == id } ? (scan, id) : nil
        case .project(let project):
            guard let source = Self.source(of: id, in: project.columns) else { return nil }
            return project.child.origin(of: source)
        case .aggregate(let aggregate):
            guard let source = Self.source(of: id, in: aggregate.groups) else { return nil }
            return aggregate.child.origin(of: source)
        case .filter(let filter): return filter.child.origin(of: id)
        case .sort(let sort): return sort.child.origin(of: id)
        case .join(let join):
            switch join.kind {
            case .left, .semi, .anti, .existence, .single, .membership: return join.left.origin(of: id)
            case .inner: return join.left.origin(of: id) ?? join.right.origin(of: id)
            case .right, .full: return nil
            }
        default: return nil
        }
    }

    /// The plan where the scan that `origin` gives asks the filter.
    func dropping(_ id: ColumnID, _ filter: KeyFilter) -> LogicalPlan {
        switch self {
        case .scan(var scan):
            guard scan.output.contains(where: { $0.id == id }) else { return self }
            scan.keys.append(.init(column: id, filter: filter))
            return .scan(scan)
        case .project(var project):
            guard let source = Self.source(of: id, in: project.columns) else { return self }
            project.child = project.child.dropping(source, filter)
            return .project(project)
        case .aggregate(var aggregate):
            guard let source = Self.source(of: id, in: aggregate.groups) else { return self }
            aggregate.child = aggregate.child.dropping(source, filter)
            return .aggregate(aggregate)
        case .filter(var node):
            node.child = node.child.dropping(id, filter)
            return .filter(node)
        case .sort(var sort):
            sort.child = sort.child.dropping(id, filter)
            return .sort(sort)
        case .join(var join):
            switch join.kind {
            case .left, .semi, .anti, .existence, .single, .membership: join.left = join.left.dropping(id, filter)
            case .inner:
                var ids = [id]
                // What the join equates with the column has its values.
                let condition = JoinCondition(join.condition, left: join.left.outputIDs, right: join.right.outputIDs)
                for (one, other) in zip(condition.leftKeys, condition.rightKeys) {
                    guard case .column(let a) = one, case .column(let b) = other, a.id == id || b.id == id else { continue }
                    ids.append(a.id == id ? b.id : a.id)
                }
                for id in ids {
                    join.left = join.left.dropping(id, filter)
                    join.right = join.right.dropping(id, filter)
                }
            case .right, .full: return self
            }
            return .join(join)
        default: return self
        }
    }

    /// What is told of a column's values by the joins that the plan's batches go through.
    func tells(of id: ColumnID) -> [KeyFilter] {
        switch self {
        case .project(let project):
            guard let source = Self.source(of: id, in: project.columns) else { return [] }
            return project.child.tells(of: source)
        case .filter(let filter): return filter.child.tells(of: id)
        case .join(let join):
            guard join.left.outputIDs.contains(id) else { return [] }
            var found = join.left.tells(of: id)
            guard !join.rightTells.isEmpty else { return found }
            let condition = JoinCondition(join.condition, left: join.left.outputIDs, right: join.right.outputIDs)
            for tell in join.rightTells {
                if condition.leftKeys.indices.contains(tell.key), case .column(let column) = condition.leftKeys[tell.key], column.id == id {
                    found.append(tell.filter)
                }
            }
            return found
        default: return []
        }
    }

    private static func source(of id: ColumnID, in columns: [NamedColumn]) -> ColumnID? {
        guard case .column(let source)? = columns.first(where: { $0.attribute.id == id })?.expression else { return nil }
        return source.id
    }
}
