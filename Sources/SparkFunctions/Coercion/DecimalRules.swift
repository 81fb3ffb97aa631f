import Columnar

extension DecimalType {
    /// What a string becomes where a decimal is wanted: Spark's DECIMAL(38,18).
    static let systemDefault = DecimalType(38, 18)

    /// The decimal that holds every value of a type; nil if it is no number.
    static func holding(_ type: DataType) -> DecimalType? {
        switch type {
        case .byte: DecimalType(3, 0)
        case .short: DecimalType(5, 0)
        case .int: DecimalType(10, 0)
        case .long: DecimalType(20, 0)
        case .float: DecimalType(14, 7)
        case .double: DecimalType(30, 15)
        case .decimal(let decimal): decimal
        default: nil
        }
    }

    /// The smallest for an integer literal.
    static func holding(literal value: Int64) -> DecimalType {
        var digits = 1
        var rest = value.magnitude
        while rest >= 10 {
            rest /= 10
            digits += 1
        }
        return DecimalType(digits, 0)
    }

    var integerDigits: Int { precision - scale }

    func isWider(than other: DecimalType) -> Bool { integerDigits >= other.integerDigits && scale >= other.scale }

    /// Whether every value of an integral type fits.
    func isWider(thanInteger type: DataType) -> Bool { Self.holding(type).map(isWider(than:)) ?? false }

    static func bounded(_ precision: Int, _ scale: Int) -> DecimalType { DecimalType(min(precision, 38), min(scale, 38)) }

    /// Beyond 38 digits gives up digits of the fraction, but keeps six of them (or all, if fewer) rather than the front
    /// (`DecimalType.adjustPrecisionScale`, as Hive and SQL Server do).
    static func adjusted(_ precision: Int, _ scale: Int) -> DecimalType {
        guard precision > maxPrecision else { return DecimalType(precision, scale) }
        if scale < 0 { return DecimalType(maxPrecision, scale) }
        let integerDigits = precision - scale
        return DecimalType(maxPrecision, max(maxPrecision - integerDigits, min(scale, 6)))
    }

    /// The type that holds the values of both.
    func widened(with other: DecimalType) -> DecimalType {
        let scale = max(scale, other.scale)
        let range = max(integerDigits, other.integerDigits)
        return Self.bounded(range + scale, scale)
    }

    /// Result of an operator on two decimals.
    static func result(of operation: ArithmeticOperation, _ left: DecimalType, _ right: DecimalType) -> DecimalType {
        let (p1, s1, p2, s2) = (left.precision, left.scale, right.precision, right.scale)
        switch operation {
        case .add, .subtract:
            let scale = max(s1, s2)
            return adjusted(max(p1 - s1, p2 - s2) + scale + 1, scale)
        case .multiply: return adjusted(p1 + p2 + 1, s1 + s2)
        case .divide:
            let scale = max(6, s1 + p2 + 1)
            return adjusted(p1 - s1 + s2 + scale, scale)
        case .remainder:
            let scale = max(s1, s2)
            return adjusted(min(p1 - s1, p2 - s2) + scale, scale)
        case .integralDivide:
            let digits = p1 - s1 + s2
            return adjusted(digits == 0 ? 1 : digits, 0)
        }
    }
}

package enum ArithmeticOperation: String, Sendable, CaseIterable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case integralDivide = "div"
}
