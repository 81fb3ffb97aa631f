/// Columns for reading: as wide as their widest cell, two spaces apart.
package struct TextTable: Sendable {
    private var rows: [[String]]
    private let rightAligned: Set<Int>

    package init(_ head: [String], rightAligned: Set<Int> = []) {
        rows = [head]
        self.rightAligned = rightAligned
    }

    /// As many cells as the head has.
    package mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The last column is cut so that lines fit into `width`.
    package func text(width: Int? = nil) -> String {
        let widths = rows[0].indices.map { column in rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0 }
        var result = ""
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "  " }
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                line += rightAligned.contains(column) ? padding + cell : column == row.count - 1 ? cell : cell + padding
            }
            if let width, line.count > width { line = line.prefix(max(1, width - 1)) + "…" }
            result += line + "\n"
        }
        return result
    }
}
