import API
package import Faults
import HTTPTypes

/// Why a rule that could never act is refused when it is loaded.
package struct FaultRefusal: Error, CustomStringConvertible {
    package let description: String

    /// Operations with which another client's same request can compete: the second one finds the name taken, or the object gone.
    package static let competing: [String] = [
        "catalog.catalogs.create", "catalog.catalogs.delete", "catalog.schemas.create", "catalog.schemas.delete", "catalog.tables.delete",
        "catalog.volumes.create", "catalog.volumes.delete", "iam.groups.create", "iam.groups.delete", "iam.service_principals.delete",
        "iam.users.create", "iam.users.delete",
    ]

    static func check(_ rules: [FaultRule], file: String, _ mode: FaultMode) throws(FaultRefusal) {
        for rule in rules {
            if let reason = reason(rule, mode) {
                let place = rule.line.map { "\(file):\($0)" } ?? file
                let name = rule.name.isEmpty ? "the rule" : "the rule '\(rule.name)'"
                throw FaultRefusal(description: "\(place): \(name) \(reason)")
            }
        }
    }

    /// Nil if the rule can act.
    private static func reason(_ rule: FaultRule, _ mode: FaultMode) -> String? {
        if let kind = rule.effect?.kind, !kind.modes.contains(mode) {
            return
                "injects \(kind.name), which is possible with \(kind.modes.map(\.rawValue).joined(separator: ", ")) alone, not with \(mode.rawValue)"
        }
        if mode != .serve {
            if rule.match.point != nil { return "names a point; the work has points with serve alone, not with \(mode.rawValue)" }
            if rule.match.principal != nil { return "names a principal; who calls is known with serve alone, not with \(mode.rawValue)" }
        }
        switch rule.effect {
        case .stale: return staleReason(rule.match)
        case .conflict: return conflictReason(rule.match)
        default: return nil
        }
    }

    private static func staleReason(_ match: FaultMatch) -> String? {
        let help = "stale is for GET operations of the REST API other than sql.statements.*"
        if let method = match.method?.literal, method != "GET" { return "injects stale into \(method); \(help)" }
        guard let name = match.operation?.literal else { return nil }
        if name.hasPrefix("sql.statements.") { return "injects stale into \(name): what SQL reads is never stale; \(help)" }
        guard let operation = APIGroups.all.first(where: { $0.id == name }), operation.method == .get else {
            return "injects stale into \(name); \(help)"
        }
        return nil
    }

    private static func conflictReason(_ match: FaultMatch) -> String? {
        guard match.point == nil, let name = match.operation?.literal, !name.hasPrefix("sql.statements."), !competing.contains(name) else {
            return nil
        }
        return "injects conflict into \(name); it is possible with sql.statements.execute, \(competing.joined(separator: ", "))"
    }
}

/// What is no mistake for certain, and is worth saying.
package enum ScenarioWarnings {
    private static let operations: [String] = (APIGroups.all.map(\.id) + KnownOperations.all.map(\.id)).sorted()

    package static func of(_ scenario: Scenario) -> [String] {
        var warnings: [String] = []
        for rule in scenario.faults {
            guard let pattern = rule.match.operation, !operations.contains(where: pattern.matches) else { continue }
            warnings.append(
                "\(place(scenario, rule.line)): no operation is named '\(pattern)'\(Spelling.hint(pattern.description, operations)); the rule '\(rule.name)' will match nothing"
            )
        }
        return warnings
    }

    private static func place(_ scenario: Scenario, _ line: Int?) -> String { line.map { "\(scenario.file):\($0)" } ?? scenario.file }
}
