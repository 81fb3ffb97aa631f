/// Aggregates over grouped rows. Each keeps a value a group, and is updated a batch at a time with the rows' groups, all of which are in
/// 0..<groupCount; null rows count for nothing. Groups that have had no value are null in what `finish` gives.
///
/// The states are values: a part of the input may be aggregated on its own, and be added with `merge`, whose `groups` map the other's groups.

/// How many rows, or how many values that are not null, each group has.
package struct GroupedCount: Sendable {
    package private(set) var counts: [Int64] = []

    package init() {}

    /// Without a validity every row counts.
    package mutating func update(groups: [Int32], groupCount: Int, validity: Bitmap? = nil) {
        counts.grow(to: groupCount, with: 0)
        if groupCount == 1 {
            counts[0] &+= Int64(validity?.onesCount ?? groups.count)
            return
        }
        if groupCount <= Kernel.fewGroups {
            for (group, count) in Kernel.addUp(groups, groupCount, validity, { _ in 1 }).enumerated() { counts[group] &+= count }
            return
        }
        counts.withUnsafeMutableBufferPointer { counts in
            Kernel.forEachValid(groups, validity) { _, group in counts[group] &+= 1 }
        }
    }

    package mutating func merge(_ other: GroupedCount, groups: [Int32], groupCount: Int) {
        counts.grow(to: groupCount, with: 0)
        for (group, count) in zip(groups, other.counts) { counts[Int(group)] &+= count }
    }

    package consuming func finish(groupCount: Int) -> Column {
        counts.grow(to: groupCount, with: 0)
        return Column(.long, .int64(PrimitiveArray(counts)))
    }
}

/// Sums of integers in 64 bits.
package struct GroupedIntegerSum: Sendable {
    private var sums: [Int64] = []
    private var seen = SeenGroups()
    /// A sum did not fit, and has wrapped.
    package private(set) var overflowed = false

    package init() {}

    /// The column is of an integer layout of at most 64 bits (or void).
    package mutating func update(_ column: Column, groups: [Int32], groupCount: Int) throws(KernelError) {
        sums.grow(to: groupCount, with: 0)
        seen.update(groups: groups, groupCount: groupCount, validity: column.validity)
        switch column.values {
        case .void: break
        case .int8(let array): add(array, groups, groupCount)
        case .int16(let array): add(array, groups, groupCount)
        case .int32(let array): add(array, groups, groupCount)
        case .int64(let array): add(array, groups, groupCount)
        default: throw .unsupportedLayout
        }
    }

    private mutating func add<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>, _ groups: [Int32], _ groupCount: Int) {
        var faults: Int64 = 0
        array.values.withUnsafeBufferPointer { values in
            if groupCount == 1 {
                var total = sums[0]
                if T.bitWidth <= 32, values.count < 1 << 31 {
                    // A batch of narrow values cannot overflow 64 bits: only its total is checked.
                    var part: Int64 = 0
                    Kernel.forEachValid(values.count, array.validity) { part &+= Int64(values[$0]) }
                    let (sum, overflow) = total.addingReportingOverflow(part)
                    total = sum
                    if overflow { faults = -1 }
                } else {
                    Kernel.forEachValid(values.count, array.validity) { row in
                        let value = Int64(truncatingIfNeeded: values[row])
                        let sum = total &+ value
                        faults |= (total ^ sum) & (value ^ sum)
                        total = sum
                    }
                }
                sums[0] = total
            } else {
                sums.withUnsafeMutableBufferPointer { sums in
                    Kernel.forEachValid(groups, array.validity) { row, group in
                        let value = Int64(truncatingIfNeeded: values[row])
                        let before = sums[group]
                        let sum = before &+ value
                        faults |= (before ^ sum) & (value ^ sum)
                        sums[group] = sum
                    }
                }
            }
        }
        if faults < 0 { overflowed = true }
    }

    package mutating func merge(_ other: GroupedIntegerSum, groups: [Int32], groupCount: Int) {
        sums.grow(to: groupCount, with: 0)
        seen.merge(other.seen, groups: groups, groupCount: groupCount)
        for (group, value) in zip(groups, other.sums) {
            let (sum, overflow) = sums[Int(group)].addingReportingOverflow(value)
            sums[Int(group)] = sum
            if overflow { overflowed = true }
        }
        if other.overflowed { overflowed = true }
    }

    package consuming func finish(groupCount: Int, type: DataType = .long) -> Column {
        sums.grow(to: groupCount, with: 0)
        return Column(type, .int64(PrimitiveArray(sums, validity: seen.validity(groupCount))))
    }
}

