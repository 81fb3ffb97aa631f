import Foundation
import Storage
import Synchronization

/// The directory in which the main workspace is kept. What a reset or a restore brings back is built up beside what is there and then takes its place in one
/// step: a crash leaves the one or the other.
///
///     workspace.sqlite, storage/       the workspace
///     current                          the folder that holds these two instead, after a reset or a restore
///     generations/                     such folders
///     snapshots/                       objects of snapshots, which end with the process
///     seed                             of the start state
final class DataDirectory: Sendable {
    private struct State {
        var current: String
        var next = 1
    }

    /// In one line.
    struct Damage: Error, CustomStringConvertible {
        let description: String
    }

    private let root: String
    private let state: Mutex<State>
    /// What the start state was made of; nil for a directory that does not say.
    let seed: UInt64?

    /// Makes the directory if need be, and clears away what no workspace uses any more.
    init(_ root: String, seed: UInt64) throws {
        self.root = root
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let named = FileManager.default.contents(atPath: root + "/current").map { String(decoding: $0, as: UTF8.self) }
        if let named, !named.hasPrefix("generations/") || named.contains("..") || !FileManager.default.fileExists(atPath: root + "/" + named) {
            throw Damage(description: "the file 'current' names no folder of a workspace")
        }
        state = Mutex(State(current: named ?? ""))
        if !FileManager.default.fileExists(atPath: root + "/workspace.sqlite"), named == nil {
            try Data("\(seed)".utf8).write(to: URL(fileURLWithPath: root + "/seed"), options: .atomic)
        }
        self.seed = FileManager.default.contents(atPath: root + "/seed").flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        remove("snapshots")
        clear(keeping: [named ?? ""])
    }

    /// The folder of the workspace in use.
    var folder: String { path(state.withLock { $0.current }) }

    static func database(in folder: String) -> String { folder + "/workspace.sqlite" }
    static func objects(in folder: String) -> String { folder + "/storage" }

    /// A new folder under one of the names that go with the process.
    private func newFolder(_ kind: String) throws -> String {
        while true {
            let name = state.withLock { state in
                defer { state.next += 1 }
                return "\(kind)/\(state.next)"
            }
            if FileManager.default.fileExists(atPath: path(name)) { continue }
            try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
            return name
        }
    }

    /// A folder for a snapshot's objects, which goes with its last user.
    func snapshotFolder() throws -> HeldFolder { HeldFolder(path(try newFolder("snapshots"))) }

    /// Lets `fill` make the workspace's next folder, and puts that in the place of the one in use. Calls under way end on the old one, which is kept
    /// until the next change.
    func replace<Result>(_ fill: (_ folder: String) throws -> Result) throws -> Result {
        let name = try newFolder("generations")
        do {
            let result = try fill(path(name))
            try Data(name.utf8).write(to: URL(fileURLWithPath: root + "/current"), options: .atomic)
            let old = state.withLock { state in
                defer { state.current = name }
                return state.current
            }
            clear(keeping: [old, name])
            return result
        } catch {
            remove(name)
            throw error
        }
    }

    /// Removes workspaces that are not in use; the empty name is that of the directory's own.
    private func clear(keeping names: Set<String>) {
        for found in (try? FileManager.default.contentsOfDirectory(atPath: root + "/generations")) ?? [] where !names.contains("generations/" + found)
        {
            remove("generations/" + found)
        }
        if !names.contains("") {
            for file in ["workspace.sqlite", "workspace.sqlite-wal", "workspace.sqlite-shm", "storage"] { remove(file) }
        }
    }

    private func path(_ name: String) -> String { name.isEmpty ? root : root + "/" + name }
    private func remove(_ name: String) { try? FileManager.default.removeItem(atPath: path(name)) }
}

/// A folder that is removed when nobody refers to it any more.
final class HeldFolder: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Objects that are never written to: a workspace gets a copy.
enum ImageObjects: Sendable {
    case memory(MemoryStore)
    case folder(HeldFolder)

    /// A store in memory with these objects; `now` dates further ones.
    func memory(now: @escaping @Sendable () -> Int64) throws -> MemoryStore {
        switch self {
        case .memory(let store): return store.fork(now: now)
        case .folder(let folder):
            let dating = ObjectDating()
            let store = MemoryStore(now: { dating.millis })
            try DirectoryStore(root: folder.path, durable: false).copyAll(to: store, dating: dating)
            return store.fork(now: now)
        }
    }

    /// Puts these objects below a directory.
    func put(below root: String) throws {
        switch self {
        case .memory(let store):
            let dating = ObjectDating()
            try store.copyAll(to: DirectoryStore(root: root, now: { dating.millis }), dating: dating)
        case .folder(let folder): try DirectoryStore(root: folder.path, durable: false).share(with: root)
        }
    }
}
