import ArgumentParser
import Foundation
import Server

@main
struct DBXSim: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dbxsim",
        abstract: "A Databricks workspace on localhost: simulated, recorded, replayed, and made to fail.",
        version: Version.text,
        subcommands: [
            ServeCommand.self, RecordCommand.self, ReplayCommand.self, DiffCommand.self, SQLCommand.self, CassetteCommand.self, ScenarioCommand.self,
            OperationsCommand.self,
            DocsCommand.self, EngineCommand.self,
        ])

    static func main() async {
        let arguments = EnvironmentOptions.apply(to: Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            FileHandle.standardError.write(Data("dbxsim: \(failure.message)\n".utf8))
            Foundation.exit(failure.status)
        } catch {
            exit(withError: error)
        }
    }
}

/// Ends the program with one line that says what was wrong and where.
struct CommandFailure: Error {
    var message: String
    var status: Int32 = 1
}