/// Sums of decimals' unscaled digits in 128 bits.
package struct GroupedDecimalSum: Sendable {
    private var sums: [Int128] = []
    private var seen = SeenGroups()
    /// Groups whose sum had more than 38 digits at some time.
    private var faulty: [Int32: Bool] = [:]

    package init() {}

    /// The column is of an integer layout (or void); all columns have one scale.
    package mutating func update(_ column: Column, groups: [Int32], groupCount: Int) throws(KernelError) {
        sums.grow(to: groupCount, with: 0)
        seen.update(groups: groups, groupCount: groupCount, validity: column.validity)
        switch column.values {
        case .void: break
        case .int32(let array): add(array, groups, groupCount)
        case .int64(let array): add(array, groups, groupCount)
        case .int128(let array): add(array, groups, groupCount)
        default: throw .unsupportedLayout
        }
    }

    private mutating func add<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>, _ groups: [Int32], _ groupCount: Int) {
        let limit = DecimalMath.greatest(precision: DecimalType.maxPrecision)
        var late: [Int32] = []
        // Fewer than 2^31 values below 2^94 come to less than 2^125, and with a sum so far to less than 2^127: looked at once a batch.
        let bits = Self.bits(array)
        let isChecked = groupCount > array.count || array.count >= 1 << 31 || bits > 94
        let isNarrow = bits + Int.bitWidth - array.count.leadingZeroBitCount < 63
        array.values.withUnsafeBufferPointer { values in
            sums.withUnsafeMutableBufferPointer { sums in
                if !isChecked {
                    if isNarrow, groupCount == 1 {
                        var total: Int64 = 0
                        Kernel.forEachValid(values.count, array.validity) { total &+= Int64(truncatingIfNeeded: values[$0]) }
                        sums[0] &+= Int128(total)
                    } else if groupCount == 1 {
                        var total: Int128 = 0
                        Kernel.forEachValid(values.count, array.validity) { total &+= Int128(truncatingIfNeeded: values[$0]) }
                        sums[0] &+= total
                    } else if isNarrow, groupCount <= Kernel.fewGroups {
                        let added = Kernel.addUp(groups, groupCount, array.validity) { Int64(truncatingIfNeeded: values[$0]) }
                        for (group, value) in added.enumerated() { sums[group] &+= Int128(value) }
                    } else {
                        Kernel.forEachValid(groups, array.validity) { row, group in sums[group] &+= Int128(truncatingIfNeeded: values[row]) }
                    }
                    for group in 0..<groupCount where sums[group] > limit || sums[group] < -limit {
                        late.append(Int32(truncatingIfNeeded: group))
                        sums[group] = 0
                    }
                    return
                }
                Kernel.forEachValid(groups, array.validity) { row, group in
                    let (sum, overflow) = sums[group].addingReportingOverflow(Int128(truncatingIfNeeded: values[row]))
                    sums[group] = sum
                    if overflow || sum > limit || sum < -limit {
                        late.append(Int32(truncatingIfNeeded: group))
                        sums[group] = 0
                    }
                }
            }
        }
        for group in late { faulty[group] = true }
    }

    /// How many bits the values have at most, besides the sign.
    private static func bits<T: FixedWidthInteger & SignedInteger>(_ array: PrimitiveArray<T>) -> Int {
        array.values.withUnsafeBufferPointer { values in
            var all: T = 0
            for value in values { all |= value ^ (value >> T(T.bitWidth - 1)) }
            return T.bitWidth - all.leadingZeroBitCount
        }
    }

    package mutating func merge(_ other: GroupedDecimalSum, groups: [Int32], groupCount: Int) {
        sums.grow(to: groupCount, with: 0)
        seen.merge(other.seen, groups: groups, groupCount: groupCount)
        let limit = DecimalMath.greatest(precision: DecimalType.maxPrecision)
        for (index, group) in groups.enumerated() where index < other.sums.count {
            let (sum, overflow) = sums[Int(group)].addingReportingOverflow(other.sums[index])
            sums[Int(group)] = sum
            if overflow || sum > limit || sum < -limit || other.faulty[Int32(truncatingIfNeeded: index)] != nil {
                faulty[group] = true
                sums[Int(group)] = 0
            }
        }
    }

    /// Sums that do not fit `type` (of the columns' scale) are faults: `.raise` throws with the group as row, `.null` gives null.
    package consuming func finish(groupCount: Int, type: DecimalType, onFault: FaultHandling = .raise) throws(KernelError) -> Column {
        sums.grow(to: groupCount, with: 0)
        var validity = BitmapBuilder()
        let valid = seen.validity(groupCount)
        for group in 0..<groupCount {
            let present = valid?[group] ?? true
            let fits = DecimalMath.fits(sums[group], precision: type.precision) && faulty[Int32(truncatingIfNeeded: group)] == nil
            if present, !fits, onFault == .raise { throw .overflow(row: group) }
            validity.append(present && fits)
        }
        let kept = validity.finishValidity()
        if type.fitsLong {
            return Column(.decimal(type), .int64(PrimitiveArray(sums.map { Int64(truncatingIfNeeded: $0) }, validity: kept)))
        }
        return Column(.decimal(type), .int128(PrimitiveArray(sums, validity: kept)))
    }
}

