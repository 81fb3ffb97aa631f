/// A constant as written. Numbers keep Spark's type rules: digits are INT, else BIGINT, else DECIMAL by size; a point makes DECIMAL;
/// an exponent DOUBLE; suffixes L S Y F D BD name the type. A sign directly before a number belongs to the literal.
package enum Literal: Sendable, Hashable {
    case null
    case boolean(Bool)
    case tinyint(Int8)
    case smallint(Int16)
    case int(Int32)
    case bigint(Int64)
    case decimal(DecimalLiteral)
    case float(Float)
    case double(Double)
    case string(String)
    /// `X'1F'`.
    case binary([UInt8])
    /// `DATE '…'` and its like; the text is not yet checked (the analyser raises `INVALID_TYPED_LITERAL`).
    case typed(TypedLiteralKind, String)
    case interval(IntervalLiteral)
}

package enum TypedLiteralKind: String, Sendable, Hashable {
    case date = "DATE"
    case timestamp = "TIMESTAMP"
    case timestampNTZ = "TIMESTAMP_NTZ"
    case timestampLTZ = "TIMESTAMP_LTZ"
    case time = "TIME"
}

/// An exact number: `digits` × 10^-`scale`.
package struct DecimalLiteral: Sendable, Hashable {
    package let isNegative: Bool
    /// ASCII digits without leading zeros; "0" for zero. At most 38.
    package let digits: String
    /// 0...38.
    package let scale: Int
    /// Spark's precision: the number of digits, at least the scale.
    package var precision: Int { max(digits.utf8.count, scale) }

    package init(isNegative: Bool, digits: String, scale: Int) {
        self.isNegative = isNegative
        self.digits = digits
        self.scale = scale
    }
}

package enum IntervalUnit: Int, Sendable, Hashable, Comparable {
    case year, month, day, hour, minute, second

    package static func < (left: IntervalUnit, right: IntervalUnit) -> Bool { left.rawValue < right.rawValue }

    package var name: String {
        switch self {
        case .year: "YEAR"
        case .month: "MONTH"
        case .day: "DAY"
        case .hour: "HOUR"
        case .minute: "MINUTE"
        case .second: "SECOND"
        }
    }
}

/// A parsed `INTERVAL` constant with the fields of its type.
package enum IntervalLiteral: Sendable, Hashable {
    case yearMonth(months: Int32, from: IntervalUnit, to: IntervalUnit)
    case dayTime(microseconds: Int64, from: IntervalUnit, to: IntervalUnit)
}
