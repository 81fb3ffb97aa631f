import API
import ArgumentParser
import Faults
import Foundation
import Server
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
        add("Syntax, higher-order functions and row generators", SpecialForm.all.map { ($0.name, $0.usage) }, to: &lines)
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
        var lines = [
            "# Faults", "", "Printed from the code by `make docs`. The grammar of scenarios is in scenarios/README.md.", "",
            "A rule injects one of these; a delay may stand beside it. The same rule acts on the simulator (`serve`), on a cassette (`replay`) and on the",
            "real service behind the recorder (`record`) where the table says so; anywhere else it is refused, by name, when it is loaded.", "",
        ]
        lines.append("| kind | \(FaultPlace.allCases.map { "`\($0.rawValue)`" }.joined(separator: " | ")) | \(modes(FaultMode.allCases)) |")
        lines.append("|\(String(repeating: "---|", count: 1 + FaultPlace.allCases.count + FaultMode.allCases.count))")
        for kind in FaultKind.all {
            let cells = FaultPlace.allCases.map { kind.places.contains($0) } + FaultMode.allCases.map { kind.modes.contains($0) }
            lines.append("| [\(kind.name)](#\(kind.name)) | \(cells.map { $0 ? "yes" : "–" }.joined(separator: " | ")) |")
        }
        lines += [
            "", "What a recorder injects does not get into the cassette: the recording holds what the service said.", "", "## Points", "",
            "Named places inside the work of the simulator, for `match.point` (a pattern; with `serve` alone). The rule's other conditions are those of the",
            "request that the work belongs to; `match.table` is the table at work, as `catalog.schema.table`.", "", "| point | what has been done |",
            "|---|---|",
        ]
        for point in FaultPoint.all { lines.append("| `\(point.name)` | \(point.summary) |") }
        lines.append("")
        for kind in FaultKind.all {
            lines += ["## \(kind.name)", "", kind.summary, "", kind.description, "", "```yaml", kind.example, "```", ""]
            if kind.name == "conflict" {
                lines += ["REST operations: \(FaultRefusal.competing.map { "`\($0)`" }.joined(separator: ", ")).", ""]
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func modes(_ modes: [FaultMode]) -> String { modes.map { "`\($0.rawValue)`" }.joined(separator: " | ") }
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
