/// What a value must fulfil to be of use, which the least and greatest of many values may settle for all of them.
package enum ValueTest: Sendable, Hashable {
    case compare(Comparison, Value)
    case isIn([Value])
    case isNull
    case isNotNull

    /// What is known of many values; nil: nothing. No value lies outside of the bounds, but NaN may.
    package struct Known: Sendable {
        package let least: Value?
        package let greatest: Value?
        package let nullCount: Int?
        package let count: Int?

        package init(least: Value?, greatest: Value?, nullCount: Int?, count: Int?) {
            self.least = least
            self.greatest = greatest
            self.nullCount = nullCount
            self.count = count
        }
    }

    /// Whether no value fulfils it, for sure.
    package func excludes(_ known: Known) -> Bool {
        if case .isNull = self { return known.nullCount == 0 }
        if let count = known.count, known.nullCount == count { return true }
        switch self {
        case .isNull, .isNotNull: return false
        case .isIn(let values): return values.allSatisfy { Self.excludes(.equal, $0, known) }
        case .compare(let comparison, let value): return Self.excludes(comparison, value, known)
        }
    }

    private static func excludes(_ comparison: Comparison, _ value: Value, _ known: Known) -> Bool {
        func isLess(_ a: Value?, _ b: Value?, orEqual: Bool) -> Bool {
            guard let a, let b, let order = order(a, b) else { return false }
            return orEqual ? order <= 0 : order < 0
        }
        switch comparison {
        case .equal: return isLess(value, known.least, orEqual: false) || isLess(known.greatest, value, orEqual: false)
        case .less: return isLess(value, known.least, orEqual: true)
        case .lessOrEqual: return isLess(value, known.least, orEqual: false)
        // NaN, which bounds leave out, is greater than all.
        case .greater: return !isFloating(value) && isLess(known.greatest, value, orEqual: true)
        case .greaterOrEqual: return !isFloating(value) && isLess(known.greatest, value, orEqual: false)
        case .notEqual: return false
        }
    }

    private static func isFloating(_ value: Value) -> Bool {
        switch value {
        case .float, .double: true
        default: false
        }
    }

    /// How two values of one type lie; nil if they do not compare.
    private static func order(_ a: Value, _ b: Value) -> Int? {
        func order<T: Comparable>(_ a: T, _ b: T) -> Int { a < b ? -1 : a == b ? 0 : 1 }
        switch (a, b) {
        case (.integer(let a), .integer(let b)): return order(a, b)
        case (.decimal(let a), .decimal(let b)): return order(a, b)
        case (.float(let a), .float(let b)): return a.isNaN || b.isNaN ? nil : order(a, b)
        case (.double(let a), .double(let b)): return a.isNaN || b.isNaN ? nil : order(a, b)
        case (.boolean(let a), .boolean(let b)): return order(a ? 1 : 0, b ? 1 : 0)
        case (.string(let a), .string(let b)):
            for (x, y) in zip(a.utf8, b.utf8) where x != y { return x < y ? -1 : 1 }
            return order(a.utf8.count, b.utf8.count)
        default: return nil
        }
    }
}
