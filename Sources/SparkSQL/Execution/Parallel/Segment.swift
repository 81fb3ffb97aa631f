import Columnar
import SparkErrors
import SparkFunctions

/// A part of a plan whose operators treat each batch of one large table by itself: filters, projections, joins with sides that are read before.
struct Segment: Sendable {
    let plan: LogicalPlan
    let scan: LogicalPlan.Scan
    /// From the top down.
    let joins: [LogicalPlan.Join]

    /// Tables of fewer rows are read by one thread.
    private static let worthwhileRows = 1 << 15

    /// nil for other plans, and where it is not worth the while.
    init?(_ plan: LogicalPlan) {
        var joins: [LogicalPlan.Join] = []
        var node = plan
        while true {
            switch node {
            case .project(let project):
                guard project.columns.allSatisfy({ Self.isApart($0.expression) }) else { return nil }
                node = project.child
            case .filter(let filter):
                guard Self.isApart(filter.condition) else { return nil }
                node = filter.child
            case .join(let join):
                switch join.kind {
                case .inner, .left, .semi, .anti, .existence, .single: break
                case .right, .full, .membership: return nil
                }
                guard join.condition.map(Self.isApart) ?? true, join.leftTells.isEmpty else { return nil }
                joins.append(join)
                node = join.left
            case .scan(let scan):
                guard let rows = scan.provider.rowCount, rows >= Self.worthwhileRows else { return nil }
                self.plan = plan
                self.scan = scan
                self.joins = joins
                return
            default: return nil
            }
        }
    }

    /// Whether an expression can be evaluated by any thread, for any batch.
    static func isApart(_ expression: ResolvedExpression) -> Bool { expression.isDeterministic && !expression.containsSubquery }

    /// One thread's operators. `needed`: the positions of columns that are read; nil: all.
    func pipeline(_ builds: [JoinBuild], needed: [Int]? = nil, _ planner: PhysicalPlanner) throws(SQLError) -> SegmentPipeline {
        var rest = builds[...]
        let leaf = MorselOperator(ScanReader(scan))
        return SegmentPipeline(leaf: leaf, root: try operators(plan, needed, leaf, &rest, planner))
    }

    private func operators(
        _ node: LogicalPlan, _ needed: [Int]?, _ leaf: MorselOperator, _ builds: inout ArraySlice<JoinBuild>, _ planner: PhysicalPlanner
    ) throws(SQLError) -> any Operator {
        switch node {
        case .project(let project):
            return try planner.plan(project) { (child, needed) throws(SQLError) in try operators(child, needed, leaf, &builds, planner) }
        case .filter(let filter):
            return try planner.plan(filter, needed: needed, try operators(filter.child, nil, leaf, &builds, planner))
        case .join(let join):
            guard let build = builds.popFirst() else { throw .internalFault("a join has no right side") }
            let specification = try planner.specification(join)
            return JoinOperator(try operators(join.left, nil, leaf, &builds, planner), build, specification, planner.state)
        default: return leaf
        }
    }
}

/// A batch at a time.
final class MorselOperator: Operator {
    private let reader: ScanReader
    private var batch: RecordBatch?

    init(_ reader: ScanReader) { self.reader = reader }

    func give(_ batch: RecordBatch) { self.batch = batch }

    func next() throws(SQLError) -> Rows? {
        guard let batch else { return nil }
        self.batch = nil
        return try reader.rows(batch)
    }
}

final class SegmentPipeline {
    private let leaf: MorselOperator
    let root: any Operator

    init(leaf: MorselOperator, root: any Operator) {
        self.leaf = leaf
        self.root = root
    }

    func run(_ batch: RecordBatch) throws(SQLError) -> [Rows] {
        leaf.give(batch)
        var parts: [Rows] = []
        while let rows = try root.next() { if rows.count > 0 { parts.append(rows) } }
        return parts
    }
}

extension PhysicalPlanner {
    /// The plan's operators for someone who reads all of it: several threads take part where that is worth the while.
    func planWhole(_ plan: LogicalPlan) throws(SQLError) -> any Operator {
        guard let segment = Segment(plan) else { return try self.plan(plan) }
        return SegmentOperator(segment, self)
    }

    /// The sides that a segment's joins read before, from the top down; nil if one of them leaves no rows. Small ones are read first: what they tell of
    /// their keys makes the others smaller.
    func builds(_ segment: Segment) throws(SQLError) -> [JoinBuild]? {
        var builds: [Int: JoinBuild] = [:]
        let order = segment.joins.indices.sorted { (segment.joins[$0].rightRows, $0) < (segment.joins[$1].rightRows, $1) }
        for join in segment.joins { for tell in join.rightTells { tell.filter.keys = nil } }
        for index in order {
            let join = segment.joins[index]
            let build = try JoinBuild(try planWhole(join.right), try specification(join), state)
            builds[index] = build
            guard build.rows.count == 0 else { continue }
            switch join.kind {
            case .inner, .semi: return nil
            default: break
            }
        }
        return segment.joins.indices.compactMap { builds[$0] }
    }

    /// For another thread of the same statement.
    func makePlanner() -> @Sendable () -> PhysicalPlanner {
        let (context, limits, monitor, outer) = (state.context, state.limits, state.monitor, outer)
        return { PhysicalPlanner(ExecutionState(context: context, limits: limits, monitor: monitor), outer: outer) }
    }
}

/// A segment's rows, made by several threads.
final class SegmentOperator: Operator {
    private let segment: Segment
    private let planner: PhysicalPlanner
    private var queue: MorselQueue<[Rows]>?
    private var pipeline: SegmentPipeline?
    private var pending: ArraySlice<Rows> = []
    private var isDone = false

    init(_ segment: Segment, _ planner: PhysicalPlanner) {
        self.segment = segment
        self.planner = planner
    }

    deinit { queue?.close() }

    func next() throws(SQLError) -> Rows? {
        try planner.state.check()
        while true {
            if let rows = pending.popFirst() { return rows }
            if isDone { return nil }
            guard let (queue, pipeline) = try open() else { return nil }
            let parts = try queue.next(helped: true) { batch throws(SQLError) in try pipeline.run(batch) }
            guard let parts else {
                isDone = true
                self.queue = nil
                return nil
            }
            pending = parts[...]
        }
    }

    private func open() throws(SQLError) -> (MorselQueue<[Rows]>, SegmentPipeline)? {
        if let queue, let pipeline { return (queue, pipeline) }
        guard let builds = try planner.builds(segment) else {
            isDone = true
            return nil
        }
        let (segment, makePlanner) = (segment, planner.makePlanner())
        let made = MorselQueue<[Rows]>(
            source: try segment.scan.open(), parallelism: planner.state.limits.parallelism, monitor: planner.state.monitor
        ) { () throws(SQLError) in
            let pipeline = try segment.pipeline(builds, makePlanner())
            return { batch throws(SQLError) in try pipeline.run(batch) }
        }
        let own = try segment.pipeline(builds, planner)
        (queue, pipeline) = (made, own)
        return (made, own)
    }
}
