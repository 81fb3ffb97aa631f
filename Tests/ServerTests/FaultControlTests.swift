import Faults
import JSON
import Server
import Testing
import Warehouse
import Workspace

@Suite struct FaultControlTests {
    @Test func theListOfPointsIsTheStatements() {
        #expect(FaultPoint.all.map(\.name) == StatementPoint.allCases.map(\.rawValue))
    }

    static func load(_ faults: String, _ mode: FaultMode) throws {
        let scenario = try Scenario(parsing: "scenario: s\nfaults:\n\(faults)", file: "f.yaml")
        _ = try FaultControl(scenarios: [scenario], seed: nil, defaultSeed: 0, clock: VirtualClock(), mode: mode)
    }

    /// What a mode cannot carry out is refused by the rule's name and line when it is loaded, and nothing else is.
    @Test func modes() throws {
        let rules: [(rule: String, serveOnly: Bool)] = [
            ("{inject: {status: 500}}", false), ("{inject: {delay: {fixed: 1s}}}", false), ("{inject: {connection: stall}}", false),
            ("{inject: {throttle: {bytes_per_second: 1}}}", false), ("{inject: {rate_limit: {requests: 1, per: 1s, key: principal}}}", false),
            ("{inject: {expire_token: true}}", false), ("{inject: {hold: until_next}}", false),
            ("{match: {operation: catalog.tables.get}, inject: {stale: {reads: 1}}}", true), ("{inject: {conflict: true}}", true),
            ("{match: {point: \"delta.*\"}, inject: {delay: {fixed: 1s}}}", true), ("{match: {principal: x}, inject: {status: 500}}", true),
        ]
        for (rule, serveOnly) in rules {
            let text = "  - {name: ok, inject: {status: 429}}\n  - " + rule.replacing("{", with: "{name: bad, ", maxReplacements: 1)
            try Self.load(text, .serve)
            for mode in [FaultMode.replay, .record] {
                guard serveOnly else {
                    try Self.load(text, mode)
                    continue
                }
                do {
                    try Self.load(text, mode)
                    Issue.record("\(rule) was loaded with \(mode)")
                } catch let error as FaultRefusal {
                    #expect(error.description.hasPrefix("f.yaml:4: the rule 'bad' "), "\(error)")
                    #expect(error.description.contains(mode.rawValue))
                }
            }
        }
    }

    @Test func whatIsWorthSaying() throws {
        let scenario = try Scenario(
            parsing: """
                scenario: s
                faults:
                  - {name: a, match: {operation: catalog.table.get}, inject: {status: 500}}
                  - {name: b, match: {operation: "jobs.*"}, inject: {status: 500}}
                runs:
                  - {outcome: FAILED}
                """, file: "f")
        let warnings = ScenarioWarnings.of(scenario)
        #expect(warnings.count == 1)
        #expect(warnings[0].contains("f:3: no operation is named 'catalog.table.get' (did you mean 'catalog.tables.get'?)"))
    }
}
