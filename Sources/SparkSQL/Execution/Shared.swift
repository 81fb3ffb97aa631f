import Columnar
import SparkErrors
import SparkFunctions

/// What has been computed of a common table expression, and where the rest comes from.
final class SharedRows {
    private var parts: [Rows] = []
    private var source: (any Operator)?

    init(_ source: any Operator) { self.source = source }

    func part(_ position: Int, _ state: ExecutionState) throws(SQLError) -> Rows? {
        while position >= parts.count {
            guard let rows = try source?.next() else {
                source = nil
                return nil
            }
            if rows.count == 0 { continue }
            try state.reserve(rows.byteSize)
            parts.append(rows)
        }
        return parts[position]
    }
}

/// The rows of a common table expression, each computed by the first reader who comes to it.
final class SharedOperator: Operator {
    private let reference: LogicalPlan.SharedReference
    private let planner: PhysicalPlanner
    private var position = 0

    init(_ reference: LogicalPlan.SharedReference, _ planner: PhysicalPlanner) {
        self.reference = reference
        self.planner = planner
    }

    func next() throws(SQLError) -> Rows? {
        let state = planner.state
        try state.check()
        let shared: SharedRows
        if let known = state.shared[reference.index] {
            shared = known
        } else {
            guard state.sharedPlans.indices.contains(reference.index) else { throw .internalFault("a common table expression is missing") }
            shared = SharedRows(try planner.with(outer: [:]).plan(state.sharedPlans[reference.index]))
            state.shared[reference.index] = shared
        }
        guard let rows = try shared.part(position, state) else { return nil }
        position += 1
        return Rows(zip(reference.columns, reference.output).map { rows.columns[$0].with(type: $1.type) }, count: rows.count)
    }
}

/// The rows of a recursive query's step before.
final class WorkingTableOperator: Operator {
    private let table: LogicalPlan.WorkingTable
    private let state: ExecutionState
    private var position = 0

    init(_ table: LogicalPlan.WorkingTable, _ state: ExecutionState) {
        self.table = table
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        guard let parts = state.workingTables[table.table], parts.indices.contains(position) else { return nil }
        defer { position += 1 }
        return parts[position]
    }
}

/// WITH RECURSIVE: the anchor's rows, then the step's over those of the round before, until there are no more.
final class RecursionOperator: Operator {
    private let recursion: LogicalPlan.Recursion
    private let planner: PhysicalPlanner
    private let types: [DataType]
    private var current: [Rows] = []
    private var position = 0
    private var level = 0
    private var rowCount = 0
    private var isStarted = false
    private var seen: GroupIndexer
    private var seenCount = 0

    init(_ recursion: LogicalPlan.Recursion, _ planner: PhysicalPlanner) {
        self.recursion = recursion
        self.planner = planner
        types = recursion.output.map(\.type)
        seen = GroupIndexer(types: types)
    }

    func next() throws(SQLError) -> Rows? {
        while true {
            try planner.state.check()
            if current.indices.contains(position) {
                defer { position += 1 }
                return current[position]
            }
            if isStarted, current.isEmpty { return nil }
            try advance()
        }
    }

    private func advance() throws(SQLError) {
        let state = planner.state
        let shift = state.context.seedShift
        defer { state.context.seedShift = shift }
        let source: any Operator
        if isStarted {
            state.context.seedShift = Int64(level)
            level += 1
            guard level <= recursion.maximumLevel else {
                throw SQLError(.recursionLevelLimitExceeded, ["cteName": SQLQuote.id(recursion.name), "levelLimit": "\(recursion.maximumLevel)"])
            }
            state.workingTables[recursion.table] = current
            source = try planner.plan(recursion.step)
        } else {
            isStarted = true
            source = try planner.plan(recursion.anchor)
        }
        var fresh: [Rows] = []
        while let rows = try source.next() {
            try state.check()
            var rows = Rows(zip(rows.columns, types).map { $0.with(type: $1) }, count: rows.count)
            if recursion.isDistinct { rows = try unseen(rows) }
            if rows.count == 0 { continue }
            rowCount += rows.count
            guard rowCount <= recursion.maximumRows else {
                throw SQLError(.recursionRowLimitExceeded, ["cteName": SQLQuote.id(recursion.name), "rowLimit": "\(recursion.maximumRows)"])
            }
            fresh.append(rows)
        }
        current = fresh
        position = 0
    }

    private func unseen(_ rows: Rows) throws(SQLError) -> Rows {
        let groups = seen.groups(of: rows.columns, rowCount: rows.count)
        var kept: [Int32] = []
        for (row, group) in groups.enumerated() where Int(group) >= seenCount {
            kept.append(Int32(truncatingIfNeeded: row))
            seenCount = Int(group) + 1
        }
        return try rows.take(kept)
    }
}

/// A subquery that depends on no row of its surroundings: run when first needed.
final class SubqueryEvaluator: Evaluator {
    private let subquery: SubqueryExpression
    private let planner: PhysicalPlanner
    private let keys: [any Evaluator]
    private var answer: Column?
    private var table: MembershipTable?
    let inputs: [Int]
    let isSafe = false

    init(_ subquery: SubqueryExpression, _ planner: PhysicalPlanner, keys: [any Evaluator]) {
        self.subquery = subquery
        self.planner = planner
        self.keys = keys
        inputs = Evaluators.inputs(keys)
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        if rows.count == 0 { return .nulls(subquery.type, count: 0) }
        if let answer { return answer }
        if let table { return try lookUp(rows, context, table) }
        let source = try planner.plan(subquery.plan)
        switch subquery.kind {
        case .scalar:
            let value = try ApplyOperator.single(source, subquery.type, subquery.span)
            answer = value
            return value
        case .exists:
            let value = Column(.boolean, of: [.boolean(try ApplyOperator.hasRow(source))])
            answer = value
            return value
        case .membership:
            let types = subquery.plan.output.map(\.type)
            let (parts, _) = try drain(source, planner.state)
            let all = parts.isEmpty ? Rows(types.map { .nulls($0, count: 0) }, count: 0) : try Rows.concat(parts, types: types)
            let made = MembershipTable(all, types: types)
            table = made
            return try lookUp(rows, context, made)
        }
    }

    private func lookUp(_ rows: Rows, _ context: EvaluationContext, _ table: MembershipTable) throws(SQLError) -> Column {
        var lookups: [Column] = []
        for key in keys { lookups.append(try key.column(rows, context)) }
        return table.lookUp(lookups, rowCount: rows.count)
    }
}
