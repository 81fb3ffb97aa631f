import Faults
import HTTPTypes
import JSON
import TestSupport
import Testing

/// The index against a walk over all rules, on rules and requests from a small alphabet, so that they meet often.
@Suite struct RuleIndexTests {
    static let letters = ["a", "b", "/", "1", "é", "."]

    static func word(_ random: inout SeededRandom, _ length: ClosedRange<Int>) -> String {
        (0..<Int.random(in: length, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }.joined()
    }

    static func pattern(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: return word(&random, 1...3)
        case 2: return word(&random, 0...2) + "*"
        case 3: return "*" + word(&random, 1...2)
        case 4: return word(&random, 0...1) + "*" + word(&random, 1...1) + "*" + word(&random, 0...1)
        case 5: return "re:^" + word(&random, 0...2).replacing(".", with: "\\.")
        case 6: return "re:" + word(&random, 1...2).replacing(".", with: ".") + "+$"
        case 7: return "re:(?i)[A-B]" + word(&random, 0...1)
        case 8: return "re:\\b" + word(&random, 1...1).replacing(".", with: "x") + "|" + word(&random, 2...2) + "|^.{3}$"
        default: return "re:a\\d*(b|/){1,2}"
        }
    }

    static func holds(_ rule: FaultRule, _ event: FaultEvent) -> Bool {
        let match = rule.match
        let json = try? JSONValue(parsing: event.body)
        for (pattern, value) in [
            (match.operation, event.operation), (match.method, event.method), (match.path, event.path), (match.principal, event.principal),
        ] {
            guard let pattern else { continue }
            guard let value, pattern.matches(value) else { return false }
        }
        for (name, pattern) in match.headers where !event.headers[values: name].contains(where: pattern.matches) { return false }
        for (name, pattern) in match.query {
            let items = event.query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false) }
            guard items.contains(where: { $0[0] == name && pattern.matches(String($0[1])) }) else { return false }
        }
        for (selector, pattern) in match.body {
            guard let json, selector.values(in: json).contains(where: { pattern.matches($0.stringValue ?? $0.text) }) else { return false }
        }
        return true
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func findsWhatAWalkFinds(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        // Rules that are never due are counted when they match, and let the next ones be looked at.
        var faults: [JSONValue] = []
        for number in 0..<400 {
            var match = JSONObject()
            func maybe(_ chance: Int, _ body: () -> Void) { if Int.random(in: 0..<chance, using: &random) == 0 { body() } }
            maybe(3) { match["operation"] = .string(Self.pattern(&random)) }
            maybe(2) { match["path"] = .string(Self.pattern(&random)) }
            maybe(4) { match["principal"] = .string(Self.pattern(&random)) }
            maybe(5) { match["method"] = .string(["GET", "P*", "DELETE"].randomElement(using: &random) ?? "GET") }
            maybe(5) { match["headers"] = ["X-A": .string(Self.pattern(&random)), "x-b": .string(Self.pattern(&random))] }
            maybe(5) { match["query"] = ["q": .string(Self.pattern(&random))] }
            maybe(5) { match["body"] = ["f": .string(Self.pattern(&random)), "$.l[*]": .string(Self.pattern(&random))] }
            faults.append([
                "name": .string("r\(number)"), "match": .object(match), "when": ["times": .int(Int64(number % 40 == 0 ? 1 : 0))],
                "inject": ["status": 500],
            ])
        }
        let text = JSONValue.members([("scenario", "s"), ("faults", .array(faults))]).text
        let scenario = try Scenario(parsing: text, file: "f")
        let plan = try FaultPlan(scenarios: [scenario], now: .zero)
        var expected = [Int](repeating: 0, count: scenario.faults.count)
        for _ in 0..<300 {
            var headers: HTTPFields = [:]
            for name in ["x-a", "x-a", "x-b"] where Bool.random(using: &random) {
                if let name = HTTPField.Name(name) {
                    headers.append(HTTPField(name: name, value: Self.word(&random, 1...3).replacing("é", with: "e")))
                }
            }
            let event = FaultEvent(
                phase: .beforeHandler, operation: Bool.random(using: &random) ? Self.word(&random, 0...4) : nil,
                method: ["GET", "PUT", "DELETE"].randomElement(using: &random) ?? "GET", path: Self.word(&random, 0...6),
                principal: Bool.random(using: &random) ? Self.word(&random, 0...4) : nil, headers: headers,
                query: Bool.random(using: &random) ? "q=\(Self.word(&random, 0...3))" : "",
                body: Array(
                    JSONValue.members([
                        ("f", .string(Self.word(&random, 0...3))),
                        ("l", .array([.string(Self.word(&random, 0...2)), .string(Self.word(&random, 0...2))])),
                    ]).text.utf8))
            let fired = plan.decide(event, now: .zero)?.rule
            for (number, rule) in scenario.faults.enumerated() where Self.holds(rule, event) {
                expected[number] += 1
                if fired == rule.name { break }
            }
        }
        #expect(plan.reports.map(\.matched) == expected)
        #expect(expected.count { $0 > 0 } > 150)
    }

    /// A thousand patterns in one machine, long and odd texts: the same answers as one by one.
    @Test func manyPatternsInOneMachine() throws {
        var random = SeededRandom(seed: 9)
        let patterns = (0..<1000).map { _ in Self.pattern(&random) }
        let faults = patterns.enumerated().map { number, pattern in
            JSONValue.members([
                ("name", .string("r\(number)")), ("match", ["path": .string(pattern)]), ("when", ["times": 0]), ("inject", ["status": 500]),
            ])
        }
        let scenario = try Scenario(parsing: JSONValue.members([("scenario", "s"), ("faults", .array(faults))]).text, file: "f")
        let plan = try FaultPlan(scenarios: [scenario], now: .zero)
        var expected = [Int](repeating: 0, count: patterns.count)
        for length in [0, 1, 2, 5, 20, 60, 200] {
            for _ in 0..<10 {
                let text = Self.word(&random, length...length) + (Bool.random(using: &random) ? "" : "\u{1F600}\n")
                _ = plan.decide(FaultEvent(phase: .beforeHandler, method: "GET", path: text), now: .zero)
                for (number, rule) in scenario.faults.enumerated() where rule.match.path?.matches(text) == true { expected[number] += 1 }
            }
        }
        #expect(plan.reports.map(\.matched) == expected)
    }

    /// Patterns whose states are too many to be kept: all is forgotten now and then, and nothing goes wrong.
    @Test func statesAreBounded() throws {
        let faults = (0..<8).map { number in
            JSONValue.members([
                ("match", ["path": .string("re:a.{1\(number)}b")]), ("when", ["times": 0]), ("inject", ["status": 500]),
            ])
        }
        let scenario = try Scenario(parsing: JSONValue.members([("scenario", "s"), ("faults", .array(faults))]).text, file: "f")
        let plan = try FaultPlan(scenarios: [scenario], now: .zero)
        var random = SeededRandom(seed: 4)
        var expected = [Int](repeating: 0, count: 8)
        for _ in 0..<150 {
            let text = String((0..<80).map { _ in ["a", "b", "c"].randomElement(using: &random) ?? "a" })
            _ = plan.decide(FaultEvent(phase: .beforeHandler, method: "GET", path: text), now: .zero)
            for (number, rule) in scenario.faults.enumerated() where rule.match.path?.matches(text) == true { expected[number] += 1 }
        }
        #expect(plan.reports.map(\.matched) == expected)
    }
}
