import Columnar

/// From the format's values to a column's, with places for nulls between them.
struct ValueConverter {
    let leaf: LeafColumn
    /// As many as there are ones in `validity`.
    let values: PhysicalValues
    /// nil: no value is null.
    let validity: Bitmap?
    /// With the nulls.
    let count: Int

    func column() throws(ParquetError) -> Column { Column(leaf.type, try columnValues()) }

    func columnValues() throws(ParquetError) -> ColumnValues {
        func primitive<T: BitwiseCopyable & Sendable & ExpressibleByIntegerLiteral>(_ dense: [T]) -> PrimitiveArray<T> {
            PrimitiveArray(Self.spread(dense, validity, count), validity: validity)
        }
        switch values {
        case .boolean(let bits):
            let dense = bits.finish()
            guard let validity else { return .boolean(BooleanArray(dense)) }
            var next = 0
            var spread = BitmapBuilder()
            spread.reserve(count)
            for row in 0..<count {
                spread.append(validity[row] && dense[next])
                if validity[row] { next += 1 }
            }
            return .boolean(BooleanArray(spread.finish(), validity: validity))
        case .int32(let dense): return int32Values(dense, primitive)
        case .int64(let dense): return try int64Values(dense, validity)
        case .int96(let bytes): return .int64(primitive(try Self.timestamps(bytes)))
        case .float(let dense): return .float(primitive(dense.map { Float(bitPattern: $0) }))
        case .double(let dense): return .double(primitive(dense.map { Double(bitPattern: $0) }))
        case .byteArray(let offsets, let bytes):
            if case .decimal(let type) = leaf.type {
                return try decimals(type, offsets.count - 1, bytes, validity) { Int(offsets[$0])..<Int(offsets[$0 + 1]) }
            }
            return .bytes(BytesArray(offsets: Self.spread(offsets: offsets, validity, count), bytes: bytes, validity: validity))
        case .fixed(let bytes, let length):
            let denseCount = bytes.count / length
            if case .decimal(let type) = leaf.type {
                return try decimals(type, denseCount, bytes, validity) { $0 * length..<($0 + 1) * length }
            }
            if leaf.conversion == .halfFloat { return .float(primitive(Self.halfFloats(bytes))) }
            if leaf.conversion == .uuid { return try uuids(bytes) }
            guard bytes.count <= Int(Int32.max) else { throw .tooLarge("the values of the column '\(leaf.name)'") }
            let offsets = (0...denseCount).map { Int32(truncatingIfNeeded: $0 * length) }
            return .bytes(BytesArray(offsets: Self.spread(offsets: offsets, validity, count), bytes: bytes, validity: validity))
        }
    }

    private func int32Values(_ dense: [Int32], _ asIs: ([Int32]) -> PrimitiveArray<Int32>) -> ColumnValues {
        let spread = asIs(dense)
        let validity = spread.validity
        switch leaf.type {
        case .byte: return .int8(PrimitiveArray(spread.values.map { Int8(truncatingIfNeeded: $0) }, validity: validity))
        case .short: return .int16(PrimitiveArray(spread.values.map { Int16(truncatingIfNeeded: $0) }, validity: validity))
        case .long: return .int64(PrimitiveArray(spread.values.map { Int64(UInt32(bitPattern: $0)) }, validity: validity))
        case .decimal: return .int64(PrimitiveArray(spread.values.map { Int64($0) }, validity: validity))
        default: return .int32(spread)
        }
    }

    private func int64Values(_ dense: [Int64], _ validity: Bitmap?) throws(ParquetError) -> ColumnValues {
        switch leaf.conversion {
        case .unsigned:
            let wide = dense.map { Int128(UInt64(bitPattern: $0)) }
            return .int128(PrimitiveArray(Self.spread(wide, validity, count), validity: validity))
        case .millisToMicros:
            var micros: [Int64] = []
            micros.reserveCapacity(dense.count)
            for value in dense {
                let (scaled, overflow) = value.multipliedReportingOverflow(by: 1000)
                guard !overflow else { throw .malformed("a timestamp of '\(leaf.name)' beyond the range of microseconds") }
                micros.append(scaled)
            }
            return .int64(PrimitiveArray(Self.spread(micros, validity, count), validity: validity))
        case .nanosToMicros:
            // Rounded down, before 1970 as well.
            let micros = dense.map { $0 / 1000 - ($0 % 1000 < 0 ? 1 : 0) }
            return .int64(PrimitiveArray(Self.spread(micros, validity, count), validity: validity))
        default: return .int64(PrimitiveArray(Self.spread(dense, validity, count), validity: validity))
        }
    }

