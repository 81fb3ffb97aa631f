import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

@Suite struct StoreCopyTests {
    private static let objects = ["a/b/c.json": "one", "a/d": "two", "_delta_log/0.json": "{}", "z": ""]

    private static func fill(_ store: any ObjectStore) throws {
        for (path, text) in objects { try store.put(path, Array(text.utf8)) }
    }

    private static func contents(_ store: any ObjectStore) throws -> [String: String] {
        try Dictionary(uniqueKeysWithValues: store.list("").map { ($0.path, String(decoding: try store.get($0.path), as: UTF8.self)) })
    }

    /// Each of two directories with shared files goes its own way.
    @Test func sharedDirectories() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let first = try DirectoryStore(root: folder + "/first", durable: false, now: { 1_700_000_000_000 })
        try Self.fill(first)
        let unfinished = try first.beginUpload()
        try unfinished.append([1])
        try first.share(with: folder + "/deep/second")
        let second = try DirectoryStore(root: folder + "/deep/second", durable: false, now: { 1_800_000_000_000 })
        #expect(try Self.contents(second) == Self.objects)
        #expect(try second.info("a/d")?.modified == 1_700_000_000_000)
        try first.put("a/d", Array("changed".utf8))
        try second.put("z", Array("other".utf8))
        try first.delete("a/b/c.json")
        #expect(try second.putIfAbsent("_delta_log/1.json", [0x7B]))
        #expect(try Self.contents(first) == ["a/d": "changed", "_delta_log/0.json": "{}", "z": ""])
        #expect(try Self.contents(second) == Self.objects.merging(["z": "other", "_delta_log/1.json": "{"]) { $1 })
        unfinished.cancel()
    }

    @Test func copiesKeepTheirTimes() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let clock = Mutex<Int64>(1_600_000_000_000)
        let origin = MemoryStore(now: {
            clock.withLock {
                $0 += 1000; return $0
            }
        })
        try Self.fill(origin)
        let dating = ObjectDating()
        let disk = try DirectoryStore(root: folder, durable: false, now: { dating.millis })
        try origin.copyAll(to: disk, dating: dating)
        let back = MemoryStore(now: { dating.millis })
        try disk.copyAll(to: back, dating: dating)
        #expect(try back.list("") == origin.list(""))
        #expect(try Self.contents(back) == Self.objects)
        #expect(Set(try back.list("").map(\.modified)).count == Self.objects.count)
    }
}
