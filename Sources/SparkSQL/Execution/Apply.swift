import Columnar
import SparkErrors
import SparkFunctions

/// Runs a correlated query once for each distinct combination of the outer columns' values.
final class ApplyOperator: Operator {
    enum Kind {
        case scalar(DataType)
        case existence
        case membership([any Evaluator], [DataType])
        case lateral(isOuter: Bool, condition: (any Evaluator)?)
    }

    private enum Answer {
        case value(Column)
        case table(MembershipTable)
        case rows(Rows)
    }

    private let child: any Operator
    private let subquery: LogicalPlan
    private let outer: [(id: ColumnID, position: Int, type: DataType)]
    private let kind: Kind
    private let planner: PhysicalPlanner
    private let span: SourceSpan?
    private let state: ExecutionState
    private let subqueryTypes: [DataType]
    private var index: GroupIndexer
    private var answers: [Answer] = []
    private var pending: [Rows] = []

    init(
        _ child: any Operator, _ subquery: LogicalPlan, outer: [(id: ColumnID, position: Int, type: DataType)], kind: Kind,
        planner: PhysicalPlanner, span: SourceSpan?
    ) {
        self.child = child
        self.subquery = subquery
        self.outer = outer
        self.kind = kind
        self.planner = planner
        self.span = span
        state = planner.state
        subqueryTypes = subquery.output.map(\.type)
        index = GroupIndexer(types: outer.map(\.type))
    }

    func next() throws(SQLError) -> Rows? {
        while true {
            try state.check()
            if !pending.isEmpty { return pending.removeFirst() }
            guard let rows = try child.next() else { return nil }
            if rows.count == 0 { continue }
            let keys = outer.map { rows.columns[$0.position].with(type: $0.type) }
            let groups = index.groups(of: keys, rowCount: rows.count)
            for (row, group) in groups.enumerated() where Int(group) >= answers.count {
                answers.append(try run(keys, row))
            }
            if let result = try combine(rows, groups) { return result }
        }
    }

    private func run(_ keys: [Column], _ row: Int) throws(SQLError) -> Answer {
        try state.check()
        var values = planner.outer
        for (entry, key) in zip(outer, keys) { values[entry.id] = key.slice(row..<(row + 1)) }
        let source = try planner.with(outer: values).plan(subquery)
        switch kind {
        case .scalar(let type): return .value(try Self.single(source, type, span))
        case .existence: return .value(Column(.boolean, of: [.boolean(try Self.hasRow(source))]))
        case .membership(_, let types):
            let (parts, _) = try drain(source, state)
            let rows = parts.isEmpty ? Rows(types.map { .nulls($0, count: 0) }, count: 0) : try Rows.concat(parts, types: subqueryTypes)
            return .table(MembershipTable(rows, types: types))
        case .lateral:
            let (parts, _) = try drain(source, state)
            return .rows(parts.isEmpty ? Rows(subqueryTypes.map { .nulls($0, count: 0) }, count: 0) : try Rows.concat(parts, types: subqueryTypes))
        }
    }

    /// A scalar subquery's value: NULL without rows, an error with several.
    static func single(_ source: any Operator, _ type: DataType, _ span: SourceSpan?) throws(SQLError) -> Column {
        var value: Column?
        while let rows = try source.next() {
            if rows.count == 0 { continue }
            if rows.count > 1 || value != nil { throw SQLError(.scalarSubqueryTooManyRows, at: span) }
            value = rows.columns.first?.with(type: type)
        }
        return value ?? .nulls(type, count: 1)
    }

    static func hasRow(_ source: any Operator) throws(SQLError) -> Bool {
        while let rows = try source.next() { if rows.count > 0 { return true } }
        return false
    }

    private func combine(_ rows: Rows, _ groups: [Int32]) throws(SQLError) -> Rows? {
        switch kind {
        case .scalar(let type): return Rows(rows.columns + [try values(type).gather(groups)], count: rows.count)
        case .existence: return Rows(rows.columns + [try values(.boolean).gather(groups)], count: rows.count)
        case .membership(let keys, _):
            var lookups: [Column] = []
            for key in keys { lookups.append(try key.column(rows, state.context)) }
            var members: [Int32: [Int32]] = [:]
            for (row, group) in groups.enumerated() { members[group, default: []].append(Int32(truncatingIfNeeded: row)) }
            var assembly = Assembly(.boolean, count: rows.count)
            for group in members.keys.sorted() {
                let own = members[group] ?? []
                guard case .table(let table) = answers[Int(group)] else { continue }
                assembly.add(table.lookUp(lookups.map { $0.take(own) }, rowCount: own.count), for: own)
            }
            return Rows(rows.columns + [try assembly.finish()], count: rows.count)
        case .lateral(let isOuter, let condition): return try lateral(rows, groups, isOuter: isOuter, condition)
        }
    }

    private func values(_ type: DataType) throws(SQLError) -> Column {
        try Column.joined(answers.map { if case .value(let column) = $0 { column } else { .nulls(type, count: 1) } }, type: type)
    }

    /// Left rows with the rows of their query, as many left rows at once as fill a batch.
    private func lateral(
        _ rows: Rows, _ groups: [Int32], isOuter: Bool, _ condition: (any Evaluator)?
    ) throws(SQLError) -> Rows? {
        var made: [Rows] = []
        var owners: [Int32] = []
        var parts: [Rows] = []
        func flush() throws(SQLError) {
            guard !owners.isEmpty else { return }
            let right = try Rows.concat(parts, types: subqueryTypes)
            made.append(Rows(try rows.take(owners).columns + right.columns, count: owners.count))
            owners.removeAll()
            parts.removeAll()
        }
        for (row, group) in groups.enumerated() {
            guard case .rows(var answer) = answers[Int(group)] else { continue }
            if let condition, answer.count > 0 {
                let repeated = try rows.take([Int32](repeating: Int32(truncatingIfNeeded: row), count: answer.count))
                let joined = Rows(repeated.columns + answer.columns, count: answer.count)
                answer = answer.filter(try condition.booleans(joined, state.context).trueBits)
            }
            if answer.count == 0, isOuter { answer = Rows(subqueryTypes.map { .nulls($0, count: 1) }, count: 1) }
            if answer.count == 0 { continue }
            owners += [Int32](repeating: Int32(truncatingIfNeeded: row), count: answer.count)
            parts.append(answer)
            if owners.count >= state.limits.batchRows { try flush() }
        }
        try flush()
        guard let first = made.first else { return nil }
        pending = Array(made.dropFirst())
        return first
    }
}
