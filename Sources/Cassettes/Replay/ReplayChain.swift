/// The recorded answers to one request, in order. Frozen: how far a client has come is kept in `ReplayCursors`.
package struct ReplayChain: Sendable {
    /// An answer, and how often in a row it was recorded.
    package struct Step: Sendable {
        /// Index into the index's records, of the first of equal ones.
        let record: Int
        /// The last of equal ones.
        var last: Int
        var repeats = 1
        /// What the client must have asked for before this answer may take the place of the one before it. See `PollRules`.
        var gates: [Gate] = []

        package init(record: Int, last: Int) {
            self.record = record
            self.last = last
        }
    }

    /// A changing request: the chain that it stands in, and where.
    package struct Gate: Sendable, Hashable {
        let chain: Int
        let step: Int
    }

    /// Position among the index's chains.
    package let number: Int
    var steps: [Step]
    /// Records left out because they repeat the one before.
    let collapsed: [Int]
    /// The last answer is given again and again.
    let standsAtEnd: Bool

    package init(number: Int, steps: [Step], collapsed: [Int], standsAtEnd: Bool) {
        self.number = number
        self.steps = steps
        self.collapsed = collapsed
        self.standsAtEnd = standsAtEnd
    }
}