/// Sums in floating point, in the order of the rows.
package struct GroupedDoubleSum: Sendable {
    private var sums: [Double] = []
    private var seen = SeenGroups()

    package init() {}

    /// The column is of a floating layout, or of an integer one (whose values are then converted), or void.
    package mutating func update(_ column: Column, groups: [Int32], groupCount: Int) throws(KernelError) {
        sums.grow(to: groupCount, with: 0)
        seen.update(groups: groups, groupCount: groupCount, validity: column.validity)
        switch column.values {
        case .void: break
        case .float(let array):
            array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { Double(values[$0]) } }
        case .double(let array): array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { values[$0] } }
        case .int8(let array):
            array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { Double(values[$0]) } }
        case .int16(let array):
            array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { Double(values[$0]) } }
        case .int32(let array):
            array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { Double(values[$0]) } }
        case .int64(let array):
            array.values.withUnsafeBufferPointer { values in add(array.validity, groups, groupCount) { Double(values[$0]) } }
        default: throw .unsupportedLayout
        }
    }

    @inline(__always)
    private mutating func add(_ validity: Bitmap?, _ groups: [Int32], _ groupCount: Int, _ value: (Int) -> Double) {
        if groupCount == 1 {
            var total = sums[0]
            Kernel.forEachValid(groups.count, validity) { total += value($0) }
            sums[0] = total
            return
        }
        sums.withUnsafeMutableBufferPointer { sums in
            Kernel.forEachValid(groups, validity) { row, group in sums[group] += value(row) }
        }
    }

    package mutating func merge(_ other: GroupedDoubleSum, groups: [Int32], groupCount: Int) {
        sums.grow(to: groupCount, with: 0)
        seen.merge(other.seen, groups: groups, groupCount: groupCount)
        for (group, value) in zip(groups, other.sums) { sums[Int(group)] += value }
    }

    package consuming func finish(groupCount: Int) -> Column {
        sums.grow(to: groupCount, with: 0)
        return Column(.double, .double(PrimitiveArray(sums, validity: seen.validity(groupCount))))
    }
}
