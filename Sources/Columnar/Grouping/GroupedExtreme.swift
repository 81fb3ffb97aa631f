/// The least or greatest value of each group, in Spark's order (NaN is greatest; strings by their collation).
package struct GroupedExtreme: Sendable {
    package enum Which: Sendable { case least, greatest }

    private let which: Which
    private let type: DataType
    private var seen: [Bool] = []
    // The best so far, in the one of these that the type's layout calls for.
    private var int8s: [Int8] = []
    private var int16s: [Int16] = []
    private var int32s: [Int32] = []
    private var int64s: [Int64] = []
    private var int128s: [Int128] = []
    private var floats: [Float] = []
    private var doubles: [Double] = []
    private var strings: [[UInt8]] = []
    /// How each of them begins, and its length: mostly enough to tell.
    private var beginnings: [(prefix: UInt64, count: Int)] = []
    /// Of strings with a collation: what stands in `strings` is what it compares, the values themselves are here.
    private var originals: [[UInt8]] = []
    /// Of nested layouts: a column of one row a group.
    private var rows: [Column?] = []

    package init(_ which: Which, type: DataType) {
        self.which = which
        self.type = type
    }

    /// The column has the layout of the type (or is void).
    package mutating func update(_ column: Column, groups: [Int32], groupCount: Int) {
        seen.grow(to: groupCount, with: false)
        let least = which == .least
        switch column.values {
        case .void: break
        case .int8(let array): Self.fold(array, least, groups, groupCount, &int8s, &seen)
        case .int16(let array): Self.fold(array, least, groups, groupCount, &int16s, &seen)
        case .int32(let array): Self.fold(array, least, groups, groupCount, &int32s, &seen)
        case .int64(let array): Self.fold(array, least, groups, groupCount, &int64s, &seen)
        case .int128(let array): Self.fold(array, least, groups, groupCount, &int128s, &seen)
        case .float(let array): Self.fold(array, least, groups, groupCount, &floats, &seen)
        case .double(let array): Self.fold(array, least, groups, groupCount, &doubles, &seen)
        case .boolean(let array):
            let numbers = PrimitiveArray((0..<array.count).map { array.values[$0] ? 1 : 0 } as [Int8], validity: array.validity)
            Self.fold(numbers, least, groups, groupCount, &int8s, &seen)
        case .bytes(let array): foldStrings(array, column.type, groups, groupCount)
        case .list, .structure: foldRows(column, groups, groupCount)
        }
    }

    private static func fold<T: TotalOrder & BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ array: PrimitiveArray<T>, _ least: Bool, _ groups: [Int32], _ groupCount: Int, _ best: inout [T], _ seen: inout [Bool]
    ) {
        best.grow(to: groupCount, with: 0)
        array.values.withUnsafeBufferPointer { values in
            best.withUnsafeMutableBufferPointer { best in
                seen.withUnsafeMutableBufferPointer { seen in
                    Kernel.forEachValid(groups, array.validity) { row, group in
                        let value = values[row]
                        if !seen[group] || (least ? T.less(value, best[group]) : T.less(best[group], value)) {
                            best[group] = value
                            seen[group] = true
                        }
                    }
                }
            }
        }
    }

    private mutating func foldStrings(_ array: BytesArray, _ type: DataType, _ groups: [Int32], _ groupCount: Int) {
        strings.grow(to: groupCount, with: [])
        let isCollated = type == .string(.utf8LCase)
        if isCollated { originals.grow(to: groupCount, with: []) }
        let compared = isCollated ? array.lowercased() : array
        beginnings.grow(to: groupCount, with: (0, 0))
        let least = which == .least
        compared.withSpans { spans in
            var bound: UInt64?
            if groupCount == 1 {
                let best = Self.bestPrefix(spans, array.validity, array.count, least)
                if seen[0], !Self.mayBeBetter(best, beginnings[0], least) { return }
                bound = best.prefix
            }
            Kernel.forEachValid(groups, array.validity) { row, group in
                let span = spans[row]
                let prefix = span.prefix(before: spans.end)
                if let bound, prefix != bound { return }
                if seen[group] {
                    let best = beginnings[group]
                    if prefix != best.prefix {
                        if (prefix < best.prefix) != least { return }
                    } else if span.count <= 8, best.count <= 8 {
                        if span.count == best.count || (span.count < best.count) != least { return }
                    } else if strings[group].withSpan({ ByteSpan.order(span, $0) }) * (least ? 1 : -1) >= 0 {
                        return
                    }
                }
                beginnings[group] = (prefix, span.count)
                strings[group] = Array(compared[row])
                if isCollated { originals[group] = Array(array[row]) }
                seen[group] = true
            }
        }
    }

    /// The best of the strings' prefixes, and the least and the greatest length of all.
    private static func bestPrefix(
        _ spans: ByteSpans, _ validity: Bitmap?, _ count: Int, _ least: Bool
    ) -> (prefix: UInt64, shortest: Int, longest: Int) {
        var (prefix, shortest, longest) = (least ? UInt64.max : 0, Int.max, 0)
        Kernel.forEachValid(count, validity) { row in
            let span = spans[row]
            let found = span.prefix(before: spans.end)
            prefix = least ? min(prefix, found) : max(prefix, found)
            shortest = min(shortest, span.count)
            longest = max(longest, span.count)
        }
        return (prefix, shortest, longest)
    }

    /// Whether a string that begins so may be better than what begins like `best`.
    private static func mayBeBetter(
        _ found: (prefix: UInt64, shortest: Int, longest: Int), _ best: (prefix: UInt64, count: Int), _ least: Bool
    ) -> Bool {
        if found.prefix != best.prefix { return (found.prefix < best.prefix) == least }
        // Of those that end within the prefix the longer one is the greater.
        guard found.longest <= 8, best.count <= 8 else { return true }
        return least ? found.shortest < best.count : found.longest > best.count
    }

    /// First the best row of each group within the batch, then that against the best so far.
    private mutating func foldRows(_ column: Column, _ groups: [Int32], _ groupCount: Int) {
        rows.grow(to: groupCount, with: nil)
        let collated = column.collated()
        var candidates = [Int32](repeating: -1, count: groupCount)
        var touched: [Int] = []
        let sign = which == .least ? 1 : -1
        Kernel.forEachValid(groups, column.validity) { row, group in
            if candidates[group] < 0 {
                candidates[group] = Int32(truncatingIfNeeded: row)
                touched.append(group)
            } else if Kernel.order(collated.values, row, collated.values, Int(candidates[group])) * sign < 0 {
                candidates[group] = Int32(truncatingIfNeeded: row)
            }
        }
        for group in touched {
            let row = candidates[group]
            if let known = rows[group], Kernel.order(collated.values, Int(row), known.collated().values, 0) * sign >= 0 { continue }
            // Copied out, so that the batch can be let go of.
            rows[group] = column.take([row])
            seen[group] = true
        }
    }

    package mutating func merge(_ other: GroupedExtreme, groups: [Int32], groupCount: Int) {
        var part = other
        part.seen.grow(to: groups.count, with: false)
        update(part.finish(groupCount: groups.count), groups: groups, groupCount: groupCount)
    }

    package consuming func finish(groupCount: Int) -> Column {
        seen.grow(to: groupCount, with: false)
        let validity = Kernel.bitmap(count: groupCount) { seen[$0] }.asValidity
        func primitive<T: BitwiseCopyable & ExpressibleByIntegerLiteral>(_ best: [T]) -> PrimitiveArray<T> {
            var best = best
            best.grow(to: groupCount, with: 0)
            return PrimitiveArray(best, validity: validity)
        }
        switch ColumnValues.nulls(type, count: 0) {
        case .void: return .nulls(type, count: groupCount)
        case .int8: return Column(type, .int8(primitive(int8s)))
        case .int16: return Column(type, .int16(primitive(int16s)))
        case .int32: return Column(type, .int32(primitive(int32s)))
        case .int64: return Column(type, .int64(primitive(int64s)))
        case .int128: return Column(type, .int128(primitive(int128s)))
        case .float: return Column(type, .float(primitive(floats)))
        case .double: return Column(type, .double(primitive(doubles)))
        case .boolean: return Column(type, .boolean(BooleanArray(Bitmap(primitive(int8s).values.map { $0 != 0 }), validity: validity)))
        case .bytes:
            let found = originals.isEmpty ? strings : originals
            var builder = BytesBuilder(capacity: groupCount)
            for group in 0..<groupCount { if seen[group] { builder.append(found[group]) } else { builder.appendNull() } }
            return Column(type, .bytes(builder.finish()))
        case .list, .structure:
            let none = Column.nulls(type, count: 1)
            return .concat((0..<groupCount).map { ($0 < rows.count ? rows[$0] : nil) ?? none }, type: type)
        }
    }
}

extension [UInt8] {
    @inline(__always)
    fileprivate func withSpan<R>(_ body: (ByteSpan) -> R) -> R {
        withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return withUnsafePointer(to: count) { body(ByteSpan(start: $0, count: 0)) } }
            return body(ByteSpan(start: start, count: bytes.count))
        }
    }
}
