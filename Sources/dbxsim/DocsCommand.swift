import API
import ArgumentParser
import Faults
import Foundation
import SparkErrors
import SparkFunctions

/// Prints the pages of `docs/` that come from the code's own lists.
struct DocsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "docs", abstract: "Prints the reference pages.", shouldDisplay: false)

    @Option(help: "The folder to write to.")
    var output: String

    func run() throws {
        let pages: [(String, String)] = [
            ("operations.md", OperationTable.page), ("functions.md", FunctionPage.text), ("faults.md", FaultPage.text),
            ("errors.md", ErrorPage.text),
        ]
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
        for (name, text) in pages {
            guard FileManager.default.createFile(atPath: output + "/" + name, contents: Data(text.utf8)) else {
                throw CommandFailure(message: "\(output)/\(name): cannot be written")
            }
        }
    }
}

enum FunctionPage {
    static var text: String {
        var lines = ["# SQL functions", "", "Printed from the code by `make docs`.", ""]
        let functions = FunctionRegistry.builtin.all.sorted { $0.name < $1.name }
        lines.append("\(functions.count) functions and operators.")
        for group in Set(functions.map(\.group)).sorted(by: { "\($0)" < "\($1)" }) {
            lines += ["", "## \(group)", ""]
            for function in functions where function.group == group {
                lines.append("- `\(function.name)`: \(function.usage.replacing("\n", with: " "))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

enum FaultPage {
    static var text: String {
        var lines = ["# Faults", "", "Printed from the code by `make docs`. The grammar of scenarios is in scenarios/README.md.", ""]
        for kind in FaultKind.all {
            lines += ["## \(kind.name)", "", kind.summary, "", kind.description, "", "```yaml", kind.example, "```", ""]
        }
        return lines.joined(separator: "\n")
    }
}

enum ErrorPage {
    static var text: String {
        var lines = ["# SQL error conditions", "", "Printed from the code by `make docs`.", "", "| condition | SQLSTATE |", "|---|---|"]
        for condition in ErrorCondition.all.sorted(by: { $0.name < $1.name }) {
            lines.append("| `\(condition.name)` | \(condition.sqlState) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
