import Columnar
import SparkErrors
import SparkFunctions

/// All joins: the right side is held, by hash of its equality keys where there are any, and the left side streams past it. Rows keep the left
/// side's order, then the right side's.
final class JoinOperator: Operator {
    private let left: any Operator
    private let right: any Operator
    private let node: LogicalPlan.Join
    private let state: ExecutionState
    private let leftEvaluator: Evaluator
    private let rightEvaluator: Evaluator
    private let pairEvaluator: Evaluator
    private let keys: JoinKeys
    private let rightTypes: [DataType]

    private var build: Chunk?
    private var table: JoinTable?
    private var rightMatched: [Bool] = []
    /// Chunks of a left chunk's result that wait to be given out.
    private var pending: [Chunk] = []
    private var leftIsDone = false

    /// Pairs looked at at once.
    private static let bite = 32_768

    init(_ left: any Operator, _ right: any Operator, _ node: LogicalPlan.Join, _ state: ExecutionState) {
        self.left = left
        self.right = right
        self.node = node
        self.state = state
        let leftOutput = node.left.output
        let rightOutput = node.right.output
        leftEvaluator = Evaluator(leftOutput, state)
        rightEvaluator = Evaluator(rightOutput, state)
        pairEvaluator = Evaluator(leftOutput + rightOutput, state)
        rightTypes = rightOutput.map(\.type)
        keys = JoinKeys(node.condition, left: leftOutput.ids, right: rightOutput.ids)
    }

    func next() throws(SQLError) -> Chunk? {
        if build == nil { try open() }
        while pending.isEmpty {
            if leftIsDone { return nil }
            guard let chunk = try left.next() else {
                leftIsDone = true
                if let rest = try unmatchedRight() { return rest }
                return nil
            }
            try state.cancellation.check()
            try join(chunk)
        }
        return pending.removeFirst()
    }

    private func open() throws(SQLError) {
        let chunks = try state.collect(right)
        let all = chunks.isEmpty ? Chunk(rightTypes.map { Column.nulls($0, count: 0) }, rowCount: 0) : Chunk.concat(chunks, types: rightTypes)
        build = all
        rightMatched = [Bool](repeating: false, count: all.rowCount)
        if !keys.isEmpty { table = JoinTable(keys: try rightEvaluator.columns(keys.right, all), nullSafe: keys.nullSafe) }
    }

    /// Calls `body` with bites of candidate pairs for a left chunk, in order.
    private func forEachBite(_ chunk: Chunk, _ build: Chunk, _ body: ([Int32], [Int32]) throws(SQLError) -> Void) throws(SQLError) {
        if let table {
            var probe = table.probe(try leftEvaluator.columns(keys.left, chunk))
            while let (leftRows, rightRows) = probe.next(limit: Self.bite) {
                try state.cancellation.check()
                try body(leftRows, rightRows)
            }
            return
        }
        var leftRows: [Int32] = []
        var rightRows: [Int32] = []
        for row in 0..<chunk.rowCount {
            for other in 0..<build.rowCount {
                leftRows.append(Int32(truncatingIfNeeded: row))
                rightRows.append(Int32(truncatingIfNeeded: other))
                if leftRows.count >= Self.bite {
                    try state.cancellation.check()
                    try body(leftRows, rightRows)
                    leftRows.removeAll(keepingCapacity: true)
                    rightRows.removeAll(keepingCapacity: true)
                }
            }
        }
        if !leftRows.isEmpty { try body(leftRows, rightRows) }
    }

    /// The pairs of a left chunk that satisfy the whole condition.
    private func forEachMatch(_ chunk: Chunk, _ build: Chunk, _ body: ([Int32], [Int32]) throws(SQLError) -> Void) throws(SQLError) {
        guard let residual = keys.residual else { return try forEachBite(chunk, build, body) }
        try forEachBite(chunk, build) { (leftRows, rightRows) throws(SQLError) in
            let pairs = Chunk(chunk.take(leftRows).columns + build.take(rightRows).columns, rowCount: leftRows.count)
            let mask = try pairEvaluator.matches(residual, pairs)
            let count = mask.onesCount
            if count == leftRows.count { return try body(leftRows, rightRows) }
            if count == 0 { return }
            let kept = mask.indices()
            try body(kept.map { leftRows[Int($0)] }, kept.map { rightRows[Int($0)] })
        }
    }

