import Columnar

/// Decodes the chunk of a column without lists or structs around it, one piece of its rows after the other. Values go from the page to the piece
/// that they stay in, so that hardly more memory is touched than the pieces take.
struct FlatColumnReader {
    private let leaf: LeafColumn
    private let entryCount: Int
    private let byteLimit: Int
    private let budget: ReadBudget
    private var pages: PageReader
    private var dictionary: PhysicalValues?
    private var page = Page()
    /// Entries of the pages so far.
    private var seen = 0
    /// Bytes of the strings so far.
    private var stringBytes = 0

    /// The page under way.
    private struct Page {
        var values = PageValues.none
        /// nil: no entry is null.
        var validity: Bitmap?
        var count = 0
        /// Entries and values that have been given out.
        var entry = 0
        var value = 0
    }

    /// Values of a page that go to the same piece.
    private struct Run {
        let values: PageValues
        let first: Int
        let count: Int

        var range: Range<Int> { first..<first + count }
    }

    static func reads(_ leaf: LeafColumn) -> Bool {
        guard leaf.maxRepetition == 0, leaf.maxDefinition <= 1 else { return false }
        return switch leaf.physicalType {
        case .int32, .int64, .float, .double, .byteArray: true
        case .boolean, .int96, .fixedLenByteArray: false
        }
    }

    /// `entryCount`: how many entries there are by the chunk's metadata, nulls among them.
    init(_ leaf: LeafColumn, pages: PageReader, entryCount: Int, byteLimit: Int, budget: ReadBudget) {
        self.leaf = leaf
        self.entryCount = entryCount
        self.byteLimit = byteLimit
        self.budget = budget
        self.pages = pages
    }

    /// The next rows, of which there must be so many.
    mutating func column(rows: Int) throws(ParquetError) -> Column {
        var runs: [Run] = []
        var validity = BitmapBuilder()
        validity.reserve(rows)
        var count = 0
        while validity.count < rows {
            if page.entry == page.count { try openPage() }
            let taken = min(rows - validity.count, page.count - page.entry)
            let ones = appendValidity(taken, to: &validity)
            if ones > 0 { runs.append(Run(values: page.values, first: page.value, count: ones)) }
            page.entry += taken
            page.value += ones
            count += ones
        }
        let values = try self.values(runs, count)
        return try ValueConverter(leaf: leaf, values: values, validity: validity.finishValidity(), count: rows).column()
    }

    /// Gives how many of the page's next entries have a value.
    private func appendValidity(_ count: Int, to bits: inout BitmapBuilder) -> Int {
        guard let validity = page.validity else {
            bits.append(repeating: true, count: count)
            return count
        }
        let part = validity.slice(page.entry..<page.entry + count)
        var left = count
        for word in part.words {
            bits.append(bits: word, count: min(left, 64))
            left -= 64
        }
        return part.onesCount
    }

    // MARK: Pages

    /// Goes on to the next page that has entries.
    private mutating func openPage() throws(ParquetError) {
        while seen < entryCount, let next = try pages.next() {
            var body = next.body
            var levels = Levels(leaf)
            let (count, present): (Int, Int)
            let encoding: Int32
            switch next.header.kind {
            case .dictionary(let header):
                guard dictionary == nil else { throw .malformed("two dictionaries in a column chunk") }
                dictionary = try PhysicalValues(header, &body, leaf, byteLimit: byteLimit)
                continue
            case .data(let header):
                count = try checkedCount(header.valueCount)
                present = try levels.append(&body, count: count, header)
                encoding = header.encoding
            case .dataV2(let header):
                count = try checkedCount(header.valueCount)
                present = try levels.append(&body, count: count, header)
                encoding = header.encoding
            case .other: continue
            }
            page = Page(
                values: try PageValues(&body, leaf, count: present, encoding, dictionaryCount: dictionary?.count, byteLimit: byteLimit),
                validity: levels.validity.finishValidity(), count: count)
            seen += count
            if count > 0 { return }
        }
        throw .malformed("the column '\(leaf.name)' has \(seen) values where there are \(entryCount)")
    }

    private func checkedCount(_ count: Int32) throws(ParquetError) -> Int {
        guard count >= 0, Int(count) <= entryCount - seen else {
            throw .malformed("the column '\(leaf.name)' has more values than its metadata say")
        }
        return Int(count)
    }

