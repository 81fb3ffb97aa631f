package enum DecimalOp: Sendable, Hashable, CaseIterable {
    case add, subtract, multiply, divide, remainder, positiveModulus
    /// The quotient cut to a whole number; the result's scale must be 0.
    case integralDivide
}

extension Kernel {
    /// Both sides are decimals of any precision and scale, of one length unless one is a single value, which is then used for all rows. The
    /// result is exact, then rounded half up to `result`; a result with too many digits, or a divisor of zero, is a fault. Null rows never are.
    package static func decimal(
        _ op: DecimalOp, _ left: Column, _ right: Column, result: DecimalType, onFault: FaultHandling = .raise
    ) throws(KernelError) -> Column {
        let pair = RowPair(left, right)
        if left.isVoid || right.isVoid { return .nulls(.decimal(result), count: pair.count) }
        guard case .decimal(let leftType) = left.type, case .decimal(let rightType) = right.type else { throw .unsupportedLayout }
        if let values = fastDecimal(op, left.values, leftType, right.values, rightType, result, pair) {
            return Column(.decimal(result), values)
        }
        if op == .multiply, result.scale == leftType.scale + rightType.scale,
            let values = wideProducts(left.values, right.values, result, pair)
        {
            return Column(.decimal(result), values)
        }
        guard let a = left.values.unscaled, let b = right.values.unscaled else { throw .unsupportedLayout }
        let (aScale, bScale) = (leftType.scale, rightType.scale)
        let divides = op != .add && op != .subtract && op != .multiply
        return try decimals(result, pair.count, pair.validity, onFault) { row throws(KernelError) in
            let (x, y) = (a[pair.left(row)], b[pair.right(row)])
            if divides, y == 0 { throw .divideByZero(row: row) }
            return switch op {
            case .add: DecimalMath.add(x, aScale, y, bScale, to: result)
            case .subtract: DecimalMath.subtract(x, aScale, y, bScale, to: result)
            case .multiply: DecimalMath.multiply(x, aScale, y, bScale, to: result)
            case .divide: DecimalMath.divide(x, aScale, y, bScale, to: result)
            case .remainder: DecimalMath.remainder(x, aScale, y, bScale, to: result)
            case .positiveModulus: DecimalMath.positiveModulus(x, aScale, y, bScale, to: result)
            case .integralDivide: DecimalMath.integralDivide(x, aScale, y, bScale, precision: result.precision)
            }
        }
    }

    /// Decimals or integers (then of scale 0) as decimals of another precision and scale, rounded half up.
    package static func rescale(_ column: Column, to result: DecimalType, onFault: FaultHandling = .raise) throws(KernelError) -> Column {
        let from: DecimalType
        switch (column.type, column.values) {
        case (_, .void(let count)): return .nulls(.decimal(result), count: count)
        case (.decimal(let type), _): from = type
        case (_, .int8): from = DecimalType(3, 0)
        case (_, .int16): from = DecimalType(5, 0)
        case (_, .int32): from = DecimalType(10, 0)
        case (_, .int64): from = DecimalType(20, 0)
        default: throw .unsupportedLayout
        }
        if column.type == .decimal(result) { return column }
        let raise = result.scale - from.scale
        // No digit is lost before or behind the point: no row can be at fault.
        if raise >= 0, from.precision + raise <= result.precision {
            if result.fitsLong, let values = column.values.narrowUnscaled {
                let factor = Int64(truncatingIfNeeded: DecimalMath.powers[raise])
                let scaled = raise == 0 ? values : values.map { $0 &* factor }
                return Column(.decimal(result), .int64(PrimitiveArray(scaled, validity: column.validity)))
            }
            if !result.fitsLong, let values = column.values.unscaled {
                let factor = DecimalMath.powers[raise]
                let scaled = raise == 0 ? values : values.map { $0 &* factor }
                return Column(.decimal(result), .int128(PrimitiveArray(scaled, validity: column.validity)))
            }
        }
        guard let values = column.values.unscaled else { throw .unsupportedLayout }
        return try decimals(result, column.count, column.validity, onFault) { row throws(KernelError) in
            DecimalMath.rescale(values[row], from: from.scale, to: result)
        }
    }

    /// Row by row what `value` gives, nil being a result that does not fit; nulls are not asked for.
    private static func decimals(
        _ type: DecimalType, _ count: Int, _ validity: Bitmap?, _ onFault: FaultHandling, _ value: (Int) throws(KernelError) -> Int128?
    ) throws(KernelError) -> Column {
        var kept = BitmapBuilder()
        kept.reserve(count)
        var narrow: [Int64] = []
        var wide: [Int128] = []
        if type.fitsLong { narrow.reserveCapacity(count) } else { wide.reserveCapacity(count) }
        for row in 0..<count {
            var found: Int128?
            if validity?[row] ?? true {
                do throws(KernelError) {
                    found = try value(row)
                    if found == nil { throw .overflow(row: row) }
                } catch {
                    if onFault == .raise { throw error }
                }
            }
            kept.append(found != nil)
            if type.fitsLong { narrow.append(Int64(truncatingIfNeeded: found ?? 0)) } else { wide.append(found ?? 0) }
        }
        let remaining = kept.finishValidity()
        if type.fitsLong { return Column(.decimal(type), .int64(PrimitiveArray(narrow, validity: remaining))) }
        return Column(.decimal(type), .int128(PrimitiveArray(wide, validity: remaining)))
    }

