import Testing
import Workspace

@Suite struct EnvironmentTests {
    @Test func oneSeedGivesTheSameBytes() {
        func run(_ seed: UInt64) -> [String] {
            let clock = VirtualClock()
            let environment = Environment(seed: seed, clock: clock)
            var texts: [String] = []
            for step in 0..<20 {
                clock.advance(byMicros: Int64(step) * 1_000)
                texts += [
                    environment.ids.uuid(), environment.ids.hex16(), String(environment.ids.numeric()), environment.ids.timeOrdered(),
                ]
                texts += [environment.ids.secretHex(byteCount: 18), String(environment.draw("a")), String(environment.nowMillis)]
            }
            return texts
        }
        #expect(run(7) == run(7))
        #expect(Set(run(7)).isDisjoint(with: Set(run(8)).subtracting(run(8).filter { $0.count <= 13 })))
    }

    @Test func idsHaveTheirForms() {
        let environment = Environment(seed: 1, clock: VirtualClock())
        for _ in 0..<100 {
            #expect(environment.ids.uuid().wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            #expect(environment.ids.hex16().wholeMatch(of: /[0-9a-f]{16}/) != nil)
            #expect((100_000_000_000_000..<1_000_000_000_000_000).contains(environment.ids.numeric()))
            #expect(environment.ids.secretHex(byteCount: 17).count == 34)
        }
    }

    /// 2025-05-22T12:00:00Z lies in the ids `01f036e9-…` .. that the service gave in that month.
    @Test func statementIdsAreTimeOrdered() {
        let clock = VirtualClock(startMicros: 1_747_915_200_000_000)
        let environment = Environment(seed: 1, clock: clock)
        var last = ""
        for step in 0..<2_000 {
            if step % 3 == 0 { clock.advance(byMicros: Int64(step)) }
            let id = environment.ids.timeOrdered()
            #expect(id > last)
            #expect(id.wholeMatch(of: /01f0[0-9a-f]{4}-[0-9a-f]{4}-1[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
            last = id
        }
        clock.set(micros: .max)
        #expect(environment.ids.timeOrdered() > last)
        clock.set(micros: .min)
        #expect(environment.ids.timeOrdered() > last)
    }

    @Test func restoringGoesOnWithTheSameIds() {
        let environment = Environment(seed: 3, clock: VirtualClock())
        _ = environment.ids.uuid()
        let state = environment.state
        let first = [environment.ids.uuid(), environment.ids.timeOrdered(), String(environment.draw("x"))]
        environment.restore(state)
        #expect([environment.ids.uuid(), environment.ids.timeOrdered(), String(environment.draw("x"))] == first)
    }

    @Test func sleepersWakeWhenTheClockReachesThem() async throws {
        let clock = VirtualClock(startMicros: 0)
        try await clock.sleep(untilMicros: 0)
        let sleeper = Task { try await clock.sleep(untilMicros: 500) }
        while clock.sleeperCount == 0 { await Task.yield() }
        clock.advance(byMicros: 499)
        #expect(clock.sleeperCount == 1)
        clock.advance(byMicros: 1)
        try await sleeper.value
        let cancelled = Task { try await clock.sleep(untilMicros: 1_000) }
        cancelled.cancel()
        await #expect(throws: CancellationError.self) { try await cancelled.value }
        #expect(clock.sleeperCount == 0)
        #expect(!clock.advance(byMicros: -1))
        #expect(!clock.advance(byMicros: .max))
    }
}
