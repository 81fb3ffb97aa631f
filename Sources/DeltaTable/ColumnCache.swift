import Columnar
import Storage
import Synchronization

/// Decoded columns of data files, the least recently used ones dropped when they grow beyond a limit. Files never change, so nothing gets stale.
/// One cache can serve many tables, stores and forks of stores.
package final class ColumnCache: Sendable {
    struct Key: Hashable, Sendable {
        let file: ObjectIdentity
        /// A column's name in the file; nil for what is known of the file itself.
        let column: String?
        let rowGroup: Int

        init(file: ObjectIdentity, column: String? = nil, rowGroup: Int = 0) {
            self.file = file
            self.column = column
            self.rowGroup = rowGroup
        }
    }

    enum Entry: Sendable {
        /// A row group's values, in pieces.
        case column([Column])
        /// The file has no such column.
        case absent
        /// How many rows each of the file's row groups has.
        case rowGroups([Int])
        /// What the file says of a column's values in each of its row groups.
        case known([ValueTest.Known?])

        var byteSize: Int {
            // What the key and the tables cost, roughly.
            let overhead = 200
            return if case .column(let pieces) = self { pieces.reduce(overhead) { $0 + $1.byteSize } } else { overhead }
        }
    }

    private let state: Mutex<LRU>

    /// `byteLimit` 0 keeps nothing.
    package init(byteLimit: Int = 256 << 20) { state = Mutex(LRU(byteLimit: byteLimit)) }

    package var byteSize: Int { state.withLock { $0.byteSize } }
    package var count: Int { state.withLock { $0.count } }

    func entry(_ key: Key) -> Entry? { state.withLock { $0.use(key) } }

    func insert(_ entry: Entry, for key: Key) { state.withLock { $0.insert(entry, key) } }

    package func removeAll() { state.withLock { $0 = LRU(byteLimit: $0.byteLimit) } }

    /// A doubly linked list in an array, most recently used first.
    private struct LRU {
        struct Node {
            var key: Key
            var entry: Entry
            var previous: Int
            var next: Int
        }

        let byteLimit: Int
        private(set) var byteSize = 0
        private var positions: [Key: Int] = [:]
        private var nodes: [Node] = []
        private var free: [Int] = []
        private var first = -1
        private var last = -1

        init(byteLimit: Int) { self.byteLimit = byteLimit }

        var count: Int { positions.count }

        mutating func use(_ key: Key) -> Entry? {
            guard let position = positions[key] else { return nil }
            if position != first {
                unlink(position)
                linkFirst(position)
            }
            return nodes[position].entry
        }

        mutating func insert(_ entry: Entry, _ key: Key) {
            if let position = positions[key] { remove(position) }
            let size = entry.byteSize
            // One entry may not push out most of the others.
            guard size <= byteLimit / 2 else { return }
            let node = Node(key: key, entry: entry, previous: -1, next: -1)
            let position: Int
            if let reused = free.popLast() {
                position = reused
                nodes[reused] = node
            } else {
                position = nodes.count
                nodes.append(node)
            }
            positions[key] = position
            linkFirst(position)
            byteSize += size
            while byteSize > byteLimit, last >= 0 { remove(last) }
        }

        private mutating func remove(_ position: Int) {
            unlink(position)
            byteSize -= nodes[position].entry.byteSize
            positions[nodes[position].key] = nil
            nodes[position].entry = .absent
            free.append(position)
        }

        private mutating func linkFirst(_ position: Int) {
            nodes[position].previous = -1
            nodes[position].next = first
            if first >= 0 { nodes[first].previous = position } else { last = position }
            first = position
        }

        private mutating func unlink(_ position: Int) {
            let (previous, next) = (nodes[position].previous, nodes[position].next)
            if previous >= 0 { nodes[previous].next = next } else { first = next }
            if next >= 0 { nodes[next].previous = previous } else { last = previous }
        }
    }
}
