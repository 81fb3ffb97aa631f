import Faults
import Foundation
import HTTPTypes
import Testing

@Suite struct ShippedScenarioTests {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("scenarios")

    @Test func allAreWithoutMistakes() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path).filter { $0.hasSuffix(".yaml") }
        #expect(!files.isEmpty)
        for file in files {
            let bytes = try Data(contentsOf: Self.folder.appendingPathComponent(file))
            let scenario = try Scenario(parsing: Array(bytes), file: file)
            #expect(scenario.name + ".yaml" == file)
        }
    }

    @Test func retriesMeetThreeFailuresAndThenNone() throws {
        let bytes = try Data(contentsOf: Self.folder.appendingPathComponent("retry-429-503-reset.yaml"))
        let plan = try FaultPlan(scenarios: [Scenario(parsing: Array(bytes), file: "retry")], now: .zero)
        func kind(_ path: String) -> Injection.Kind? {
            plan.decide(FaultEvent(phase: .beforeHandler, method: "GET", path: path), now: .zero)?.kind
        }
        #expect(kind("/api/2.1/unity-catalog/schemas") == nil)
        let path = "/api/2.1/unity-catalog/catalogs"
        guard case .answer(let first) = kind(path), case .answer(let second) = kind(path) else {
            Issue.record("two answers expected")
            return
        }
        #expect(first.status == 429)
        #expect(second.status == 503)
        #expect(first.headers[.retryAfter] == "1")
        #expect(kind(path) == .connection(.reset))
        #expect(kind(path) == nil)
    }
}
