package import Columnar

/// Which type an expression takes when its parts differ: Spark's ANSI type coercion (`AnsiTypeCoercion`).
package enum Coercion {
    /// Numbers from narrow to wide; decimals are apart.
    private static func rank(_ type: DataType) -> Int? {
        switch type {
        case .byte: 0
        case .short: 1
        case .int: 2
        case .long: 3
        case .float: 4
        case .double: 5
        default: nil
        }
    }

    /// The common type that loses nothing of either, without looking at strings (`findTightestCommonType`).
    package static func tightestCommonType(_ left: DataType, _ right: DataType) -> DataType? {
        if left == right { return left }
        switch (left, right) {
        case (.void, let other), (let other, .void): return other
        // The analyser has brought to one collation what must have one.
        case (.string, .string): return nil
        case (let a, let b) where a.isString && b.isString: return .text
        case (.decimal(let decimal), let integer) where integer.isInteger, (let integer, .decimal(let decimal)) where integer.isInteger:
            return decimal.isWider(thanInteger: integer) ? .decimal(decimal) : nil
        case (.yearMonthInterval(let a), .yearMonthInterval(let b)):
            let start = a.start.rawValue <= b.start.rawValue ? a.start : b.start
            let end = a.end.rawValue >= b.end.rawValue ? a.end : b.end
            return .yearMonthInterval(.init(start, end))
        case (.dayTimeInterval(let a), .dayTimeInterval(let b)):
            let start = a.start.rawValue <= b.start.rawValue ? a.start : b.start
            let end = a.end.rawValue >= b.end.rawValue ? a.end : b.end
            return .dayTimeInterval(.init(start, end))
        case (.date, .timestamp), (.timestamp, .date), (.timestamp, .timestampNTZ), (.timestampNTZ, .timestamp): return .timestamp
        case (.date, .timestampNTZ), (.timestampNTZ, .date): return .timestampNTZ
        default: break
        }
        if let a = rank(left), let b = rank(right) {
            let wider = a >= b ? left : right
            // A float would lose digits of an integer.
            if case .float = wider { return .double }
            return wider
        }
        return complexCommonType(left, right, of: tightestCommonType)
    }

    /// The type of CASE, COALESCE, UNION, IN, array and the like for two branches (`findWiderTypeForTwo`); nil if there is none.
    package static func leastCommonType(_ left: DataType, _ right: DataType) -> DataType? {
        tightestCommonType(left, right)
            ?? widerDecimal(left, right)
            ?? widerForString(left, right)
            ?? complexCommonType(left, right, of: leastCommonType)
    }

    /// The same for any number of branches; `.void` for none.
    package static func commonType(_ types: [DataType]) -> DataType? {
        // Strings last: a string beside two numbers takes their common type, whatever the order they were written in.
        let ordered = types.filter { $0.hasString } + types.filter { !$0.hasString }
        var result: DataType? = .void
        for type in ordered { result = result.flatMap { leastCommonType($0, type) } }
        return result
    }

    /// The common type of arguments that no string may change (`greatest`, `array_contains`; `findWiderCommonTypeWithoutStringPromotion`).
    package static func commonTypeWithoutStrings(_ types: [DataType]) -> DataType? {
        var result: DataType? = .void
        for type in types { result = result.flatMap { widerWithoutStrings($0, type) } }
        return result
    }

    static func widerWithoutStrings(_ left: DataType, _ right: DataType) -> DataType? {
        tightestCommonType(left, right) ?? widerDecimal(left, right) ?? complexCommonType(left, right, of: widerWithoutStrings)
    }

    /// Decimals with other decimals, integers, or floating numbers.
    static func widerDecimal(_ left: DataType, _ right: DataType) -> DataType? {
        switch (left, right) {
        case (.decimal(let a), .decimal(let b)): return .decimal(a.widened(with: b))
        case (.decimal(let a), let other) where other.isInteger, (let other, .decimal(let a)) where other.isInteger:
            return DecimalType.holding(other).map { .decimal(a.widened(with: $0)) }
        case (.decimal, .float), (.decimal, .double), (.float, .decimal), (.double, .decimal): return .double
        default: return nil
        }
    }

    /// A string beside another type takes that type; numbers are widened to BIGINT and DOUBLE (`findWiderTypeForString`).
    package static func widerForString(_ left: DataType, _ right: DataType) -> DataType? {
        if !left.isString { return right.isString ? widerForString(right, left) : nil }
        switch right {
        case .string: return nil
        case .byte, .short, .int, .long: return .long
        case .float, .double, .decimal: return .double
        case .void: return left
        case .yearMonthInterval, .dayTimeInterval, .array, .map, .structure, .variant: return nil
        default: return right
        }
    }

    private static func complexCommonType(
        _ left: DataType, _ right: DataType, of common: (DataType, DataType) -> DataType?
    ) -> DataType? {
        switch (left, right) {
        case (.array(let a, let aNull), .array(let b, let bNull)):
            return common(a, b).map { .array(element: $0, containsNull: aNull || bNull || forcesNull(a, $0) || forcesNull(b, $0)) }
        case (.map(let aKey, let aValue, let aNull), .map(let bKey, let bValue, let bNull)):
            guard let key = common(aKey, bKey), !forcesNull(aKey, key), !forcesNull(bKey, key), let value = common(aValue, bValue) else { return nil }
            return .map(key: key, value: value, valueContainsNull: aNull || bNull || forcesNull(aValue, value) || forcesNull(bValue, value))
        case (.structure(let a), .structure(let b)):
            guard a.count == b.count else { return nil }
            var fields: [Field] = []
            for (one, other) in zip(a, b) {
                guard one.name.lowercased() == other.name.lowercased(), let type = common(one.type, other.type) else { return nil }
                fields.append(
                    Field(one.name, type, nullable: one.nullable || other.nullable || forcesNull(one.type, type) || forcesNull(other.type, type)))
            }
            return .structure(fields)
        default: return nil
        }
    }

    /// Whether a cast may give NULL for a value that is not (`Cast.forceNullable`).
    static func forcesNull(_ from: DataType, _ to: DataType) -> Bool {
        switch (from, to) {
        case (.void, .void): false
        case (.void, _): true
        default: false
        }
    }

    /// Types of the operands of a comparison, of `=`, `<`, `BETWEEN` and their kin; nil if they cannot be compared.
    package static func forComparison(_ left: DataType, _ right: DataType) -> DataType? {
        tightestCommonType(left, right) ?? widerDecimal(left, right) ?? widerForString(left, right)
    }

    /// The type to which an argument is cast without being asked, for a parameter; nil if it does not fit (`implicitCast`).
    package static func implicitCast(_ from: DataType, to wanted: TypeClass) -> DataType? {
        if wanted.accepts(from) { return from }
        switch (from, wanted) {
        case (_, .oneOf(let classes)): return closest(classes.compactMap { implicitCast(from, to: $0) })
        case (_, .decimal) where from.isNumeric: return DecimalType.holding(from).map { .decimal($0) }
        case (.void, _): return wanted.defaultType
        case (_, .string) where from.isString: return .text
        case (_, .string): return canStoreAssign(from, .text) ? .text : nil
        case (_, .numeric) where from.isString: return .double
        case (_, .decimal) where from.isString: return .decimal(.systemDefault)
        case (_, .anyTimestamp) where from.isString: return .timestamp
        case (.date, .anyTimestamp): return .timestamp
        case (_, .exact(let target)) where from.isString:
            switch target {
            case .array, .map, .structure, .variant: return nil
            default: return target
            }
        case (_, .exact(let target)): return canStoreAssign(from, target) ? target : nil
        case (.array(let element, let containsNull), .arrayOf(let wanted)):
            return implicitCast(element, to: wanted).map { .array(element: $0, containsNull: containsNull || forcesNull(element, $0)) }
        default: return nil
        }
    }

    /// Of several types that an argument could take, the one that is nearest: it converts to all the others.
    private static func closest(_ candidates: [DataType]) -> DataType? {
        guard candidates.count > 1 else { return candidates.first }
        let found = candidates.first { candidate in candidates.allSatisfy { implicitCast(candidate, to: .exact($0)) != nil } }
        if found == .float, candidates.contains(.double) { return .double }
        return found
    }
}

extension DataType {
    /// Whether a string is in it, at any depth of arrays.
    var hasString: Bool {
        switch self {
        case .array(let element, _): element.hasString
        default: isString
        }
    }
}
