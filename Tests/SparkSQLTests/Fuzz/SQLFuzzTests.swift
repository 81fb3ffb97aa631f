import Foundation
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Synchronization
import TestSupport
import Testing

/// Damaged SQL through parser, analyser, optimiser and planner: whatever it is, there is a plan or a named error, in little time.
///
/// `FUZZ_SQL_CASES` asks for a long run, `FUZZ_SQL_SEEDS` adds the statements of the `.jsonl` files below a folder, `FUZZ_SQL_FIRST` is the first
/// case's number, and `FUZZ_SQL_LOG` a file that holds the case under way, for a run that ends badly.
@Suite struct SQLFuzzTests {
    @Test func damagedStatementsEndInPlansOrErrors() async {
        let environment = ProcessInfo.processInfo.environment
        let long = environment["FUZZ_SQL_CASES"].flatMap { Int($0) }
        let run = SQLFuzzRun(
            seeds: SQLFuzzRun.ownSeeds() + (environment["FUZZ_SQL_SEEDS"].map(SQLFuzzRun.seeds(below:)) ?? []),
            first: environment["FUZZ_SQL_FIRST"].flatMap { UInt64($0) } ?? 1, log: environment["FUZZ_SQL_LOG"])
        let figures = await run.onThread(cases: long ?? 250)
        if long != nil { print(figures, "peak memory \(Self.peakMemory)") }
        #expect(run.seedCount > 500)
        #expect(figures.parsed > figures.cases / 10 && figures.planned > figures.cases / 50)
        #expect(figures.unnamed.isEmpty, "\(figures.unnamed)")
        if long != nil { #expect(figures.overASecond == 0) }
    }

    /// As the system counts it; empty where it does not say.
    private static var peakMemory: String {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        return status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }.map { $0.dropFirst(6).trimmingCharacters(in: .whitespaces) } ?? ""
    }
}
