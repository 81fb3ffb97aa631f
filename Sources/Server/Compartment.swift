package import Faults
import Synchronization
package import Workspace

/// What each isolated workspace has for itself besides its state: a clock, the faults in force with their counters, and a journal.
package final class Compartment: Sendable {
    /// The workspace's id; that of the main one, too.
    package let id: Int
    package let name: String
    package let seed: UInt64
    package let clock: any WorkspaceClock
    package let faults: FaultControl
    package let journal = Journal()
    /// A generator of its own: requests that fail or only look must not change the ids of what is made.
    private let requestIDs: IDGenerator
    private let marks = Mutex<[String: Int]>([:])

    func nextRequestID() -> String { requestIDs.uuid() }

    /// Back to the start, but for the clock, which goes with the workspace's state.
    func reset() {
        faults.reset()
        journal.clear()
        marks.withLock { $0 = [:] }
        requestIDs.restart(seed: Self.requestSeed(seed))
    }

    /// Loads a scenario; what the journal has already does not count for its verdict.
    func addScenario(_ body: [UInt8]) throws(WorkspaceError) -> (name: String, warnings: [String]) {
        let mark = journal.mark
        let added = try faults.addScenario(body)
        marks.withLock { $0[added.name] = mark }
        return added
    }

    /// The journal's mark at which a scenario was loaded.
    func mark(of scenario: String) -> Int { marks.withLock { $0[scenario] ?? 0 } }

    private static func requestSeed(_ seed: UInt64) -> UInt64 { SeededGenerator.hash("requests", seed: seed) }

    init(id: Int, name: String, seed: UInt64, clock: any WorkspaceClock, faults: FaultControl) {
        self.id = id
        self.name = name
        self.seed = seed
        self.clock = clock
        self.faults = faults
        requestIDs = IDGenerator(seed: Self.requestSeed(seed), clock: clock)
    }
}

/// Makes compartments, all with the scenarios given at the start. The first is the main one, for all who are in no other.
package final class Compartments: Sendable {
    package let main: Compartment
    private let scenarios: [Scenario]
    private let seed: UInt64?
    private let mode: FaultMode

    /// What is worth saying about the scenarios.
    package var warnings: [String] { scenarios.flatMap(ScenarioWarnings.of) }

    /// `seed` wins over the scenarios' own; `defaultSeed` is for those without one. Throws if a scenario asks for what cannot be done.
    package init(scenarios: [Scenario], seed: UInt64?, defaultSeed: UInt64, clock: any WorkspaceClock, id: Int = 0, mode: FaultMode = .serve) throws {
        self.scenarios = scenarios
        self.seed = seed
        self.mode = mode
        main = Compartment(
            id: id, name: "main", seed: defaultSeed, clock: clock,
            faults: try FaultControl(scenarios: scenarios, seed: seed, defaultSeed: defaultSeed, clock: clock, mode: mode))
    }

    /// A further one; with a seed of its own it wins over the scenarios' as `--seed` does.
    package func make(id: Int, name: String, seed own: UInt64?, clock: any WorkspaceClock) throws -> Compartment {
        let faults = try FaultControl(scenarios: scenarios, seed: own ?? seed, defaultSeed: main.seed, clock: clock, mode: mode)
        return Compartment(id: id, name: name, seed: own ?? main.seed, clock: clock, faults: faults)
    }
}
