import Columnar

/// Decodes the chunk of one flat column.
struct ColumnChunkReader {
    private let leaf: LeafColumn
    private let rowCount: Int
    private let byteLimit: Int
    private var pages: PageReader
    private var levels = Levels()
    private var values: PhysicalValues
    private var dictionary: PhysicalValues?

    init(_ leaf: LeafColumn, pages: PageReader, rowCount: Int, byteLimit: Int) {
        self.leaf = leaf
        self.rowCount = rowCount
        self.byteLimit = byteLimit
        self.pages = pages
        values = PhysicalValues(leaf.physicalType, length: leaf.typeLength)
    }

    mutating func read() throws(ParquetError) -> Column {
        while levels.validity.count < rowCount, let page = try pages.next() {
            var body = page.body
            switch page.header.kind {
            case .dictionary(let header): try readDictionary(header, &body)
            case .data(let header):
                let count = try checkedCount(header.valueCount)
                let present = try levels.append(&body, count: count, encoding: header.definitionLevelEncoding, isOptional: leaf.isOptional)
                try readValues(&body, present, header.encoding)
            case .dataV2(let header):
                let count = try checkedCount(header.valueCount)
                guard header.repetitionLevelsLength == 0 else { throw .malformed("repetition levels in a flat column") }
                var part = try body.part(Int(header.definitionLevelsLength))
                let present = try levels.append(&part, count: count, isOptional: leaf.isOptional)
                try readValues(&body, present, header.encoding)
            case .other: break
            }
        }
        guard levels.validity.count == rowCount else {
            throw .malformed("the column '\(leaf.path[0])' has \(levels.validity.count) values where there are \(rowCount) rows")
        }
        return Column(leaf.type, try columnValues(levels.validity.finishValidity()))
    }

    private func checkedCount(_ count: Int32) throws(ParquetError) -> Int {
        guard count >= 0, Int(count) <= rowCount - levels.validity.count else {
            throw .malformed("the column '\(leaf.path[0])' has more values than there are rows")
        }
        return Int(count)
    }

    private mutating func readDictionary(_ header: DictionaryPageHeader, _ body: inout ByteCursor) throws(ParquetError) {
        guard dictionary == nil else { throw .malformed("two dictionaries in a column chunk") }
        guard let encoding = Encoding(rawValue: header.encoding), encoding == .plain || encoding == .plainDictionary else {
            throw .unsupported("a dictionary in the encoding \(Encoding(rawValue: header.encoding)?.name ?? "\(header.encoding)")")
        }
        var result = PhysicalValues(leaf.physicalType, length: leaf.typeLength)
        try result.appendPlain(&body, count: Int(header.valueCount), byteLimit: byteLimit)
        dictionary = result
    }

    private mutating func readValues(_ body: inout ByteCursor, _ count: Int, _ encoding: Int32) throws(ParquetError) {
        switch Encoding(rawValue: encoding) {
        case .plain: try values.appendPlain(&body, count: count, byteLimit: byteLimit)
        case .rle: try values.appendRunLengths(&body, count: count)
        case .plainDictionary, .rleDictionary:
            // A page of nulls alone may lack even the width.
            if count == 0 { return }
            guard let dictionary else { throw .malformed("dictionary indices without a dictionary") }
            let width = Int(try body.byte())
            var indices: [UInt32] = []
            try RunLength.decode(&body, width: width, count: count, into: &indices)
            try values.append(indices, from: dictionary, byteLimit: byteLimit)
        case .some(let other): throw .unsupported("the encoding \(other.name)")
        case nil: throw .unsupported("encoding \(encoding)")
        }
    }

    // MARK: From the format's values to the column's

    private func columnValues(_ validity: Bitmap?) throws(ParquetError) -> ColumnValues {
        func primitive<T: BitwiseCopyable & Sendable & ExpressibleByIntegerLiteral>(_ dense: [T]) -> PrimitiveArray<T> {
            PrimitiveArray(Self.spread(dense, validity, rowCount), validity: validity)
        }
        switch values {
        case .boolean(let bits):
            let dense = bits.finish()
            guard let validity else { return .boolean(BooleanArray(dense)) }
            var next = 0
            var spread = BitmapBuilder()
            spread.reserve(rowCount)
            for row in 0..<rowCount {
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
            return .bytes(BytesArray(offsets: Self.spread(offsets: offsets, validity, rowCount), bytes: bytes, validity: validity))
        case .fixed(let bytes, let length):
            let count = bytes.count / length
            if case .decimal(let type) = leaf.type {
                return try decimals(type, count, bytes, validity) { $0 * length..<($0 + 1) * length }
            }
            guard bytes.count <= Int(Int32.max) else { throw .tooLarge("the values of the column '\(leaf.path[0])'") }
            let offsets = (0...count).map { Int32(truncatingIfNeeded: $0 * length) }
            return .bytes(BytesArray(offsets: Self.spread(offsets: offsets, validity, rowCount), bytes: bytes, validity: validity))
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
            return .int128(PrimitiveArray(Self.spread(wide, validity, rowCount), validity: validity))
        case .millisToMicros:
            var micros: [Int64] = []
            micros.reserveCapacity(dense.count)
            for value in dense {
                let (scaled, overflow) = value.multipliedReportingOverflow(by: 1000)
                guard !overflow else { throw .malformed("a timestamp of '\(leaf.path[0])' beyond the range of microseconds") }
                micros.append(scaled)
            }
            return .int64(PrimitiveArray(Self.spread(micros, validity, rowCount), validity: validity))
        case .none, .bigEndian: return .int64(PrimitiveArray(Self.spread(dense, validity, rowCount), validity: validity))
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

    private func decimals(
        _ type: DecimalType, _ count: Int, _ bytes: [UInt8], _ validity: Bitmap?, _ range: (Int) -> Range<Int>
    ) throws(ParquetError) -> ColumnValues {
        var dense: [Int128] = []
        dense.reserveCapacity(count)
        for index in 0..<count {
            guard let value = Int128(bigEndian: bytes[range(index)]), DecimalMath.fits(value, precision: type.precision) else {
                throw .malformed("a decimal of '\(leaf.path[0])' with more than \(type.precision) digits")
            }
            dense.append(value)
        }
        if type.fitsLong {
            let narrow = dense.map { Int64(truncatingIfNeeded: $0) }
            return .int64(PrimitiveArray(Self.spread(narrow, validity, rowCount), validity: validity))
        }
        return .int128(PrimitiveArray(Self.spread(dense, validity, rowCount), validity: validity))
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
