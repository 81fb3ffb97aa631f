import Columnar

/// A Swift type in which kernels written row by row see the values of a layout.
protocol Cell: Sendable {
    associatedtype Source: Sendable
    associatedtype Sink: Sendable
    /// nil if the column has another layout.
    static func source(_ column: Column) -> Source?
    static func read(_ source: Source, _ row: Int) -> Self
    static func sink(capacity: Int) -> Sink
    static func append(_ value: Self, to sink: inout Sink)
    /// Something to lie under a null.
    static func appendFiller(to sink: inout Sink)
    static func finish(_ sink: consuming Sink, as type: DataType, validity: Bitmap?) -> ColumnValues
}

/// Cells that lie in an array of their own type.
protocol PlainCell: Cell, BitwiseCopyable where Source == [Self], Sink == [Self] {
    static var filler: Self { get }
    static func array(_ values: ColumnValues) -> PrimitiveArray<Self>?
    static func values(_ array: PrimitiveArray<Self>) -> ColumnValues
}

extension PlainCell {
    @inline(__always) static func source(_ column: Column) -> [Self]? { array(column.values)?.values }
    @inline(__always) static func read(_ source: [Self], _ row: Int) -> Self { source[row] }
    static func sink(capacity: Int) -> [Self] {
        var sink: [Self] = []
        sink.reserveCapacity(capacity)
        return sink
    }
    @inline(__always) static func append(_ value: Self, to sink: inout [Self]) { sink.append(value) }
    @inline(__always) static func appendFiller(to sink: inout [Self]) { sink.append(filler) }
    static func finish(_ sink: consuming [Self], as type: DataType, validity: Bitmap?) -> ColumnValues {
        values(PrimitiveArray(sink, validity: validity))
    }
}

extension Int8: PlainCell {
    static let filler: Int8 = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Int8>? { if case .int8(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Int8>) -> ColumnValues { .int8(array) }
}

extension Int16: PlainCell {
    static let filler: Int16 = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Int16>? { if case .int16(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Int16>) -> ColumnValues { .int16(array) }
}

extension Int32: PlainCell {
    static let filler: Int32 = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Int32>? { if case .int32(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Int32>) -> ColumnValues { .int32(array) }
}

extension Int64: PlainCell {
    static let filler: Int64 = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Int64>? { if case .int64(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Int64>) -> ColumnValues { .int64(array) }
}

extension Float: PlainCell {
    static let filler: Float = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Float>? { if case .float(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Float>) -> ColumnValues { .float(array) }
}

extension Double: PlainCell {
    static let filler: Double = 0
    static func array(_ values: ColumnValues) -> PrimitiveArray<Double>? { if case .double(let array) = values { array } else { nil } }
    static func values(_ array: PrimitiveArray<Double>) -> ColumnValues { .double(array) }
}

/// A decimal's unscaled digits, whichever of the two layouts holds them.
extension Int128: Cell {
    enum DecimalSource: Sendable {
        case narrow([Int64])
        case wide([Int128])
    }

    static func source(_ column: Column) -> DecimalSource? {
        switch column.values {
        case .int64(let array): .narrow(array.values)
        case .int128(let array): .wide(array.values)
        default: nil
        }
    }

    @inline(__always) static func read(_ source: DecimalSource, _ row: Int) -> Int128 {
        switch source {
        case .narrow(let values): Int128(values[row])
        case .wide(let values): values[row]
        }
    }

    static func sink(capacity: Int) -> [Int128] {
        var sink: [Int128] = []
        sink.reserveCapacity(capacity)
        return sink
    }
    @inline(__always) static func append(_ value: Int128, to sink: inout [Int128]) { sink.append(value) }
    @inline(__always) static func appendFiller(to sink: inout [Int128]) { sink.append(0) }
    static func finish(_ sink: consuming [Int128], as type: DataType, validity: Bitmap?) -> ColumnValues {
        if case .decimal(let decimal) = type, decimal.fitsLong {
            return .int64(PrimitiveArray(sink.map { Int64(truncatingIfNeeded: $0) }, validity: validity))
        }
        return .int128(PrimitiveArray(sink, validity: validity))
    }
}

extension Bool: Cell {
    static func source(_ column: Column) -> Bitmap? { if case .boolean(let array) = column.values { array.values } else { nil } }
    @inline(__always) static func read(_ source: Bitmap, _ row: Int) -> Bool { source[row] }
    static func sink(capacity: Int) -> BitmapBuilder {
        var builder = BitmapBuilder()
        builder.reserve(capacity)
        return builder
    }
    @inline(__always) static func append(_ value: Bool, to sink: inout BitmapBuilder) { sink.append(value) }
    @inline(__always) static func appendFiller(to sink: inout BitmapBuilder) { sink.append(false) }
    static func finish(_ sink: consuming BitmapBuilder, as type: DataType, validity: Bitmap?) -> ColumnValues {
        .boolean(BooleanArray(sink.finish(), validity: validity))
    }
}

/// A cell of varying width.
protocol BytesCell {}

extension ArraySlice<UInt8>: BytesCell {}
extension [UInt8]: BytesCell {}
extension String: BytesCell {}

/// Where cells of varying width are put.
struct BytesSink: Sendable {
    var offsets: [Int32] = [0]
    var bytes: [UInt8] = []
    /// More than a column holds: what came behind was dropped.
    var overflowed = false

