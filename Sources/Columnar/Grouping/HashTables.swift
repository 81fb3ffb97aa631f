/// Gives each distinct word a number, dense and in order of first appearance. Open addressing, at most half full.
struct WordTable: Sendable {
    private struct Slot {
        var key: UInt64
        /// -1: empty.
        var id: Int32
    }

    private var slots = [Slot](repeating: Slot(key: 0, id: -1), count: 64)
    private(set) var count = 0

    /// Appends the number of each word to `ids`, and to `fresh` the position of each word that was new. Numbers begin behind `base`, which
    /// is how many numbers the caller has given away himself.
    mutating func number(_ words: [UInt64], base: inout Int, ids: inout [Int32], fresh: inout [Int32], skip: Bitmap?) {
        words.withUnsafeBufferPointer { words in
            var row = 0
            while row < words.count {
                if count * 2 >= slots.count { grow() }
                let mask = slots.count - 1
                let room = slots.count / 2
                slots.withUnsafeMutableBufferPointer { slots in
                    while row < words.count, count < room {
                        if let skip, !skip[row] {
                            ids[row] = -1
                            row += 1
                            continue
                        }
                        let key = words[row]
                        var at = Int(truncatingIfNeeded: Mixing.fold(Mixing.seed, key)) & mask
                        while true {
                            let slot = slots[at]
                            if slot.id < 0 {
                                let id = Int32(truncatingIfNeeded: base)
                                base += 1
                                slots[at] = Slot(key: key, id: id)
                                ids[row] = id
                                fresh.append(Int32(truncatingIfNeeded: row))
                                count += 1
                                break
                            }
                            if slot.key == key {
                                ids[row] = slot.id
                                break
                            }
                            at = (at + 1) & mask
                        }
                        row += 1
                    }
                }
            }
        }
    }

    /// Adds a word that is unknown.
    mutating func insert(_ key: UInt64, _ id: Int32) {
        if count * 2 >= slots.count { grow() }
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: Mixing.fold(Mixing.seed, key)) & mask
        while slots[at].id >= 0 { at = (at + 1) & mask }
        slots[at] = Slot(key: key, id: id)
        count += 1
    }

    /// Calls `body` with a function that gives a word's number, or -1.
    @inline(__always)
    func withFinder<R>(_ body: ((UInt64) -> Int32) -> R) -> R {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            return body { key in
                var at = Int(truncatingIfNeeded: Mixing.fold(Mixing.seed, key)) & mask
                while slots[at].id >= 0, slots[at].key != key { at = (at + 1) & mask }
                return slots[at].id
            }
        }
    }

    /// The number of each word, -1 for those unknown.
    func find(_ words: [UInt64]) -> [Int32] {
        let mask = slots.count - 1
        return slots.withUnsafeBufferPointer { slots in
            words.withUnsafeBufferPointer { words in
                [Int32](unsafeUninitializedCapacity: words.count) { result, filled in
                    for row in 0..<words.count {
                        let key = words[row]
                        var at = Int(truncatingIfNeeded: Mixing.fold(Mixing.seed, key)) & mask
                        while slots[at].id >= 0, slots[at].key != key { at = (at + 1) & mask }
                        result.initializeElement(at: row, to: slots[at].id)
                    }
                    filled = words.count
                }
            }
        }
    }

    private mutating func grow() {
        var larger = [Slot](repeating: Slot(key: 0, id: -1), count: slots.count * 4)
        let mask = larger.count - 1
        larger.withUnsafeMutableBufferPointer { larger in
            for slot in slots where slot.id >= 0 {
                var at = Int(truncatingIfNeeded: Mixing.fold(Mixing.seed, slot.key)) & mask
                while larger[at].id >= 0 { at = (at + 1) & mask }
                larger[at] = slot
            }
        }
        slots = larger
    }
}

/// Open addressing over entries that are kept elsewhere, by their hash and number.
struct SlotTable: Sendable {
    struct Slot {
        var hash: UInt64
        /// -1: empty.
        var id: Int32
    }

    private(set) var slots = [Slot](repeating: Slot(hash: 0, id: -1), count: 64)
    private(set) var count = 0

    /// The number of the entry with that hash of which `matches` holds, or -1.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int32 {
        slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var at = Int(truncatingIfNeeded: hash) & mask
            while true {
                let slot = slots[at]
                if slot.id < 0 { return -1 }
                if slot.hash == hash, matches(Int(slot.id)) { return slot.id }
                at = (at + 1) & mask
            }
        }
    }

    /// Adds an entry that is not there yet.
    mutating func insert(_ hash: UInt64, _ id: Int32) {
        if count * 2 >= slots.count { grow() }
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at].id >= 0 { at = (at + 1) & mask }
        slots[at] = Slot(hash: hash, id: id)
        count += 1
    }

    private mutating func grow() {
        var larger = [Slot](repeating: Slot(hash: 0, id: -1), count: slots.count * 4)
        let mask = larger.count - 1
        larger.withUnsafeMutableBufferPointer { larger in
            for slot in slots where slot.id >= 0 {
                var at = Int(truncatingIfNeeded: slot.hash) & mask
                while larger[at].id >= 0 { at = (at + 1) & mask }
                larger[at] = slot
            }
        }
        slots = larger
    }
}

/// Gives each distinct tuple of `width` words a number, dense and in order of first appearance.
struct TupleTable: Sendable {
    let width: Int
    private var table = SlotTable()
    private var keys: [UInt64] = []

    init(width: Int) { self.width = width }

    /// `words` holds `width` words a row; for `ids` and `fresh` see `WordTable`.
    mutating func number(_ words: [UInt64], ids: inout [Int32], fresh: inout [Int32]) {
        words.withUnsafeBufferPointer { words in
            for row in 0..<ids.count {
                let hash = hash(words, row)
                var id = table.find(hash) { matches(words, row, $0) }
                if id < 0 {
                    id = Int32(truncatingIfNeeded: table.count)
                    keys.append(contentsOf: words[row * width..<(row + 1) * width])
                    table.insert(hash, id)
                    fresh.append(Int32(truncatingIfNeeded: row))
                }
                ids[row] = id
            }
        }
    }

    func find(_ words: [UInt64], count: Int) -> [Int32] {
        words.withUnsafeBufferPointer { words in
            (0..<count).map { row in table.find(hash(words, row)) { matches(words, row, $0) } }
        }
    }

    @inline(__always)
    private func hash(_ words: UnsafeBufferPointer<UInt64>, _ row: Int) -> UInt64 {
        var hash = Mixing.seed
        for index in row * width..<(row + 1) * width { hash = Mixing.fold(hash, words[index]) }
        return hash
    }

    @inline(__always)
    private func matches(_ words: UnsafeBufferPointer<UInt64>, _ row: Int, _ id: Int) -> Bool {
        keys.withUnsafeBufferPointer { keys in
            for index in 0..<width where keys[id * width + index] != words[row * width + index] { return false }
            return true
        }
    }
}
