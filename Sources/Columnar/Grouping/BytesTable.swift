/// Gives each distinct byte string, and null, a number, dense and in order of first appearance.
struct BytesTable: Sendable {
    /// The numbers of strings of one byte, by the byte; -1 for those that are unknown.
    private var single = [Int32](repeating: -1, count: 256)
    /// Others of up to seven bytes, as words.
    private var short = WordTable()
    /// Longer ones, by their places: the string at place `p` is `bytes[ends[p]..<ends[p + 1]]`, and its number `numbers[p]`.
    private var table = SlotTable()
    private var bytes: [UInt8] = []
    private var ends: [Int] = [0]
    private var numbers: [Int32] = []
    private var nullID: Int32?
    private var count: Int32 = 0

    /// For `ids` and `fresh` see `WordTable`.
    mutating func number(_ array: BytesArray, ids: inout [Int32], fresh: inout [Int32]) {
        array.withSpans { spans in
            var row = 0
            while true {
                // Known strings are looked up in one go, which changes nothing; then the one that stopped it is added.
                row = ids.withUnsafeMutableBufferPointer { ids in
                    look(spans, array.validity, from: row, count: array.count) { ids[$0] = $1 }
                }
                if row == array.count { break }
                ids[row] = count
                fresh.append(Int32(truncatingIfNeeded: row))
                if array.validity?[row] ?? true { add(spans[row], before: spans.end) } else { nullID = count }
                count += 1
                row += 1
            }
        }
    }

    /// -1 for strings that are unknown.
    func find(_ array: BytesArray) -> [Int32] {
        var result = [Int32](repeating: -1, count: array.count)
        array.withSpans { spans in
            result.withUnsafeMutableBufferPointer { result in
                var row = 0
                while row < array.count { row = look(spans, array.validity, from: row, count: array.count) { result[$0] = $1 } + 1 }
            }
        }
        return result
    }

    /// Gives out the numbers of rows from one on; returns the first row whose string is unknown, or the count.
    @inline(__always)
    private func look(_ spans: ByteSpans, _ validity: Bitmap?, from first: Int, count: Int, _ found: (Int, Int32) -> Void) -> Int {
        short.withFinder { findShort in
            single.withUnsafeBufferPointer { single in
                numbers.withUnsafeBufferPointer { numbers in
                    for row in first..<count {
                        var id: Int32
                        if let validity, !validity[row] {
                            id = nullID ?? -1
                        } else {
                            let span = spans[row]
                            if span.count == 1 {
                                id = single[Int(span.start.load(as: UInt8.self))]
                            } else if span.count <= 7 {
                                id = findShort(span.word(before: spans.end))
                            } else {
                                id = table.find(Mixing.hash(span)) { matches(span, $0) }
                                if id >= 0 { id = numbers[Int(id)] }
                            }
                        }
                        if id < 0 { return row }
                        found(row, id)
                    }
                    return count
                }
            }
        }
    }

    /// Adds a string that is unknown, under the number `count`.
    private mutating func add(_ span: ByteSpan, before end: UnsafeRawPointer) {
        if span.count == 1 {
            single[Int(span.start.load(as: UInt8.self))] = count
            return
        }
        if span.count <= 7 {
            short.insert(span.word(before: end), count)
            return
        }
        table.insert(Mixing.hash(span), Int32(truncatingIfNeeded: numbers.count))
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: span.start, count: span.count))
        ends.append(bytes.count)
        numbers.append(count)
    }

    @inline(__always)
    private func matches(_ span: ByteSpan, _ place: Int) -> Bool {
        ends.withUnsafeBufferPointer { ends in
            let start = ends[place]
            guard ends[place + 1] - start == span.count else { return false }
            return bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return false }
                return ByteSpan(start: base + start, count: span.count) == span
            }
        }
    }
}
