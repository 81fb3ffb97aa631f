import SparkErrors

/// CREATE TABLE and its columns.
extension Parser {
    mutating func parseCreateTable(
        _ start: Int, _ mode: CreateTable.Mode, isTemporary: Bool, isExternal: Bool, kind: ObjectKind
    ) throws(SQLError) -> Statement.Kind {
        let ifNotExists = try acceptIfNotExists()
        let name = isString() ? try parsePathName() : try parseNameReference()
        if at(.like), isWord(1) { return try parseCreateTableLike(name, ifNotExists) }
        var table = CreateTable(name: name)
        table.mode = mode
        table.kind = kind
        table.isTemporary = isTemporary
        table.isExternal = isExternal
        table.ifNotExists = ifNotExists
        if at(.leftParen), !isQueryParenthesis(index) { try parseTableElements(into: &table) }
        if at(.clone) || (at(.shallow) || at(.deep)) && at(.clone, 1) { table.clone = try parseClone() }
        var seen = ClauseSet(start: start)
        while try parseTableClause(into: &table, &seen) {}
        if kind == .streamingTable, at(.flow), at(text: "AUTO", 1) {
            advance()
            guard acceptTexts("AUTO", "CDC") else { throw syntaxError() }
            table.changes = try parseChangeFlow()
            return .createTable(table)
        }
        if table.clone == nil {
            if accept(.as) {
                table.query = try parseQuery()
            } else if startsQuery(index) || (at(.leftParen) && isQueryParenthesis(index)) {
                table.query = try parseQuery()
            }
        }
        return .createTable(table)
    }

    private mutating func parseCreateTableLike(_ name: NameReference, _ ifNotExists: Bool) throws(SQLError) -> Statement.Kind {
        try expect(.like)
        var table = CreateTableLike(name: name, source: try parseNameReference(), ifNotExists: ifNotExists)
        var seen = ClauseSet(start: name.span.start)
        while true {
            if accept(.using) {
                try seen.add("USING PROVIDER", self)
                table.provider = try parseMultipartIdentifier()
            } else if accept(.location) {
                try seen.add("LOCATION", self)
                table.location = try parseString()
            } else if accept(.tblproperties) {
                try seen.add("TBLPROPERTIES", self)
                table.properties = try parseProperties()
            } else if at(.row) || at(.stored) {
                try seen.add(try skipClause(), self)
            } else {
                return .createTableLike(table)
            }
        }
    }

    private mutating func parseClone() throws(SQLError) -> CreateTable.Clone {
        let isShallow = accept(.shallow)
        if !isShallow { _ = accept(.deep) }
        try expect(.clone)
        let source = try parseNameReference()
        return CreateTable.Clone(isShallow: isShallow, source: source, timeTravel: try acceptTimeTravel())
    }

    private mutating func parseTableClause(into table: inout CreateTable, _ seen: inout ClauseSet) throws(SQLError) -> Bool {
        switch current.keyword {
        case .using?:
            advance()
            try seen.add("USING", self)
            table.provider = try parseMultipartIdentifier()
        case .options?:
            advance()
            try seen.add("OPTIONS", self)
            table.options = try parseOptions()
        case .partitioned?:
            advance()
            try expect(.by)
            try seen.add("PARTITIONED BY", self)
            table.partitionedBy = try parseList { (parser: inout Parser) throws(SQLError) -> PartitionField in
                try parser.parsePartitionField()
            }
        case .cluster?:
            try seen.add("CLUSTER BY", self)
            table.clusterBy = try parseClusterBy()
        case .location?:
            advance()
            try seen.add("LOCATION", self)
            table.location = try parseString()
        case .comment?:
            advance()
            try seen.add("COMMENT", self)
            table.comment = try parseString()
        case .tblproperties?:
            advance()
            try seen.add("TBLPROPERTIES", self)
            table.properties = try parseProperties()
        case .default? where at(.collation, 1): table.defaultCollation = try parseDefaultCollation()
        case .with? where at(words: .with, .row, .filter):
            advance()
            advance()
            advance()
            table.rowFilter = try parseRowFilter()
        case .clustered?, .skewed?, .stored?, .row?, .schedule?, .trigger?, .retain?:
            let clause = try skipClause()
            try seen.add(clause, self)
            table.otherClauses.append(clause)
        default: return false
        }
        return true
    }

    /// `CLUSTER BY (a, b)`, `CLUSTER BY AUTO`, `CLUSTER BY NONE`.
    mutating func parseClusterBy() throws(SQLError) -> ClusterBy {
        try expect(words: .cluster, .by)
        if accept(.auto) { return .auto }
        if accept(.none) { return .none }
        return .columns(try parseParenthesisedNames())
    }

    /// `function ON (columns)`.
    mutating func parseRowFilter() throws(SQLError) -> ColumnMask {
        let function = try parseNameReference()
        try expect(words: .on)
        try expect(.leftParen)
        let arguments = at(.rightParen) ? [] : try parseExpressions()
        try expect(.rightParen)
        return ColumnMask(function: function, arguments: arguments)
    }

    mutating func parsePartitionField() throws(SQLError) -> PartitionField {
        if isWord(), at(.leftParen, 1) {
            let name = try parseIdentifier()
            let arguments = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
            return .transform(name: name, arguments: arguments)
        }
        let start = current.start
        let name = try parseMultipartIdentifier()
        if !isWord() { return .column(name) }
        var definition = ColumnDefinition(name: name, type: try parseTypeName(), span: span(from: start))
        definition.isNullable = try !acceptNotNull()
        if accept(.comment) { definition.comment = try parseString() }
        return .definition(definition)
    }

