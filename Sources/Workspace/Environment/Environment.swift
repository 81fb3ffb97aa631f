import Synchronization

/// Everything in a workspace that is not its own state: time, identifiers and chance, all from one seed.
/// Two workspaces with one seed, one virtual clock and the same calls give the same bytes.
package final class Environment: Sendable {
    /// What a snapshot keeps of an environment besides the clock.
    package struct State: Sendable {
        var ids: IDGenerator.State
        var draws: [String: UInt64]
    }

    package let seed: UInt64
    package let clock: any WorkspaceClock
    package let ids: IDGenerator
    private let draws: Mutex<[String: UInt64]>

    package init(seed: UInt64, clock: any WorkspaceClock) {
        self.seed = seed
        self.clock = clock
        ids = IDGenerator(seed: seed, clock: clock)
        draws = Mutex([:])
    }

    package var nowMillis: Int64 { clock.nowMillis }
    package var nowMicros: Int64 { clock.nowMicros }

    /// A uniform number in 0..<1. It depends on the seed, the key and how often this key was drawn, not on other keys or threads.
    package func draw(_ key: String) -> Double {
        let count: UInt64 = draws.withLock { draws in
            let count = draws[key, default: 0]
            draws[key] = count &+ 1
            return count
        }
        var generator = SeededGenerator(seed: SeededGenerator.hash(key, seed: seed) ^ SeededGenerator.mix(count &+ 1))
        return generator.unit()
    }

    /// A generator for one purpose, the same each time it is asked for.
    package func generator(_ stream: String) -> SeededGenerator { SeededGenerator(seed: seed, stream: stream) }

    package var state: State { State(ids: ids.snapshot, draws: draws.withLock { $0 }) }

    package func restore(_ state: State) {
        ids.restore(state.ids)
        draws.withLock { $0 = state.draws }
    }
}
