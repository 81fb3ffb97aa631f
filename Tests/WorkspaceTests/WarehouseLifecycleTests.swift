import Testing
import Workspace

@Suite struct WarehouseLifecycleTests {
    typealias Line = Lifecycle<WarehouseState>

    @Test func statesFollowTheClock() {
        var line = Line(.stopped, at: 100)
        line.enter(.starting, at: 200, then: [(.running, 50), (.stopping, 1_000), (.stopped, 10)])
        let seen = [0, 199, 200, 249, 250, 1_249, 1_250, 1_259, 1_260, .max].map { line.state(at: $0).rawValue }
        #expect(
            seen == ["STARTING", "STARTING", "STARTING", "STARTING", "RUNNING", "RUNNING", "STOPPING", "STOPPING", "STOPPED", "STOPPED"])
        #expect(line.since(at: 700) == 250)
        #expect(line.next(after: 700) == .init(.stopping, at: 1_250))
        #expect(line.next(after: 1_260) == nil)
        #expect(line.reaches(.running) == 250)
        #expect(line.reaches(.deleted) == nil)
    }

    @Test func whatTakesNoTimeIsSkipped() {
        var line = Line(.stopped, at: 0)
        line.enter(.starting, at: 5, then: [(.running, 0)])
        #expect(line.steps == [.init(.running, at: 5)])
        #expect(line.state(at: 5) == .running)
    }

    @Test func enteringTheSameStateKeepsItsBeginning() {
        var line = Line(.running, at: 10)
        line.enter(.running, at: 50, then: [(.stopped, 100)])
        #expect(line.steps == [.init(.running, at: 10), .init(.stopped, at: 150)])
        line.enter(.running, at: 60, then: [(.stopped, 100)])
        #expect(line.steps == [.init(.running, at: 10), .init(.stopped, at: 160)])
    }

    @Test func planningBeyondTheEndOfTime() {
        var line = Line(.stopped, at: 0)
        line.enter(.starting, at: .max - 5, then: [(.running, .max), (.stopping, -5)])
        #expect(line.state(at: .max) == .stopping)
        #expect(line.state(at: .max - 5) == .starting)
    }

    @Test func linesAreInOrderAndKeepTheirText() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<500 {
            var line = Line(WarehouseState.allCases.randomElement(using: &random) ?? .stopped, at: .random(in: -100...100, using: &random))
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                let followers = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    (
                        state: WarehouseState.allCases.randomElement(using: &random) ?? .stopped,
                        after: Int64.random(in: -2...40, using: &random)
                    )
                }
                let now = Int64.random(in: -200...200, using: &random)
                let state = WarehouseState.allCases.randomElement(using: &random) ?? .stopped
                line.enter(state, at: now, then: followers)
                #expect(line.steps.map(\.at) == line.steps.map(\.at).sorted())
                #expect(zip(line.steps, line.steps.dropFirst()).allSatisfy { $0.state != $1.state && $0.at < $1.at })
                if followers.isEmpty { #expect(line.state(at: now) == state && line.state(at: .max) == state) }
                #expect(line.state(at: .max) == followers.last?.state ?? state)
            }
            #expect(Line(text: line.text) == line)
        }
        for text in ["", "RUNNING", "RUNNING@", "RUNNING@x", "NOWHERE@1", "RUNNING@5 STOPPED@4", "RUNNING@1@2"] {
            #expect(Line(text: text) == nil)
        }
    }
}
