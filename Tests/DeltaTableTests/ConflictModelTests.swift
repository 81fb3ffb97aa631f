import Columnar
import DeltaTable
import JSON
import TestSupport
import Testing

/// Random small histories: whatever is committed must have the effect of running the transactions one after another.
@Suite struct ConflictModelTests {
    enum Operation: CaseIterable { case append, delete, increment, sumOfTable, sumOfOther, compact }

    struct Step {
        let operation: Operation
        let part: Int
        let value: Int
    }

    /// Values by partition.
    typealias State = [[Int]]

    /// The meaning of an operation, run alone.
    static func run(_ step: Step, on state: State) -> State {
        var state = state
        switch step.operation {
        case .append: state[step.part].append(step.value)
        case .delete: state[step.part] = []
        case .increment: state[step.part] = state[step.part].map { $0 * 3 + 1 }
        case .sumOfTable: state[step.part].append(state.joined().reduce(1, +))
        case .sumOfOther: state[step.part].append(state[1 - step.part].reduce(2, +))
        case .compact: break
        }
        return state.map { $0.sorted() }
    }

    /// The same as commits on files, whose values stand in their tags.
    static func prepare(_ step: Step, _ transaction: inout Transaction, _ name: String) {
        let text = String(step.part)
        let files = transaction.snapshot.files
        let own = files.filter { $0.partitionValues["p"] == text }
        func file(_ values: [Int], dataChange: Bool = true) -> AddFile {
            var file = AddFile(
                path: name, partitionValues: PartitionValues([("p", text)]), size: 1, modificationTime: 1, dataChange: dataChange)
            file.tags = ["values": values.map(String.init).joined(separator: ",")]
            return file
        }
        func readPart(_ part: Int) {
            let text = String(part)
            transaction.reads.read(files.filter { $0.partitionValues["p"] == text }, matching: { $0.partitionValues["p"] == text })
        }
        switch step.operation {
        case .append: transaction.add(file([step.value]))
        case .delete:
            readPart(step.part)
            transaction.remove(own)
        case .increment:
            readPart(step.part)
            transaction.remove(own)
            if !own.isEmpty { transaction.add(file(values(own).map { $0 * 3 + 1 })) }
        case .sumOfTable:
            transaction.reads.readWholeTable()
            transaction.add(file([values(files).reduce(1, +)]))
        case .sumOfOther:
            let other = String(1 - step.part)
            readPart(1 - step.part)
            transaction.add(file([values(files.filter { $0.partitionValues["p"] == other }).reduce(2, +)]))
        case .compact:
            transaction.remove(own, dataChange: false)
            if !own.isEmpty { transaction.add(file(values(own), dataChange: false)) }
        }
    }

    static func values(_ files: [AddFile]) -> [Int] {
        files.flatMap { ($0.tags?["values"] ?? "").split(separator: ",").compactMap { Int($0) } }
    }

    static func state(_ snapshot: Snapshot) -> State {
        (0..<2).map { part in values(snapshot.files.filter { $0.partitionValues["p"] == String(part) }).sorted() }
    }

    static func permutations(_ steps: [Step]) -> [[Step]] {
        guard !steps.isEmpty else { return [[]] }
        return steps.indices.flatMap { index in
            var rest = steps
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    private func table(_ level: String) throws -> Fixture {
        let fixture = Fixture()
        let schema = TableSchema([TableField("v", .int), TableField("p", .int)])
        try fixture.table.create(
            schema: schema, partitionColumns: ["p"], properties: ["delta.isolationLevel": level], commit: fixture.context())
        for part in 0..<2 { try commit(fixture, [Step(operation: .append, part: part, value: part + 5)]) }
        return fixture
    }

    /// Runs transactions that all begin at one version, in their order; gives those that got through.
    @discardableResult
    private func commit(_ fixture: Fixture, _ steps: [Step]) throws -> [Step] {
        func run(_ rest: ArraySlice<Step>, _ committed: inout [Step], begun: Int) throws {
            // Recursion keeps every transaction open until all have begun.
            guard let step = rest.last else { return }
            var transaction = try fixture.table.begin(fixture.context())
            Self.prepare(step, &transaction, fixture.names.next())
            try run(rest.dropLast(), &committed, begun: begun + 1)
            do {
                _ = try transaction.commit(CommitOperation("\(step.operation)"))
                committed.append(step)
            } catch let error as DeltaError {
                guard error.isConflict else { throw error }
            }
        }
        var committed: [Step] = []
        try run(steps[...], &committed, begun: 0)
        return committed
    }

    private func randomSteps(_ count: Int, _ random: inout SeededRandom) -> [Step] {
        (0..<count).map { _ in
            Step(
                operation: Operation.allCases.randomElement(using: &random) ?? .append, part: Int.random(in: 0..<2, using: &random),
                value: Int.random(in: 1...9, using: &random))
        }
    }

    @Test(arguments: ["Serializable", "WriteSerializable"]) func committedMeansSerial(_ level: String) throws {
        var random = SeededRandom(seed: 77)
        var committedInAll = 0
        var refused = 0
        for _ in 0..<250 {
            let fixture = try table(level)
            for _ in 0..<2 {
                let before = Self.state(try fixture.table.snapshot())
                let steps = randomSteps(3, &random)
                let committed = try commit(fixture, steps)
                let after = Self.state(try fixture.table.snapshot())
                // Serializable: in the order of the log. WriteSerializable: in some order.
                let orders = level == "Serializable" ? [committed] : Self.permutations(committed)
                let outcomes = orders.map { $0.reduce(before) { Self.run($1, on: $0) } }
                if !outcomes.contains(after) { Issue.record("\(committed) from \(before) gave \(after)") }
                committedInAll += committed.count
                refused += steps.count - committed.count
            }
        }
        #expect(committedInAll > 800)
        #expect(refused > 200)
    }

    /// Transactions on different partitions never stand in each other's way.
    @Test(arguments: ["Serializable", "WriteSerializable"]) func nothingIsRefusedWithoutReason(_ level: String) throws {
        let local: [Operation] = [.append, .delete, .increment, .compact]
        let fixture = try table(level)
        for left in local {
            for right in local {
                let steps = [Step(operation: left, part: 0, value: 1), Step(operation: right, part: 1, value: 2)]
                #expect(try commit(fixture, steps).count == 2)
            }
        }
    }
}