    /// Products of a 128-bit and a 64-bit decimal, as long as both fit 64 bits and nothing is to be rounded; nil if a row is not so simple.
    private static func wideProducts(_ left: ColumnValues, _ right: ColumnValues, _ result: DecimalType, _ pair: RowPair) -> ColumnValues? {
        func products(_ wide: PrimitiveArray<Int128>, _ wideStep: Int, _ narrow: PrimitiveArray<Int64>, _ narrowStep: Int) -> ColumnValues? {
            if result.fitsLong { return nil }
            let limit = DecimalMath.greatest(precision: result.precision).magnitude
            var isSimple = true
            let values = [Int128](unsafeUninitializedCapacity: pair.count) { target, filled in
                wide.values.withUnsafeBufferPointer { wide in
                    narrow.values.withUnsafeBufferPointer { narrow in
                        var faults: UInt64 = 0
                        for row in 0..<pair.count {
                            let value = wide[row &* wideStep]
                            let low = Int64(truncatingIfNeeded: value)
                            let product = Int128(low) &* Int128(narrow[row &* narrowStep])
                            faults |= UInt64(truncatingIfNeeded: (value >> 63) ^ (value >> 127)) | (product.magnitude > limit ? 1 : 0)
                            target.initializeElement(at: row, to: product)
                        }
                        isSimple = faults == 0
                    }
                }
                filled = pair.count
            }
            return isSimple ? .int128(PrimitiveArray(values, validity: pair.validity)) : nil
        }
        let leftStep = pair.shape == .constantLeft ? 0 : 1
        let rightStep = pair.shape == .constantRight ? 0 : 1
        return switch (left, right) {
        case (.int128(let a), .int64(let b)): products(a, leftStep, b, rightStep)
        case (.int64(let a), .int128(let b)): products(b, rightStep, a, leftStep)
        default: nil
        }
    }

    /// Sums, differences and products of 64-bit decimals whose result type has room for every result: nothing to check or to round.
    private static func fastDecimal(
        _ op: DecimalOp, _ left: ColumnValues, _ leftType: DecimalType, _ right: ColumnValues, _ rightType: DecimalType,
        _ result: DecimalType, _ pair: RowPair
    ) -> ColumnValues? {
        guard case .int64(let a) = left, case .int64(let b) = right else { return nil }
        var (leftFactor, rightFactor): (Int128, Int128) = (1, 1)
        switch op {
        case .multiply:
            guard result.scale == leftType.scale + rightType.scale, leftType.precision + rightType.precision <= result.precision else {
                return nil
            }
        case .add, .subtract:
            let scale = max(leftType.scale, rightType.scale)
            let whole = max(leftType.precision - leftType.scale, rightType.precision - rightType.scale)
            guard result.scale == scale, whole + scale + 1 <= result.precision else { return nil }
            leftFactor = DecimalMath.powers[scale - leftType.scale]
            rightFactor = DecimalMath.powers[scale - rightType.scale]
        default: return nil
        }
        func loop<T: FixedWidthInteger & BitwiseCopyable & Sendable>(_ operation: (T, T) -> T) -> PrimitiveArray<T> {
            let leftStep = pair.shape == .constantLeft ? 0 : 1
            let rightStep = pair.shape == .constantRight ? 0 : 1
            let values = [T](unsafeUninitializedCapacity: pair.count) { target, filled in
                a.values.withUnsafeBufferPointer { a in
                    b.values.withUnsafeBufferPointer { b in
                        for row in 0..<pair.count {
                            target.initializeElement(
                                at: row,
                                to: operation(T(truncatingIfNeeded: a[row &* leftStep]), T(truncatingIfNeeded: b[row &* rightStep])))
                        }
                    }
                }
                filled = pair.count
            }
            return PrimitiveArray(values, validity: pair.validity)
        }
        if result.fitsLong {
            let (f, g) = (Int64(truncatingIfNeeded: leftFactor), Int64(truncatingIfNeeded: rightFactor))
            return switch op {
            case .multiply: .int64(loop { $0 &* $1 })
            case .add: .int64(loop { $0 &* f &+ $1 &* g })
            default: .int64(loop { $0 &* f &- $1 &* g })
            }
        }
        return switch op {
        case .multiply: .int128(loop { $0 &* $1 })
        case .add: .int128(loop { $0 &* leftFactor &+ $1 &* rightFactor })
        default: .int128(loop { $0 &* leftFactor &- $1 &* rightFactor })
        }
    }
}

extension ColumnValues {
    /// The integer layouts as 128 bits.
    var unscaled: [Int128]? {
        switch self {
        case .int8(let array): array.values.map { Int128($0) }
        case .int16(let array): array.values.map { Int128($0) }
        case .int32(let array): array.values.map { Int128($0) }
        case .int64(let array): array.values.map { Int128($0) }
        case .int128(let array): array.values
        default: nil
        }
    }

    /// The integer layouts of up to 64 bits, as 64 bits.
    var narrowUnscaled: [Int64]? {
        switch self {
        case .int8(let array): array.values.map { Int64($0) }
        case .int16(let array): array.values.map { Int64($0) }
        case .int32(let array): array.values.map { Int64($0) }
        case .int64(let array): array.values
        default: nil
        }
    }
}
