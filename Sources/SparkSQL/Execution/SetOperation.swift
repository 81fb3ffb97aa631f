import Columnar
import SparkErrors

/// INTERSECT and EXCEPT: the right side is counted first, then the left side's rows pass or not, in their order.
final class SetOperationOperator: Operator {
    private let kind: LogicalPlan.SetOperation.Kind
    private let isAll: Bool
    private let left: any Operator
    private let right: any Operator
    private let types: [DataType]
    private let state: ExecutionState
    private var index: GroupIndexer
    /// How often each row is on the right side, less what left rows have used up.
    private var counts: [Int] = []
    private var isEmitted: [Bool] = []
    private var isBuilt = false

    init(
        _ kind: LogicalPlan.SetOperation.Kind, isAll: Bool, _ left: any Operator, _ right: any Operator, types: [DataType], _ state: ExecutionState
    ) {
        self.kind = kind
        self.isAll = isAll
        self.left = left
        self.right = right
        self.types = types
        self.state = state
        index = GroupIndexer(types: types)
    }

    func next() throws(SQLError) -> Rows? {
        if !isBuilt { try build() }
        while let rows = try left.next() {
            try state.check()
            let groups = try number(rows)
            var kept = BitmapBuilder()
            kept.reserve(rows.count)
            for group in groups { kept.append(passes(Int(group))) }
            let mask = kept.finish()
            if mask.onesCount > 0 { return rows.filter(mask) }
        }
        return nil
    }

    private func build() throws(SQLError) {
        isBuilt = true
        while let rows = try right.next() {
            try state.check()
            for group in try number(rows) { counts[Int(group)] += 1 }
        }
    }

    private func number(_ rows: Rows) throws(SQLError) -> [Int32] {
        let before = index.count
        let groups = index.groups(of: zip(rows.columns, types).map { $0.with(type: $1) }, rowCount: rows.count)
        if index.count > before {
            try state.reserve((index.count - before) * 16 * (types.count + 1))
            counts += [Int](repeating: 0, count: index.count - before)
            isEmitted += [Bool](repeating: false, count: index.count - before)
        }
        return groups
    }

    private func passes(_ group: Int) -> Bool {
        guard isAll else {
            if isEmitted[group] { return false }
            isEmitted[group] = true
            return (counts[group] > 0) == (kind == .intersect)
        }
        if counts[group] > 0 {
            counts[group] -= 1
            return kind == .intersect
        }
        return kind == .except
    }
}
