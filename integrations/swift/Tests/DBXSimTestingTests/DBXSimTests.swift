import DBXSimTesting
import Foundation
import Testing

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

@Suite(.dbxsim(seed: 7))
struct DBXSimTests {
    private let workspace: DBXSimWorkspace

    init() throws { workspace = try #require(DBXSimWorkspace.current) }

    private static let catalogs = "/api/2.1/unity-catalog/catalogs"

    private func send(_ method: String, _ path: String, _ body: String? = nil) async throws -> Int {
        var request = URLRequest(url: try #require(URL(string: workspace.host.absoluteString + path)))
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("Bearer \(workspace.token)", forHTTPHeaderField: "Authorization")
        let (_, response) = try await URLSession.shared.data(for: request)
        return try #require(response as? HTTPURLResponse).statusCode
    }

    @Test(arguments: 0..<4) func eachCaseHasItsOwnWorkspace(_ number: Int) async throws {
        #expect(try await send("POST", Self.catalogs, #"{"name": "mine"}"#) == 200)
        #expect(try await workspace.journal().map(\.n) == [1])
        #expect(workspace.seed == 7)
    }

    @Test func faultsActWithinTheirBlock() async throws {
        try await workspace.withFaults("match: {path: '*/catalogs'}\ninject: {status: 503}") { () async throws -> Void in
            let status = try await send("GET", Self.catalogs)
            #expect(status == 503)
        }
        #expect(try await send("GET", Self.catalogs) == 200)
        #expect(try await workspace.journal().map(\.fault) == ["fault-1", nil])
        #expect(try await workspace.verify(match: #"{"status": 503}"#, times: 1...1).isMet)
        let missed = try await workspace.verify(match: #"{"status": 503}"#, times: 2...5)
        #expect(missed.matched == 1 && missed.explanation.contains("expected at least 2 and at most 5"))
        await #expect(throws: DBXSimError.self) {
            try await workspace.withFaults("inject: {}") { () async throws -> Void in }
        }
    }

    @Test func stateGoesBack() async throws {
        try await workspace.takeSnapshot("clean one")
        #expect(try await send("POST", Self.catalogs, #"{"name": "c"}"#) == 200)
        try await workspace.restoreSnapshot("clean one")
        #expect(try await send("GET", Self.catalogs + "/c") == 404)
        try await workspace.reset()
        #expect(try await workspace.journal().isEmpty)
    }

    @Test func theVerdict() async throws {
        try await workspace.load(scenario: "scenario: s\nexpect:\n  - {name: once, calls: {path: '*/catalogs', exactly: 1}}\n")
        #expect(try await workspace.report().complaints == ["s: once: inconclusive: 0 calls seen; expected exactly 1 (exchanges [])"])
        #expect(try await send("GET", Self.catalogs) == 200)
        #expect(try await workspace.report().verdict == "pass")
    }
}
