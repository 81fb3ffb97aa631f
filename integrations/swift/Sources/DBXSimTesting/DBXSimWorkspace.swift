import Foundation

/// An isolated workspace. Its token reaches it and no other.
public struct DBXSimWorkspace: Sendable {
    public let host: URL
    public let token: String
    public let workspaceID: Int
    public let warehouseID: String
    public let seed: Int
    private let client: ControlClient

    /// The workspace of the test that runs, if it has the trait `.dbxsim()`.
    @TaskLocal public static var current: DBXSimWorkspace?

    struct Made: Decodable {
        let workspaceId: Int
        let token: String
        let warehouseId: String
        let seed: Int
    }

    init(host: URL, _ made: Made) {
        (self.host, token, workspaceID) = (host, made.token, made.workspaceId)
        (warehouseID, seed) = (made.warehouseId, made.seed)
        client = ControlClient(host: host, token: made.token)
    }

    // MARK: Faults and scenarios

    private struct Added: Decodable { let names: [String] }

    /// Rules in force while the closure runs, each as YAML or JSON: `match: {operation: jobs.run_now}`, …
    public func withFaults<Result>(_ rules: String..., perform body: () async throws -> Result) async throws -> Result {
        var names: [String] = []
        func remove() async { for name in names { _ = try? await client.call("DELETE", "faults/" + ControlClient.part(name)) } }
        do {
            for rule in rules { names += try await client.call("POST", "faults", Data(rule.utf8), as: Added.self).names }
            let result = try await body()
            await remove()
            return result
        } catch {
            await remove()
            throw error
        }
    }

    /// Loads a scenario's text; its name.
    @discardableResult
    public func load(scenario text: String) async throws -> String {
        struct Loaded: Decodable { let name: String }
        return try await client.call("POST", "scenarios", Data(text.utf8), as: Loaded.self).name
    }

    /// Loads a scenario's file; its name.
    @discardableResult
    public func load(scenarioFile path: String) async throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else { throw DBXSimError(status: 0, message: "\(path): cannot be read") }
        return try await load(scenario: String(decoding: data, as: UTF8.self))
    }

    // MARK: Evidence

    public struct Report: Decodable, Sendable {
        public struct Scenario: Decodable, Sendable {
            public let scenario: String
            /// nil if the scenario expects nothing.
            public let verdict: String?
            public let expectations: [Expectation]
        }

        public struct Expectation: Decodable, Sendable {
            public let name: String
            public let kind: String
            public let verdict: String
            public let reason: String
            /// Numbers of the journal's exchanges.
            public let exchanges: [Int]
        }

        /// `pass`, `fail` or `inconclusive`.
        public let verdict: String
        public let scenarios: [Scenario]

        /// A line for each expectation that was not met.
        public var complaints: [String] {
            scenarios.flatMap { scenario in
                scenario.expectations.filter { $0.verdict != "pass" }
                    .map { "\(scenario.scenario): \($0.name): \($0.verdict): \($0.reason) (exchanges \($0.exchanges))" }
            }
        }
    }

    /// The verdict on the client's traffic so far.
    public func report() async throws -> Report { try await client.call("GET", "report", as: Report.self) }

    public struct Exchange: Decodable, Sendable {
        public let n: Int
        public let operation: String?
        public let method: String
        public let path: String
        /// 0 if the connection was broken before one was sent.
        public let status: Int
        /// The rule that fired.
        public let fault: String?
        public let principal: String?
    }

    public func journal() async throws -> [Exchange] {
        struct Journal: Decodable { let exchanges: [Exchange] }
        return try await client.call("GET", "journal", as: Journal.self).exchanges
    }

    public struct Verification: Sendable {
        public let isMet: Bool
        public let matched: Int
        /// What was expected and the nearest misses; empty if it is met.
        public let explanation: String
    }

    /// Whether so many exchanges match; `match` is JSON with the keys of a rule's match.
    public func verify(match: String, times: ClosedRange<Int>) async throws -> Verification {
        struct Answer: Decodable {
            struct Near: Decodable {
                let n: Int
                let differs: [String]
            }
            let matched: Int?
            let message: String?
            let nearest: [Near]?
        }
        let body = #"{"match": \#(match), "times": {"at_least": \#(times.lowerBound), "at_most": \#(times.upperBound)}}"#
        let (status, data) = try await client.send("POST", "journal/verify", Data(body.utf8))
        let answer = try JSONDecoder().decode(Answer.self, from: data)
        guard status == 200 || status == 422 else { throw DBXSimError(status: status, message: answer.message ?? "") }
        let near = (answer.nearest ?? []).map { "exchange \($0.n): \($0.differs.joined(separator: "; "))" }
        return Verification(
            isMet: status == 200, matched: answer.matched ?? 0,
            explanation: ([answer.message ?? ""] + near).joined(separator: status == 200 ? "" : "\n"))
    }

    // MARK: State

    /// Moves the workspace's virtual clock (`--clock virtual`).
    public func advance(by duration: Duration) async throws {
        let (seconds, attoseconds) = duration.components
        let micros = attoseconds / 1_000_000_000_000
        try await client.call("POST", "clock", ControlClient.json(["advance": "\(seconds)s\(micros)us"]))
    }

    public func reset() async throws { try await client.call("POST", "reset") }
    public func takeSnapshot(_ name: String) async throws { try await client.call("POST", "snapshots", ControlClient.json(["name": name])) }
    public func restoreSnapshot(_ name: String) async throws { try await client.call("POST", "snapshots/\(ControlClient.part(name))/restore") }
    public func delete() async throws { try await client.call("DELETE", "workspaces/\(workspaceID)") }
}
