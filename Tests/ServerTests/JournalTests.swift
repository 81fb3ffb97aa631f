import HTTPTypes
import Server
import Testing

@Suite struct JournalTests {
    private func entry(_ path: String, body: Int = 0) -> JournalEntry {
        JournalEntry(
            at: 0, operation: nil, method: "GET", path: path, query: "", status: 200, durationMicros: 0, fault: nil, principal: nil, note: nil,
            request: .init(headers: [:], body: [UInt8](repeating: 65, count: body)), response: .init(headers: [:], body: []))
    }

    @Test func entriesAreNumberedInOrder() {
        let journal = Journal()
        for path in ["/a", "/b", "/c"] { journal.append(entry(path)) }
        #expect(journal.entries().map(\.number) == [1, 2, 3])
        #expect(journal.entries().map(\.path) == ["/a", "/b", "/c"])
        journal.clear()
        #expect(journal.entries().isEmpty)
        journal.append(entry("/d"))
        #expect(journal.entries().map(\.number) == [1])
    }

    @Test func theOldestGoWhenThereAreTooMany() {
        let journal = Journal(maxEntries: 3, maxBytes: 1 << 20)
        for number in 1...10_000 { journal.append(entry("/\(number)")) }
        #expect(journal.entries().map(\.number) == [9_998, 9_999, 10_000])
    }

    @Test func bytesAreBounded() {
        let journal = Journal(maxEntries: 1_000, maxBytes: 10_000)
        for _ in 0..<100 { journal.append(entry("/x", body: 2_000)) }
        let kept = journal.entries()
        #expect(kept.count == 3)
        #expect(kept.last?.number == 100)
    }

    @Test func longBodiesAreCut() {
        let journal = Journal()
        journal.append(entry("/x", body: 100_000))
        #expect(journal.entries().first?.request.body.count == 16_384)
    }
}
