// For the remainder of floating numbers, which is the C library's.
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

package enum ArithmeticOp: Sendable, Hashable, CaseIterable {
    case add, subtract, multiply
    /// Of floating numbers the quotient; of integers the quotient cut towards zero.
    case divide
    /// With the sign of the dividend.
    case remainder
    /// The remainder made positive by adding the divisor if it was negative.
    case positiveModulus
    case bitAnd, bitOr, bitXor
}

/// What a kernel does with a row whose result does not fit, or whose divisor is zero.
package enum FaultHandling: Sendable, Hashable {
    /// Throws, naming the first such row.
    case raise
    /// Gives null.
    case null
    /// Gives null for a divisor of zero, and cuts a result that does not fit to its lowest bits.
    case wrap
}

extension Kernel {
    /// Both sides have one integer or floating layout, and one length unless one of them is a single value, which is then used for all rows.
    /// Null where either side is; rows that are null never raise. The result has the type of the left side unless `type` names another one
    /// of the same layout. Floating results that are too large are infinite, never a fault.
    package static func arithmetic(
        _ op: ArithmeticOp, _ left: Column, _ right: Column, type: DataType? = nil, onFault: FaultHandling = .raise
    ) throws(KernelError) -> Column {
        let pair = RowPair(left, right)
        let type = type ?? left.type
        if left.isVoid || right.isVoid { return .nulls(type, count: pair.count) }
        let validity = pair.validity
        switch (left.values, right.values) {
        case (.int8(let a), .int8(let b)):
            return Column(type, .int8(try integers(op, a.values, b.values, pair, validity, onFault)))
        case (.int16(let a), .int16(let b)):
            return Column(type, .int16(try integers(op, a.values, b.values, pair, validity, onFault)))
        case (.int32(let a), .int32(let b)):
            return Column(type, .int32(try integers(op, a.values, b.values, pair, validity, onFault)))
        case (.int64(let a), .int64(let b)):
            return Column(type, .int64(try integers(op, a.values, b.values, pair, validity, onFault)))
        case (.float(let a), .float(let b)):
            return Column(type, .float(try floats(op, a.values, b.values, pair, validity, onFault)))
        case (.double(let a), .double(let b)):
            return Column(type, .double(try floats(op, a.values, b.values, pair, validity, onFault)))
        default: throw .unsupportedLayout
        }
    }

    /// The integers or floating numbers with their signs turned; the least integer cannot be.
    package static func negate(_ column: Column, onFault: FaultHandling = .raise) throws(KernelError) -> Column {
        try signed(column, onFault, always: true)
    }

    /// The magnitudes of integers or floating numbers; the least integer has none.
    package static func absolute(_ column: Column, onFault: FaultHandling = .raise) throws(KernelError) -> Column {
        try signed(column, onFault, always: false)
    }

    // MARK: Integers

    private static func integers<T: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable>(
        _ op: ArithmeticOp, _ left: [T], _ right: [T], _ pair: RowPair, _ validity: Bitmap?, _ onFault: FaultHandling
    ) throws(KernelError) -> PrimitiveArray<T> {
        switch op {
        // The sign bit of the second part says that the sum is too large: so the loops of add and subtract are vectorised.
        case .add:
            try checked(left, right, pair, validity, onFault) { a, b in
                let sum = a &+ b
                return (sum, (a ^ sum) & (b ^ sum))
            }
        case .subtract:
            try checked(left, right, pair, validity, onFault) { a, b in
                let difference = a &- b
                return (difference, (a ^ b) & (a ^ difference))
            }
        case .multiply:
            try checked(left, right, pair, validity, onFault) { a, b in
                let (product, overflow) = a.multipliedReportingOverflow(by: b)
                return (product, overflow ? -1 : 0)
            }
        case .divide:
            try checked(left, right, pair, validity, onFault, divides: true) { a, b in
                let (quotient, overflow) = a.dividedReportingOverflow(by: b)
                return (quotient, overflow ? -1 : 0)
            }
        case .remainder:
            try checked(left, right, pair, validity, onFault, divides: true) { a, b in
                (a.remainderReportingOverflow(dividingBy: b).partialValue, b == 0 ? -1 : 0)
            }
        case .positiveModulus:
            try checked(left, right, pair, validity, onFault, divides: true) { a, b in
                let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
                if b == 0 { return (0, -1) }
                if rest >= 0 { return (rest, 0) }
                // Narrow layouts are added as Java's int, the others wrap in their own width.
                if T.bitWidth < 32 { return (T(truncatingIfNeeded: (Int(rest) + Int(b)) % Int(b)), 0) }
                return ((rest &+ b).remainderReportingOverflow(dividingBy: b).partialValue, 0)
            }
        case .bitAnd: try checked(left, right, pair, validity, onFault) { ($0 & $1, 0) }
        case .bitOr: try checked(left, right, pair, validity, onFault) { ($0 | $1, 0) }
        case .bitXor: try checked(left, right, pair, validity, onFault) { ($0 ^ $1, 0) }
        }
    }

