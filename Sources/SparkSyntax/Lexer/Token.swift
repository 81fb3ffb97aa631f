package import SparkErrors

/// A piece of SQL text. Positions are UTF-8 offsets.
package struct Token: Sendable, Hashable {
    package enum Kind: UInt8, Sendable, Hashable {
        /// A word, keyword or not.
        case word
        /// `` `name` ``.
        case quotedWord
        /// `'…'`, `r'…'`, `$$…$$`.
        case string
        /// `"…"`: also a string.
        case doubleQuotedString
        case integer, decimal, exponent
        case bigintLiteral, smallintLiteral, tinyintLiteral, doubleLiteral, floatLiteral, bigDecimalLiteral
        case semicolon, leftParen, rightParen, comma, dot, leftBracket, rightBracket
        case equal, nullSafeEqual, notEqual, bangEqual, less, lessOrEqual, greater, greaterOrEqual
        case plus, minus, asterisk, slash, percent, tilde, ampersand, pipe, doublePipe, hat, bang
        case colon, doubleColon, arrow, fatArrow, question, atSign
        /// `<<`; right shifts are adjacent `.greater`s, for `ARRAY<ARRAY<INT>>` ends in two.
        case shiftLeft
        /// `|>`.
        case pipeOperator
        case hintStart, hintEnd
        case unrecognized
        case end
    }

    package let kind: Kind
    /// Of an unquoted word.
    package let keyword: Keyword?
    package let start: Int
    package let end: Int

    package var span: SourceSpan { SourceSpan(start: start, end: end) }
}
