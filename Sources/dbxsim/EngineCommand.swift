import ArgumentParser
import Foundation
import JSON
import SparkSyntax
import Warehouse

/// Measures queries inside of the engine; for `make bench`.
struct EngineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "engine", abstract: "Measures how long queries take inside of the engine, in microseconds.", shouldDisplay: false)

    @Option(help: "A file of statements that prepare the workspace, separated by semicolons.")
    var setup: String?

    @Option(help: "How often each query is measured.")
    var rounds = 100

    @Flag(help: "Only to the operators that would run a query.")
    var planOnly = false

    @Argument(help: "Files of queries, separated by semicolons.")
    var files: [String]

    func validate() throws {
        guard (1...1_000_000).contains(rounds) else { throw ValidationError("--rounds takes a number from 1 to 1000000") }
    }

    /// A line of JSON for each query.
    func run() async throws {
        let prepared = try setup.map { try statements($0) } ?? []
        let queries = try files.flatMap { try statements($0) }
        let times: [EngineTimes]
        do {
            times = try await EngineTimes.measure(setup: prepared, queries: queries, rounds: rounds, runs: !planOnly)
        } catch let failure as EngineTimes.Failure {
            throw CommandFailure(message: "engine: \(failure.message)")
        }
        for (query, time) in zip(queries, times) {
            let text = String(query.split(whereSeparator: \.isWhitespace).joined(separator: " ").prefix(60))
            var line = "{\"query\": \(JSONValue.string(text).text), \"planned_us\": \(rounded(time.planned))"
            if let run = time.run { line += ", \"run_us\": \(rounded(run))" }
            print(line + "}")
        }
    }

    private func rounded(_ micros: Double) -> Double { (micros * 10).rounded() / 10 }

    private func statements(_ file: String) throws -> [String] {
        guard let data = FileManager.default.contents(atPath: file) else { throw CommandFailure(message: "engine: \(file) cannot be read") }
        return StatementSplitter.statements(in: String(decoding: data, as: UTF8.self))
    }
}