    // MARK: Values

    private mutating func values(_ runs: [Run], _ count: Int) throws(ParquetError) -> PhysicalValues {
        switch leaf.physicalType {
        case .int32: .int32(gather(runs, count) { if case .int32(let values) = $0 { values } else { [] } })
        case .int64: .int64(gather(runs, count) { if case .int64(let values) = $0 { values } else { [] } })
        case .float: .float(gather(runs, count) { if case .float(let values) = $0 { values } else { [] } })
        case .double: .double(gather(runs, count) { if case .double(let values) = $0 { values } else { [] } })
        case .byteArray: try strings(runs, count)
        case .boolean, .int96, .fixedLenByteArray: throw .unsupported("a column of this type in pieces")
        }
    }

    /// `words`: what there is in values of the column's own type.
    private func gather<T: FixedWidthInteger & BitwiseCopyable>(_ runs: [Run], _ count: Int, _ words: (PhysicalValues) -> [T]) -> [T] {
        let dictionary = dictionary.map(words) ?? []
        return [T](unsafeUninitializedCapacity: count) { target, filled in
            for run in runs {
                let room = UnsafeMutableBufferPointer(rebasing: target[filled..<filled + run.count])
                filled += Self.fill(room, run, dictionary, words)
            }
        }
    }

    /// Gives how many values there were. What a run refers to was checked when its page was opened.
    private static func fill<T: FixedWidthInteger & BitwiseCopyable>(
        _ room: UnsafeMutableBufferPointer<T>, _ run: Run, _ dictionary: [T], _ words: (PhysicalValues) -> [T]
    ) -> Int {
        let size = MemoryLayout<T>.size
        switch run.values {
        case .plain(let bytes, let start):
            bytes.withUnsafeBytes { bytes in
                let from = start + run.first * size
                UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[from..<from + run.count * size]))
            }
        case .indices(let indices):
            indices.withUnsafeBufferPointer { indices in
                dictionary.withUnsafeBufferPointer { dictionary in
                    for place in 0..<run.count { room.initializeElement(at: place, to: dictionary[Int(indices[run.first + place])]) }
                }
            }
        case .decoded(let values):
            words(values).withUnsafeBytes { values in
                let part = values[run.first * size..<(run.first + run.count) * size]
                UnsafeMutableRawBufferPointer(room).copyMemory(from: UnsafeRawBufferPointer(rebasing: part))
            }
        case .strings, .none: return 0
        }
        return run.count
    }

    private mutating func strings(_ runs: [Run], _ count: Int) throws(ParquetError) -> PhysicalValues {
        var starts: [Int32] = [0]
        var source: [UInt8] = []
        if case .byteArray(let offsets, let bytes)? = dictionary { (starts, source) = (offsets, bytes) }
        var total = 0
        let offsets = [Int32](unsafeUninitializedCapacity: count + 1) { target, filled in
            target.initializeElement(at: 0, to: 0)
            filled = 1
            for run in runs {
                let room = UnsafeMutableBufferPointer(rebasing: target[filled..<filled + run.count])
                switch run.values {
                case .strings(_, _, let starts): StringCopy.ends(starts, run.range, gap: PageValues.lengthSize, room, &total)
                case .indices(let indices): StringCopy.ends(starts, at: indices, run.range, room, &total)
                case .decoded(.byteArray(let offsets, _)): StringCopy.ends(offsets, run.range, gap: 0, room, &total)
                case .plain, .decoded, .none: continue
                }
                filled += run.count
            }
        }
        guard total <= byteLimit - stringBytes else { throw .tooLarge("the strings of a column chunk") }
        stringBytes += total
        try budget.take(total)
        var place = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: total + StringCopy.slack) { target, filled in
            let target = UnsafeMutableRawBufferPointer(target)
            for run in runs {
                let ends = offsets[place...place + run.count]
                switch run.values {
                case .strings(let page, let start, let starts): StringCopy.copy(page, start, starts, run.range, ends, target)
                case .indices(let indices): StringCopy.copy(source, starts, at: indices, run.range, ends, target)
                case .decoded(.byteArray(let starts, let bytes)): StringCopy.copy(bytes, 0, starts, run.range, ends, target)
                case .plain, .decoded, .none: continue
                }
                place += run.count
            }
            filled = total
        }
        return .byteArray(offsets, bytes)
    }
}