    /// `operation` gives the result and a number that is negative if the row is at fault.
    @inline(__always)
    private static func checked<T: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable>(
        _ left: [T], _ right: [T], _ pair: RowPair, _ validity: Bitmap?, _ onFault: FaultHandling, divides: Bool = false,
        _ operation: (T, T) -> (T, T)
    ) throws(KernelError) -> PrimitiveArray<T> {
        var faults: T = 0
        let values = [T](unsafeUninitializedCapacity: pair.count) { result, filled in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    var all: T = 0
                    switch pair.shape {
                    case .columns:
                        for row in 0..<pair.count {
                            let (value, fault) = operation(left[row], right[row])
                            result.initializeElement(at: row, to: value)
                            all |= fault
                        }
                    case .constantRight where pair.count > 0:
                        let constant = right[0]
                        for row in 0..<pair.count {
                            let (value, fault) = operation(left[row], constant)
                            result.initializeElement(at: row, to: value)
                            all |= fault
                        }
                    case .constantLeft where pair.count > 0:
                        let constant = left[0]
                        for row in 0..<pair.count {
                            let (value, fault) = operation(constant, right[row])
                            result.initializeElement(at: row, to: value)
                            all |= fault
                        }
                    default: break
                    }
                    faults = all
                }
            }
            filled = pair.count
        }
        if faults >= 0 || (onFault == .wrap && !divides) { return PrimitiveArray(values, validity: validity) }
        func kind(_ row: Int) -> KernelError? {
            let (a, b) = (left[pair.left(row)], right[pair.right(row)])
            guard operation(a, b).1 < 0 else { return nil }
            return divides && b == 0 ? .divideByZero(row: row) : .overflow(row: row)
        }
        return PrimitiveArray(values, validity: try faulty(pair.count, validity, onFault, kind))
    }

    /// Called once something is known to be at fault: finds where, and gives the validity without the faulty rows.
    private static func faulty(
        _ count: Int, _ validity: Bitmap?, _ onFault: FaultHandling, _ kind: (Int) -> KernelError?
    ) throws(KernelError) -> Bitmap? {
        var kept = BitmapBuilder()
        kept.reserve(count)
        for row in 0..<count {
            guard validity?[row] ?? true else {
                kept.append(false)
                continue
            }
            let fault = kind(row)
            switch (onFault, fault) {
            case (_, nil): kept.append(true)
            case (.raise, let fault?): throw fault
            case (.wrap, .overflow?): kept.append(true)
            default: kept.append(false)
            }
        }
        return kept.finishValidity()
    }

    // MARK: Floating numbers

    private static func floats<T: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
        _ op: ArithmeticOp, _ left: [T], _ right: [T], _ pair: RowPair, _ validity: Bitmap?, _ onFault: FaultHandling
    ) throws(KernelError) -> PrimitiveArray<T> {
        let values: [T]
        switch op {
        case .add: values = mapped(left, right, pair) { $0 + $1 }
        case .subtract: values = mapped(left, right, pair) { $0 - $1 }
        case .multiply: values = mapped(left, right, pair) { $0 * $1 }
        case .divide: values = mapped(left, right, pair) { $0 / $1 }
        case .remainder: values = mapped(left, right, pair) { $0.truncatingRemainder(dividingBy: $1) }
        case .positiveModulus:
            values = mapped(left, right, pair) { a, b in
                let rest = a.truncatingRemainder(dividingBy: b)
                return rest < 0 ? (rest + b).truncatingRemainder(dividingBy: b) : rest
            }
        case .bitAnd, .bitOr, .bitXor: throw .unsupportedLayout
        }
        guard op == .divide || op == .remainder || op == .positiveModulus, right.contains(0) else {
            return PrimitiveArray(values, validity: validity)
        }
        let kept = try faulty(pair.count, validity, onFault) { right[pair.right($0)] == 0 ? .divideByZero(row: $0) : nil }
        return PrimitiveArray(values, validity: kept)
    }

    @inline(__always)
    private static func mapped<T: BitwiseCopyable>(_ left: [T], _ right: [T], _ pair: RowPair, _ operation: (T, T) -> T) -> [T] {
        [T](unsafeUninitializedCapacity: pair.count) { result, filled in
            left.withUnsafeBufferPointer { left in
                right.withUnsafeBufferPointer { right in
                    switch pair.shape {
                    case .columns: for row in 0..<pair.count { result.initializeElement(at: row, to: operation(left[row], right[row])) }
                    case .constantRight where pair.count > 0:
                        let constant = right[0]
                        for row in 0..<pair.count { result.initializeElement(at: row, to: operation(left[row], constant)) }
                    case .constantLeft where pair.count > 0:
                        let constant = left[0]
                        for row in 0..<pair.count { result.initializeElement(at: row, to: operation(constant, right[row])) }
                    default: break
                    }
                }
            }
            filled = pair.count
        }
    }

    // MARK: Signs

    /// Turns the sign of every row, or of the negative ones.
    private static func signed(_ column: Column, _ onFault: FaultHandling, always: Bool) throws(KernelError) -> Column {
        func integers<T: FixedWidthInteger & SignedInteger & BitwiseCopyable & Sendable>(
            _ array: PrimitiveArray<T>
        ) throws(KernelError) -> PrimitiveArray<T> {
            let values = array.values.map { always || $0 < 0 ? 0 &- $0 : $0 }
            if onFault == .wrap || !array.values.contains(.min) { return PrimitiveArray(values, validity: array.validity) }
            let kept = try faulty(array.count, array.validity, onFault) { array.values[$0] == .min ? .overflow(row: $0) : nil }
            return PrimitiveArray(values, validity: kept)
        }
        func floats<T: BinaryFloatingPoint & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<T>) -> PrimitiveArray<T> {
            PrimitiveArray(array.values.map { always ? -$0 : $0.magnitude }, validity: array.validity)
        }
        switch column.values {
        case .void: return column
        case .int8(let array): return Column(column.type, .int8(try integers(array)))
        case .int16(let array): return Column(column.type, .int16(try integers(array)))
        case .int32(let array): return Column(column.type, .int32(try integers(array)))
        case .int64(let array): return Column(column.type, .int64(try integers(array)))
        case .int128(let array): return Column(column.type, .int128(try integers(array)))
        case .float(let array): return Column(column.type, .float(floats(array)))
        case .double(let array): return Column(column.type, .double(floats(array)))
        default: throw .unsupportedLayout
        }
    }
}

/// How the rows of two sides meet.
struct RowPair {
    enum Shape { case columns, constantRight, constantLeft }

    let count: Int
    let shape: Shape
    let validity: Bitmap?

    init(_ left: Column, _ right: Column) {
        if left.count == right.count {
            count = left.count
            shape = .columns
            validity = Kernel.combinedValidity(left.validity, right.validity)
        } else if right.count == 1 {
            count = left.count
            shape = .constantRight
            validity = right.isNull(0) ? Bitmap(repeating: false, count: left.count) : left.validity
        } else {
            precondition(left.count == 1, "sides of different lengths")
            count = right.count
            shape = .constantLeft
            validity = left.isNull(0) ? Bitmap(repeating: false, count: right.count) : right.validity
        }
    }

    @inline(__always) func left(_ row: Int) -> Int { shape == .constantLeft ? 0 : row }
    @inline(__always) func right(_ row: Int) -> Int { shape == .constantRight ? 0 : row }
}