    // MARK: Columns

    private mutating func parseTableElements(into table: inout CreateTable) throws(SQLError) {
        var columns: [ColumnDefinition] = []
        try expect(.leftParen)
        if at(.rightParen) { throw syntaxError() }
        repeat {
            if startsExpectation() {
                table.expectations.append(try parseExpectation())
            } else if startsConstraint() {
                table.constraints.append(try parseConstraint())
            } else {
                columns.append(try parseColumnDefinition(isFieldAllowed: false))
            }
        } while accept(.comma)
        try expect(.rightParen)
        table.columns = columns.isEmpty && !table.expectations.isEmpty ? nil : columns
        try checkPrimaryKeys(table)
    }

    func checkPrimaryKeys(_ table: CreateTable) throws(SQLError) {
        let all = table.constraints + (table.columns ?? []).flatMap(\.constraints)
        let keys = all.filter { if case .primaryKey = $0.kind { true } else { false } }
        if keys.count > 1, let second = keys.dropFirst().first {
            let names = keys.map { if case .primaryKey(let columns, _) = $0.kind { SQLQuote.id(columns.map(\.text)) } else { "" } }
            throw refusal(.multiplePrimaryKeys, ["columns": names.joined(separator: ", ")], at: second.span)
        }
    }

    /// A column with its options; `position` (FIRST, AFTER) only where a field may be named, in ALTER TABLE.
    mutating func parseColumnDefinition(isFieldAllowed: Bool) throws(SQLError) -> ColumnDefinition {
        let start = current.start
        let name: MultipartIdentifier
        if isFieldAllowed {
            name = try parseMultipartIdentifier()
        } else {
            let identifier = try parseNameIdentifier()
            name = MultipartIdentifier([identifier], span: identifier.span)
        }
        // An identity or generated column may leave its type to be derived only in streaming tables, which are not made here.
        let type = try parseTypeName()
        return try parseColumnOptions(of: ColumnDefinition(name: name, type: type, span: span(from: start)), isFieldAllowed: isFieldAllowed)
    }

    /// What may stand behind a column's type.
    mutating func parseColumnOptions(of definition: ColumnDefinition, isFieldAllowed: Bool = false) throws(SQLError) -> ColumnDefinition {
        var column = definition
        var seen = Set<String>()
        while let option = try parseColumnOption(into: &column, isFieldAllowed) {
            guard option.isEmpty || seen.insert(option).inserted else {
                throw refusal(
                    isFieldAllowed ? .alterTableColumnDescriptorDuplicate : .createTableColumnDescriptorDuplicate,
                    [
                        "columnName": column.name.names.joined(separator: "."), "optionName": option,
                        "type": isFieldAllowed ? "ADD" : "CREATE",
                    ], at: span(from: column.span.start))
            }
        }
        return column
    }

    /// Takes one option; its name, or "" for one that may be repeated, or nil if none stands here.
    private mutating func parseColumnOption(
        into column: inout ColumnDefinition, _ isFieldAllowed: Bool
    ) throws(SQLError) -> String? {
        switch current.keyword {
        case .not?:
            _ = try acceptNotNull()
            column.isNullable = false
            return "NOT NULL"
        case .null?:
            advance()
            return "NULL"
        case .default?:
            advance()
            column.defaultValue = try parseExpression()
            return "DEFAULT"
        case .generated?:
            column.generation = try parseGeneration()
            return "GENERATED"
        case .comment?:
            advance()
            column.comment = try parseString()
            return "COMMENT"
        case .mask?:
            advance()
            column.mask = try parseMask()
            return "MASK"
        case .first? where isFieldAllowed:
            advance()
            column.position = .first
            return "POSITION"
        case .after? where isFieldAllowed:
            advance()
            column.position = .after(try parseNameIdentifier())
            return "POSITION"
        case .constraint?, .primary?, .references?, .check?, .unique?, .foreign?:
            column.constraints.append(try parseConstraint(column: column.name.parts.last))
            return ""
        default: return nil
        }
    }

    mutating func parseMask() throws(SQLError) -> ColumnMask {
        let function = try parseNameReference()
        guard accept(words: .using, .columns) else { return ColumnMask(function: function, arguments: []) }
        let arguments = try parseList { (parser: inout Parser) throws(SQLError) -> Expression in try parser.parseExpression() }
        return ColumnMask(function: function, arguments: arguments)
    }

    private mutating func parseGeneration() throws(SQLError) -> ColumnDefinition.Generation {
        try expect(.generated)
        let always = accept(.always)
        if !always { try expect(words: .by, .default) }
        try expect(.as)
        if always, at(.leftParen) {
            advance()
            let expression = try parseExpression()
            try expect(.rightParen)
            return .expression(expression)
        }
        try expect(.identity)
        var start: Int64?
        var step: Int64?
        if accept(.leftParen) {
            while !at(.rightParen) {
                if accept(words: .start, .with), start == nil {
                    start = try parseInteger()
                } else if accept(words: .increment, .by), step == nil {
                    step = try parseInteger()
                } else {
                    throw syntaxError()
                }
                _ = accept(.comma)
            }
            try expect(.rightParen)
        }
        return .identity(always: always, start: start, step: step)
    }
}
