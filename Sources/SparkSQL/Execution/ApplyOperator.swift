import Columnar
import SparkErrors

/// Runs a correlated query for each row of its input: for what cannot be made a join. Equal outer rows run once.
final class ApplyOperator: Operator {
    private let child: any Operator
    private let node: LogicalPlan.Apply
    private let state: ExecutionState
    private let evaluator: Evaluator
    private let pairEvaluator: Evaluator
    private let childAttributes: [Attribute]
    private let types: [DataType]
    private var known: [[Value]: Chunk] = [:]

    init(_ child: any Operator, _ node: LogicalPlan.Apply, _ state: ExecutionState) {
        self.child = child
        self.node = node
        self.state = state
        childAttributes = node.child.output
        evaluator = Evaluator(childAttributes, state)
        let inner = node.subquery.output
        pairEvaluator = Evaluator(childAttributes + inner, state)
        types = inner.map(\.type)
    }

    func next() throws(SQLError) -> Chunk? {
        while let chunk = try child.next() {
            if chunk.rowCount == 0 { continue }
            let outer = try evaluator.columns(node.outer.map { .column($0) }, chunk)
            switch node.kind {
            case .scalar(let attribute):
                var values: [Value] = []
                for row in 0..<chunk.rowCount {
                    let rows = try self.rows(outer, row)
                    if rows.rowCount > 1 { throw SQLError(.scalarSubqueryTooManyRows, at: node.span) }
                    values.append(rows.rowCount == 1 ? rows.columns.first?.value(at: 0) ?? .null : .null)
                }
                return Chunk(chunk.columns + [Column(attribute.type, of: values)], rowCount: chunk.rowCount)
            case .existence:
                var found = BitmapBuilder()
                for row in 0..<chunk.rowCount { found.append(try rows(outer, row).rowCount > 0) }
                return Chunk(chunk.columns + [Column(.boolean, .boolean(BooleanArray(found.finish())))], rowCount: chunk.rowCount)
            case .membership(_, let keys):
                let wanted = try evaluator.columns(keys, chunk)
                var answers: [Value] = []
                for row in 0..<chunk.rowCount { answers.append(Self.contains(wanted, row, try rows(outer, row))) }
                return Chunk(chunk.columns + [Column(.boolean, of: answers)], rowCount: chunk.rowCount)
            case .lateral(let isOuter, let condition):
                let joined = try lateral(chunk, outer, isOuter, condition)
                if joined.rowCount > 0 { return joined }
            }
        }
        return nil
    }

    private func rows(_ outer: [Column], _ row: Int) throws(SQLError) -> Chunk {
        let values = outer.map { $0.value(at: row) }
        if let rows = known[values] { return rows }
        try state.cancellation.check()
        let saved = state.outer
        for (reference, value) in zip(node.outer, values) { state.outer[reference.id] = value }
        defer { state.outer = saved }
        let chunks = try state.collect(try PhysicalPlanner(state).plan(node.subquery))
        let all = chunks.isEmpty ? Chunk(types.map { Column.nulls($0, count: 0) }, rowCount: 0) : Chunk.concat(chunks, types: types)
        if known.count < 10_000 { known[values] = all }
        return all
    }

    private static func contains(_ wanted: [Column], _ row: Int, _ rows: Chunk) -> Value {
        var isOpen = false
        for other in 0..<rows.rowCount {
            var equal: Bool? = true
            for (want, have) in zip(wanted, rows.columns) {
                if want.isNull(row) || have.isNull(other) {
                    if equal == true { equal = nil }
                } else if !Kernel.compare(.equal, want.slice(row..<(row + 1)), have.slice(other..<(other + 1))).values[0] {
                    equal = false
                    break
                }
            }
            if equal == true { return .boolean(true) }
            if equal == nil { isOpen = true }
        }
        return isOpen ? .null : .boolean(false)
    }

    private func lateral(
        _ chunk: Chunk, _ outer: [Column], _ isOuter: Bool, _ condition: ResolvedExpression?
    ) throws(SQLError) -> Chunk {
        var leftRows: [Int32] = []
        var parts: [Chunk] = []
        for row in 0..<chunk.rowCount {
            var rows = try self.rows(outer, row)
            let left = [Int32](repeating: Int32(truncatingIfNeeded: row), count: rows.rowCount)
            if let condition, rows.rowCount > 0 {
                rows = rows.filter(try pairEvaluator.matches(condition, Chunk(chunk.take(left).columns + rows.columns, rowCount: rows.rowCount)))
            }
            if rows.rowCount == 0, isOuter { rows = Chunk(types.map { Column.nulls($0, count: 1) }, rowCount: 1) }
            if rows.rowCount == 0 { continue }
            leftRows += [Int32](repeating: Int32(truncatingIfNeeded: row), count: rows.rowCount)
            parts.append(rows)
        }
        guard !parts.isEmpty else { return Chunk([], rowCount: 0) }
        return Chunk(chunk.take(leftRows).columns + Chunk.concat(parts, types: types).columns, rowCount: leftRows.count)
    }
}

/// A recursive common table expression: the anchor's rows, then the step over the rows of the step before, until there are none.
final class RecursionOperator: Operator {
    private let node: LogicalPlan.Recursion
    private let state: ExecutionState
    private var result: ChunkListOperator?

    init(_ node: LogicalPlan.Recursion, _ state: ExecutionState) {
        self.node = node
        self.state = state
    }

    func next() throws(SQLError) -> Chunk? {
        if result == nil { result = ChunkListOperator(try run(), batchRows: state.limits.batchRows) }
        return try result?.next()
    }

    private func run() throws(SQLError) -> [Chunk] {
        var seen = GroupIndexer(types: node.output.map(\.type))
        func fresh(_ chunks: [Chunk]) -> [Chunk] {
            guard node.isDistinct else { return chunks }
            return chunks.map { chunk in
                var next = Int32(truncatingIfNeeded: seen.count)
                var kept: [Int32] = []
                let typed = zip(chunk.columns, seen.types).map { $0.with(type: $1) }
                for (row, group) in seen.groups(of: typed, rowCount: chunk.rowCount).enumerated() where group == next {
                    kept.append(Int32(truncatingIfNeeded: row))
                    next += 1
                }
                return chunk.take(kept)
            }.filter { $0.rowCount > 0 }
        }
        var all = fresh(try state.collect(try PhysicalPlanner(state).plan(node.anchor)))
        var last = all
        var level = 0
        var rows = all.reduce(0) { $0 + $1.rowCount }
        while !last.isEmpty {
            try state.cancellation.check()
            level += 1
            if level > node.maximumLevel {
                throw SQLError(.recursionLevelLimitExceeded, ["levelLimit": String(node.maximumLevel)])
            }
            let saved = state.workingTables[node.table]
            state.workingTables[node.table] = last
            last = fresh(try state.collect(try PhysicalPlanner(state).plan(node.step)))
            state.workingTables[node.table] = saved
            all += last
            rows += last.reduce(0) { $0 + $1.rowCount }
            if rows > node.maximumRows { throw SQLError(.recursionRowLimitExceeded, ["rowLimit": String(node.maximumRows)]) }
        }
        return all
    }
}
