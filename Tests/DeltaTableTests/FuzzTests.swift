import Foundation
import Testing

/// Logs, checkpoints, deletion vectors and data files that are damaged.
@Suite struct FuzzTests {
    /// `FUZZ_DELTA_CASES` asks for a longer run, from the seed `FUZZ_DELTA_FIRST` on.
    @Test func damagedTables() throws {
        let environment = ProcessInfo.processInfo.environment
        let cases = environment["FUZZ_DELTA_CASES"].flatMap { UInt64($0) } ?? 150
        let first = environment["FUZZ_DELTA_FIRST"].flatMap { UInt64($0) } ?? 1
        var fuzz = try DeltaFuzz()
        for seed in first..<first + cases { fuzz.run(seed: seed) }
        // Both happen, or the damage is none, or too much.
        for what in ["snapshot", "version", "history", "changes", "rows", "compaction", "restore"] {
            #expect(fuzz.outcomes[what + " read"] ?? 0 > 0)
            #expect(fuzz.outcomes[what + " refused"] ?? 0 > 0)
        }
        // Every refusal has a name.
        #expect(fuzz.conditions["none"] == nil)
    }
}