    private func join(_ chunk: Chunk) throws(SQLError) {
        guard let build else { return }
        switch node.kind {
        case .inner, .right:
            let marks = if case .right = node.kind { true } else { false }
            try forEachMatch(chunk, build) { (leftRows, rightRows) throws(SQLError) in
                if marks { for row in rightRows { rightMatched[Int(row)] = true } }
                pending.append(Chunk(chunk.take(leftRows).columns + build.take(rightRows).columns, rowCount: leftRows.count))
            }
        case .left, .full, .single: try outerJoin(chunk, build)
        case .semi, .anti, .existence:
            var matched = [Bool](repeating: false, count: chunk.rowCount)
            if let table, keys.residual == nil {
                let groups = table.groups(of: try leftEvaluator.columns(keys.left, chunk))
                for row in 0..<chunk.rowCount { matched[row] = groups[row] >= 0 }
            } else if keys.isEmpty, keys.residual == nil {
                matched = [Bool](repeating: build.rowCount > 0, count: chunk.rowCount)
            } else {
                try forEachMatch(chunk, build) { (leftRows, _) throws(SQLError) in for row in leftRows { matched[Int(row)] = true } }
            }
            emit(chunk, matched)
        case .membership: try membership(chunk, build)
        }
    }

    private func emit(_ chunk: Chunk, _ matched: [Bool]) {
        switch node.kind {
        case .semi, .anti:
            let isSemi = if case .semi = node.kind { true } else { false }
            let mask = Bitmap(matched.lazy.map { $0 == isSemi })
            if mask.onesCount > 0 { pending.append(chunk.filter(mask)) }
        default:
            let found = Column(.boolean, .boolean(BooleanArray(Bitmap(matched))))
            pending.append(Chunk(chunk.columns + [found], rowCount: chunk.rowCount))
        }
    }

    /// Left rows keep their place, with their matches or with nulls.
    private func outerJoin(_ chunk: Chunk, _ build: Chunk) throws(SQLError) {
        var leftRows: [Int32] = []
        var rightRows: [Int32] = []
        let isSingle = if case .single = node.kind { true } else { false }
        let isFull = if case .full = node.kind { true } else { false }
        try forEachMatch(chunk, build) { (someLeft, someRight) throws(SQLError) in
            leftRows += someLeft
            rightRows += someRight
            if isFull { for row in someRight { rightMatched[Int(row)] = true } }
            if leftRows.count > Int(Int32.max) / 2 { throw SQLError(.statementMemoryExceeded, ["limit": String(state.limits.memoryBytes)]) }
        }
        var allLeft: [Int32] = []
        var allRight: [Int32] = []
        allLeft.reserveCapacity(max(leftRows.count, chunk.rowCount))
        allRight.reserveCapacity(max(leftRows.count, chunk.rowCount))
        var position = 0
        for row in 0..<Int32(truncatingIfNeeded: chunk.rowCount) {
            let start = position
            while position < leftRows.count, leftRows[position] == row {
                allLeft.append(row)
                allRight.append(rightRows[position])
                position += 1
            }
            if isSingle, position - start > 1 { throw SQLError(.scalarSubqueryTooManyRows, at: node.span) }
            if position == start {
                allLeft.append(row)
                allRight.append(-1)
            }
        }
        if !allLeft.isEmpty {
            pending.append(Chunk(chunk.take(allLeft).columns + build.take(allRight).columns, rowCount: allLeft.count))
        }
    }

    /// The right side's rows without a match, behind all others.
    private func unmatchedRight() throws(SQLError) -> Chunk? {
        switch node.kind {
        case .right, .full: break
        default: return nil
        }
        guard let build else { return nil }
        let mask = Bitmap(rightMatched.lazy.map { !$0 })
        let count = mask.onesCount
        guard count > 0 else { return nil }
        let nulls = node.left.output.map { Column.nulls($0.type, count: count) }
        return Chunk(nulls + build.filter(mask).columns, rowCount: count)
    }

