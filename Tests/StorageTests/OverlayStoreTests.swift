import Storage
import Testing

/// A store over another one: both are seen, and one is written.
@Suite struct OverlayStoreTests {
    @Test func whatIsWrittenStaysAbove() throws {
        let base = MemoryStore(now: { 1 })
        for path in ["a", "b", "c", "e"] { try base.put(path, Array(path.utf8)) }
        let store = OverlayStore(over: base) { 2 }
        try store.put("b", [9])
        try store.put("d", [8])
        try store.delete("c")
        try store.delete("e")
        #expect(try store.putIfAbsent("e", [7]))
        #expect(try !store.putIfAbsent("a", [7]))
        #expect(try store.list("").map(\.path) == ["a", "b", "d", "e"])
        #expect(try store.list("").map(\.modified) == [1, 2, 2, 2])
        #expect(try store.get("b") == [9])
        #expect(try store.get("e", range: 0..<1) == [7])
        #expect(try store.info("c") == nil && store.identity("c") == nil)
        #expect(throws: StorageError.notFound("c")) { try store.get("c") }
        #expect(throws: StorageError.notFound("c")) { try store.get("c", range: 0..<1) }
        #expect(try base.list("").map(\.path) == ["a", "b", "c", "e"])
        #expect(try base.get("b") == Array("b".utf8))
        #expect(try store.identity("a") == base.identity("a"))
        #expect(try store.identity("b") != base.identity("b"))
    }

    /// Pages of any size make up the whole list, whatever is hidden or replaced below.
    @Test func pagesAgreeWithTheWhole() throws {
        let base = MemoryStore()
        for number in 0..<60 { try base.put("p/\(1_000 + number * 3)", [1]) }
        let store = OverlayStore(over: base) { 2 }
        for number in 0..<60 where number % 4 == 0 { try store.delete("p/\(1_000 + number * 3)") }
        for number in 0..<40 { try store.put("p/\(1_000 + number * 5)", [2]) }
        let whole = try store.list("p/").map(\.path)
        #expect(whole == whole.sorted() && Set(whole).count == whole.count)
        var expected = Set((0..<60).filter { $0 % 4 != 0 }.map { "p/\(1_000 + $0 * 3)" })
        expected.formUnion((0..<40).map { "p/\(1_000 + $0 * 5)" })
        #expect(Set(whole) == expected)
        for limit in [1, 2, 7, 50] {
            var pages: [String] = []
            while true {
                let page = try store.list("p/", after: pages.last, limit: limit).map(\.path)
                #expect(page.count <= limit)
                pages += page
                if page.count < limit { break }
            }
            #expect(pages == whole)
        }
    }
}