    /// Microseconds since 1970 of values in twelve bytes: nanoseconds of the day, then the Julian day.
    private static func timestamps(_ bytes: [UInt8]) throws(ParquetError) -> [Int64] {
        var result: [Int64] = []
        result.reserveCapacity(bytes.count / 12)
        for start in stride(from: 0, to: bytes.count - 11, by: 12) {
            let nanos = bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(fromByteOffset: start, as: Int64.self)) }
            let day = bytes.withUnsafeBytes { UInt32(littleEndian: $0.loadUnaligned(fromByteOffset: start + 8, as: UInt32.self)) }
            let (days, overflow) = (Int64(day) - 2_440_588).multipliedReportingOverflow(by: 86_400_000_000)
            // Rounded down, before 1970 as well.
            let (micros, overflowSum) = days.addingReportingOverflow(nanos / 1000 - (nanos % 1000 < 0 ? 1 : 0))
            guard !overflow, !overflowSum else { throw .malformed("an INT96 timestamp beyond the range of microseconds") }
            result.append(micros)
        }
        return result
    }

    private static func halfFloats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count - 1, by: 2).map { at in
            let bits = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
            let (sign, exponent, fraction) = ((bits & 0x8000) << 16, (bits >> 10) & 0x1F, bits & 0x3FF)
            // Those below the least exponent count in steps of 2^-24.
            if exponent == 0 { return Float(bitPattern: sign | (Float(fraction) * 0x1p-24).bitPattern) }
            return Float(bitPattern: sign | (exponent == 31 ? 0xFF : exponent + 112) << 23 | fraction << 13)
        }
    }

    private func uuids(_ bytes: [UInt8]) throws(ParquetError) -> ColumnValues {
        let denseCount = bytes.count / 16
        guard denseCount <= Int(Int32.max) / 36 else { throw .tooLarge("the values of the column '\(leaf.name)'") }
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(denseCount * 36)
        for (index, byte) in bytes.enumerated() {
            if [4, 6, 8, 10].contains(index % 16) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        let offsets = (0...denseCount).map { Int32(truncatingIfNeeded: $0 * 36) }
        return .bytes(BytesArray(offsets: Self.spread(offsets: offsets, validity, count), bytes: text, validity: validity))
    }

    private func decimals(
        _ type: DecimalType, _ denseCount: Int, _ bytes: [UInt8], _ validity: Bitmap?, _ range: (Int) -> Range<Int>
    ) throws(ParquetError) -> ColumnValues {
        var dense: [Int128] = []
        dense.reserveCapacity(denseCount)
        for index in 0..<denseCount {
            guard let value = Int128(bigEndian: bytes[range(index)]), DecimalMath.fits(value, precision: type.precision) else {
                throw .malformed("a decimal of '\(leaf.name)' with more than \(type.precision) digits")
            }
            dense.append(value)
        }
        if type.fitsLong {
            let narrow = dense.map { Int64(truncatingIfNeeded: $0) }
            return .int64(PrimitiveArray(Self.spread(narrow, validity, count), validity: validity))
        }
        return .int128(PrimitiveArray(Self.spread(dense, validity, count), validity: validity))
    }

    /// Values put to the places that are not null; there are as many.
    private static func spread<T: BitwiseCopyable & ExpressibleByIntegerLiteral>(_ dense: [T], _ validity: Bitmap?, _ count: Int) -> [T] {
        guard let validity else { return dense }
        return [T](unsafeUninitializedCapacity: count) { result, filled in
            dense.withUnsafeBufferPointer { dense in
                var next = 0
                for row in 0..<count {
                    let isValid = validity[row]
                    result.initializeElement(at: row, to: isValid && next < dense.count ? dense[next] : 0)
                    if isValid { next += 1 }
                }
            }
            filled = count
        }
    }

    /// Offsets with empty values put in for nulls.
    private static func spread(offsets: [Int32], _ validity: Bitmap?, _ count: Int) -> [Int32] {
        guard let validity else { return offsets }
        var result: [Int32] = [0]
        result.reserveCapacity(count + 1)
        var next = 0
        for row in 0..<count {
            if validity[row], next + 1 < offsets.count { next += 1 }
            result.append(offsets[next])
        }
        return result
    }
}

extension Int128 {
    /// Two's complement of any length; nil if the value does not fit 128 bits.
    init?(bigEndian bytes: some Collection<UInt8>) {
        let isNegative = bytes.first.map { $0 >= 0x80 } ?? false
        var result: Int128 = isNegative ? -1 : 0
        for byte in bytes {
            guard result >> 119 == (isNegative ? -1 : 0) else { return nil }
            result = result << 8 | Int128(byte)
        }
        self = result
    }
}
