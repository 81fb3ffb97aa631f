import Synchronization

/// The recorded answers to one request, in order, and how many of them have been given.
final class ReplayChain: Sendable {
    /// Indices into the index's records.
    let records: [Int]
    /// Records left out because they repeat the one before.
    let collapsed: [Int]
    /// The last answer is given again and again.
    let standsAtEnd: Bool
    private let given = Atomic<Int>(0)

    init(records: [Int], collapsed: [Int], standsAtEnd: Bool) {
        self.records = records
        self.collapsed = collapsed
        self.standsAtEnd = standsAtEnd
    }

    /// The next answer; nil if all have been given and the last one does not stand.
    func next() -> Int? {
        var position = given.load(ordering: .relaxed)
        while position < records.count {
            let (exchanged, original) = given.compareExchange(expected: position, desired: position + 1, ordering: .relaxed)
            if exchanged { return records[position] }
            position = original
        }
        return standsAtEnd ? records.last : nil
    }

    var position: Int {
        get { given.load(ordering: .relaxed) }
        set { given.store(min(max(newValue, 0), records.count), ordering: .relaxed) }
    }
}