    mutating func append(_ value: some Collection<UInt8>) {
        if bytes.count + value.count > Int(Int32.max) { overflowed = true } else { bytes.append(contentsOf: value) }
        offsets.append(Int32(truncatingIfNeeded: bytes.count))
    }
}

/// A string's or binary's bytes, without a copy.
typealias ByteSlice = ArraySlice<UInt8>

extension ArraySlice<UInt8>: Cell {
    static func source(_ column: Column) -> BytesArray? { if case .bytes(let array) = column.values { array } else { nil } }
    @inline(__always) static func read(_ source: BytesArray, _ row: Int) -> ArraySlice<UInt8> {
        source.bytes[Int(source.offsets[row])..<Int(source.offsets[row + 1])]
    }
    static func sink(capacity: Int) -> BytesSink {
        var sink = BytesSink()
        sink.offsets.reserveCapacity(capacity + 1)
        return sink
    }
    static func append(_ value: ArraySlice<UInt8>, to sink: inout BytesSink) { sink.append(value) }
    static func appendFiller(to sink: inout BytesSink) { sink.append(EmptyCollection()) }
    static func finish(_ sink: consuming BytesSink, as type: DataType, validity: Bitmap?) -> ColumnValues {
        .bytes(BytesArray(offsets: sink.offsets, bytes: sink.bytes, validity: validity))
    }
}

extension [UInt8]: Cell {
    static func source(_ column: Column) -> BytesArray? { ArraySlice<UInt8>.source(column) }
    static func read(_ source: BytesArray, _ row: Int) -> [UInt8] { Array(source[row]) }
    static func sink(capacity: Int) -> BytesSink { ArraySlice<UInt8>.sink(capacity: capacity) }
    static func append(_ value: [UInt8], to sink: inout BytesSink) { sink.append(value) }
    static func appendFiller(to sink: inout BytesSink) { sink.append(EmptyCollection()) }
    static func finish(_ sink: consuming BytesSink, as type: DataType, validity: Bitmap?) -> ColumnValues {
        ArraySlice<UInt8>.finish(sink, as: type, validity: validity)
    }
}

extension String: Cell {
    static func source(_ column: Column) -> BytesArray? { ArraySlice<UInt8>.source(column) }
    static func read(_ source: BytesArray, _ row: Int) -> String { String(decoding: source[row], as: UTF8.self) }
    static func sink(capacity: Int) -> BytesSink { ArraySlice<UInt8>.sink(capacity: capacity) }
    static func append(_ value: String, to sink: inout BytesSink) { sink.append(value.utf8) }
    static func appendFiller(to sink: inout BytesSink) { sink.append(EmptyCollection()) }
    static func finish(_ sink: consuming BytesSink, as type: DataType, validity: Bitmap?) -> ColumnValues {
        ArraySlice<UInt8>.finish(sink, as: type, validity: validity)
    }
}

/// Any value, for kernels over nested types; slow.
extension Value: Cell {
    static func source(_ column: Column) -> Column? { column }
    static func read(_ source: Column, _ row: Int) -> Value { source.value(at: row) }
    static func sink(capacity: Int) -> [Value] { [] }
    static func append(_ value: Value, to sink: inout [Value]) { sink.append(value) }
    static func appendFiller(to sink: inout [Value]) { sink.append(.null) }
    static func finish(_ sink: consuming [Value], as type: DataType, validity: Bitmap?) -> ColumnValues { Column(type, of: sink).values }
}
