package enum UnaryOperator: String, Sendable, Hashable {
    case negative = "-"
    case positive = "+"
    case bitwiseNot = "~"
    /// `NOT x` and `! x`.
    case not = "NOT"
}

/// Raw values are the symbols under which `FunctionRegistry` knows the operators.
package enum BinaryOperator: String, Sendable, Hashable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
    case integralDivide = "div"
    case concatenate = "||"
    case bitwiseAnd = "&"
    case bitwiseOr = "|"
    case bitwiseXor = "^"
    case shiftLeft = "<<"
    case shiftRight = ">>"
    case shiftRightUnsigned = ">>>"
    case equal = "="
    /// `<>` and `!=`.
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case nullSafeEqual = "<=>"
    case and = "AND"
    case or = "OR"
}
