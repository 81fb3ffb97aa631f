import Columnar
import SparkErrors

/// What a join does, bound to its inputs.
struct JoinSpecification {
    let kind: LogicalPlan.JoinKind
    /// Pairs of keys that must be equal; none: every pair of rows is tried.
    let leftKeys: [any Evaluator]
    let rightKeys: [any Evaluator]
    let keyTypes: [DataType]
    let nullSafe: [Bool]
    /// What else must hold, over the left side's columns and then the right's.
    let condition: (any Evaluator)?
    let leftTypes: [DataType]
    let rightTypes: [DataType]
    let span: SourceSpan?
    /// See `LogicalPlan.Join`.
    var leftTells: [LogicalPlan.JoinKeys] = []
    var rightTells: [LogicalPlan.JoinKeys] = []
}

/// A join's right side, read whole.
struct JoinBuild: Sendable {
    let rows: Rows
    /// nil: there are no keys, or no rows.
    let table: JoinTable?
    /// What is to be given back at the end.
    let bytes: Int

    init(_ source: any Operator, _ join: JoinSpecification, _ state: ExecutionState) throws(SQLError) {
        let (parts, held) = try drain(source, state)
        rows = parts.isEmpty ? Rows(join.rightTypes.map { .nulls($0, count: 0) }, count: 0) : try Rows.concat(parts, types: join.rightTypes)
        guard !join.rightKeys.isEmpty else {
            table = nil
            bytes = held
            return
        }
        var keys: [Column] = []
        for (key, type) in zip(join.rightKeys, join.keyTypes) { keys.append(try key.column(rows, state.context).with(type: type)) }
        for tell in join.rightTells {
            let set = KeySet([keys[tell.key]], type: join.keyTypes[tell.key])
            tell.filter.keys = set.isCheap || set.count < 1 << 16 ? set : nil
        }
        try state.reserve(rows.count * 24)
        table = JoinTable(keys: keys, nullSafe: join.nullSafe)
        bytes = held + rows.count * 24
    }
}

/// Joins by hashing the right side, or by trying all pairs if no keys are given. Rows come in the left side's order.
final class JoinOperator: Operator {
    /// More rows than these are not read before the right side.
    static let aheadRows = 1 << 18

    private var left: any Operator
    private let right: (any Operator)?
    private let join: JoinSpecification
    private let state: ExecutionState
    private var build: JoinBuild?
    /// Of a full join: the right rows that found a partner.
    private var matchedRight: [Bool] = []
    private var probe: Probe?
    private var isLeftDone = false

    /// A batch of the left side on its way.
    private struct Probe {
        let rows: Rows
        var hash: JoinProbe?
        /// Of trying all pairs: the next one.
        var row = 0
        var offset = 0
        var matched: [Bool]
        /// The first row whose fate is not yet written out.
        var cursor = 0
    }

    init(_ left: any Operator, _ right: any Operator, _ join: JoinSpecification, _ state: ExecutionState) {
        self.left = left
        self.right = right
        self.join = join
        self.state = state
    }

    /// With a right side that has been read. Not of a full join; may be pulled again after its end, when the left side has got more rows.
    init(_ left: any Operator, _ build: JoinBuild, _ join: JoinSpecification, _ state: ExecutionState) {
        self.left = left
        right = nil
        self.build = build
        self.join = join
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        if build == nil, let right {
            if !join.leftTells.isEmpty { try readAhead() }
            let made = try JoinBuild(right, join, state)
            if case .full = join.kind { matchedRight = [Bool](repeating: false, count: made.rows.count) }
            build = made
        }
        while true {
            try state.check()
            if probe == nil {
                if isLeftDone { return nil }
                guard let rows = try left.next() else {
                    if right == nil { return nil }
                    isLeftDone = true
                    let rest = try unmatchedRight()
                    state.release(build?.bytes ?? 0)
                    return rest
                }
                if rows.count == 0 { continue }
                if isNeverMatched {
                    guard let alone = finishWithoutRight(rows) else { return nil }
                    return alone
                }
                probe = try start(rows)
            }
            if let rows = try step() { return rows }
        }
    }

    // MARK: The right side

    /// Reads the left side, if it is small, and tells its keys.
    private func readAhead() throws(SQLError) {
        for tell in join.leftTells { tell.filter.keys = nil }
        var parts: [Rows] = []
        var keys: [[Column]] = join.leftTells.map { _ in [] }
        var count = 0
        while count <= Self.aheadRows {
            try state.check()
            guard let rows = try left.next() else {
                for (tell, columns) in zip(join.leftTells, keys) { tell.filter.keys = KeySet(columns, type: join.keyTypes[tell.key]) }
                left = ResumedOperator(parts, nil)
                return
            }
            if rows.count == 0 { continue }
            for (index, tell) in join.leftTells.enumerated() { keys[index].append(try join.leftKeys[tell.key].column(rows, state.context)) }
            try state.reserve(rows.byteSize)
            count += rows.count
            parts.append(rows)
        }
        left = ResumedOperator(parts, left)
    }

