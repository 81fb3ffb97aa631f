import Synchronization

/// Makes every identifier of a workspace from its seed. Each kind has a stream of its own, so that a new statement does not change the next uuid.
package final class IDGenerator: Sendable {
    /// What a snapshot keeps, so that a restored workspace goes on with the same ids.
    package struct State: Sendable, Hashable {
        var uuids: SeededGenerator
        var hex: SeededGenerator
        var numbers: SeededGenerator
        var statements: SeededGenerator
        var secrets: SeededGenerator
        var lastTick: UInt64 = 0
    }

    private let state: Mutex<State>
    private let clock: any WorkspaceClock

    package init(seed: UInt64, clock: any WorkspaceClock) {
        state = Mutex(IDGenerator.initial(seed))
        self.clock = clock
    }

    static func initial(_ seed: UInt64) -> State {
        State(
            uuids: SeededGenerator(seed: seed, stream: "uuid"), hex: SeededGenerator(seed: seed, stream: "hex"),
            numbers: SeededGenerator(seed: seed, stream: "number"), statements: SeededGenerator(seed: seed, stream: "statement"),
            secrets: SeededGenerator(seed: seed, stream: "secret"))
    }

    var snapshot: State { state.withLock { $0 } }
    func restore(_ saved: State) { state.withLock { $0 = saved } }

    /// Begins anew.
    package func restart(seed: UInt64) { restore(IDGenerator.initial(seed)) }

    /// Lets tokens and secrets differ from those of other workspaces with this seed: they choose the workspace, so no two may give out the same.
    package func separateSecrets(of workspaceID: Int) {
        state.withLock { $0.secrets = SeededGenerator(seed: SeededGenerator.hash("secret \(workspaceID)", seed: $0.secrets.state), stream: "secret") }
    }

    /// A random (version 4) uuid in lower case.
    package func uuid() -> String {
        let (high, low) = state.withLock { ($0.uuids.next(), $0.uuids.next()) }
        return IDGenerator.text(high: high & ~0xF000 | 0x4000, low: low & ~(0xC0 << 56) | (0x80 << 56))
    }

    /// Sixteen hexadecimal digits, as the ids of warehouses.
    package func hex16() -> String { IDGenerator.hexText(state.withLock { $0.hex.next() }, digits: 16) }

    /// A positive number of fifteen digits, as the ids of jobs, runs and principals.
    package func numeric() -> Int {
        Int(100_000_000_000_000 + state.withLock { $0.numbers.next() } % 900_000_000_000_000)
    }

    /// The id of a statement or a session: the time in its first groups (`01f1…-…-1…`), so that ids sort in the order of creation.
    package func timeOrdered() -> String {
        // Ticks of 100 ns since 1582-10-15, as in every time-based uuid; the 60 bits fill the groups from the top and lose their last four.
        let now = UInt64(min(max(0, clock.nowMicros), 1 << 55)) * 10 + 0x01B2_1DD2_1381_4000
        let (tick, random) = state.withLock { state in
            state.lastTick = max(state.lastTick &+ 16, now & ~0xF)
            return (state.lastTick, state.statements.next())
        }
        let high = (tick & 0xFFFF_FFFF_FFFF_0000) | 0x1000 | ((tick >> 4) & 0xFFF)
        return IDGenerator.text(high: high, low: random & ~(0xC0 << 56) | (0x80 << 56))
    }

    /// Random bytes in hexadecimal, for tokens, secrets and signatures.
    package func secretHex(byteCount: Int) -> String {
        let words = state.withLock { state in (0..<max(0, (byteCount + 7) / 8)).map { _ in state.secrets.next() } }
        return String(words.map { IDGenerator.hexText($0, digits: 16) }.joined().prefix(byteCount * 2))
    }

    private static let digits: [UInt8] = Array("0123456789abcdef".utf8)

    static func hexText(_ word: UInt64, digits count: Int) -> String {
        String(unsafeUninitializedCapacity: count) { buffer in
            for position in 0..<count { buffer[position] = digits[Int((word >> UInt64(4 * (count - 1 - position))) & 0xF)] }
            return count
        }
    }

    private static func text(high: UInt64, low: UInt64) -> String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for digit in 0..<32 {
                if digit == 8 || digit == 12 || digit == 16 || digit == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = digit < 16 ? high : low
                buffer[position] = digits[Int((word >> UInt64(60 - 4 * (digit & 15))) & 0xF)]
                position += 1
            }
            return 36
        }
    }
}
