/// States that follow one another by the clock: what holds now, and what will hold from which moment on. Nothing runs in the background; a state
/// is worked out when somebody looks. Warehouses, clusters and runs have one each.
package struct Lifecycle<State: Sendable & Hashable>: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package let state: State
        /// Milliseconds since 1970-01-01 UTC.
        package let at: Int64

        package init(_ state: State, at: Int64) {
            self.state = state
            self.at = at
        }
    }

    /// In the order of their times, never empty. The first one holds before its time too, so that a clock that was set back finds a state.
    package private(set) var steps: [Step]

    package init(_ state: State, at now: Int64) { steps = [Step(state, at: now)] }

    private func position(at now: Int64) -> Int { max(0, (steps.firstIndex { $0.at > now } ?? steps.count) - 1) }

    package func state(at now: Int64) -> State { steps[position(at: now)].state }

    /// When the state that holds now began.
    package func since(at now: Int64) -> Int64 { steps[position(at: now)].at }

    /// The next change that is planned.
    package func next(after now: Int64) -> Step? { steps.first { $0.at > now } }

    /// When this state was or will be reached; nil if it is not among the steps.
    package func reaches(_ state: State) -> Int64? { steps.first { $0.state == state }?.at }

    /// Enters a state now and forgets what was planned; a state that holds already keeps the time at which it began. Each state of `then` follows so
    /// many milliseconds after the one before it; what follows at once is entered at once.
    package mutating func enter(_ state: State, at now: Int64, then followers: [(state: State, after: Int64)] = []) {
        let current = steps[position(at: now)]
        steps = [current.state == state && current.at <= now ? current : Step(state, at: now)]
        var time = now
        for follower in followers {
            let (sum, overflow) = time.addingReportingOverflow(max(0, follower.after))
            time = overflow ? Int64.max : sum
            append(Step(follower.state, at: time))
        }
    }

    /// Of two steps at one time the later one holds; a step into the state that holds already is none.
    private mutating func append(_ step: Step) {
        if let last = steps.last, last.at == step.at { steps.removeLast() }
        if steps.last?.state != step.state { steps.append(step) }
    }
}

extension Lifecycle where State: RawRepresentable, State.RawValue == String {
    /// `RUNNING@1767225600000 STOPPED@1767229200000`: for a column of a table.
    package var text: String { steps.map { "\($0.state.rawValue)@\($0.at)" }.joined(separator: " ") }

    /// Nil if the text is not what `text` gives.
    package init?(text: String) {
        var steps: [Step] = []
        for part in text.split(separator: " ") {
            let pieces = part.split(separator: "@")
            guard pieces.count == 2, let state = State(rawValue: String(pieces[0])), let at = Int64(pieces[1]), at >= steps.last?.at ?? .min
            else { return nil }
            steps.append(Step(state, at: at))
        }
        guard !steps.isEmpty else { return nil }
        self.steps = steps
    }
}
