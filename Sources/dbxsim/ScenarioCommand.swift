import ArgumentParser
import Faults
import Foundation
import Server

struct ScenarioCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenario", abstract: "Looks at scenario files.", subcommands: [Check.self, List.self, ScenarioBenchCommand.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Reports every error with its line; exit status 1 if there is one.")

        @Argument(help: "Scenario files.")
        var files: [String]

        func run() throws {
            var failed = 0
            for file in files {
                do {
                    let scenario = try ScenarioFile.read(file)
                    print(
                        "\(file): \(scenario.name): \(scenario.faults.count) faults, \(scenario.runs.count) runs, \(scenario.expectations.count) expectations"
                    )
                    for warning in ScenarioWarnings.of(scenario) { FileHandle.standardError.write(Data("warning: \(warning)\n".utf8)) }
                } catch let error as ScenarioError {
                    failed += 1
                    FileHandle.standardError.write(Data((error.problems.map(\.description).joined(separator: "\n") + "\n").utf8))
                } catch {
                    failed += 1
                    FileHandle.standardError.write(Data("\(error)\n".utf8))
                }
            }
            if failed > 0 { throw ExitCode(1) }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the kinds of faults that a scenario can inject, and the points at which they can.")

        func run() throws {
            for kind in FaultKind.all { print("\(kind.name.padding(toLength: 16, withPad: " ", startingAt: 0)) \(kind.summary)") }
            print("\nPoints inside the work, for match.point:")
            for point in FaultPoint.all { print("\(point.name.padding(toLength: 28, withPad: " ", startingAt: 0)) \(point.summary)") }
        }
    }
}

enum ScenarioFile {
    static func read(_ file: String) throws -> Scenario {
        guard let data = FileManager.default.contents(atPath: file) else { throw CommandFailure(message: "\(file): cannot be read") }
        guard let text = String(data: data, encoding: .utf8) else { throw CommandFailure(message: "\(file): is not UTF-8") }
        return try Scenario(parsing: text, file: file)
    }
}
