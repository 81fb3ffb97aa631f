extension Kernel {
    /// Row by row, null where either side is. Both sides have one layout and length; a `void` side gives nulls.
    package static func compare(_ op: Comparison, _ left: Column, _ right: Column) -> BooleanArray {
        precondition(left.count == right.count)
        let left = left.collated()
        let right = right.collated()
        let bits = compareBits(op, left.values, right.values)
        return BooleanArray(bits, validity: combinedValidity(left.validity, right.validity))
    }

    /// Every row against one value; null where either is.
    package static func compare(_ op: Comparison, _ left: Column, _ right: Value) -> BooleanArray {
        let none = Bitmap(repeating: false, count: left.count)
        if right.isNull || left.isVoid { return BooleanArray(none, validity: left.count == 0 ? nil : none) }
        let constant = Column(left.type, of: [right])
        if constant.nullCount > 0 {
            // A value of another shape than the column's: nothing can be said of it.
            return BooleanArray(none, validity: left.count == 0 ? nil : none)
        }
        let collated = left.collated()
        return BooleanArray(compareBits(op, collated.values, constant: constant.collated().values), validity: left.validity)
    }

    /// `<=>`: two nulls are the same, a null and a value are not; never null.
    package static func compareNullSafe(_ left: Column, _ right: Column) -> BooleanArray {
        let same = compare(.equal, left, right)
        guard let leftValid = left.validity else { return BooleanArray(same.trueBits) }
        guard let rightValid = right.validity else { return BooleanArray(same.trueBits) }
        return BooleanArray(same.trueBits | (~leftValid).andNot(rightValid))
    }

    private static func compareBits(_ op: Comparison, _ left: ColumnValues, _ right: ColumnValues) -> Bitmap {
        switch (left, right) {
        case (.int8(let left), .int8(let right)): return loop(op, left.values, right.values)
        case (.int16(let left), .int16(let right)): return loop(op, left.values, right.values)
        case (.int32(let left), .int32(let right)): return loop(op, left.values, right.values)
        case (.int64(let left), .int64(let right)): return loop(op, left.values, right.values)
        case (.int128(let left), .int128(let right)): return loop(op, left.values, right.values)
        case (.float(let left), .float(let right)): return loop(op, left.values, right.values)
        case (.double(let left), .double(let right)): return loop(op, left.values, right.values)
        case (.boolean(let left), .boolean(let right)): return bits(op, left.values, right.values)
        case (.bytes(let left), .bytes(let right)):
            return left.withSpans { a in
                right.withSpans { b in
                    switch op {
                    case .equal: bitmap(count: left.count) { a[$0] == b[$0] }
                    case .notEqual: bitmap(count: left.count) { !(a[$0] == b[$0]) }
                    default: bitmap(count: left.count) { op.holds(ByteSpan.order(a[$0], b[$0])) }
                    }
                }
            }
        case (.void(let count), _), (_, .void(let count)): return Bitmap(repeating: false, count: count)
        default:
            let valid = combinedValidity(left.validity, right.validity)
            return bitmap(count: left.count) { row in
                (valid?[row] ?? true) && op.holds(order(left, row, right, row))
            }
        }
    }

    private static func compareBits(_ op: Comparison, _ left: ColumnValues, constant: ColumnValues) -> Bitmap {
        switch (left, constant) {
        case (.int8(let left), .int8(let right)): return loop(op, left.values, constant: right.values[0])
        case (.int16(let left), .int16(let right)): return loop(op, left.values, constant: right.values[0])
        case (.int32(let left), .int32(let right)): return loop(op, left.values, constant: right.values[0])
        case (.int64(let left), .int64(let right)): return loop(op, left.values, constant: right.values[0])
        case (.int128(let left), .int128(let right)): return loop(op, left.values, constant: right.values[0])
        case (.float(let left), .float(let right)): return loop(op, left.values, constant: right.values[0])
        case (.double(let left), .double(let right)): return loop(op, left.values, constant: right.values[0])
        case (.boolean(let left), .boolean(let right)):
            return bits(op, left.values, Bitmap(repeating: right.values[0], count: left.count))
        case (.bytes(let left), .bytes(let right)):
            return left.withSpans { a in
                right.withSpans { constant in
                    let b = constant[0]
                    if b.count <= 7, op == .equal || op == .notEqual {
                        // Short strings are compared as words.
                        let word = b.word(before: constant.end)
                        let same = bitmap(count: left.count) { row in
                            let span = a[row]
                            return span.count == b.count && span.word(before: a.end) == word
                        }
                        return op == .equal ? same : ~same
                    }
                    return switch op {
                    case .equal: bitmap(count: left.count) { a[$0] == b }
                    case .notEqual: bitmap(count: left.count) { !(a[$0] == b) }
                    default: bitmap(count: left.count) { op.holds(ByteSpan.order(a[$0], b)) }
                    }
                }
            }
        default:
            let valid = left.validity
            return bitmap(count: left.count) { row in (valid?[row] ?? true) && op.holds(order(left, row, constant, 0)) }
        }
    }

    /// false < true.
    private static func bits(_ op: Comparison, _ left: Bitmap, _ right: Bitmap) -> Bitmap {
        switch op {
        case .equal: ~(left.andNot(right) | right.andNot(left))
        case .notEqual: left.andNot(right) | right.andNot(left)
        case .less: right.andNot(left)
        case .lessOrEqual: ~left | right
        case .greater: left.andNot(right)
        case .greaterOrEqual: left | ~right
        }
    }

    private static func loop<T: TotalOrder>(_ op: Comparison, _ left: [T], _ right: [T]) -> Bitmap {
        left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                switch op {
                case .equal: bitmap(count: left.count) { T.same(left[$0], right[$0]) }
                case .notEqual: bitmap(count: left.count) { !T.same(left[$0], right[$0]) }
                case .less: bitmap(count: left.count) { T.less(left[$0], right[$0]) }
                case .lessOrEqual: bitmap(count: left.count) { !T.less(right[$0], left[$0]) }
                case .greater: bitmap(count: left.count) { T.less(right[$0], left[$0]) }
                case .greaterOrEqual: bitmap(count: left.count) { !T.less(left[$0], right[$0]) }
                }
            }
        }
    }

    private static func loop<T: TotalOrder>(_ op: Comparison, _ left: [T], constant: T) -> Bitmap {
        left.withUnsafeBufferPointer { left in
            switch op {
            case .equal: bitmap(count: left.count) { T.same(left[$0], constant) }
            case .notEqual: bitmap(count: left.count) { !T.same(left[$0], constant) }
            case .less: bitmap(count: left.count) { T.less(left[$0], constant) }
            case .lessOrEqual: bitmap(count: left.count) { !T.less(constant, left[$0]) }
            case .greater: bitmap(count: left.count) { T.less(constant, left[$0]) }
            case .greaterOrEqual: bitmap(count: left.count) { !T.less(left[$0], constant) }
            }
        }
    }

    /// How two values that are not null lie: negative, zero or positive. Structs and lists are compared part by part, where a null is
    /// less than any value and the same as a null; a list that begins another is less.
    static func order(_ left: ColumnValues, _ i: Int, _ right: ColumnValues, _ j: Int) -> Int {
        switch (left, right) {
        case (.int8(let left), .int8(let right)): return Int8.order(left.values[i], right.values[j])
        case (.int16(let left), .int16(let right)): return Int16.order(left.values[i], right.values[j])
        case (.int32(let left), .int32(let right)): return Int32.order(left.values[i], right.values[j])
        case (.int64(let left), .int64(let right)): return Int64.order(left.values[i], right.values[j])
        case (.int128(let left), .int128(let right)): return Int128.order(left.values[i], right.values[j])
        case (.float(let left), .float(let right)): return Float.order(left.values[i], right.values[j])
        case (.double(let left), .double(let right)): return Double.order(left.values[i], right.values[j])
        case (.boolean(let left), .boolean(let right)): return (left.values[i] ? 1 : 0) - (right.values[j] ? 1 : 0)
        case (.bytes(let left), .bytes(let right)):
            return left.withSpans { a in right.withSpans { b in ByteSpan.order(a[i], b[j]) } }
        case (.list(let left), .list(let right)):
            let a = left.range(i)
            let b = right.range(j)
            for position in 0..<min(a.count, b.count) {
                let found = nestedOrder(left.child, a.lowerBound + position, right.child, b.lowerBound + position)
                if found != 0 { return found }
            }
            return a.count - b.count
        case (.structure(let left), .structure(let right)):
            for (a, b) in zip(left.children, right.children) {
                let found = nestedOrder(a, i, b, j)
                if found != 0 { return found }
            }
            return 0
        default: return 0
        }
    }

    private static func nestedOrder(_ left: Column, _ i: Int, _ right: Column, _ j: Int) -> Int {
        switch (left.isNull(i), right.isNull(j)) {
        case (true, true): 0
        case (true, false): -1
        case (false, true): 1
        case (false, false): order(left.values, i, right.values, j)
        }
    }
}
