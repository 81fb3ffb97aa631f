import Foundation
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import TestSupport

/// Plays numbered cases and counts how they end.
struct SQLFuzzRun: Sendable {
    struct Figures: Sendable, CustomStringConvertible {
        var cases = 0
        var parsed = 0
        var planned = 0
        var ran = 0
        var slowest = Duration.zero
        var slowestSQL = ""
        var overASecond = 0
        /// Statements that their time ended: a half second.
        var stopped = 0
        /// Statements whose error is none of a user's: INTERNAL_ERROR, or without a text.
        var unnamed: [String] = []

        var description: String {
            "\(cases) cases: \(parsed) parsed, \(planned) planned, \(ran) ran; \(unnamed.count) without a named error; \(stopped) stopped after 0.5 s; \(overASecond) over 1 s, the slowest "
                + "\(slowest): \(slowestSQL)"
        }
    }

    private let mutator: SQLMutator
    private let first: UInt64
    private let log: String?

    init(seeds: [String], first: UInt64, log: String?) {
        mutator = SQLMutator(seeds: seeds)
        self.first = first
        self.log = log
    }

    var seedCount: Int { mutator.count }

    /// The statements of the project's golden files.
    static func ownSeeds() -> [String] {
        (Golden.files(in: "sql", ending: ".txt") + Golden.files(in: "functions", ending: ".txt")).flatMap { file -> [String] in
            let text = (try? String(contentsOf: Golden.root.appendingPathComponent(file), encoding: .utf8)) ?? ""
            return text.split(separator: "\n").filter { $0.hasPrefix("> ") }.map { String($0.dropFirst(2)) }
        }
    }

    /// The `sql` members of conformance files.
    static func seeds(below folder: String) -> [String] {
        let names = ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".jsonl") }.sorted()
        var found: [String] = []
        for name in names {
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
            for line in data.split(separator: UInt8(ascii: "\n")) {
                guard let object = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
                    let statements = object["statements"] as? [[String: Any]]
                else { continue }
                found += statements.compactMap { $0["sql"] as? String }
            }
        }
        return found
    }

    /// On a thread with the stack that workers have.
    func onThread(cases: Int) async -> Figures {
        await withCheckedContinuation { continuation in
            let thread = Thread { continuation.resume(returning: play(cases)) }
            thread.stackSize = 64 << 20
            thread.start()
        }
    }

    func play(_ cases: Int) -> Figures {
        var figures = Figures()
        let file = log.flatMap { path -> FileHandle? in
            _ = FileManager.default.createFile(atPath: path, contents: nil)
            return FileHandle(forWritingAtPath: path)
        }
        let clock = ContinuousClock()
        for offset in 0..<cases {
            let number = first &+ UInt64(offset)
            var random = SeededRandom(seed: number)
            let sql = mutator.statement(&random)
            if let file {
                try? file.seek(toOffset: 0)
                try? file.write(contentsOf: Data("\(number): \(sql)\n\n".utf8))
            }
            let start = clock.now
            play(sql, number, &figures)
            let time = clock.now - start
            if time > .seconds(1) {
                figures.overASecond += 1
                if log != nil { print("slow \(time) \(number): \(sql)") }
            }
            if time > figures.slowest { (figures.slowest, figures.slowestSQL) = (time, "\(number): \(sql)") }
        }
        figures.cases = cases
        return figures
    }

    private func play(_ sql: String, _ number: UInt64, _ figures: inout Figures) {
        do throws(SQLError) {
            if number & 15 == 0 {
                _ = try? Parser.parseExpression(sql)
                _ = try? Parser.parseType(sql)
                _ = try? Parser.parseTableSchema(sql)
            }
            let statement = try Parser.parse(sql)
            figures.parsed += 1
            guard case .query(let query) = statement.kind else { return }
            let limits = ExecutionLimits(memoryBytes: 64 << 20, batchRows: 512)
            let token = CancellationToken()
            token.limit(milliseconds: 500)
            let monitor = ExecutionMonitor(token, memoryBytes: limits.memoryBytes)
            let context = EvaluationContext(
                ansi: number & 7 != 0, nowMicros: 1_700_000_000_000_000, user: "u", currentCatalog: "main", currentSchema: "default",
                version: "4.0.0 x",
                randomSeed: number, monitor: monitor)
            let plan = try QueryEngine.analyze(query, catalog: FuzzCatalog(), context: context)
            var source = try QueryEngine.execute(plan, context: context, cancellation: token, limits: limits)
            figures.planned += 1
            guard number & 3 == 0 else { return }
            _ = try source.next()
            figures.ran += 1
        } catch {
            if error.condition == .queryExecutionTimeoutExceeded {
                figures.stopped += 1
                if log != nil { print("stopped \(number): \(sql)") }
            }
            if error.message.isEmpty || error.condition.name.isEmpty || error.condition == .internalError {
                figures.unnamed.append("\(number): \(error.message) \(sql)")
                if log != nil { print("unnamed \(number): \(error.message) \(sql)") }
            }
        }
    }
}
