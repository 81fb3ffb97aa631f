/// Why a scenario (or a rule given to the control API) is refused: every problem, in the order of the file.
package struct ScenarioError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Problem: Sendable, Hashable, CustomStringConvertible {
        package let file: String
        /// From 1; nil where the text carries no lines (JSON).
        package let line: Int?
        package let message: String

        package var description: String {
            if let line { "\(file):\(line): \(message)" } else { "\(file): \(message)" }
        }
    }

    /// Never empty.
    package let problems: [Problem]

    /// One line: the first problem and how many more there are.
    package var description: String {
        let first = problems.first.map(\.description) ?? "the scenario cannot be read"
        return problems.count > 1 ? "\(first) (and \(problems.count - 1) more)" : first
    }
}
