import JSON
import Workspace

/// `notebook='path'` or `name LIKE '%text%'`: all that the service takes for lists of pipelines.
struct PipelineFilter {
    private let notebook: String?
    private let pattern: String?

    init(_ text: String) throws(WorkspaceError) {
        let condition = try FilterCondition(text)
        switch (condition.field, condition.comparison, condition.values.count) {
        case ("notebook", "=", 1):
            notebook = condition.values[0]
            pattern = nil
        case ("name", "like", 1):
            notebook = nil
            pattern = condition.values[0]
        default: throw FilterCondition.invalid(text)
        }
    }

    func matches(_ pipeline: StoredResource) -> Bool {
        if let notebook {
            return (pipeline.body["libraries"]?.arrayValue ?? []).contains { $0["notebook"]?["path"]?.stringValue == notebook }
        }
        return Self.like(Array((pipeline.body["name"]?.stringValue ?? "").unicodeScalars), Array((pattern ?? "").unicodeScalars))
    }

    /// `%` stands for any text, `_` for one character.
    private static func like(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var (place, at, star, mark) = (0, 0, -1, 0)
        while place < text.count {
            if at < pattern.count, pattern[at] == "%" {
                (star, mark) = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "_" || pattern[at] == text[place] {
                at += 1
                place += 1
            } else if star >= 0 {
                at = star + 1
                mark += 1
                place = mark
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "%" }
    }
}

/// `level in ('ERROR', 'WARN') AND timestamp > '2026-01-01T00:00:00Z' AND id = '…'`.
struct EventFilter {
    private let conditions: [FilterCondition]

    init(_ text: String) throws(WorkspaceError) {
        var conditions: [FilterCondition] = []
        for part in Self.parts(text) {
            let condition = try FilterCondition(part)
            switch (condition.field, condition.comparison) {
            case ("level", "="), ("level", "in"), ("id", "="), ("timestamp", "="), ("timestamp", "<"), ("timestamp", "<="), ("timestamp", ">"),
                ("timestamp", ">="):
                conditions.append(condition)
            default: throw FilterCondition.invalid(part)
            }
        }
        self.conditions = conditions
    }

    /// Cut at AND outside of quotes.
    private static func parts(_ text: String) -> [String] {
        var parts: [String] = [""]
        for (place, quoted) in text.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
            if place % 2 == 1 {
                parts[parts.count - 1] += "'\(quoted)'"
                continue
            }
            for word in quoted.split(separator: " ") {
                if word.lowercased() == "and" { parts.append("") } else { parts[parts.count - 1] += " " + word }
            }
        }
        return parts == [""] ? [] : parts
    }

    func matches(_ event: StoredResource) -> Bool {
        conditions.allSatisfy { condition in
            switch condition.field {
            case "level": return condition.values.contains(event.body["level"]?.stringValue ?? "")
            case "id": return condition.values == [event.id]
            default:
                let (have, want) = (RFC3339.text(millis: event.createdAt, digits: true), condition.values.first ?? "")
                // `…00Z` comes before `…00.001Z` once both have their fraction.
                let wanted = want.contains(".") || !want.hasSuffix("Z") ? want : want.dropLast() + ".000Z"
                switch condition.comparison {
                case "<": return have < wanted
                case "<=": return have <= wanted
                case ">": return have > wanted
                case ">=": return have >= wanted
                default: return have == wanted
                }
            }
        }
    }
}

/// One comparison of a filter: `field = 'value'`, `field in ('a', 'b')`, `field LIKE '%a%'`.
struct FilterCondition {
    let field: String
    let comparison: String
    let values: [String]

    static func invalid(_ text: String) -> WorkspaceError { .invalid("Invalid filter: '\(text.prefix(256))'.") }

    init(_ text: String) throws(WorkspaceError) {
        let pieces = text.split(separator: "'", omittingEmptySubsequences: false)
        guard pieces.count >= 3, pieces.count % 2 == 1 else { throw Self.invalid(text) }
        let head = pieces[0].filter { $0 != " " }.lowercased()
        let isList = head.hasSuffix("(")
        let between = pieces.enumerated().filter { $0.offset % 2 == 0 && $0.offset > 0 }.map { $0.element.filter { $0 != " " } }
        let isWhole = isList ? between.last == ")" && between.dropLast().allSatisfy { $0 == "," } : between == [""]
        let name = isList ? String(head.dropLast()) : head
        guard isWhole, let mark = ["<=", ">=", "<", ">", "=", "like", "in"].first(where: { name.hasSuffix($0) }), isList == (mark == "in") else {
            throw Self.invalid(text)
        }
        field = String(name.dropLast(mark.count))
        comparison = mark
        values = pieces.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}
