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
        let registry = FunctionRegistry.builtin
        lines.append(
            "\(registry.scalars.count) scalar functions and operators, \(registry.aggregates.count) aggregates, \(registry.windows.count) window functions."
        )
        for group in FunctionGroup.allCases {
            let functions = registry.scalars.filter { $0.group == group }
            add("\(group)", functions.map { ($0.name, $0.usage) }, to: &lines)
        }
        add("Aggregates", registry.aggregates.map { ($0.name, $0.usage) }, to: &lines)
        add("Windows", registry.windows.map { ($0.name, $0.usage) }, to: &lines)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func add(_ title: String, _ functions: [(name: String, usage: String)], to lines: inout [String]) {
        if functions.isEmpty { return }
        lines += ["", "## \(title)", ""]
        lines += functions.sorted { $0.name < $1.name }.map { "- `\($0.name)`: \($0.usage.replacing("\n", with: " "))" }
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
