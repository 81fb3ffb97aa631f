package import Columnar

/// The range of a column's values. Bounds of strings and binaries may be shortened ones, below the least or above the greatest value; a column
/// that has a NaN has no bounds.
package struct ColumnStatistics: Sendable, Hashable {
    package var nullCount: Int?
    package var min: Value?
    package var max: Value?

    package init(nullCount: Int?, min: Value?, max: Value?) {
        self.nullCount = nullCount
        self.min = min
        self.max = max
    }
}

package struct ParquetFileStatistics: Sendable, Hashable {
    package var rowCount: Int
    /// By column; bounds are exact.
    package var columns: [ColumnStatistics]
}

// MARK: Writing

extension RawStatistics {
    /// Bytes kept of a string's or binary's bounds.
    static let boundLength = 64

    /// Of a column that is laid out as the element says.
    init(_ column: Column, _ element: SchemaElement) {
        nullCount = Int64(column.nullCount)
        guard let (least, greatest) = Kernel.extremes(column), !column.isNaN(greatest) else { return }
        if case .bytes(let array) = column.values {
            let isText = element.logicalType == .string
            (min, isMinExact) = Self.lower(array[least], isText: isText)
            (max, isMaxExact) = Self.upper(array[greatest], isText: isText)
            return
        }
        (isMinExact, isMaxExact) = (true, true)
        min = PlainEncoder.value(column, least, element, zero: .negative)
        max = PlainEncoder.value(column, greatest, element, zero: .positive)
    }

    private static func lower(_ value: ArraySlice<UInt8>, isText: Bool) -> ([UInt8], Bool) {
        if value.count <= boundLength { return (Array(value), true) }
        var bound = Array(value.prefix(boundLength))
        if isText { dropCutCharacter(&bound, before: value[value.startIndex + boundLength]) }
        return (bound, false)
    }

    /// The prefix raised by one at its last place that can be; nil if none can.
    private static func upper(_ value: ArraySlice<UInt8>, isText: Bool) -> ([UInt8]?, Bool?) {
        if value.count <= boundLength { return (Array(value), true) }
        var bound = Array(value.prefix(boundLength))
        if isText {
            dropCutCharacter(&bound, before: value[value.startIndex + boundLength])
            while let start = bound.lastIndex(where: { $0 & 0xC0 != 0x80 }) {
                let text = String(decoding: bound[start...], as: UTF8.self)
                bound.removeLast(bound.count - start)
                // The next scalar is greater in UTF-8 too; the surrogates between are none.
                if let scalar = text.unicodeScalars.first, let next = Unicode.Scalar(scalar.value == 0xD7FF ? 0xE000 : scalar.value + 1) {
                    return (bound + Array(String(next).utf8), false)
                }
            }
            return (nil, nil)
        }
        while let last = bound.popLast() {
            if last < 0xFF { return (bound + [last + 1], false) }
        }
        return (nil, nil)
    }

    /// Removes the beginning of a character whose end was cut off.
    private static func dropCutCharacter(_ bound: inout [UInt8], before next: UInt8) {
        guard next & 0xC0 == 0x80, let start = bound.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return }
        bound.removeLast(bound.count - start)
    }
}

extension Column {
    func isNaN(_ row: Int) -> Bool {
        switch values {
        case .float(let array): array.values[row].isNaN
        case .double(let array): array.values[row].isNaN
        default: false
        }
    }
}

// MARK: Reading

extension ColumnStatistics {
    init(_ raw: RawStatistics, _ leaf: LeafColumn) {
        nullCount = raw.nullCount.flatMap { $0 >= 0 ? Int(exactly: $0) : nil }
        min = raw.min.flatMap { Self.value($0, leaf) }
        max = raw.max.flatMap { Self.value($0, leaf) }
        // A bound that is no number bounds nothing.
        for bound in [min, max] {
            switch bound {
            case .float(let number)? where number.isNaN: (min, max) = (nil, nil)
            case .double(let number)? where number.isNaN: (min, max) = (nil, nil)
            default: break
            }
        }
    }

    private static func value(_ bytes: [UInt8], _ leaf: LeafColumn) -> Value? {
        func integer<T: FixedWidthInteger>(_ type: T.Type) -> T? {
            guard bytes.count == MemoryLayout<T>.size else { return nil }
            return bytes.withUnsafeBytes { T(littleEndian: $0.loadUnaligned(as: T.self)) }
        }
        func wrapped(_ number: Int64) -> Value {
            if case .decimal = leaf.type { .decimal(Int128(number)) } else { .integer(number) }
        }
        switch leaf.physicalType {
        case .boolean: return bytes.count == 1 ? .boolean(bytes[0] != 0) : nil
        case .int32:
            guard let number = integer(Int32.self) else { return nil }
            return wrapped(leaf.conversion == .unsigned ? Int64(UInt32(bitPattern: number)) : Int64(number))
        case .int64:
            guard let number = integer(Int64.self) else { return nil }
            switch leaf.conversion {
            case .unsigned: return .decimal(Int128(UInt64(bitPattern: number)))
            case .millisToMicros:
                let (micros, overflow) = number.multipliedReportingOverflow(by: 1000)
                return overflow ? nil : .integer(micros)
            case .nanosToMicros: return .integer(number / 1000 - (number % 1000 < 0 ? 1 : 0))
            default: return wrapped(number)
            }
        case .int96: return nil
        case .float: return integer(UInt32.self).map { .float(Float(bitPattern: $0)) }
        case .double: return integer(UInt64.self).map { .double(Double(bitPattern: $0)) }
        case .byteArray, .fixedLenByteArray:
            if leaf.conversion == .halfFloat || leaf.conversion == .uuid { return nil }
            switch leaf.type {
            case .decimal(let type):
                guard let value = Int128(bigEndian: bytes), DecimalMath.fits(value, precision: type.precision) else { return nil }
                return .decimal(value)
            case .binary: return .binary(bytes)
            default: return .string(String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
