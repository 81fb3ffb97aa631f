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
    private var beginnings: [Beginning] = []
    /// Of strings with a collation: what stands in `strings` is what it compares, the values themselves are here.
    private var originals: [[UInt8]] = []
    /// Of nested layouts: a column of one row a group.
    private var rows: [Column?] = []

    /// How a string begins, and its length: mostly enough to tell. Of two strings of at most eight bytes the one with the greater prefix is the
    /// better one, and of two with the same prefix that with the greater rank.
    private struct Beginning: Sendable {
        /// Negated where the least string is looked for.
        var prefix: UInt64 = 0
        /// The length, likewise; the least of all numbers where there is no string yet.
        var rank = Int.min
    }

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
        beginnings.grow(to: groupCount, with: Beginning())
        let least = which == .least
        let (flip, sign): (UInt64, Int) = least ? (.max, -1) : (0, 1)
        compared.withSpans { spans in
            beginnings.withUnsafeMutableBufferPointer { beginnings in
                Kernel.forEachValid(groups, array.validity) { row, group in
                    let span = spans[row]
                    let found = Beginning(prefix: span.prefix(before: spans.end) ^ flip, rank: span.count * sign)
                    let best = beginnings[group]
                    let isSame = found.prefix == best.prefix
                    let isLong = max(found.rank.magnitude, best.rank.magnitude) > 8
                    // One question, whose answer is hardly ever yes: its parts may be true for any share of the rows.
                    let mayBeBetter =
                        (found.prefix > best.prefix ? 1 : 0) | (isSame ? 1 : 0) & ((found.rank > best.rank ? 1 : 0) | (isLong ? 1 : 0))
                    if mayBeBetter == 0 { return }
                    if isSame, isLong, seen[group], strings[group].withSpan({ ByteSpan.order(span, $0) }) * sign <= 0 { return }
                    beginnings[group] = found
                    strings[group] = Array(compared[row])
                    if isCollated { originals[group] = Array(array[row]) }
                    seen[group] = true
                }
            }
        }
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
