import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Synchronization
import Testing

/// Ends a statement at the n-th time that it asks.
private final class Countdown: Interruption {
    private let left: Atomic<Int>

    init(_ asks: Int) { left = Atomic(asks) }

    var isCancelled: Bool { left.wrappingSubtract(1, ordering: .relaxed).newValue <= 0 }

    func check() throws(SQLError) {
        if isCancelled { throw SQLError(.operationCanceled) }
    }
}

@Suite struct BudgetTests {
    private static func context(_ monitor: ExecutionMonitor? = nil) -> EvaluationContext {
        EvaluationContext(
            nowMicros: 1_700_000_000_000_000, user: "u", currentCatalog: "main", currentSchema: "default", version: "4.0.0 x", randomSeed: 7,
            monitor: monitor)
    }

    private static func rows(_ sql: String, memoryBytes: Int) throws -> [RecordBatch] {
        let statement = try Parser.parse(sql)
        guard case .query(let query) = statement.kind else { return [] }
        let context = context(ExecutionMonitor(CancellationToken(), memoryBytes: memoryBytes))
        let plan = try QueryEngine.analyze(query, catalog: FuzzCatalog(), context: context)
        return try QueryEngine.collect(plan, context: context, limits: ExecutionLimits(memoryBytes: memoryBytes))
    }

    @Test(arguments: [
        "SELECT id FROM range(300000) ORDER BY hash(id)",
        "SELECT size(collect_list(id)) FROM range(300000)",
        "SELECT listagg(repeat('x', 1000)) FROM range(20000)",
        "SELECT count(DISTINCT id) FROM range(300000)",
        "SELECT id, count(*) FROM range(300000) GROUP BY id",
        "SELECT count(*) FROM range(300000) a JOIN range(300000) b ON a.id = b.id",
        "SELECT row_number() OVER (ORDER BY hash(id)) FROM range(300000)",
        "SELECT size(array_repeat(array_repeat(id, 3000), 30000)) FROM range(2)",
        "SELECT max(percentile) FROM (SELECT percentile(id, 0.5) AS percentile FROM range(300000))",
    ])
    func whatNeedsMoreMemoryThanThereIsSaysSo(_ sql: String) {
        let error = #expect(throws: SQLError.self) { try Self.rows(sql, memoryBytes: 2 << 20) }
        #expect(error?.condition == .unableToAcquireMemory, "\(sql): \(error?.message ?? "")")
    }

    @Test(arguments: [
        ("SELECT sum(length(repeat('ab', 50000 + id))) FROM range(500)", 50_249_500),
        ("SELECT sum(length(rpad('', 100000, 'x'))) FROM range(200)", 20_000_000),
        ("SELECT count(*) FROM range(300) WHERE length(repeat('a', 100000)) > 1", 300),
        ("SELECT sum(size(sequence(1, 50000))) FROM range(100)", 5_000_000),
        ("SELECT size(transform(sequence(1, 2000), x -> size(sequence(1, 1000 + x - x))))", 2_000),
    ])
    func batchesThatWouldGrowTooLargeAreCut(_ sql: String, _ expected: Int64) throws {
        let batches = try Self.rows(sql, memoryBytes: 2 << 20)
        #expect(batches.first?.columns.first?.value(at: 0) == .integer(expected))
    }

    @Test(arguments: [
        "SELECT length(repeat('a', 9000000))", "SELECT length(lpad('a', 9000000))", "SELECT space(9000000)",
        "SELECT length(replace(repeat('a', 100000), 'a', repeat('b', 1000)))",
    ])
    func aStringIsNoLongerThanTheMemory(_ sql: String) {
        let error = #expect(throws: SQLError.self) { try Self.rows(sql, memoryBytes: 2 << 20) }
        #expect(error?.condition == .exceedLimitLength || error?.condition == .unableToAcquireMemory, "\(sql): \(error?.message ?? "")")
    }

    /// Each of these would take from minutes to for ever.
    @Test(arguments: [
        ("regexp_like", [Value.string(String(repeating: "a", count: 60) + "b"), .string("(a+)+c")]),
        ("regexp_count", [.string(String(repeating: "a", count: 60) + "b"), .string("(a|aa)+c")]),
        (
            "levenshtein",
            [.string(String(repeating: "a", count: 30_000)), .string(String(repeating: "b", count: 30_000))]
        ),
        (
            "like",
            [.string(String(repeating: "a", count: 300_000)), .string("%" + String(repeating: "a", count: 30_000) + "_b")]
        ),
        (
            "instr",
            [.string(String(repeating: "a", count: 300_000)), .string(String(repeating: "a", count: 30_000) + "b")]
        ),
    ])
    func longKernelsAskWhetherToGoOn(_ name: String, _ values: [Value]) throws {
        let monitor = ExecutionMonitor(Countdown(20), memoryBytes: 1 << 30)
        let context = Self.context(monitor)
        let function = try #require(FunctionRegistry.builtin.scalar(name))
        let bound = try function.bind(values.map { _ in ArgumentInfo(.text, sql: "x") }, context)
        let columns = zip(values, bound.argumentTypes).map { Column($1, of: [$0]) }
        let error = #expect(throws: SQLError.self) { try bound.evaluate(columns, rowCount: 1, context) }
        #expect(error?.condition == .operationCanceled)
    }

    @Test func aSortStopsWhenItIsToldTo() {
        let keys = [SortKey(Column(.int, .int32(PrimitiveArray((0..<100_000).map { Int32(truncatingIfNeeded: $0 &* 7919 % 100_003) }))))]
        var asked = 0
        let order = Kernel.sortIndices(
            keys,
            stop: {
                asked += 1
                return true
            })
        #expect(asked > 0)
        #expect(order.sorted() == (0..<100_000).map { Int32($0) })
    }
}
