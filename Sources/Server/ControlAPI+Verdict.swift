import API
import Faults
import JSON
import Workspace

/// `GET report` and `POST journal/verify`.
extension ControlAPI {
    func report(_ request: Request) -> Reply {
        let compartment = request.compartment
        var scenarios: [JSONValue] = []
        var verdicts: [Verdict] = []
        let reports = compartment.faults.reports
        for (scenario, seed) in compartment.faults.activeScenarios {
            let (kept, lost, base) = compartment.journal.entries(behind: compartment.mark(of: scenario.name))
            let judge = Judge(kept.map { Evidence.exchange($0, base: base) }, lost: lost, now: compartment.clock.nowMicros)
            let findings = judge.judge(scenario)
            verdicts += findings.map(\.finding.verdict)
            var object = JSONObject([
                ("scenario", .string(scenario.name)), ("seed", .int(seed)),
                ("verdict", findings.isEmpty ? .null : .string(Verdict.all(findings.map(\.finding.verdict)).rawValue)),
                ("exchanges", .int(kept.count)),
            ])
            if lost > 0 { object["exchanges_lost"] = .int(lost) }
            object["expectations"] = .array(findings.map { Self.json($0.expectation, $0.finding) })
            object["rules"] = .array(reports.filter { $0.scenario == scenario.name }.map(Self.json))
            scenarios.append(.object(object))
        }
        return .json([
            "verdict": .string(Verdict.all(verdicts).rawValue), "workspace_id": .int(compartment.id), "seed": .int(compartment.seed),
            "scenarios": .array(scenarios), "rules": .array(reports.filter { $0.scenario == nil }.map(Self.json)),
        ])
    }

    private static func json(_ expectation: Expectation, _ finding: Finding) -> JSONValue {
        [
            "name": .string(expectation.name), "kind": .string(expectation.kind.name), "verdict": .string(finding.verdict.rawValue),
            "reason": .string(finding.reason), "exchanges": .array(finding.exchanges.map { .int($0) }),
        ]
    }

    private static func json(_ report: FaultReport) -> JSONValue {
        ["name": .string(report.name), "matched": .int(report.matched), "fired": .int(report.fired)]
    }

    private static let nearestShown = 5

    func verify(_ request: Request) throws(WorkspaceError) -> Reply {
        let verification: Verification
        do {
            verification = try Verification(parsing: request.served.body)
        } catch {
            throw .invalid(error.description)
        }
        let (entries, lost, _) = request.compartment.journal.entries(behind: 0)
        var matched = 0
        var misses: [(entry: JournalEntry, differs: [String])] = []
        for entry in entries {
            let event = FaultEvent(
                phase: .beforeHandler, operation: entry.operation, method: entry.method, path: entry.path, principal: entry.principal,
                headers: entry.request.headers, query: entry.query, body: entry.request.body)
            let differs = verification.misses(event, status: entry.status, fault: entry.fault)
            if differs.isEmpty { matched += 1 } else { misses.append((entry, differs)) }
        }
        var answer = JSONObject([("matched", .int(matched))])
        if verification.times.contain(matched) {
            if lost > 0 { answer["exchanges_lost"] = .int(lost) }
            return .json(.object(answer))
        }
        var message = "\(matched) exchange\(matched == 1 ? "" : "s") matched; expected \(verification.times.text)."
        if lost > 0 { message += " \(lost) earlier ones fell out of the journal." }
        // Of equally near ones the latest are the likelier.
        let nearest = misses.reversed().enumerated().sorted { ($0.element.differs.count, $0.offset) < ($1.element.differs.count, $1.offset) }
            .prefix(Self.nearestShown).map(\.element)
        answer = JSONObject([
            ("error_code", "VERIFICATION_FAILED"), ("message", .string(message)), ("matched", .int(matched)),
            ("nearest", .array(nearest.map(Self.json))),
        ])
        return .json(.object(answer), status: 422)
    }

    private static func json(_ miss: (entry: JournalEntry, differs: [String])) -> JSONValue {
        [
            "n": .int(miss.entry.number), "operation": miss.entry.operation.map { .string($0) } ?? .null, "method": .string(miss.entry.method),
            "path": .string(miss.entry.path), "status": .int(miss.entry.status), "differs": .array(miss.differs.map { .string($0) }),
        ]
    }
}
