import Synchronization

/// The faults in force: those of the scenarios, in order, and then those added by the control API. The first that matches and is due wins.
///
/// Times are the caller's clock, as durations since any fixed moment; a rule's window counts from its own load.
package final class FaultPlan: Sendable {
    /// After this a held request must fail; otherwise two holds could wait for each other for ever.
    package static let holdLimit = Duration.seconds(5)

    private struct State {
        var initial: [Scenario]
        var scenarios: [(scenario: Scenario, rules: [RuleState], runs: [RunRuleState])] = []
        var added: [RuleState] = []
        var nextNumber = 1
        var table: RuleTable?

        var rules: [RuleState] { scenarios.flatMap(\.rules) + added }
    }

    private let state: Mutex<State>
    private let traitBits: Atomic<UInt8>
    private let seedOverride: UInt64?
    private let defaultSeed: UInt64

    /// `seed` wins over the scenarios' own; `defaultSeed` is for those that have none, and for added rules.
    /// Throws if two scenarios have one name.
    package init(scenarios: [Scenario] = [], seed: UInt64? = nil, defaultSeed: UInt64 = 0, now: Duration) throws(FaultPlanError) {
        seedOverride = seed
        self.defaultSeed = defaultSeed
        state = Mutex(State(initial: scenarios))
        traitBits = Atomic(0)
        for scenario in scenarios { try load(scenario, now: now) }
    }

    /// What the rules in force need to know of a request, so that nobody else pays for it.
    package struct Traits: OptionSet, Sendable {
        package let rawValue: UInt8
        package init(rawValue: UInt8) { self.rawValue = rawValue }

        /// There are rules.
        package static let some = Traits(rawValue: 1)
        package static let points = Traits(rawValue: 2)
        package static let stale = Traits(rawValue: 4)
        package static let expireToken = Traits(rawValue: 8)
        package static let conflict = Traits(rawValue: 16)

        init(_ rules: [FaultRule]) {
            self = rules.isEmpty ? [] : .some
            for rule in rules {
                if rule.actsAtPoints { insert(.points) }
                switch rule.effect {
                case .stale: insert(.stale)
                case .expireToken: insert(.expireToken)
                case .conflict: insert(.conflict)
                default: break
                }
            }
        }
    }

    package var traits: Traits { Traits(rawValue: traitBits.load(ordering: .acquiring)) }

    /// The seed that rules added now draw from.
    package var seed: UInt64 { seedOverride ?? defaultSeed }

    /// The seed a scenario's rules draw from.
    package func seed(of scenario: Scenario) -> UInt64 { seedOverride ?? scenario.seed ?? defaultSeed }

    private static func runs(_ scenario: Scenario, _ seed: UInt64, _ now: Duration) -> [RunRuleState] {
        scenario.runs.enumerated().map { RunRuleState($1, number: $0, scenario: scenario.name, seed: seed, loadedAt: now) }
    }

    /// The rules for runs, in the order in which they are tried.
    var runRules: [RunRuleState] { state.withLock { $0.scenarios.flatMap(\.runs) } }

    /// What happens to a request. Without rules this costs one load.
    package func decide(_ event: FaultEvent, now: @autoclosure () -> Duration) -> Injection? {
        guard !traits.isEmpty, let table = state.withLock({ $0.table }) else { return nil }
        return table.decide(event, now: now())
    }

    package func load(_ scenario: Scenario, now: Duration) throws(FaultPlanError) {
        let seed = seed(of: scenario)
        let rules = scenario.faults.map { RuleState($0, scenario: scenario.name, seed: seed, loadedAt: now) }
        try change { state throws(FaultPlanError) in
            guard !state.scenarios.contains(where: { $0.scenario.name == scenario.name }) else {
                throw .scenarioExists(scenario.name)
            }
            state.scenarios.append((scenario, rules, Self.runs(scenario, seed, now)))
        }
    }

    /// False if there is no such scenario.
    package func unload(scenario name: String) -> Bool {
        change { state in
            let count = state.scenarios.count
            state.scenarios.removeAll { $0.scenario.name == name }
            return state.scenarios.count < count
        }
    }

    /// Adds rules behind all others, all or none; answers their names. Throws if a name is taken.
    package func add(_ drafts: [FaultRuleDraft], now: Duration) throws(FaultPlanError) -> [String] {
        try change { state throws(FaultPlanError) in
            var taken = Set(state.added.map(\.rule.name) + state.scenarios.flatMap { $0.rules.map(\.rule.name) })
            for draft in drafts {
                guard let name = draft.name else { continue }
                guard taken.insert(name).inserted else { throw .ruleExists(name) }
            }
            var names: [String] = []
            for draft in drafts {
                var name = draft.name
                while name == nil {
                    let generated = "fault-\(state.nextNumber)"
                    state.nextNumber += 1
                    if taken.insert(generated).inserted { name = generated }
                }
                let rule = draft.rule(named: name ?? "")
                state.added.append(RuleState(rule, scenario: nil, seed: seed, loadedAt: now))
                names.append(rule.name)
            }
            return names
        }
    }

    /// Removes the rule of this name, an added one before a scenario's. False if there is none.
    package func remove(_ name: String) -> Bool {
        change { state in
            if let index = state.added.firstIndex(where: { $0.rule.name == name }) {
                state.added.remove(at: index)
                return true
            }
            for index in state.scenarios.indices {
                if let rule = state.scenarios[index].rules.firstIndex(where: { $0.rule.name == name }) {
                    state.scenarios[index].rules.remove(at: rule)
                    return true
                }
            }
            return false
        }
    }

    /// Removes all rules; the scenarios' other parts stay.
    package func removeAll() {
        change { state in
            state.added = []
            for index in state.scenarios.indices { state.scenarios[index].rules = [] }
        }
    }

    /// Back to the start: the first scenarios alone, loaded now, all counters at zero.
    package func reset(now: Duration) {
        change { state in
            state.added = []
            state.nextNumber = 1
            state.scenarios = state.initial.map { scenario in
                let seed = seed(of: scenario)
                let rules = scenario.faults.map { RuleState($0, scenario: scenario.name, seed: seed, loadedAt: now) }
                return (scenario, rules, Self.runs(scenario, seed, now))
            }
        }
    }

    /// All rules in the order in which they are tried, with their counts.
    package var reports: [FaultReport] {
        state.withLock { state in state.rules.map(\.report) }
    }

    /// The scenarios in force, in order.
    package var scenarios: [Scenario] { state.withLock { $0.scenarios.map(\.scenario) } }

    /// Changes the rules and puts a new table in force in one step. The compiled table is small work; requests wait for it at most once.
    private func change<T: Sendable, E: Error>(_ body: (inout State) throws(E) -> T) throws(E) -> T {
        try state.withLock { state throws(E) in
            let before = state.rules
            let result = try body(&state)
            let after = state.rules
            let kept = Set(after.map(ObjectIdentifier.init))
            for rule in before where !kept.contains(ObjectIdentifier(rule)) { rule.abandon() }
            state.table = after.isEmpty ? nil : RuleTable(after)
            traitBits.store(Traits(after.map(\.rule)).rawValue, ordering: .releasing)
            return result
        }
    }
}

/// Why a change to the plan is refused; both are 409 in the control API.
package enum FaultPlanError: Error, Sendable, Hashable, CustomStringConvertible {
    case scenarioExists(String)
    case ruleExists(String)

    package var description: String {
        switch self {
        case .scenarioExists(let name): "A scenario named '\(name)' is loaded already."
        case .ruleExists(let name): "A fault rule named '\(name)' exists already."
        }
    }
}
