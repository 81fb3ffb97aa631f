extension Kernel {
    /// Three-valued AND: false if either is false, else null if either is null.
    package static func and(_ left: BooleanArray, _ right: BooleanArray) -> BooleanArray {
        guard left.validity != nil || right.validity != nil else { return BooleanArray(left.values & right.values) }
        let truth = left.trueBits & right.trueBits
        return BooleanArray(truth, validity: (truth | left.falseBits | right.falseBits).asValidity)
    }

    /// Three-valued OR: true if either is true, else null if either is null.
    package static func or(_ left: BooleanArray, _ right: BooleanArray) -> BooleanArray {
        guard left.validity != nil || right.validity != nil else { return BooleanArray(left.values | right.values) }
        let truth = left.trueBits | right.trueBits
        return BooleanArray(truth, validity: (truth | left.falseBits & right.falseBits).asValidity)
    }

    package static func not(_ array: BooleanArray) -> BooleanArray { BooleanArray(~array.values, validity: array.validity) }

    package static func isNull(_ column: Column) -> BooleanArray {
        BooleanArray(column.validity.map { ~$0 } ?? Bitmap(repeating: false, count: column.count))
    }

    package static func isNotNull(_ column: Column) -> BooleanArray {
        BooleanArray(column.validity ?? Bitmap(repeating: true, count: column.count))
    }
}

extension BooleanArray {
    /// True where the value is false and not null.
    package var falseBits: Bitmap { validity.map { $0.andNot(values) } ?? ~values }
}
