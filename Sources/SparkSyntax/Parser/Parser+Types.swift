import SparkErrors

/// Data types.
extension Parser {
    mutating func parseTypeName() throws(SQLError) -> TypeName {
        try descend()
        defer { ascend() }
        let start = current.start
        guard isWord() else { throw syntaxError() }
        let kind = try parseTypeKind(start)
        return TypeName(kind, span: span(from: start))
    }

    private mutating func parseTypeKind(_ start: Int) throws(SQLError) -> TypeName.Kind {
        switch current.keyword {
        case .array?: return try parseArray(start)
        case .map?: return try parseMap(start)
        case .struct?: return try parseStruct(start)
        case .interval?:
            advance()
            return try parseIntervalType(start)
        case .timestamp?, .time?:
            if at(words: current.keyword == .time ? .time : .timestamp, .without, .time, .zone)
                || at(words: .timestamp, .with, .local, .time) && at(.zone, 4)
            {
                return try parseZonedType()
            }
        default: break
        }
        let name = text(current).uppercased()
        let isQuoted = at(.quotedWord)
        advance()
        let arguments = try parseTypeArguments()
        if isQuoted { throw unsupportedType(start) }
        return try simpleType(name, arguments, start)
    }

    /// `TIMESTAMP WITHOUT TIME ZONE`, `TIMESTAMP WITH LOCAL TIME ZONE`, `TIME WITHOUT TIME ZONE`.
    private mutating func parseZonedType() throws(SQLError) -> TypeName.Kind {
        let isTime = at(.time)
        advance()
        let isLocal = at(.with)
        for _ in 0..<(isLocal ? 4 : 3) { advance() }
        return isTime ? .time(precision: 6) : isLocal ? .timestamp : .timestampNTZ
    }

    /// `(10, 2)`; nil without parentheses. `ANY` of GEOMETRY is -1.
    private mutating func parseTypeArguments() throws(SQLError) -> [Int]? {
        guard at(.leftParen), at(.integer, 1) || (at(.any, 1) && at(.rightParen, 2)) else { return nil }
        return try parseList { (parser: inout Parser) throws(SQLError) -> Int in
            if parser.accept(.any) { return -1 }
            let token = parser.current
            guard let value = Int(exactly: try parser.parseInteger()), value >= 0 else { throw parser.syntaxError(at: token) }
            return value
        }
    }

    private mutating func simpleType(_ name: String, _ arguments: [Int]?, _ start: Int) throws(SQLError) -> TypeName.Kind {
        switch (name, arguments?.count ?? 0) {
        case ("BOOLEAN", 0): return .boolean
        case ("TINYINT", 0), ("BYTE", 0): return .tinyint
        case ("SMALLINT", 0), ("SHORT", 0): return .smallint
        case ("INT", 0), ("INTEGER", 0): return .int
        case ("BIGINT", 0), ("LONG", 0): return .bigint
        case ("FLOAT", 0), ("REAL", 0): return .float
        case ("DOUBLE", 0): return .double
        case ("DATE", 0): return .date
        case ("TIMESTAMP", 0), ("TIMESTAMP_LTZ", 0): return .timestamp
        case ("TIMESTAMP_NTZ", 0): return .timestampNTZ
        case ("TIME", 0): return .time(precision: 6)
        case ("TIME", 1):
            guard let precision = arguments?.first, precision <= 6 else {
                throw refusal(.unsupportedTimePrecision, ["precision": "\(arguments?.first ?? 0)"], at: span(from: start))
            }
            return .time(precision: precision)
        case ("STRING", 0): return .string(collation: try acceptCollation())
        case ("BINARY", 0): return .binary
        case ("VOID", 0): return .void
        case ("VARIANT", 0): return .variant
        case ("OBJECT", 0): return .object
        case ("CHAR", 0), ("CHARACTER", 0), ("VARCHAR", 0):
            throw refusal(.datatypeMissingSize, ["type": SQLQuote.type(name)], at: span(from: start))
        case ("CHAR", 1), ("CHARACTER", 1): return .char(arguments?.first ?? 0, collation: try acceptCollation())
        case ("VARCHAR", 1): return .varchar(arguments?.first ?? 0, collation: try acceptCollation())
        case ("DECIMAL", 0), ("DEC", 0), ("NUMERIC", 0): return .decimal(precision: 10, scale: 0)
        case ("DECIMAL", 1), ("DEC", 1), ("NUMERIC", 1): return .decimal(precision: arguments?.first ?? 10, scale: 0)
        case ("DECIMAL", 2), ("DEC", 2), ("NUMERIC", 2):
            return .decimal(precision: arguments?.first ?? 10, scale: arguments?.last ?? 0)
        case ("GEOMETRY", 0), ("GEOMETRY", 1): return .geometry(srid: arguments?.first.flatMap { $0 < 0 ? nil : $0 })
        case ("GEOGRAPHY", 0), ("GEOGRAPHY", 1): return .geography(srid: arguments?.first.flatMap { $0 < 0 ? nil : $0 })
        default: throw unsupportedType(start)
        }
    }

