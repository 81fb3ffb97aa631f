package import Columnar
package import SparkErrors

/// CAST and TRY_CAST between all types, with Spark's text forms.
package enum Cast {
    /// What happens to a value that does not convert.
    package enum Mode: Sendable, Hashable {
        /// An error (`spark.sql.ansi.enabled`).
        case ansi
        /// NULL (TRY_CAST); the same pairs of types as ANSI.
        case attempt
        /// NULL or a wrapped value: ANSI mode off.
        case legacy
    }

    /// Whether CAST(… AS …) of these types is allowed at all.
    package static func canCast(_ from: DataType, _ to: DataType, ansi: Bool) -> Bool {
        if from == to { return true }
        switch (from, to) {
        case (.void, _): return true
        case (_, .void): return false
        case (.variant, _): return fromVariant(to)
        case (_, .variant): return makesVariant(from)
        case (.array(let a, let aNull), .array(let b, let bNull)):
            return canCast(a, b, ansi: ansi) && (bNull || !(aNull || mayGiveNull(a, b, ansi: ansi)))
        case (.map(let aKey, let aValue, let aNull), .map(let bKey, let bValue, let bNull)):
            return canCast(aKey, bKey, ansi: ansi) && !mayGiveNull(aKey, bKey, ansi: ansi) && canCast(aValue, bValue, ansi: ansi)
                && (bNull || !(aNull || mayGiveNull(aValue, bValue, ansi: ansi)))
        case (.structure(let a), .structure(let b)):
            return a.count == b.count
                && zip(a, b).allSatisfy {
                    canCast($0.type, $1.type, ansi: ansi) && ($1.nullable || !($0.nullable || mayGiveNull($0.type, $1.type, ansi: ansi)))
                }
        case (_, _) where to.isString: return true
        case (_, _) where from.isString:
            switch to {
            case .array, .map, .structure: return false
            default: return true
            }
        default: break
        }
        switch (family(from), family(to)) {
        case (.number, .number), (.number, .boolean), (.boolean, .number), (.boolean, .boolean), (.time, .time), (.binary, .binary): return true
        case (.number, .time): if case .timestamp = to { return true } else { return false }
        case (.time, .number): if case .timestamp = from { return true } else { if case .date = from { return !ansi } else { return false } }
        case (.boolean, .time): if case .timestamp = to { return !ansi } else { return false }
        case (.time, .boolean): if case .timestampNTZ = from { return false } else { return !ansi }
        case (.number, .binary): return !ansi && from.isInteger
        case (.interval, .interval): return sameKind(from, to)
        case (.interval, .number): return to.isInteger || isDecimal(to)
        case (.number, .interval): return from.isInteger || isDecimal(from)
        default: return false
        }
    }

    private enum Family { case boolean, number, text, binary, time, interval, nested }

    private static func family(_ type: DataType) -> Family {
        switch type {
        case .boolean: .boolean
        case .byte, .short, .int, .long, .float, .double, .decimal: .number
        case .string, .char, .varchar: .text
        case .binary: .binary
        case .date, .timestamp, .timestampNTZ: .time
        case .yearMonthInterval, .dayTimeInterval: .interval
        case .void, .array, .map, .structure, .variant: .nested
        }
    }

    static func isDecimal(_ type: DataType) -> Bool { if case .decimal = type { true } else { false } }

    private static func sameKind(_ from: DataType, _ to: DataType) -> Bool {
        switch (from, to) {
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval): true
        default: false
        }
    }

    /// Whether a cast may turn a value into NULL (`Cast.forceNullable`): ANSI casts fail instead.
    static func mayGiveNull(_ from: DataType, _ to: DataType, ansi: Bool) -> Bool {
        if case .void = from { return to != .void }
        if ansi || from == to { return false }
        switch (from, to) {
        case (_, _) where from.isString: return !(to.isString || to == .binary)
        case (_, _) where to.isString: return false
        case (.float, .timestamp), (.double, .timestamp), (.timestamp, .date): return true
        case (.decimal(let a), .decimal(let b)): return !b.isWider(than: a)
        case (_, .decimal(let b)): return DecimalType.holding(from).map { !b.isWider(than: $0) } ?? true
        default: return false
        }
    }

    /// Whether the result of a cast is nullable, given whether its argument is.
    package static func isNullable(_ from: DataType, nullable: Bool, to: DataType, mode: Mode) -> Bool {
        nullable || (mode == .attempt && from != to) || from == .variant || mayGiveNull(from, to, ansi: mode != .legacy)
    }

    /// The column as another type. The pair must be one that `canCast` allows; otherwise the error says so.
    /// - Throws: CAST_INVALID_INPUT, CAST_OVERFLOW, NUMERIC_VALUE_OUT_OF_RANGE and their kin for the first row at fault, in ANSI mode.
    package static func cast(
        _ column: Column, to type: DataType, mode: Mode? = nil, _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        if column.type == type { return column }
        if case .void = column.values { return .nulls(type, count: column.count) }
        let caster = Caster(from: column.type, to: type, mode: mode ?? (context.ansi ? .ansi : .legacy), context: context)
        return try caster.cast(column)
    }

    /// One value; the same errors.
    package static func cast(
        _ value: Value, from: DataType, to type: DataType, mode: Mode? = nil, _ context: EvaluationContext
    ) throws(SQLError) -> Value {
        if from == type || value.isNull { return value }
        return try cast(Column(from, of: [value]), to: type, mode: mode, context).value(at: 0)
    }
}

