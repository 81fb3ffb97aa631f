import Foundation
import Storage
import Testing

@Suite struct DirectoryListingTests {
    /// Pages of every size are what a plain list grouped by hand gives, in memory and on disk.
    @Test func pagesAreThoseOfAPlainList() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("listing-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let stores: [any ObjectStore] = [MemoryStore(), try DirectoryStore(root: root, durable: false)]
        var paths = ["b/a-b", "b/a.txt", "b/a/1", "b/a/2", "b/a0", "b/z/y/x", "b/z/\u{10FFFF}", "b/ü", "c"]
        for number in 0..<300 { paths.append("b/many/\(number)") }
        for store in stores {
            for path in paths { try store.put(path, [1]) }
            for prefix in ["b/", "b/a", "b/many/1", "", "nope/"] {
                var expected: [String] = []
                for path in paths.filter({ $0.hasPrefix(prefix) }).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
                    let rest = path.dropFirst(prefix.count)
                    let entry = rest.firstIndex(of: "/").map { prefix + rest[...$0] } ?? path
                    if expected.last != entry { expected.append(entry) }
                }
                for size in [1, 2, 3, 1000] {
                    var got: [String] = []
                    var listing = DirectoryListing()
                    repeat {
                        listing = try store.listDirectory(prefix, after: got.last, limit: size)
                        got += listing.entries.map(\.path)
                    } while listing.isTruncated
                    #expect(got == expected, "\(prefix) by \(size)")
                }
            }
        }
    }

    @Test func uploadsAppearAsAWhole() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("upload-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        let stores: [any ObjectStore] = [MemoryStore(), try DirectoryStore(root: root, durable: false)]
        for store in stores {
            let upload = try store.beginUpload()
            try upload.append([1, 2])
            try upload.append([3])
            #expect(try store.list("").isEmpty)
            #expect(try upload.commit("a/b", ifAbsent: true))
            #expect(try store.get("a/b") == [1, 2, 3])
            let second = try store.beginUpload()
            try second.append([9])
            #expect(try !second.commit("a/b", ifAbsent: true))
            let third = try store.beginUpload()
            try third.append([9])
            third.cancel()
            #expect(try store.list("").map(\.path) == ["a/b"])
            #expect(try store.concatenate(["a/b", "a/b"], to: "c"))
            #expect(try store.get("c") == [1, 2, 3, 1, 2, 3])
            #expect(throws: StorageError.self) { try store.concatenate(["nope"], to: "d") }
            #expect(try !store.exists("d"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/.staging").isEmpty)
    }
}
