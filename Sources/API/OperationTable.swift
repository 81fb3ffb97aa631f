package import HTTPTypes
package import JSON

/// The table of all operations: the real service's, with those that are simulated.
package enum OperationTable {
    package struct Row: Sendable {
        package let id: String
        package let method: HTTPRequest.Method
        package let path: String
        package let isSimulated: Bool
        /// What a simulated operation does less than the real one.
        package let limits: String?
    }

    /// By id; an operation's older prefixes are left out.
    package static let rows: [Row] = {
        let simulated = (APIGroups.all + ObjectStoreAPI.operations).map {
            Row(id: $0.id, method: $0.method, path: $0.path, isSimulated: true, limits: $0.limits)
        }
        let names = Set(simulated.map(\.id))
        var seen = names
        var rows = simulated
        for operation in KnownOperations.all where seen.insert(operation.id).inserted {
            rows.append(Row(id: operation.id, method: operation.method, path: operation.path, isSimulated: false, limits: nil))
        }
        return rows.sorted { ($0.id, $0.path) < ($1.id, $1.path) }
    }()

    package static func json(_ rows: [Row]) -> JSONValue {
        .array(
            rows.map { row in
                var object = JSONObject([
                    ("id", .string(row.id)), ("method", .string(row.method.rawValue)), ("path", .string(row.path)),
                    ("simulated", .bool(row.isSimulated)),
                ])
                if let limits = row.limits { object["limits"] = .string(limits) }
                return .object(object)
            })
    }

    /// Group by group, one operation a line.
    package static func text(_ rows: [Row]) -> String {
        let width = rows.map(\.id.count).max() ?? 0
        return rows.map { row in
            let name = row.id + String(repeating: " ", count: width - row.id.count)
            let method = row.method.rawValue + String(repeating: " ", count: max(0, 6 - row.method.rawValue.count))
            return "\(row.isSimulated ? "simulated" : "-        ")  \(name)  \(method)  \(row.path)"
        }.joined(separator: "\n")
    }

    /// docs/operations.md.
    package static var page: String {
        let simulated = rows.filter(\.isSimulated)
        var lines = [
            "# Operations", "", "Printed from the code by `make docs`. \(simulated.count) of \(rows.count) known operations are simulated;",
            "the others answer 501 `NOT_IMPLEMENTED` with their name. `dbxsim operations` lists all of them.", "",
            "| operation | route | less than the real one |", "|---|---|---|",
        ]
        for row in simulated { lines.append("| `\(row.id)` | `\(row.method.rawValue) \(row.path)` | \(row.limits ?? "") |") }
        return lines.joined(separator: "\n") + "\n"
    }
}
