/// A row of Spark's table of error conditions. Each is one `static let` in an `ErrorCondition+Family.swift`.
package struct ErrorCondition: Sendable, Hashable {
    /// With its sub-condition behind a dot: `UNRESOLVED_COLUMN.WITH_SUGGESTION`.
    package let name: String
    package let sqlState: String
    /// Text with `<parameter>` in the places to fill; a sub-condition's text follows the condition's.
    package let template: String

    package init(_ name: String, _ sqlState: String, _ template: String) {
        self.name = name
        self.sqlState = sqlState
        self.template = template
    }

    package static func == (left: ErrorCondition, right: ErrorCondition) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    /// The names in `template` between angle brackets, in order, each once.
    package var parameterNames: [String] {
        var names: [String] = []
        for piece in template.split(separator: "<").dropFirst(template.hasPrefix("<") ? 0 : 1) {
            guard let end = piece.firstIndex(of: ">") else { continue }
            let name = String(piece[..<end])
            if !names.contains(name) { names.append(name) }
        }
        return names
    }
}
