import Foundation
import Storage
import Synchronization
import TestSupport
import Testing

/// What every store must do, run on each kind.
@Suite struct ObjectStoreTests {
    enum Kind: CaseIterable { case memory, directory, overlay }

    /// Gives a new store of a kind and cleans up behind it.
    func with(_ kind: Kind, _ body: (any ObjectStore) throws -> Void) throws {
        switch kind {
        case .memory: try body(MemoryStore(now: { 1_700_000_000_123 }))
        case .overlay: try body(OverlayStore(over: MemoryStore(now: { 1 })) { 1_700_000_000_123 })
        case .directory:
            let root = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: root) }
            try body(DirectoryStore(root: root, durable: false, now: { 1_700_000_000_123 }))
        }
    }

    @Test(arguments: Kind.allCases) func putGetDelete(_ kind: Kind) throws {
        try with(kind) { store throws in
            #expect(throws: StorageError.notFound("a/b")) { try store.get("a/b") }
            #expect(try store.info("a/b") == nil)
            try store.put("a/b", [1, 2, 3])
            #expect(try store.get("a/b") == [1, 2, 3])
            #expect(try store.info("a/b") == ObjectInfo(path: "a/b", size: 3, modified: 1_700_000_000_123))
            try store.put("a/b", [4])
            #expect(try store.get("a/b") == [4])
            try store.put("empty", [])
            #expect(try store.get("empty") == [])
            #expect(try store.exists("empty"))
            try store.delete("a/b")
            try store.delete("a/b")
            #expect(try !store.exists("a/b"))
            #expect(try store.info("a") == nil)
            #expect(try store.list("").map(\.path) == ["empty"])
        }
    }

    @Test(arguments: Kind.allCases) func ranges(_ kind: Kind) throws {
        try with(kind) { store throws in
            try store.put("x", Array(0..<10))
            #expect(try store.get("x", range: 2..<5) == [2, 3, 4])
            #expect(try store.get("x", range: 8..<50) == [8, 9])
            #expect(try store.get("x", range: 40..<50) == [])
            #expect(throws: StorageError.notFound("y")) { try store.get("y", range: 0..<1) }
        }
    }

    @Test(arguments: Kind.allCases) func putIfAbsent(_ kind: Kind) throws {
        try with(kind) { store throws in
            #expect(try store.putIfAbsent("d/e", [1]))
            #expect(try !store.putIfAbsent("d/e", [2]))
            #expect(try store.get("d/e") == [1])
        }
    }

    @Test(arguments: Kind.allCases) func identities(_ kind: Kind) throws {
        try with(kind) { store throws in
            #expect(try store.identity("x") == nil)
            try store.put("x", [1])
            try store.put("y", [1])
            let first = try store.identity("x")
            #expect(first != nil)
            #expect(try store.identity("x") == first)
            #expect(try store.identity("y") != first)
            if let memory = store as? MemoryStore {
                let fork = memory.fork()
                #expect(try fork.identity("x") == first)
                try fork.put("x", [2])
                #expect(try fork.identity("x") != first)
            }
            try store.put("x", [2])
            #expect(try store.identity("x") != first)
        }
    }

    @Test(arguments: Kind.allCases) func onlyOneOfManyPuts(_ kind: Kind) async throws {
        try with(kind) { store throws in
            let wins = Wins()
            DispatchQueue.concurrentPerform(iterations: 32) { index in
                if (try? store.putIfAbsent("log/0", [UInt8(index)])) == true { wins.add(index) }
            }
            #expect(wins.all.count == 1)
            #expect(try store.get("log/0") == wins.all.map { UInt8($0) })
        }
    }

    @Test(arguments: Kind.allCases) func listing(_ kind: Kind) throws {
        try with(kind) { store throws in
            let paths = ["a.txt", "a/1", "a/2", "a/b/c", "a0", "b", "t/_delta_log/00.json", "t/_delta_log/01.json", "é/x"]
            for path in paths.reversed() { try store.put(path, []) }
            #expect(try store.list("").map(\.path) == paths)
            #expect(try store.list("a/").map(\.path) == ["a/1", "a/2", "a/b/c"])
            #expect(try store.list("a").map(\.path) == ["a.txt", "a/1", "a/2", "a/b/c", "a0"])
            #expect(try store.list("a/b").map(\.path) == ["a/b/c"])
            #expect(
                try store.list("", after: "a/2").map(\.path) == ["a/b/c", "a0", "b", "t/_delta_log/00.json", "t/_delta_log/01.json", "é/x"])
            #expect(try store.list("a/", after: "a/b").map(\.path) == ["a/b/c"])
            #expect(try store.list("a/", after: "zzz").map(\.path) == [])
            #expect(try store.list("t/_delta_log/", after: "t/_delta_log/00.json").map(\.path) == ["t/_delta_log/01.json"])
            #expect(try store.list("", after: nil, limit: 2).map(\.path) == ["a.txt", "a/1"])
            #expect(try store.list("nothing/here").isEmpty)
            #expect(try store.list("../").isEmpty)
        }
    }

    static let invalid = ["", "/a", "a/", "a//b", "../a", "a/../b", "a/..", ".", "./a", "a/./b", "..", "a\0b", "/etc/passwd"]

    @Test(arguments: Kind.allCases, invalid) func refusesPaths(_ kind: Kind, _ path: String) throws {
        try with(kind) { store throws in
            #expect(throws: StorageError.invalidPath(path)) { try store.put(path, [1]) }
            #expect(throws: StorageError.invalidPath(path)) { try store.putIfAbsent(path, [1]) }
            #expect(throws: StorageError.self) { try store.get(path) }
            #expect(throws: Never.self) { try store.put("..a/.b/...", [1]) }
        }
    }

    /// Both kinds against a dictionary, on a random history.
    @Test(arguments: Kind.allCases) func modelCheck(_ kind: Kind) throws {
        try with(kind) { store throws in
            var random = SeededRandom(seed: 5)
            var model: [String: [UInt8]] = [:]
            let steps = kind == .memory ? 20_000 : 600
            let range: UInt32 = kind == .memory ? 3000 : 60
            for step in 0..<steps {
                // Names of one depth, so that no file stands where a directory must.
                let path = "d\(UInt32.random(in: 0..<5, using: &random))/k\(UInt32.random(in: 0..<range, using: &random))"
                let bytes = [UInt8(truncatingIfNeeded: step)]
                switch UInt32.random(in: 0..<4, using: &random) {
                case 0:
                    try store.put(path, bytes)
                    model[path] = bytes
                case 1:
                    #expect(try store.putIfAbsent(path, bytes) == (model[path] == nil))
                    if model[path] == nil { model[path] = bytes }
                case 2:
                    try store.delete(path)
                    model[path] = nil
                default: #expect((try? store.get(path)) == model[path])
                }
                if step % 500 == 0 {
                    let sorted = model.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                    #expect(try store.list("").map(\.path) == sorted)
                    #expect(
                        try store.list("d1/k", after: "d1/k3", limit: 7).map(\.path)
                            == Array(sorted.filter { $0.hasPrefix("d1/k") && $0 > "d1/k3" }.prefix(7)))
                }
            }
        }
    }

    final class Wins: Sendable {
        private let winners = Mutex<[Int]>([])
        var all: [Int] { winners.withLock { $0 } }
        func add(_ index: Int) { winners.withLock { $0.append(index) } }
    }
}