    /// `keys IN (rows)` by three-valued logic: true if a row is equal; null if one might be; false else.
    private func membership(_ chunk: Chunk, _ build: Chunk) throws(SQLError) {
        var answers = [Bool?](repeating: false, count: chunk.rowCount)
        let wanted = try leftEvaluator.columns(node.membership.map(\.left), chunk)
        let present = try rightEvaluator.columns(node.membership.map(\.right), build)
        if keys.isEmpty, keys.residual == nil {
            let members = membershipTable(present)
            let groups = members.table.groups(of: wanted)
            for row in 0..<chunk.rowCount {
                if groups[row] >= 0 {
                    answers[row] = true
                } else if build.rowCount > 0, members.hasNull || wanted.contains(where: { $0.isNull(row) }) {
                    answers[row] = couldMatch(row, wanted, present) ? nil : false
                }
            }
        } else {
            try forEachMatch(chunk, build) { (leftRows, rightRows) throws(SQLError) in
                var equal: BooleanArray?
                for (want, have) in zip(wanted, present) {
                    let one = Kernel.compare(.equal, want.take(leftRows), have.take(rightRows))
                    equal = equal.map { Kernel.and($0, one) } ?? one
                }
                guard let equal else { return }
                for (pair, row) in leftRows.enumerated() {
                    if let validity = equal.validity, !validity[pair] {
                        if answers[Int(row)] == false { answers[Int(row)] = nil }
                    } else if equal.values[pair] {
                        answers[Int(row)] = true
                    }
                }
            }
        }
        let column = Column(.boolean, of: answers.map { answer in answer.map { .boolean($0) } ?? .null })
        pending.append(Chunk(chunk.columns + [column], rowCount: chunk.rowCount))
    }

    private var members: (table: JoinTable, hasNull: Bool)?

    private func membershipTable(_ present: [Column]) -> (table: JoinTable, hasNull: Bool) {
        if let members { return members }
        let made = (table: JoinTable(keys: present), hasNull: present.contains { $0.nullCount > 0 })
        members = made
        return made
    }

    /// Whether a row with nulls on either side could be equal: only null parts may differ.
    private func couldMatch(_ row: Int, _ wanted: [Column], _ present: [Column]) -> Bool {
        if wanted.count == 1 { return true }
        let values = wanted.map { $0.value(at: row) }
        for other in 0..<(present.first?.count ?? 0) {
            let fits = zip(values, present).allSatisfy { value, column in
                value.isNull || column.isNull(other) || column.value(at: other) == value
            }
            if fits { return true }
        }
        return false
    }
}

/// A join's condition, parted into equalities of one side's expression with the other's, and what is left.
struct JoinKeys {
    private(set) var left: [ResolvedExpression] = []
    private(set) var right: [ResolvedExpression] = []
    private(set) var nullSafe: [Bool] = []
    private(set) var residual: ResolvedExpression?

    var isEmpty: Bool { left.isEmpty }

    init(_ condition: ResolvedExpression?, left leftIDs: Set<ColumnID>, right rightIDs: Set<ColumnID>) {
        var rest: [ResolvedExpression] = []
        for conjunct in condition?.conjuncts ?? [] {
            guard case .call(let call) = conjunct, call.arguments.count == 2, call.function == "=" || call.function == "==" || call.function == "<=>",
                call.arguments[0].type == call.arguments[1].type, conjunct.isDeterministic
            else {
                rest.append(conjunct)
                continue
            }
            let (first, second) = (call.arguments[0].references, call.arguments[1].references)
            let usesOuter = conjunct.contains { if case .outer = $0 { true } else { false } }
            if !usesOuter, !first.isEmpty, !second.isEmpty, first.isSubset(of: leftIDs), second.isSubset(of: rightIDs) {
                left.append(call.arguments[0])
                right.append(call.arguments[1])
                nullSafe.append(call.function == "<=>")
            } else if !usesOuter, !first.isEmpty, !second.isEmpty, first.isSubset(of: rightIDs), second.isSubset(of: leftIDs) {
                left.append(call.arguments[1])
                right.append(call.arguments[0])
                nullSafe.append(call.function == "<=>")
            } else {
                rest.append(conjunct)
            }
        }
        residual = ResolvedExpression.conjunction(rest.filter { !$0.isTrue })
    }
}
