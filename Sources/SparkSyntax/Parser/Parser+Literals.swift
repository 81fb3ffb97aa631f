import SparkErrors

/// Numbers and typed literals.
extension Parser {
    /// A number with its sign if one stands directly before; nil, and nothing taken, for anything else.
    mutating func parseNumber() throws(SQLError) -> Expression? {
        let isNegative = at(.minus)
        let token = isNegative ? token(1) : current
        let kind = token.kind
        switch kind {
        case .integer, .decimal, .exponent, .bigintLiteral, .smallintLiteral, .tinyintLiteral, .doubleLiteral, .floatLiteral,
            .bigDecimalLiteral:
            break
        default: return nil
        }
        let start = current.start
        if isNegative { advance() }
        advance()
        let whole = span(from: start)
        let digits = (isNegative ? "-" : "") + text(token)
        return Expression(.literal(try number(kind, digits, whole)), span: whole)
    }

    private func number(_ kind: Token.Kind, _ text: String, _ span: SourceSpan) throws(SQLError) -> Literal {
        switch kind {
        case .integer:
            if let value = Int32(text) { return .int(value) }
            if let value = Int64(text) { return .bigint(value) }
            return .decimal(try decimal(text, nil))
        case .bigintLiteral: return .bigint(try integer(Int64.self, text, "bigint", span))
        case .smallintLiteral: return .smallint(try integer(Int16.self, text, "smallint", span))
        case .tinyintLiteral: return .tinyint(try integer(Int8.self, text, "tinyint", span))
        case .decimal: return .decimal(try decimal(text, nil))
        case .bigDecimalLiteral: return .decimal(try decimal(String(text.dropLast(2)), span))
        case .exponent: return .double(try double(text, span))
        case .doubleLiteral: return .double(try double(String(text.dropLast()), span))
        default: return .float(try float(String(text.dropLast()), span))
        }
    }

    private func integer<T: FixedWidthInteger & Sendable>(
        _ type: T.Type, _ text: String, _ name: String, _ span: SourceSpan
    ) throws(SQLError) -> T {
        let digits = String(text.dropLast())
        guard let value = T(digits) else { throw outOfRange(digits, name, "\(T.min)", "\(T.max)", span) }
        return value
    }

    private func double(_ text: String, _ span: SourceSpan) throws(SQLError) -> Double {
        guard let value = Double(text), value.isFinite else {
            throw outOfRange(text, "double", "-1.7976931348623157E+308", "1.7976931348623157E+308", span)
        }
        return value
    }

    private func float(_ text: String, _ span: SourceSpan) throws(SQLError) -> Float {
        guard let value = Float(text), value.isFinite else {
            throw outOfRange(text, "float", "-3.4028234663852886E+38", "3.4028234663852886E+38", span)
        }
        return value
    }

    private func outOfRange(_ text: String, _ type: String, _ low: String, _ high: String, _ span: SourceSpan) -> SQLError {
        refusal(
            .invalidNumericLiteralRange, ["rawStrippedQualifier": text, "typeName": type, "minValue": low, "maxValue": high], at: span)
    }

    /// Digits with a point and an exponent, exactly. A scale below zero is brought to zero by appending zeros. Spark names the place of
    /// one that is too long only for the suffix BD.
    private func decimal(_ text: String, _ span: SourceSpan?) throws(SQLError) -> DecimalLiteral {
        var digits: [UInt8] = []
        var scale = 0
        var isFraction = false
        var isNegative = false
        var exponent: Int?
        let utf8 = Array(text.utf8)
        for (index, byte) in utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-"): isNegative = isNegative || index == 0
            case UInt8(ascii: "."): isFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                // An exponent of that size is refused below whatever it is.
                exponent = Int(String(decoding: utf8[(index + 1)...], as: UTF8.self).drop { $0 == "+" }) ?? 1_000_000
            default:
                // The exponent's digits have been read.
                if exponent != nil { continue }
                if !(digits.isEmpty && byte == UInt8(ascii: "0")) { digits.append(byte) }
                if isFraction { scale += 1 }
            }
        }
        let limit = 38
        let shift = exponent ?? 0
        guard shift.magnitude <= 100_000 else { throw decimalTooLong(Int(clamping: shift.magnitude), span) }
        scale -= shift
        if scale < 0 {
            guard digits.count - scale <= limit || digits.isEmpty else { throw decimalTooLong(digits.count - scale, span) }
            if !digits.isEmpty { digits += [UInt8](repeating: UInt8(ascii: "0"), count: -scale) }
            scale = 0
        }
        if max(digits.count, scale) > limit { throw decimalTooLong(max(digits.count, scale), span) }
        if digits.isEmpty { digits = [UInt8(ascii: "0")] }
        return DecimalLiteral(isNegative: isNegative, digits: String(decoding: digits, as: UTF8.self), scale: scale)
    }

    private func decimalTooLong(_ precision: Int, _ span: SourceSpan?) -> SQLError {
        SQLError(
            .decimalPrecisionExceedsMaxPrecision, ["precision": "\(precision)", "maxPrecision": "38"], at: span,
            phase: span == nil ? .analysis : .parsing)
    }

    // MARK: Typed literals

    /// `DATE '…'`, `X'…'`, `INTERVAL '…'`: a word directly before a string.
    mutating func parseTypedLiteral() throws(SQLError) -> Expression {
        let start = current.start
        let type = text(current).uppercased()
        advance()
        let value = try parseStringToken()
        let whole = span(from: start)
        if let kind = TypedLiteralKind(rawValue: type) { return Expression(.literal(.typed(kind, value)), span: whole) }
        switch type {
        case "X":
            guard let bytes = Self.hexadecimal(value) else { throw invalidTypedLiteral("X", value, whole) }
            return Expression(.literal(.binary(bytes)), span: whole)
        case "INTERVAL": return Expression(.literal(.interval(try interval(text: value, whole))), span: whole)
        default:
            throw refusal(
                .unsupportedTypedLiteral,
                [
                    "unsupportedType": SQLQuote.type(type),
                    "supportedTypes": #""DATE", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP", "INTERVAL", "X", "TIME""#,
                ], at: whole)
        }
    }

    func invalidTypedLiteral(_ type: String, _ value: String, _ span: SourceSpan) -> SQLError {
        refusal(.invalidTypedLiteral, ["valueType": SQLQuote.type(type), "value": SQLQuote.string(value)], at: span)
    }

    /// Pairs of hexadecimal digits; an odd number has a zero put before.
    private static func hexadecimal(_ text: String) -> [UInt8]? {
        var digits: [UInt8] = []
        for byte in text.utf8 {
            guard let digit = hexadecimalDigit(byte) else { return nil }
            digits.append(digit)
        }
        if digits.count % 2 == 1 { digits.insert(0, at: 0) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
