extension Kernel {
    /// The rows of the least and the greatest value that is not null, the first of equals; nil if all are null. NaN is the greatest number;
    /// byte strings are in the order of their bytes, whatever their collation.
    package static func extremes(_ column: Column) -> (least: Int, greatest: Int)? {
        let validity = column.validity
        switch column.values {
        case .void: return nil
        case .boolean(let array): return extremes(array.count, validity) { !array.values[$0] && array.values[$1] }
        case .int8(let array): return extremes(array)
        case .int16(let array): return extremes(array)
        case .int32(let array): return extremes(array)
        case .int64(let array): return extremes(array)
        case .int128(let array): return extremes(array)
        case .float(let array): return extremes(array)
        case .double(let array): return extremes(array)
        case .bytes(let array):
            return array.withSpans { spans in extremes(array.count, validity) { ByteSpan.order(spans[$0], spans[$1]) < 0 } }
        case .list, .structure: return extremes(column.count, validity) { order(column.values, $0, column.values, $1) < 0 }
        }
    }

    private static func extremes<T: TotalOrder>(_ array: PrimitiveArray<T>) -> (least: Int, greatest: Int)? {
        array.values.withUnsafeBufferPointer { values in extremes(array.count, array.validity) { T.less(values[$0], values[$1]) } }
    }

    @inline(__always)
    private static func extremes(_ count: Int, _ validity: Bitmap?, _ less: (Int, Int) -> Bool) -> (least: Int, greatest: Int)? {
        var (least, greatest) = (-1, -1)
        forEachValid(count, validity) { row in
            if least < 0 {
                (least, greatest) = (row, row)
            } else if less(row, least) {
                least = row
            } else if less(greatest, row) {
                greatest = row
            }
        }
        return least < 0 ? nil : (least, greatest)
    }
}
