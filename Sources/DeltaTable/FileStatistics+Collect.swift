import Columnar
import JSON

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension FileStatistics {
    /// How many leaf columns, from the first on, get statistics (`delta.dataSkippingNumIndexedCols`).
    static let defaultIndexedColumns = 32
    /// Characters kept of a string.
    private static let stringPrefix = 32

    /// Statistics as JSON text. The batch has the columns that are in the file, under their names there.
    static func collect(_ batch: RecordBatch, indexedColumns: Int = defaultIndexedColumns) -> String {
        var collected = Collected()
        var left = indexedColumns < 0 ? Int.max : indexedColumns
        for (field, column) in zip(batch.schema.fields, batch.columns) where left > 0 {
            collected.add(field.name, column, &left)
        }
        return JSONValue.members([
            ("numRecords", .int(batch.rowCount)), ("minValues", .members(collected.minimums)), ("maxValues", .members(collected.maximums)),
            ("nullCount", .members(collected.nullCounts)), ("tightBounds", true),
        ]).text
    }

    private struct Collected {
        var minimums: [(String, JSONValue)] = []
        var maximums: [(String, JSONValue)] = []
        var nullCounts: [(String, JSONValue)] = []

        mutating func add(_ name: String, _ column: Column, _ left: inout Int) {
            if case .structure(let fields) = column.type, case .structure(let array) = column.values {
                var inner = Collected()
                for (field, child) in zip(fields, array.children) where left > 0 {
                    inner.add(field.name, child.with(validity: Kernel.combinedValidity(child.validity, array.validity)), &left)
                }
                if !inner.minimums.isEmpty { minimums.append((name, .members(inner.minimums))) }
                if !inner.maximums.isEmpty { maximums.append((name, .members(inner.maximums))) }
                nullCounts.append((name, .members(inner.nullCounts)))
                return
            }
            left -= 1
            nullCounts.append((name, .int(column.nullCount)))
            let (minimum, maximum) = FileStatistics.extremes(column)
            if let minimum { minimums.append((name, minimum)) }
            if let maximum { maximums.append((name, maximum)) }
        }
    }

    private static func extremes(_ column: Column) -> (JSONValue?, JSONValue?) {
        switch (column.values, column.type) {
        case (.int8(let array), .byte): integers(array)
        case (.int16(let array), .short): integers(array)
        case (.int32(let array), .int): integers(array)
        case (.int64(let array), .long): integers(array)
        case (.int32(let array), .date):
            range(array).map { (.string(Civil.dateText(Int64($0))), .string(Civil.dateText(Int64($1)))) } ?? (nil, nil)
        case (.int64(let array), .timestamp): timestamps(array, zone: "Z")
        case (.int64(let array), .timestampNTZ): timestamps(array, zone: "")
        case (.int64(let array), .decimal(let decimal)): decimals(range(array).map { (Int128($0), Int128($1)) }, decimal)
        case (.int128(let array), .decimal(let decimal)): decimals(range(array), decimal)
        case (.float(let array), .float): floats(array)
        case (.double(let array), .double): floats(array)
        case (.bytes(let array), .string(.utf8Binary)), (.bytes(let array), .char), (.bytes(let array), .varchar): strings(array)
        default: (nil, nil)
        }
    }

    private static func integers<T: FixedWidthInteger & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<T>) -> (JSONValue?, JSONValue?) {
        range(array).map { (.int($0), .int($1)) } ?? (nil, nil)
    }

    private static func timestamps(_ array: PrimitiveArray<Int64>, zone: String) -> (JSONValue?, JSONValue?) {
        guard let (low, high) = range(array) else { return (nil, nil) }
        let millis = Civil.floorDivide(high, 1000)
        let ceiling = millis &* 1000 == high ? high : (millis &+ 1) &* 1000
        return (
            .string(Civil.timestampText(low, separator: "T", fractionDigits: 3) + zone),
            ceiling < high ? nil : .string(Civil.timestampText(ceiling, separator: "T", fractionDigits: 3) + zone)
        )
    }

    private static func decimals(_ range: (Int128, Int128)?, _ type: DecimalType) -> (JSONValue?, JSONValue?) {
        range.map { (.number(DecimalText.text($0, scale: type.scale)), .number(DecimalText.text($1, scale: type.scale))) } ?? (nil, nil)
    }

    /// NaN is greater than all else, and JSON cannot say it: where there is one, no maximum is given. Nor can it say infinities.
    private static func floats<T: BinaryFloatingPoint & BitwiseCopyable & Sendable & LosslessStringConvertible>(_ array: PrimitiveArray<T>)
        -> (JSONValue?, JSONValue?)
    {
        var low = T.infinity
        var high = -T.infinity
        var hasNaN = false
        var found = false
        forEachValid(array) { value in
            if value.isNaN {
                hasNaN = true
            } else {
                found = true
                if value < low { low = value }
                if value > high { high = value }
            }
        }
        guard found else { return (nil, nil) }
        // Of the two zeros readers may take either for the smaller one.
        if low == 0 { low = -0.0 }
        if high == 0 { high = 0.0 }
        return (low.isFinite ? .number(low.description) : nil, hasNaN || !high.isFinite ? nil : .number(high.description))
    }

    private static func range<T: Comparable & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<T>) -> (T, T)? {
        var extremes: (T, T)?
        if array.validity == nil, var low = array.values.first {
            var high = low
            for value in array.values {
                if value < low { low = value }
                if value > high { high = value }
            }
            return (low, high)
        }
        forEachValid(array) { value in
            guard let (low, high) = extremes else { return extremes = (value, value) }
            if value < low { extremes = (value, high) }
            if value > high { extremes = (low, value) }
        }
        return extremes
    }

    private static func forEachValid<T: BitwiseCopyable & Sendable>(_ array: PrimitiveArray<T>, _ body: (T) -> Void) {
        guard let validity = array.validity else { return array.values.forEach(body) }
        for index in validity.indices() { body(array.values[Int(index)]) }
    }

    private static func strings(_ array: BytesArray) -> (JSONValue?, JSONValue?) {
        var low: Range<Int>?
        var high: Range<Int>?
        array.bytes.withUnsafeBytes { bytes in
            // By bytes, which is by code points. Offsets ascend and end within the bytes.
            func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
                guard let start = bytes.baseAddress else { return false }
                let order = memcmp(start + left.lowerBound, start + right.lowerBound, min(left.count, right.count))
                return order != 0 ? order < 0 : left.count < right.count
            }
            for index in 0..<array.count where array.validity?[index] ?? true {
                let range = Int(array.offsets[index])..<Int(array.offsets[index + 1])
                guard let lowest = low, let highest = high else {
                    (low, high) = (range, range)
                    continue
                }
                if precedes(range, lowest) { low = range }
                if precedes(highest, range) { high = range }
            }
        }
        guard let low, let high else { return (nil, nil) }
        let (lowest, highest) = (String(decoding: array.bytes[low], as: UTF8.self), String(decoding: array.bytes[high], as: UTF8.self))
        return (.string(String(lowest.unicodeScalars.prefix(stringPrefix))), upperBound(highest).map { .string($0) })
    }

    /// A short text that no text that starts with the value's prefix exceeds; nil if there is none.
    private static func upperBound(_ text: String) -> String? {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: stringPrefix, limitedBy: scalars.endIndex), end < scalars.endIndex
        else { return text }
        let ceiling = Unicode.Scalar(0x10FFFF) ?? "\u{7F}"
        // What follows must be smaller than what is put in its place.
        var cut = end
        while cut < scalars.endIndex, scalars[cut] == ceiling { cut = scalars.index(after: cut) }
        guard cut < scalars.endIndex else { return text }
        let tie: Unicode.Scalar = scalars[cut].value < 0x7F ? "\u{7F}" : ceiling
        return String(scalars[..<cut]) + String(Character(tie))
    }
}