    private func unsupportedType(_ start: Int) -> SQLError {
        let whole = span(from: start)
        let name = text(whole).uppercased().filter { !$0.isWhitespace }
        return refusal(.unsupportedDatatype, ["typeName": SQLQuote.type(name)], at: whole)
    }

    private mutating func acceptCollation() throws(SQLError) -> String? {
        guard at(.collate), isWord(1) else { return nil }
        advance()
        return try parseMultipartIdentifier().names.joined(separator: ".")
    }

    // MARK: Nested types

    private mutating func parseArray(_ start: Int) throws(SQLError) -> TypeName.Kind {
        advance()
        guard accept(.less) else { throw refusal(.incompleteTypeDefinitionArray, ["elementType": "<INT>"], at: span(from: start)) }
        let element = try parseTypeName()
        try expect(.greater)
        return .array(element)
    }

    private mutating func parseMap(_ start: Int) throws(SQLError) -> TypeName.Kind {
        advance()
        guard accept(.less) else { throw refusal(.incompleteTypeDefinitionMap, at: span(from: start)) }
        let key = try parseTypeName()
        try expect(.comma)
        let value = try parseTypeName()
        try expect(.greater)
        return .map(key: key, value: value)
    }

    private mutating func parseStruct(_ start: Int) throws(SQLError) -> TypeName.Kind {
        advance()
        if accept(.notEqual) { return .structure([]) }
        guard accept(.less) else { throw refusal(.incompleteTypeDefinitionStruct, at: span(from: start)) }
        if accept(.greater) { return .structure([]) }
        let fields = try parseStructFields(allowsColon: true)
        try expect(.greater)
        return .structure(fields)
    }

    /// `name[:] type [COLLATE c] [NOT NULL] [COMMENT 'text'], …`.
    mutating func parseStructFields(allowsColon: Bool) throws(SQLError) -> [TypeName.StructField] {
        try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> TypeName.StructField in
            let name = try parser.parseNameIdentifier()
            if allowsColon { _ = parser.accept(.colon) }
            let type = try parser.parseTypeName()
            let isNullable = try !parser.acceptNotNull()
            let comment = parser.accept(.comment) ? try parser.parseString() : nil
            return TypeName.StructField(name: name, type: type, isNullable: isNullable, comment: comment)
        }
    }

    mutating func acceptNotNull() throws(SQLError) -> Bool {
        guard at(.not) else { return false }
        advance()
        guard accept(.null) else { throw syntaxError(hint: ": missing 'NULL'") }
        return true
    }

    private mutating func parseIntervalType(_ start: Int) throws(SQLError) -> TypeName.Kind {
        guard let from = intervalField() else { return .calendarInterval }
        var to = from
        if at(.to) {
            advance()
            let token = current
            guard let field = intervalField() else { throw syntaxError(at: token) }
            to = field
        }
        switch (from, to) {
        case (.year, .year), (.month, .month), (.year, .month): return .yearMonthInterval(from: from, to: to)
        case (.day..., .day...) where from <= to: return .dayTimeInterval(from: from, to: to)
        default:
            throw refusal(
                .invalidIntervalFormatUnsupportedFromToExpression,
                ["input": text(span(from: start)), "from": from.name.lowercased(), "to": to.name.lowercased()], at: span(from: start))
        }
    }

    private mutating func intervalField() -> IntervalUnit? {
        let unit: IntervalUnit
        switch current.keyword {
        case .year?: unit = .year
        case .month?: unit = .month
        case .day?: unit = .day
        case .hour?: unit = .hour
        case .minute?: unit = .minute
        case .second?: unit = .second
        default: return nil
        }
        advance()
        return unit
    }
}
