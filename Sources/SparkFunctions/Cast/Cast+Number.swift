import Columnar
import SparkErrors

extension Caster {
    func toBoolean(_ column: Column) throws(SQLError) -> Column {
        switch column.values {
        case .bytes: return try convert(column, as: ByteSlice.self, { NumberParser.boolean($0) }, failure: invalid)
        case .int8: return try convert(column, as: Int8.self) { $0 != 0 }
        case .int16: return try convert(column, as: Int16.self) { $0 != 0 }
        case .int32:
            // A date is no number (and null outside ANSI mode).
            if case .date = from { return .nulls(to, count: column.count) }
            return try convert(column, as: Int32.self) { $0 != 0 }
        case .int64: return try convert(column, as: Int64.self) { $0 != 0 }
        case .int128: return try convert(column, as: Int128.self) { $0 != 0 }
        case .float: return try convert(column, as: Float.self) { $0 != 0 }
        case .double: return try convert(column, as: Double.self) { $0 != 0 }
        default: throw unsupported()
        }
    }

    func toInteger<R: PlainCell & FixedWidthInteger>(_ column: Column, _: R.Type) throws(SQLError) -> Column {
        switch from {
        case .boolean: return try convert(column, as: Bool.self) { $0 ? 1 as R : 0 }
        case .byte: return try narrow(column, Int8.self, R.self)
        case .short: return try narrow(column, Int16.self, R.self)
        case .int: return try narrow(column, Int32.self, R.self)
        case .long: return try narrow(column, Int64.self, R.self)
        case .float:
            return mode == .legacy
                ? try convert(column, as: Float.self) { saturated(Double($0), R.self) }
                : try convert(column, as: Float.self, { exact(Double($0), R.self) }, failure: overflow)
        case .double:
            return mode == .legacy
                ? try convert(column, as: Double.self) { saturated($0, R.self) }
                : try convert(column, as: Double.self, { exact($0, R.self) }, failure: overflow)
        case .decimal(let decimal):
            let divisor = Decimals.powers[min(max(decimal.scale, 0), 38)]
            return mode == .legacy
                ? try convert(column, as: Int128.self) { R(truncatingIfNeeded: $0 / divisor) }
                : try convert(column, as: Int128.self, { R(exactly: $0 / divisor) }, failure: overflow)
        case .string, .char, .varchar:
            let allowFraction = mode == .legacy
            return try convert(
                column, as: ByteSlice.self, { NumberParser.integer($0, allowFraction: allowFraction).flatMap { R(exactly: $0) } }, failure: invalid)
        case .date: return .nulls(to, count: column.count)
        case .timestamp:
            return mode == .legacy
                ? try convert(column, as: Int64.self) { R(truncatingIfNeeded: $0.floorDiv(Micros.perSecond)) }
                : try convert(column, as: Int64.self, { R(exactly: $0.floorDiv(Micros.perSecond)) }, failure: overflow)
        case .yearMonthInterval(let range):
            let divisor: Int32 = range.end == .year ? 12 : 1
            return try convert(column, as: Int32.self, { R(exactly: $0 / divisor) }, failure: overflow)
        case .dayTimeInterval(let range):
            let divisor = Int64(IntervalText.unitMicros[range.end.rawValue])
            return try convert(column, as: Int64.self, { R(exactly: $0 / divisor) }, failure: overflow)
        default: throw unsupported()
        }
    }

    private func narrow<A: PlainCell & FixedWidthInteger, R: PlainCell & FixedWidthInteger>(
        _ column: Column, _: A.Type, _: R.Type
    ) throws(SQLError) -> Column {
        if R.bitWidth >= A.bitWidth || mode == .legacy {
            guard let source = A.source(column) else { throw unsupported() }
            return Column(to, R.values(PrimitiveArray(source.map { R(truncatingIfNeeded: $0) }, validity: column.validity)))
        }
        return try convert(column, as: A.self, { R(exactly: $0) }, failure: overflow)
    }

    /// Towards zero; nil if it does not fit.
    private func exact<R: FixedWidthInteger>(_ value: Double, _: R.Type) -> R? { R(exactly: value.rounded(.towardZero)) }