    private var isNeverMatched: Bool { build?.rows.count == 0 }

    /// What becomes of left rows if the right side is empty.
    private func finishWithoutRight(_ rows: Rows) -> Rows? {
        switch join.kind {
        case .inner, .right, .semi: return nil
        case .anti: return rows
        case .left, .full, .single: return Rows(rows.columns + join.rightTypes.map { .nulls($0, count: rows.count) }, count: rows.count)
        case .existence, .membership:
            return Rows(rows.columns + [Self.flags([Bool](repeating: false, count: rows.count))], count: rows.count)
        }
    }

    private static func flags(_ bits: [Bool]) -> Column { Column(.boolean, .boolean(BooleanArray(Bitmap(bits)))) }

    /// At the end of a full join.
    private func unmatchedRight() throws(SQLError) -> Rows? {
        guard case .full = join.kind, let build else { return nil }
        var rows: [Int32] = []
        for (row, isMatched) in matchedRight.enumerated() where !isMatched { rows.append(Int32(truncatingIfNeeded: row)) }
        if rows.isEmpty { return nil }
        let right = try build.rows.take(rows)
        return Rows(join.leftTypes.map { .nulls($0, count: rows.count) } + right.columns, count: rows.count)
    }

    // MARK: The left side

    private func start(_ rows: Rows) throws(SQLError) -> Probe {
        var hash: JoinProbe?
        if let table = build?.table {
            var keys: [Column] = []
            for (key, type) in zip(join.leftKeys, join.keyTypes) { keys.append(try key.column(rows, state.context).with(type: type)) }
            hash = table.probe(keys)
        }
        // Which rows found a partner need not be known of an inner join.
        let isInner = if case .inner = join.kind { true } else { false }
        return Probe(rows: rows, hash: hash, matched: isInner ? [] : [Bool](repeating: false, count: rows.count))
    }

    /// The next output of the batch under way; nil if there was nothing in this bite.
    private func step() throws(SQLError) -> Rows? {
        guard var current = probe, let build else { return nil }
        probe = nil
        switch join.kind {
        case .semi, .anti, .existence, .membership:
            if join.condition == nil, let hash = current.hash { return settle(current.rows, hash.matches) }
            try findMatches(&current, build)
            return settle(current.rows, Bitmap(current.matched))
        case .inner, .left, .right, .full, .single: break
        }
        guard let pairs = nextPairs(&current, build) else {
            // What is left of the batch has no partner.
            let rest = keepsUnmatched ? unmatchedLeft(&current, upTo: current.rows.count) : []
            return rest.isEmpty ? nil : try output(current, rest, [Int32](repeating: -1, count: rest.count), build)
        }
        var (probeRows, buildRows) = pairs
        if let condition = join.condition {
            let mask = try condition.booleans(try joined(current, probeRows, buildRows, build, needed: condition.inputs), state.context).trueBits
            if !mask.allOnes {
                let kept = mask.indices()
                probeRows = kept.map { probeRows[Int($0)] }
                buildRows = kept.map { buildRows[Int($0)] }
            }
        }
        try mark(&current, probeRows, buildRows)
        if keepsUnmatched { withUnmatched(&current, &probeRows, &buildRows) }
        let result = probeRows.isEmpty ? nil : try output(current, probeRows, buildRows, build)
        probe = current
        return result
    }

    private var keepsUnmatched: Bool {
        switch join.kind {
        case .left, .full, .single: true
        default: false
        }
    }

    private func nextPairs(_ probe: inout Probe, _ build: JoinBuild) -> (probeRows: [Int32], buildRows: [Int32])? {
        let limit = state.limits.batchRows
        if probe.hash != nil { return probe.hash?.next(limit: limit) }
        guard probe.row < probe.rows.count, build.rows.count > 0 else { return nil }
        var probeRows: [Int32] = []
        var buildRows: [Int32] = []
        probeRows.reserveCapacity(limit)
        buildRows.reserveCapacity(limit)
        while probeRows.count < limit, probe.row < probe.rows.count {
            let end = min(build.rows.count, probe.offset + limit - probeRows.count)
            for row in probe.offset..<end {
                probeRows.append(Int32(truncatingIfNeeded: probe.row))
                buildRows.append(Int32(truncatingIfNeeded: row))
            }
            if end == build.rows.count {
                probe.row += 1
                probe.offset = 0
            } else {
                probe.offset = end
            }
        }
        return (probeRows, buildRows)
    }