@Suite struct ForkTests {
    @Test func forksAreIndependent() throws {
        let origin = MemoryStore()
        for index in 0..<2000 { try origin.put("k\(index)", [UInt8(truncatingIfNeeded: index)]) }
        let fork = origin.fork()
        try fork.put("k7", [99])
        try fork.delete("k8")
        try origin.put("new", [1])
        #expect(try origin.get("k7") == [7])
        #expect(try origin.get("k8") == [8])
        #expect(try fork.get("k7") == [99])
        #expect(try !fork.exists("k8"))
        #expect(try !fork.exists("new"))
        #expect(origin.count == 2001)
        #expect(fork.count == 1999)
        origin.restore(fork)
        #expect(try origin.get("k7") == [99])
        #expect(origin.count == 1999)
    }

    @Test func directoriesKeepTheirContents() throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: root) }
        try DirectoryStore(root: root).put("a/b", [1])
        try Data([1]).write(to: URL(fileURLWithPath: root + "/.staging/123-4"))
        let again = try DirectoryStore(root: root + "/")
        #expect(try again.get("a/b") == [1])
        #expect(try again.list("").map(\.path) == ["a/b"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: root + "/.staging").isEmpty)
        #expect(throws: StorageError.self) { try again.put(".staging/x", [1]) }
        // A file where a directory must be.
        #expect(throws: StorageError.invalidPath("a/b/c")) { try again.put("a/b/c", [1]) }
        #expect(throws: StorageError.invalidPath("a")) { try again.put("a", [1]) }
    }
}
