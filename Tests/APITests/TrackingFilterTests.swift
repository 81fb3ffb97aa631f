import API
import Testing
import Workspace

@Suite struct TrackingFilterTests {
    private static func filter(_ text: String, _ grammar: TrackingGrammar = .runs) throws -> TrackingFilter { try TrackingFilter(text, grammar) }

    private static func refusal(_ text: String, _ grammar: TrackingGrammar = .runs) -> String {
        do {
            _ = try TrackingFilter(text, grammar)
            return ""
        } catch {
            return error.code == .invalidParameterValue ? error.message : "\(error.code)"
        }
    }

    private static func matches(_ text: String) throws -> Bool {
        let known: [TrackingField: [TrackingValue]] = [
            .metric("loss"): [.number(0.5)], .metric("a b"): [.number(-2)], .metric("nan"): [.number(.nan)], .param("alpha"): [.text("0.1")],
            .tag("mlflow.runName"): [.text("First Run")], .attribute("status"): [.text("FINISHED")], .attribute("run_id"): [.text("r1")],
            .attribute("start_time"): [.number(1000)], .dataset("name"): [.text("d1"), .text("d2")],
        ]
        return try filter(text).matches { known[$0] ?? [] }
    }

    @Test(arguments: [
        "", "   ", "metrics.loss < 1", "metric.loss = 0.5 AND metrics.`a b` = -2", "metrics.\"a b\" >= -2.0 and params.alpha = '0.1'",
        "metrics.loss > 1e-3", "metrics.loss<=.5", "metrics.nan != 1", "parameters.alpha != \"0.2\"", "param.alpha LIKE '0._'",
        "tags.mlflow.runName ILIKE '%first%'", "tag.`mlflow.runName` like 'First%'", "run.status = 'FINISHED'", "status = 'FINISHED'",
        "attributes.run_id IN ('r0', 'r1')", "attr.run_id NOT IN ('r2')", "Created < 1001", "start_time = 1000", "datasets.name = 'd2'",
        "dataset.name IN ('d2')", "tags.none IS NULL",
        "params.alpha is not null",
    ])
    func holds(_ text: String) throws { #expect(try Self.matches(text)) }

    @Test(arguments: [
        "metrics.loss > 0.5", "metrics.none != 1", "metrics.nan = 1", "params.none != 'x'", "params.alpha LIKE '0.'",
        "tags.mlflow.runName LIKE '%first%'",
        "params.alpha IS NULL", "tags.none IS NOT NULL", "run_id IN ('r0')", "run_id NOT IN ('r1', 'r2')", "metrics.loss < 1 AND status = 'FAILED'",
        "datasets.name = 'd3'", "end_time > 0",
    ])
    func doesNotHold(_ text: String) throws { #expect(try !Self.matches(text)) }

    @Test func registeredModelsAndVersions() throws {
        func models(_ text: String, _ name: String) throws -> Bool {
            try Self.filter(text, .registeredModels).matches { $0 == .attribute("name") ? [.text(name)] : [] }
        }
        // The pattern is looked for anywhere in the name.
        #expect(try models("name LIKE 'lph'", "alpha") && !models("name LIKE 'LPH'", "alpha") && models("name ILIKE 'LPH'", "alpha"))
        #expect(try models("name LIKE 'a%a'", "xalphax") && !models("name = 'lph'", "alpha") && models("name NOT IN ('a')", "alpha"))
        func versions(_ text: String) throws -> Bool {
            try Self.filter(text, .modelVersions).matches { $0 == .attribute("version_number") ? [.number(10)] : [.text("alpha")] }
        }
        #expect(try versions("version_number > '9'") && versions("version_number = 10 AND tags.a = 'alpha'") && !versions("name LIKE 'lph'"))
        for (text, grammar, part) in [
            ("creation_timestamp > 1", TrackingGrammar.registeredModels, "Invalid attribute key 'creation_timestamp'"),
            ("tags.a IS NULL", .registeredModels, "Invalid comparator 'IS NULL'"), ("params.a = 'b'", .modelVersions, "Invalid entity type 'params'"),
            ("version_number = 'x'", .modelVersions, "Expected numeric value type"), ("version_number = 'inf'", .modelVersions, "Expected numeric"),
            ("source_path IN ('a')", .modelVersions, "Invalid comparator 'IN'"), ("version_number LIKE '1'", .modelVersions, "Invalid comparator"),
        ] {
            #expect(Self.refusal(text, grammar).contains(part), "\(text): \(Self.refusal(text, grammar))")
        }
        #expect(try TrackingOrder("version DESC", .modelVersionOrder) == TrackingOrder(field: .attribute("version_number"), ascending: false))
        #expect(try TrackingOrder("timestamp", .registeredModelOrder) == TrackingOrder(field: .attribute("last_updated_timestamp"), ascending: true))
        #expect(throws: WorkspaceError.self) { try TrackingOrder("tags.a", .registeredModelOrder) }
    }

    @Test func refusalsNameTheirReason() {
        for (text, part) in [
            ("metrics.loss < 1 OR metrics.loss > 2", "Invalid clause(s) in filter string: 'OR"), ("loss < 1", "Invalid attribute key 'loss'"),
            ("metrics.loss < 'a'", "Expected numeric value type for metrics.loss. Found 'a'"), ("metrics.loss LIKE 1", "Invalid comparator 'LIKE'"),
            ("params.a = 1", "Expected a quoted string value for params.a"), ("params.a < '1'", "Invalid comparator '<'"),
            ("1 < metrics.a", "Invalid clause(s)"), ("models.a = 'b'", "Invalid entity type 'models'"), ("metrics. = 1", "a key must be given"),
            ("params.a = 'b", "A quotation is not closed"), ("params.a == 'b'", "Invalid comparator '=='"),
            ("params.a = 'b' AND", "must follow 'AND'"),
            ("params.a = 'b' params.c = 'd'", "Invalid clause(s)"), ("status IN ('FAILED')", "Invalid comparator 'IN'"),
            ("run_id IN ()", "Expected a list"), ("run_id IN ('a',)", "Expected a list"), ("run_id = ('a')", "Expected a quoted string"),
            ("metrics.a IS NULL", "Invalid comparator 'IS NULL'"), ("datasets.source = 'a'", "Invalid dataset key 'source'"),
            ("metrics.val-loss < 1", "Invalid clause(s)"), ("metrics.a = 1x", "Invalid number '1x'"), ("metrics.a = 1e999", "Invalid number"),
            ("status", "Invalid clause(s)"), ("status =", "a value must follow '='"), ("status = 'a'; DROP", "Invalid clause(s)"),
            (String(repeating: "a", count: 20_001), "exceeds"),
        ] {
            #expect(Self.refusal(text).contains(part), "\(text.prefix(64)): \(Self.refusal(text))")
        }
        #expect(Self.refusal("metrics.a = 1", .experiments).contains("Invalid entity type"))
        #expect(Self.refusal("experiment_id LIKE '1'", .experiments).contains("Invalid comparator"))
        #expect(Self.refusal("name ILIKE '/Shared/%' AND tags.team = 'x' AND last_update_time > 5", .experiments).isEmpty)
        #expect(Self.refusal("attributes.status = 'READY' AND creation_time > 5", .models).isEmpty)
    }

    @Test func ordersAreColumnsWithADirection() throws {
        for (text, field, ascending) in [
            ("metrics.loss", TrackingField.metric("loss"), true), ("metrics.`a b` DESC", .metric("a b"), false),
            ("params.\"x\" asc", .param("x"), true), ("attribute.Created desc", .attribute("start_time"), false), ("tags.a.b", .tag("a.b"), true),
        ] {
            #expect(try TrackingOrder(text, .runs) == TrackingOrder(field: field, ascending: ascending))
        }
        for text in ["", "metrics.loss down", "metrics.loss DESC x", "'loss'", "datasets.name", "nothing DESC", "metrics.loss,"] {
            #expect(throws: WorkspaceError.self, "\(text)") { try TrackingOrder(text, .runs) }
        }
        #expect(throws: WorkspaceError.self) { try TrackingOrder.parse(["start_time", "Created DESC"], .runs) }
    }

    /// Pieces of the grammar in any order: an answer or an error with a message, and the same one each time.
    @Test func madeUpFiltersAreReadOrRefused() {
        let pieces = [
            "metrics", "params", "tags", ".", ".", "`", "'", "\"", "a b", "loss", "=", "!=", "<", ">=", "LIKE", "ILIKE", "IN", "NOT", "IS", "NULL",
            "AND",
            "and", "OR", "(", ")", ",", "1", "-", "+", "e", "1.5e-3", "..", "'x'", "\"y\"", " ", "  ", "\n", "é", "\u{0}", "\u{1F600}", ";", "--",
            "%",
            "run_id", "start_time", "datasets.name", "9223372036854775808",
        ]
        var generator = SeededGenerator(seed: 11, stream: "filter")
        var read = 0
        for _ in 0..<20_000 {
            let count = Int(generator.next() % 9)
            let text = (0..<count).map { _ in pieces[Int(generator.next() % UInt64(pieces.count))] + (generator.next() % 2 == 0 ? " " : "") }.joined()
            for grammar in [TrackingGrammar.runs, .experiments, .models, .registeredModels, .modelVersions] {
                let first = Self.refusal(text, grammar)
                #expect(first == Self.refusal(text, grammar))
                if first.isEmpty { read += 1 }
            }
            do { _ = try TrackingOrder(text, .runs) } catch { #expect(!error.message.isEmpty) }
        }
        #expect(read > 100)
    }
}