    /// As Java converts: NaN to zero, and at most to Int64's (for BIGINT) or Int32's ends, cut to width.
    private func saturated<R: FixedWidthInteger>(_ value: Double, _: R.Type) -> R {
        if value.isNaN { return 0 }
        let whole = value.rounded(.towardZero)
        if R.bitWidth == 64 { return R(truncatingIfNeeded: Int64(exactly: whole) ?? (value < 0 ? .min : .max)) }
        return R(truncatingIfNeeded: Int32(exactly: whole) ?? (value < 0 ? .min : .max))
    }

    func toFloat(_ column: Column) throws(SQLError) -> Column {
        switch from {
        case .boolean: return try convert(column, as: Bool.self) { $0 ? 1 as Float : 0 }
        case .byte: return try convert(column, as: Int8.self) { Float($0) }
        case .short: return try convert(column, as: Int16.self) { Float($0) }
        case .int: return try convert(column, as: Int32.self) { Float($0) }
        case .long: return try convert(column, as: Int64.self) { Float($0) }
        case .double: return try convert(column, as: Double.self) { Float($0) }
        case .decimal(let decimal):
            return try convert(column, as: Int128.self) { Float(NumberText.text(unscaled: $0, scale: decimal.scale)) ?? .nan }
        case .string, .char, .varchar: return try convert(column, as: ByteSlice.self, { NumberParser.float($0) }, failure: invalid)
        case .timestamp: return try convert(column, as: Int64.self) { Float(Double($0) / 1e6) }
        case .date: return .nulls(to, count: column.count)
        default: throw unsupported()
        }
    }

    func toDouble(_ column: Column) throws(SQLError) -> Column {
        switch from {
        case .boolean: return try convert(column, as: Bool.self) { $0 ? 1 as Double : 0 }
        case .byte: return try convert(column, as: Int8.self) { Double($0) }
        case .short: return try convert(column, as: Int16.self) { Double($0) }
        case .int: return try convert(column, as: Int32.self) { Double($0) }
        case .long: return try convert(column, as: Int64.self) { Double($0) }
        case .float: return try convert(column, as: Float.self) { Double($0) }
        case .decimal(let decimal): return try convert(column, as: Int128.self) { Decimals.double($0, scale: decimal.scale) }
        case .string, .char, .varchar: return try convert(column, as: ByteSlice.self, { NumberParser.double($0) }, failure: invalid)
        case .timestamp: return try convert(column, as: Int64.self) { Double($0) / 1e6 }
        case .date: return .nulls(to, count: column.count)
        default: throw unsupported()
        }
    }

    func toDecimal(_ column: Column, _ type: DecimalType) throws(SQLError) -> Column {
        switch from {
        case .boolean: return try integerToDecimal(column, Bool.self, type) { $0 ? 1 : 0 }
        case .byte: return try integerToDecimal(column, Int8.self, type) { Int128($0) }
        case .short: return try integerToDecimal(column, Int16.self, type) { Int128($0) }
        case .int: return try integerToDecimal(column, Int32.self, type) { Int128($0) }
        case .long: return try integerToDecimal(column, Int64.self, type) { Int128($0) }
        case .decimal(let source):
            if type.isWider(than: source), type.scale == source.scale, type.fitsLong == source.fitsLong { return column.with(type: to) }
            return try convert(column, as: Int128.self, { Decimals.rescale($0, from: source.scale, to: type) }) { outOfRange($0, type) }
        case .float:
            return try convert(
                column, as: Float.self,
                { (value: Float) -> Int128? in
                    // Spark goes through Double, digit by digit.
                    decimal(Double(value), type)
                }
            ) { outOfRange($0, type) }
        case .double: return try convert(column, as: Double.self, { (value: Double) -> Int128? in decimal(value, type) }) { outOfRange($0, type) }
        case .string, .char, .varchar: return try textToDecimal(column, type)
        case .timestamp:
            return try convert(column, as: Int64.self, { (micros: Int64) -> Int128? in Decimals.rescale(Int128(micros), from: 6, to: type) }) {
                outOfRange($0, type)
            }
        case .date: return .nulls(to, count: column.count)
        case .yearMonthInterval(let range):
            let divisor: Int32 = range.end == .year ? 12 : 1
            return try integerToDecimal(column, Int32.self, type) { Int128($0 / divisor) }
        case .dayTimeInterval(let range):
            let unit = range.end == .second ? (divisor: Int64(1), scale: 6) : (divisor: Int64(IntervalText.unitMicros[range.end.rawValue]), scale: 0)
            return try convert(
                column, as: Int64.self,
                { (micros: Int64) -> Int128? in
                    Decimals.rescale(Int128(micros / unit.divisor), from: unit.scale, to: type)
                }
            ) { outOfRange($0, type) }
        default: throw unsupported()
        }
    }

