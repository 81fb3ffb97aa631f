import Foundation
import SparkFunctions
import TestSupport
import Testing

/// Whether the golden cases leave anything out: every built-in function is called by one, and the table in `Tests/Golden/README.md` names all files and no others.
@Suite struct GoldenCoverageTests {
    /// Operators and forms of syntax that are no calls, as they stand in a statement.
    private static let written: [String: String] = [
        "[]": "[0]", "and": " and ", "or": " or ", "between": " between ", "case": "case ", "div": " div ", "unary -": "(-", "unary +": "+",
        "current_date": "current_date",
    ]

    private static func statements() throws -> String {
        var text = ""
        for file in Golden.files(in: "functions", ending: ".txt") + Golden.files(in: "sql", ending: ".txt") {
            for line in try String(contentsOf: Golden.root.appendingPathComponent(file), encoding: .utf8).split(separator: "\n")
            where line.hasPrefix("> ") {
                text += line.dropFirst(2).lowercased() + "\n"
            }
        }
        return text
    }

    /// The words that are followed by an opening parenthesis.
    private static func calls(in text: String) -> Set<String> {
        var found: Set<String> = []
        var word: [UInt8] = []
        var isWaiting = false
        for byte in text.utf8 {
            let isPart = (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "_")
            if isPart {
                if isWaiting { word = [] }
                isWaiting = false
                word.append(byte)
            } else if byte == UInt8(ascii: " ") {
                isWaiting = !word.isEmpty
            } else {
                if byte == UInt8(ascii: "(") { found.insert(String(decoding: word, as: UTF8.self)) }
                word = []
                isWaiting = false
            }
        }
        return found
    }

    @Test func everyFunctionIsCalled() throws {
        let text = try Self.statements()
        let calls = Self.calls(in: text)
        let names = Set(FunctionRegistry.builtin.all + SpecialForm.all.map(\.name))
        let missing = names.filter { name in
            if calls.contains(name) { return false }
            let isOperator = !name.utf8.contains { (0x61...0x7A).contains($0) }
            guard let form = Self.written[name] ?? (isOperator ? name : nil) else { return true }
            return !text.contains(form)
        }
        #expect(missing.sorted() == [], "functions without a golden case")
        #expect(names.count > 500)
    }

    /// The table's rows are `| what | files |`; the files are named without their folder and ending.
    @Test func theTableNamesFiles() throws {
        let table = try String(contentsOf: Golden.root.appendingPathComponent("README.md"), encoding: .utf8)
        var named: Set<String> = []
        for row in table.split(separator: "\n") where row.hasPrefix("| ") {
            let cells = row.split(separator: "|")
            guard let last = cells.last else { continue }
            for part in last.split(separator: "`").enumerated() where !part.offset.isMultiple(of: 2) { named.insert(String(part.element)) }
        }
        let files = Set((Golden.files(in: "functions", ending: ".txt") + Golden.files(in: "sql", ending: ".txt")).map { String($0.dropLast(4)) })
        #expect(named.count > 50)
        #expect(named.subtracting(files).sorted() == [], "names in the table without a file")
        #expect(files.subtracting(named).sorted() == [], "files that the table does not name")
    }
}
