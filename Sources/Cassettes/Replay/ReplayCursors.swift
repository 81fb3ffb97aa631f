import Synchronization

/// How far each client has come in each chain. One lock, held for a few look-ups.
package final class ReplayCursors: Sendable {
    package struct Cursor: Sendable {
        var step: Int32 = 0
        /// How often the step has been given; 0 only before the first.
        var given: Int32 = 0
    }

    package struct Client: Sendable {
        package var cursors: [Int: Cursor] = [:]
        var lastUse: UInt64 = 0
    }

    package struct State: Sendable {
        package var clients: [ReplayClient: Client] = [:]
        /// Of all clients.
        package var cursors = 0
        var uses: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// At most about `limit` positions are kept (some 40 bytes each); beyond, those clients lose theirs that have been silent for longest.
    package init(limit: Int = 1_000_000) { self.limit = limit }

    /// The record that is to be given next; nil if all have been given and the last one does not stand.
    package func next(_ chain: ReplayChain, for client: ReplayClient) -> Int? {
        state.withLock { state in
            state.uses &+= 1
            let use = state.uses
            let (record, isNew) = Self.advance(chain, &state.clients[client, default: Client()], use)
            if isNew {
                state.cursors += 1
                if state.cursors > limit { Self.forget(&state, keeping: client, limit / 2) }
            }
            return record
        }
    }

    private static func advance(_ chain: ReplayChain, _ client: inout Client, _ use: UInt64) -> (record: Int?, isNew: Bool) {
        client.lastUse = use
        guard let first = chain.steps.first else { return (nil, false) }
        guard var cursor = client.cursors[chain.number] else {
            client.cursors[chain.number] = Cursor(step: 0, given: 1)
            return (first.record, true)
        }
        let step = chain.steps[Int(cursor.step)]
        let next = Int(cursor.step) + 1
        guard next < chain.steps.count else { return (chain.standsAtEnd ? step.record : nil, false) }
        // An answer is never repeated more often than it was recorded, so that a client can not wait for ever.
        if cursor.given < step.repeats, !chain.steps[next].gates.allSatisfy({ isGiven($0, client) }) {
            cursor.given += 1
            client.cursors[chain.number] = cursor
            return (step.record, false)
        }
        client.cursors[chain.number] = Cursor(step: Int32(next), given: 1)
        return (chain.steps[next].record, false)
    }

    private static func isGiven(_ gate: ReplayChain.Gate, _ client: Client) -> Bool {
        client.cursors[gate.chain].map { Int($0.step) >= gate.step } ?? false
    }

    /// Goes by last use, oldest first, until at most `target` positions are left.
    private static func forget(_ state: inout State, keeping kept: ReplayClient, _ target: Int) {
        let oldest = state.clients.filter { $0.key != kept }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (client, value) in oldest {
            guard state.cursors > target else { return }
            state.cursors -= value.cursors.count
            state.clients[client] = nil
        }
    }

    /// Restoring is only of use to the index that the state is from.
    package var snapshot: State {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    /// The positions of some clients.
    func snapshot(of isMeant: (ReplayClient) -> Bool) -> State {
        var part = State()
        for (client, value) in snapshot.clients where isMeant(client) {
            part.clients[client] = value
            part.cursors += value.cursors.count
        }
        return part
    }

    /// Puts the positions of some clients in the place of all that these clients have now.
    func replace(_ part: State, of isMeant: (ReplayClient) -> Bool) {
        state.withLock { state in
            for (client, value) in state.clients where isMeant(client) {
                state.cursors -= value.cursors.count
                state.clients[client] = nil
            }
            for (client, value) in part.clients where isMeant(client) {
                state.cursors += value.cursors.count
                state.clients[client] = value
            }
        }
    }

    func reset() { state.withLock { $0 = State() } }

    /// How many steps of a chain have been given to at least one client.
    func furthest(in chain: ReplayChain) -> Int {
        state.withLock { state in
            state.clients.values.compactMap { $0.cursors[chain.number].map { Int($0.step) + 1 } }.max() ?? 0
        }
    }
}