    private func integerToDecimal<A: Cell>(
        _ column: Column, _: A.Type, _ type: DecimalType, _ whole: (A) -> Int128
    ) throws(SQLError) -> Column {
        try convert(column, as: A.self, { Decimals.rescale(whole($0), from: 0, to: type) }) { outOfRange($0, type) }
    }

    private func decimal(_ value: Double, _ type: DecimalType) -> Int128? {
        guard value.isFinite else { return nil }
        guard let digits = Decimals.from(value.description, negative: value.sign == .minus, scale: type.scale),
            Decimals.fits(digits, precision: type.precision)
        else { return nil }
        return digits
    }

    private func textToDecimal(_ column: Column, _ type: DecimalType) throws(SQLError) -> Column {
        guard let source = ByteSlice.source(column) else { throw unsupported() }
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> Int128? in
            let text = ByteSlice.read(source, row)
            switch NumberParser.decimal(text, scale: type.scale) {
            case .none:
                if mode == .ansi { throw invalid(column.value(at: row)) }
                return nil
            case .some(let digits):
                if let digits, Decimals.fits(digits, precision: type.precision) { return digits }
                if mode == .ansi { throw .decimalOutOfRange(NumberParser.plainText(text), type) }
                return nil
            }
        }
    }

    private func outOfRange(_ value: Value, _ type: DecimalType) -> SQLError {
        switch (value, from) {
        case (.double(let number), _) where !number.isFinite: return overflow(value)
        case (.float(let number), _) where !number.isFinite: return overflow(value)
        case (.double(let number), _): return .decimalOutOfRange(NumberParser.plainText(Array(number.description.utf8)[...]), type)
        case (.float(let number), _): return .decimalOutOfRange(NumberParser.plainText(Array(Double(number).description.utf8)[...]), type)
        case (.decimal(let digits), .decimal(let source)): return .decimalOutOfRange(NumberText.text(unscaled: digits, scale: source.scale), type)
        case (.boolean(let bit), _): return .decimalOutOfRange(bit ? "1" : "0", type)
        case (.integer(let micros), .timestamp): return .decimalOutOfRange(NumberText.text(unscaled: Int128(micros), scale: 6), type)
        case (.integer(let number), _): return .decimalOutOfRange("\(number)", type)
        default: return overflow(value)
        }
    }
}

extension NumberParser {
    /// A numeral without exponent, for messages.
    static func plainText(_ text: ArraySlice<UInt8>) -> String {
        guard let parts = parts(trimmed(text)), parts.exponent.magnitude <= 400 else { return String(decoding: text, as: UTF8.self) }
        var digits = Array(parts.whole) + Array(parts.fraction)
        var point = parts.whole.count + parts.exponent
        while point < 0 || digits.isEmpty {
            digits.insert(48, at: 0)
            point += 1
        }
        while digits.count < point { digits.append(48) }
        var fraction = digits[point...]
        if parts.exponent != 0 || parts.fraction == [48] { while fraction.last == 48 { fraction = fraction.dropLast() } }
        let whole = digits[..<point].drop { $0 == 48 }
        let text = (whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self))
        return (parts.negative ? "-" : "") + text + (fraction.isEmpty ? "" : "." + String(decoding: fraction, as: UTF8.self))
    }
}
