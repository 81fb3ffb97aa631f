import Testing

/// Gives each test, and each case of a parameterised one, a workspace of its own: `DBXSimWorkspace.current`.
public struct DBXSimTrait: TestTrait, SuiteTrait, TestScoping {
    let seed: Int?
    let snapshot: String?
    let scenario: String?

    public var isRecursive: Bool { true }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let workspace = try await DBXSimServer.shared().makeWorkspace(
            String(test.name.replacing("/", with: ".").prefix(200)), seed: seed, snapshot: snapshot)
        do {
            if let scenario { try await workspace.load(scenarioFile: scenario) }
            try await DBXSimWorkspace.$current.withValue(workspace) { try await function() }
            if scenario != nil {
                let report = try await workspace.report()
                if report.verdict != "pass" { Issue.record(Comment(rawValue: report.complaints.joined(separator: "\n"))) }
            }
        } catch {
            try? await workspace.delete()
            throw error
        }
        try await workspace.delete()
    }
}

extension Trait where Self == DBXSimTrait {
    /// A fresh workspace for the test. With a scenario's file the test fails if the report's verdict is not a pass.
    public static func dbxsim(seed: Int? = nil, snapshot: String? = nil, scenario: String? = nil) -> Self {
        DBXSimTrait(seed: seed, snapshot: snapshot, scenario: scenario)
    }
}