/// One cast, with what it needs to know of itself.
struct Caster {
    let from: DataType
    let to: DataType
    let mode: Cast.Mode
    let context: EvaluationContext

    func cast(_ column: Column) throws(SQLError) -> Column {
        if case .variant = from { return try fromVariant(column) }
        switch to {
        case .boolean: return try toBoolean(column)
        case .byte: return try toInteger(column, Int8.self)
        case .short: return try toInteger(column, Int16.self)
        case .int: return try toInteger(column, Int32.self)
        case .long: return try toInteger(column, Int64.self)
        case .float: return try toFloat(column)
        case .double: return try toDouble(column)
        case .decimal(let decimal): return try toDecimal(column, decimal)
        case .string, .char, .varchar: return try toText(column)
        case .binary: return try toBinary(column)
        case .date: return try toDate(column)
        case .timestamp: return try toTimestamp(column)
        case .timestampNTZ: return try toTimestampNTZ(column)
        case .yearMonthInterval(let range): return try toYearMonth(column, range)
        case .dayTimeInterval(let range): return try toDayTime(column, range)
        case .array, .map, .structure: return try toNested(column)
        case .variant: return try toVariant(column)
        case .void: throw unsupported()
        }
    }

    /// Applies `body` to every value that is not null; nil from it is a failure, which the mode turns into NULL or `failure`'s error.
    func convert<A: Cell, R: Cell>(
        _ column: Column, as _: A.Type, _ body: (A) -> R?, failure: (Value) -> SQLError
    ) throws(SQLError) -> Column {
        guard let source = A.source(column) else { throw unsupported() }
        // Intervals never wrap: outside ANSI mode, too, what does not fit is an error.
        let strict = mode == .ansi || (mode == .legacy && !from.isString && (Self.isInterval(from) || Self.isInterval(to)))
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> R? in
            if let result = body(A.read(source, row)) { return result }
            if strict { throw failure(column.value(at: row)) }
            return nil
        }
    }

    private static func isInterval(_ type: DataType) -> Bool { TemporalArithmetic.isInterval(type) }

    /// For conversions that never fail.
    func convert<A: Cell, R: Cell>(_ column: Column, as _: A.Type, _ body: (A) -> R) throws(SQLError) -> Column {
        guard let source = A.source(column) else { throw unsupported() }
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> R? in body(A.read(source, row)) }
    }

    // MARK: Errors

    func invalid(_ value: Value) -> SQLError { .castInvalidInput(value, from, to, context) }

    func overflow(_ value: Value) -> SQLError {
        SQLError(
            .castOverflow,
            [
                "value": SQLLiteral.text(value, from, context), "sourceType": SQLQuote.type(from.sqlText),
                "targetType": SQLQuote.type(to.sqlText),
            ])
    }

    func unsupported() -> SQLError { .internalFault("cannot cast \(from.sqlText) to \(to.sqlText)") }
}

extension SQLError {
    static func castInvalidInput(_ value: Value, _ from: DataType, _ to: DataType, _ context: EvaluationContext) -> SQLError {
        SQLError(
            .castInvalidInput,
            [
                "expression": SQLLiteral.text(value, from, context), "sourceType": SQLQuote.type(from.sqlText),
                "targetType": SQLQuote.type(to.sqlText),
            ])
    }

    static func decimalOutOfRange(_ value: String, _ type: DecimalType) -> SQLError {
        SQLError(
            .numericValueOutOfRangeWithSuggestion,
            [
                "value": value, "precision": "\(type.precision)", "scale": "\(type.scale)", "config": SQLQuote.config("spark.sql.ansi.enabled"),
            ])
    }
}
