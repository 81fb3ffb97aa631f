import Foundation
import SparkSQL
import TestSupport
import Testing
import Warehouse

/// The golden SQL cases answer the same when rules of the optimiser are switched off: all of them, and each by itself.
@Suite struct OptimizerRuleTests {
    private static let choices = [OptimizerOptions.none] + OptimizerOptions.Rule.allCases.map { OptimizerOptions.standard.without($0) }

    @Test(arguments: choices.indices)
    func answersDoNotDependOnRules(_ choice: Int) async throws {
        for file in Golden.files(in: "sql", ending: ".txt") {
            let text = try String(contentsOf: Golden.root.appendingPathComponent(file), encoding: .utf8)
            let session = try SQLSession(optimizer: Self.choices[choice])
            var statement = ""
            var expected: [String] = []
            func check() async throws {
                if statement.isEmpty { return }
                var found = try await session.answer(statement).split(separator: "\n").map(String.init)
                var wanted = expected
                // Where a query does not say in what order, a plan without the rules may give another.
                if !statement.uppercased().contains("ORDER BY") { (found, wanted) = (found.sorted(), wanted.sorted()) }
                #expect(found == wanted, "\(file): \(statement)")
            }
            for line in text.split(separator: "\n").map(String.init) where !line.hasPrefix("#") {
                if line.hasPrefix("> ") {
                    try await check()
                    (statement, expected) = (String(line.dropFirst(2)), [])
                } else {
                    expected.append(line)
                }
            }
            try await check()
        }
    }
}
