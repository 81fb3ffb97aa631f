import Foundation
import Testing

/// The arrows between targets are those of docs/architecture.md, no more and no fewer.
@Suite struct DependencyTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Rows `| \`Target\` | duty | \`A\`, \`B\` |` of the table of targets.
    private func documented() throws -> [String: Set<String>] {
        let text = try String(contentsOf: Self.root.appendingPathComponent("docs/architecture.md"), encoding: .utf8)
        var table: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 3 else { continue }
            let dependencies = cells[2] == "–" ? [] : cells[2].split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
            table[cells[0].trimmingCharacters(in: ["`"])] = Set(dependencies.map { $0.trimmingCharacters(in: ["`"]) })
        }
        return table
    }

    /// What the sources of a target import, of our own targets.
    private func imported(_ target: String, among targets: Set<String>) throws -> Set<String> {
        let folder = Self.root.appendingPathComponent("Sources/\(target)")
        var found: Set<String> = []
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) where path.hasSuffix(".swift") {
            let text = try String(contentsOf: folder.appendingPathComponent(path), encoding: .utf8)
            for line in text.split(separator: "\n") {
                let words = line.split(separator: " ")
                guard let position = words.firstIndex(of: "import"), position <= 1, words.count > position + 1 else { continue }
                let name = String(words[position + 1])
                if targets.contains(name), name != target { found.insert(name) }
            }
        }
        return found
    }

    @Test func importsAreDocumented() throws {
        let table = try documented()
        #expect(table.count >= 17)
        let folders = Set(try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("Sources").path))
        #expect(folders == Set(table.keys))
        for (target, dependencies) in table.sorted(by: { $0.key < $1.key }) {
            #expect(try imported(target, among: folders) == dependencies.intersection(folders), "imports of \(target)")
        }
    }

    @Test func arrowsPointDownOnly() throws {
        let table = try documented()
        var done: Set<String> = []
        var remaining = table
        while !remaining.isEmpty {
            let free = remaining.filter { $0.value.allSatisfy { done.contains($0) || table[$0] == nil } }.keys
            #expect(!free.isEmpty, "a cycle among \(remaining.keys.sorted())")
            if free.isEmpty { return }
            for target in free { remaining[target] = nil }
            done.formUnion(free)
        }
    }
}
