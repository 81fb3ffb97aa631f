/// A cassette in memory.
package struct Cassette: Sendable {
    /// A last line that a crash cut off.
    package struct TornLine: Sendable, Hashable {
        package let line: Int
        package let bytes: Int
    }

    /// The folder, or whatever a message should call the cassette.
    package let name: String
    package var header: CassetteHeader
    package var exchanges: [Exchange]
    /// Lines of the exchanges, for messages; in the same order.
    package let lines: [Int]
    package let torn: TornLine?

    package init(name: String, header: CassetteHeader, exchanges: [Exchange], lines: [Int]? = nil, torn: TornLine? = nil) {
        self.name = name
        self.header = header
        self.exchanges = exchanges
        self.lines = lines ?? exchanges.indices.map { $0 + 2 }
        self.torn = torn
    }

    /// `cassettes/x/cassette.jsonl`, as messages name it.
    package var file: String { name + "/" + CassetteFormat.fileName }

    /// Where an exchange stands: `cassettes/x/cassette.jsonl:7`.
    package func place(of index: Int) -> String {
        lines.indices.contains(index) ? "\(file):\(lines[index])" : file
    }
}
