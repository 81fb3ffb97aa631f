import Columnar

/// How AUTO CDC makes rows of the changes of one key, as functions of values.
struct ChangeRules: Sendable {
    let keepsHistory: Bool
    /// The types of a change's values.
    let types: [DataType]
    /// By column, whether a NULL leaves what was there.
    let ignoresNull: [Bool]
    /// The columns whose changes begin another version; only with history.
    let tracked: [Int]
}

/// One change. Changes of the same sequence value have the same rank, and later ones a higher rank.
struct ChangeEvent: Sendable {
    /// As stored: these numbers are in files.
    enum Kind: Int64, Sendable {
        case upsert = 0
        case delete = 1
        /// Of all keys.
        case truncate = 2
    }

    let kind: Kind
    let rank: Int
    let sequence: Value
    /// Empty but for upserts.
    let values: [Value]
    /// The place among all changes.
    let row: Int32
}

/// A row of the table that changes come to.
struct ChangedRow: Sendable {
    var values: [Value]
    /// When it began; 0 without history.
    let startRank: Int
    /// `__START_AT` and `__END_AT`; NULL without history.
    let start: Value
    var end = Value.null

    func isSame(as other: ChangedRow) -> Bool { Value.same(values, other.values) && Value.same(end, other.end) }
}

extension ChangeRules {
    /// Two changes of a key that are at odds.
    struct Tie: Error {}

    /// Changes of one key in the order of their ranks, each once. Those that came twice are the same; two different ones of one rank are at odds.
    func ordered(_ events: [ChangeEvent]) throws(Tie) -> [ChangeEvent] {
        var ordered: [ChangeEvent] = []
        for event in events.sorted(by: { ($0.rank, $0.row) < ($1.rank, $1.row) }) {
            guard let last = ordered.last, last.rank == event.rank else {
                ordered.append(event)
                continue
            }
            guard last.kind == event.kind, event.kind != .upsert || Value.same(last.values, event.values) else { throw Tie() }
        }
        return ordered
    }

    /// The changes that still matter, whatever may come later: all for a history; else the last one, or, where NULLs leave what was there, the last
    /// delete and all behind it. `truncation`: the rank at which the table was last emptied.
    func lasting(_ events: [ChangeEvent], truncation: Int?) throws(Tie) -> [ChangeEvent] {
        if keepsHistory { return events }
        if let truncation, events.contains(where: { $0.rank == truncation }) { throw Tie() }
        let events = truncation.map { truncation in events.filter { $0.rank > truncation } } ?? events
        guard ignoresNull.contains(true) else { return events.suffix(1) }
        return Array(events[(events.lastIndex { $0.kind == .delete } ?? 0)...])
    }

    /// The rows after these changes, which are in order and the lasting ones.
    func rows(_ events: [ChangeEvent]) -> [ChangedRow] {
        var closed: [ChangedRow] = []
        var open: ChangedRow?
        for event in events {
            guard event.kind == .upsert else {
                if keepsHistory, var row = open {
                    row.end = event.sequence
                    closed.append(row)
                }
                open = nil
                continue
            }
            guard var row = open else {
                open = ChangedRow(values: event.values, startRank: keepsHistory ? event.rank : 0, start: keepsHistory ? event.sequence : .null)
                continue
            }
            let values = merged(row.values, event.values)
            if keepsHistory, !tracked.allSatisfy({ Value.same(row.values[$0], values[$0]) }) {
                row.end = event.sequence
                closed.append(row)
                open = ChangedRow(values: values, startRank: event.rank, start: event.sequence)
            } else {
                row.values = values
                open = row
            }
        }
        if let open { closed.append(open) }
        return closed
    }

    private func merged(_ old: [Value], _ new: [Value]) -> [Value] {
        guard ignoresNull.contains(true) else { return new }
        return new.indices.map { ignoresNull[$0] ? Self.filled(new[$0], from: old[$0], types[$0]) : new[$0] }
    }

    /// A value whose NULLs, at any depth of structures, are filled from what was there.
    private static func filled(_ new: Value, from old: Value, _ type: DataType) -> Value {
        if new.isNull { return old }
        guard case .structure(let fields) = type, case .structure(let parts) = new, case .structure(let others) = old,
            parts.count == fields.count, others.count == fields.count
        else { return new }
        return .structure(fields.indices.map { filled(parts[$0], from: others[$0], fields[$0].type) })
    }
}

extension Value {
    /// As `<=>` has it: NULLs are the same, and so are NaNs.
    static func same(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.float(let a), .float(let b)): a == b || a.isNaN && b.isNaN
        case (.double(let a), .double(let b)): a == b || a.isNaN && b.isNaN
        case (.list(let a), .list(let b)), (.structure(let a), .structure(let b)): same(a, b)
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { entry in b.contains { same($0.key, entry.key) && same($0.value, entry.value) } }
        default: left == right
        }
    }

    static func same(_ left: [Value], _ right: [Value]) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { same($0, $1) }
    }
}