    private func mark(_ probe: inout Probe, _ probeRows: [Int32], _ buildRows: [Int32]) throws(SQLError) {
        switch join.kind {
        case .left:
            for row in probeRows { probe.matched[Int(row)] = true }
        case .full:
            for row in probeRows { probe.matched[Int(row)] = true }
            for row in buildRows { matchedRight[Int(row)] = true }
        case .single:
            for row in probeRows {
                if probe.matched[Int(row)] { throw SQLError(.scalarSubqueryTooManyRows, at: join.span) }
                probe.matched[Int(row)] = true
            }
        default: break
        }
    }

    /// Puts left rows without partner between the pairs, where they stood.
    private func withUnmatched(_ probe: inout Probe, _ probeRows: inout [Int32], _ buildRows: inout [Int32]) {
        guard let last = probeRows.last else { return }
        var allProbe: [Int32] = []
        var allBuild: [Int32] = []
        allProbe.reserveCapacity(probeRows.count)
        allBuild.reserveCapacity(probeRows.count)
        for (row, partner) in zip(probeRows, buildRows) {
            if Int(row) > probe.cursor {
                for lonely in unmatchedLeft(&probe, upTo: Int(row)) {
                    allProbe.append(lonely)
                    allBuild.append(-1)
                }
            }
            allProbe.append(row)
            allBuild.append(partner)
        }
        probe.cursor = max(probe.cursor, Int(last) + 1)
        probeRows = allProbe
        buildRows = allBuild
    }

    private func unmatchedLeft(_ probe: inout Probe, upTo end: Int) -> [Int32] {
        var rows: [Int32] = []
        for row in probe.cursor..<max(probe.cursor, end) where !probe.matched[row] { rows.append(Int32(truncatingIfNeeded: row)) }
        probe.cursor = max(probe.cursor, end)
        return rows
    }

    private func joined(_ probe: Probe, _ probeRows: [Int32], _ buildRows: [Int32], _ build: JoinBuild, needed: [Int]? = nil) throws(SQLError) -> Rows
    {
        let width = join.leftTypes.count
        let left = try probe.rows.take(probeRows, needed: needed?.filter { $0 < width })
        let right = try build.rows.take(buildRows, needed: needed?.filter { $0 >= width }.map { $0 - width })
        return Rows(left.columns + right.columns, count: probeRows.count)
    }

    private func output(_ probe: Probe, _ probeRows: [Int32], _ buildRows: [Int32], _ build: JoinBuild) throws(SQLError) -> Rows {
        let right = build.rows.count == 0 ? join.rightTypes.map { .nulls($0, count: buildRows.count) } : try build.rows.take(buildRows).columns
        let isWhole = probeRows.count == probe.rows.count && probeRows.enumerated().allSatisfy { Int($1) == $0 }
        let left = isWhole ? probe.rows.columns : try probe.rows.take(probeRows).columns
        return Rows(left + right, count: probeRows.count)
    }

    // MARK: Joins that only ask whether there is a match

    private func findMatches(_ probe: inout Probe, _ build: JoinBuild) throws(SQLError) {
        guard let condition = join.condition else {
            for row in probe.matched.indices { probe.matched[row] = build.rows.count > 0 }
            return
        }
        while let (probeRows, buildRows) = nextPairs(&probe, build) {
            try state.check()
            // Rows that have a match already need no other.
            var open: [Int] = []
            for (pair, row) in probeRows.enumerated() where !probe.matched[Int(row)] { open.append(pair) }
            if open.isEmpty { continue }
            let some = open.count == probeRows.count
            let left = some ? probeRows : open.map { probeRows[$0] }
            let right = some ? buildRows : open.map { buildRows[$0] }
            let mask = try condition.booleans(try joined(probe, left, right, build, needed: condition.inputs), state.context).trueBits
            for pair in mask.indices() { probe.matched[Int(left[Int(pair)])] = true }
        }
    }

    private func settle(_ rows: Rows, _ matched: Bitmap) -> Rows? {
        switch join.kind {
        case .semi: return rows.filter(matched).nilIfEmpty
        case .anti: return rows.filter(~matched).nilIfEmpty
        default: return Rows(rows.columns + [Column(.boolean, .boolean(BooleanArray(matched)))], count: rows.count)
        }
    }
}

/// A source of which the first batches have been read already.
final class ResumedOperator: Operator {
    private let read: RowsOperator
    private let rest: (any Operator)?

    init(_ parts: [Rows], _ rest: (any Operator)?) {
        read = RowsOperator(parts)
        self.rest = rest
    }

    func next() throws(SQLError) -> Rows? {
        if let rows = try read.next() { return rows }
        return try rest?.next()
    }
}

extension Rows {
    var nilIfEmpty: Rows? { count == 0 ? nil : self }
}
