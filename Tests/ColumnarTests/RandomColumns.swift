import Columnar
import TestSupport

/// Random values and columns, with nulls that have garbage underneath, and with the values that are hard.
struct RandomColumns {
    var random: SeededRandom

    init(_ seed: UInt64) { random = SeededRandom(seed: seed) }

    static let types: [DataType] = [
        .void, .boolean, .byte, .short, .int, .long, .float, .double, .decimal(DecimalType(9, 2)), .decimal(DecimalType(38, 10)), .text,
        .string(.utf8LCase), .binary, .date, .timestamp, .dayTimeInterval(DayTimeRange(.day, .second)),
        .array(element: .int, containsNull: true), .map(key: .text, value: .double, valueContainsNull: true),
        .structure([Field("a", .int), Field("b", .array(element: .text, containsNull: true))]), .variant,
    ]

    static let flat = types.filter { type in
        switch type {
        case .array, .map, .structure, .variant, .void: false
        default: true
        }
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    mutating func chance(_ part: Int) -> Bool { int(1...part) == 1 }

    mutating func value(_ type: DataType, nulls: Bool = true, depth: Int = 0) -> Value {
        if nulls, chance(5) { return .null }
        switch type {
        case .void: return .null
        case .boolean: return .boolean(chance(2))
        case .byte: return .integer(Int64(integer(Int8.self)))
        case .short: return .integer(Int64(integer(Int16.self)))
        case .int, .date, .yearMonthInterval: return .integer(Int64(integer(Int32.self)))
        case .long, .timestamp, .timestampNTZ, .dayTimeInterval: return .integer(integer(Int64.self))
        case .decimal(let type):
            let greatest = DecimalMath.greatest(precision: type.precision)
            switch int(1...6) {
            case 1: return .decimal(greatest)
            case 2: return .decimal(-greatest)
            case 3: return .decimal(Int128.random(in: -greatest...greatest, using: &random))
            default: return .decimal(Int128(int(-5...5)))
            }
        case .float: return .float(Float(double()))
        case .double: return .double(double())
        case .string, .char, .varchar: return .string(text())
        case .binary: return .binary((0..<int(0...10)).map { _ in UInt8(int(0...255)) })
        case .array(let element, _): return .list((0..<int(0...4)).map { _ in value(element, depth: depth + 1) })
        case .map(let key, let item, _):
            var keys: [Value] = []
            for _ in 0..<int(0...3) {
                let key = value(key, nulls: false, depth: depth + 1)
                if !keys.contains(key) { keys.append(key) }
            }
            return .map(keys.map { .init($0, value(item, depth: depth + 1)) })
        case .structure(let fields): return .structure(fields.map { value($0.type, depth: depth + 1) })
        case .variant: return .structure([value(.binary, nulls: false), value(.binary, nulls: false)])
        }
    }

    private mutating func integer<T: FixedWidthInteger>(_ type: T.Type) -> T {
        switch int(1...8) {
        case 1: T.max
        case 2: T.min
        case 3: T.random(in: T.min...T.max, using: &random)
        case 4: 0
        default: T(truncatingIfNeeded: int(-3...3))
        }
    }

    private mutating func double() -> Double {
        switch int(1...9) {
        case 1: .nan
        case 2: -0.0
        case 3: .infinity
        case 4: -.infinity
        case 5: Double(int(-1_000_000...1_000_000)) / 7
        default: Double(int(-2...2))
        }
    }

    private mutating func text() -> String {
        let letters = ["a", "b", "A", "é", "É", "\u{0}", "日", "zz"]
        let count = chance(4) ? int(6...20) : int(0...3)
        return (0..<count).map { _ in letters[int(0...letters.count - 1)] }.joined()
    }

    mutating func values(_ type: DataType, _ count: Int, nulls: Bool = true) -> [Value] {
        (0..<count).map { _ in value(type, nulls: nulls) }
    }

    /// The column of the values, with garbage under its nulls.
    mutating func column(_ type: DataType, _ values: [Value]) -> Column {
        if type == .void { return Column(.void, of: values) }
        let filled = values.map { $0.isNull ? value(type, nulls: false) : $0 }
        if !values.contains(.null) { return Column(type, of: values) }
        return Column(type, of: filled).with(validity: Bitmap(values.map { !$0.isNull }))
    }

    mutating func column(_ type: DataType, count: Int) -> (Column, [Value]) {
        let values = values(type, count)
        return (column(type, values), values)
    }
}

extension Column {
    var allValues: [Value] { (0..<count).map { value(at: $0) } }
}

/// Equality in which NaN equals NaN and zeros differ by their sign: what a kernel that only moves values must keep.
func identical(_ left: [Value], _ right: [Value]) -> Bool { left.count == right.count && zip(left, right).allSatisfy(identical) }

func identical(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.float(let a), .float(let b)): a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
    case (.list(let a), .list(let b)), (.structure(let a), .structure(let b)): identical(a, b)
    case (.map(let a), .map(let b)):
        a.count == b.count && zip(a, b).allSatisfy { identical($0.key, $1.key) && identical($0.value, $1.value) }
    default: left == right
    }
}

/// Spark's order of two values of a type, written without regard to speed; nil if either is null.
func plainOrder(_ left: Value, _ right: Value, _ type: DataType) -> Int? {
    func sign<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }
    func floats(_ a: Double, _ b: Double) -> Int {
        if a.isNaN || b.isNaN { return (a.isNaN ? 1 : 0) - (b.isNaN ? 1 : 0) }
        return sign(a, b)
    }
    func nested(_ a: Value, _ b: Value, _ type: DataType) -> Int {
        if a.isNull || b.isNull { return (a.isNull ? 0 : 1) - (b.isNull ? 0 : 1) }
        return plainOrder(a, b, type) ?? 0
    }
    func sequence(_ a: [UInt8], _ b: [UInt8]) -> Int { a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1 }
    switch (left, right) {
    case (.null, _), (_, .null): return nil
    case (.boolean(let a), .boolean(let b)): return sign(a ? 1 : 0, b ? 1 : 0)
    case (.integer(let a), .integer(let b)): return sign(a, b)
    case (.decimal(let a), .decimal(let b)): return sign(a, b)
    case (.float(let a), .float(let b)): return floats(Double(a), Double(b))
    case (.double(let a), .double(let b)): return floats(a, b)
    case (.string(let a), .string(let b)):
        if type == .string(.utf8LCase) { return sequence(Array(a.lowercased().utf8), Array(b.lowercased().utf8)) }
        return sequence(Array(a.utf8), Array(b.utf8))
    case (.binary(let a), .binary(let b)): return sequence(a, b)
    case (.list(let a), .list(let b)):
        guard case .array(let element, _) = type else { return nil }
        for (x, y) in zip(a, b) {
            let order = nested(x, y, element)
            if order != 0 { return order }
        }
        return sign(a.count, b.count)
    case (.structure(let a), .structure(let b)):
        guard case .structure(let fields) = type else { return nil }
        for (index, field) in fields.enumerated() {
            let order = nested(a[index], b[index], field.type)
            if order != 0 { return order }
        }
        return 0
    default: return nil
    }
}
