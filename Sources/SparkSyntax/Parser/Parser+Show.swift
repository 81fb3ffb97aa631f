import SparkErrors

/// SHOW.
extension Parser {
    mutating func parseShow() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.show)
        switch current.keyword {
        case .catalogs?:
            advance()
            return .show(Show(subject: .catalogs, pattern: try acceptPattern()))
        case .schemas?, .databases?, .namespaces?:
            advance()
            if accept(words: .in, .all, .catalogs) {
                return .show(Show(subject: .schemasInAllCatalogs, pattern: try acceptPattern()))
            }
            return try showIn { .schemas(in: $0) }
        case .tables?: return try parseShowTables()
        case .table? where at(.extended, 1): return try parseShowTableExtended()
        case .views?:
            advance()
            return try showIn { .views(in: $0) }
        case .volumes?:
            advance()
            return try showIn { .volumes(in: $0) }
        case .columns?: return try parseShowColumns()
        case .functions?, .procedures?: return try parseShowRoutines(scope: nil)
        case .user? where at(.functions, 1), .all? where at(.functions, 1):
            let scope = current.keyword?.rawValue
            advance()
            return try parseShowRoutines(scope: scope)
        case .tblproperties?:
            advance()
            let name = try parseNameReference()
            guard accept(.leftParen) else { return .show(Show(subject: .tableProperties(of: name, key: nil))) }
            let key = try parsePropertyKey()
            try expect(.rightParen)
            return .show(Show(subject: .tableProperties(of: name, key: key)))
        case .partitions?:
            advance()
            let name = try parseNameReference()
            return .show(Show(subject: .partitions(of: name, at(.partition) ? try parsePartitionSpec() : nil)))
        case .create? where at(.table, 1):
            advance()
            advance()
            let name = try parseNameReference()
            return .show(Show(subject: .createTable(name, asSerde: accept(words: .as, .serde))))
        case .current? where at(.schema, 1) || at(.database, 1) || at(.namespace, 1):
            advance()
            advance()
            return .show(Show(subject: .currentSchema))
        case .grants?, .grant?: return try parseShowGrants()
        case .primary? where at(.keys, 1), .foreign? where at(.keys, 1), .keys?: return try parseShowKeys()
        case .variables?, .users?, .groups?, .collations?: return try parseShowList()
        default:
            if let show = try acceptShowSharing() { return .show(show) }
            if let policies = try acceptShowPolicies() { return policies }
            return try parseShowOther(start)
        }
    }

    /// `[LIKE] 'pattern'`.
    mutating func acceptPattern() throws(SQLError) -> String? {
        if at(.like), isString(1) { advance() }
        return isString() ? try parseStringToken() : nil
    }

    /// `[{FROM | IN} name] [[LIKE] 'pattern']`.
    private mutating func showIn(_ subject: (NameReference?) -> Show.Subject) throws(SQLError) -> Statement.Kind {
        let name = accept(.from) || accept(.in) ? try parseNameReference() : nil
        return .show(Show(subject: subject(name), pattern: try acceptPattern()))
    }

    /// `IN ALL CATALOGS`, or `IN CATALOG c` with a name behind it; nil if neither stands here.
    private mutating func acceptCatalogScope() throws(SQLError) -> NameReference?? {
        guard at(.in) || at(.from) else { return nil }
        if at(.all, 1), at(.catalogs, 2) {
            for _ in 0..<3 { advance() }
            return .some(nil)
        }
        guard at(.catalog, 1), isWord(2), !at(.like, 2) else { return nil }
        advance()
        advance()
        return .some(try parseNameReference())
    }

    /// `SCHEMA LIKE 'p'` and the like.
    private mutating func acceptPattern(behind keyword: Keyword) throws(SQLError) -> String? {
        guard at(keyword), at(.like, 1) else { return nil }
        advance()
        advance()
        return try parseStringToken()
    }

    private mutating func parseShowTables() throws(SQLError) -> Statement.Kind {
        advance()
        if accept(.dropped) {
            let name = accept(.from) || accept(.in) ? try parseNameReference() : nil
            let limit = accept(.limit) ? try parseExpression() : nil
            return .show(Show(subject: .tablesDropped(in: name, limit: limit)))
        }
        if let catalog = try acceptCatalogScope() {
            let schema = try acceptPattern(behind: .schema)
            return .show(Show(subject: .tablesAcross(catalog: catalog, schemaPattern: schema), pattern: try acceptPattern()))
        }
        return try showIn { .tables(in: $0) }
    }

    private mutating func parseShowTableExtended() throws(SQLError) -> Statement.Kind {
        advance()
        advance()
        let name = accept(.from) || accept(.in) ? try parseNameReference() : nil
        try expect(.like)
        let pattern = try parseStringToken()
        let partition = at(.partition) ? try parsePartitionSpec() : nil
        return .show(Show(subject: .tableExtended(in: name, partition: partition), pattern: pattern))
    }

    private mutating func parseShowColumns() throws(SQLError) -> Statement.Kind {
        advance()
        if let catalog = try acceptCatalogScope() {
            let schema = try acceptPattern(behind: .schema)
            let table = try acceptPattern(behind: .table)
            return .show(
                Show(subject: .columnsAcross(catalog: catalog, schemaPattern: schema, tablePattern: table), pattern: try acceptPattern()))
        }
        guard accept(.from) || accept(.in) else { throw syntaxError() }
        let table = try parseNameReference()
        let schema = accept(.from) || accept(.in) ? try parseNameReference() : nil
        return .show(Show(subject: .columns(of: table, in: schema), pattern: try acceptPattern()))
    }

    private mutating func parseShowRoutines(scope: String?) throws(SQLError) -> Statement.Kind {
        let kind: ObjectKind = at(.functions) ? .function : .procedure
        advance()
        if let catalog = try acceptCatalogScope() {
            let schema = try acceptPattern(behind: .schema)
            return .show(Show(subject: .routinesAcross(kind, catalog: catalog, schemaPattern: schema), pattern: try acceptPattern()))
        }
        let place = accept(.from) || accept(.in) ? try parseNameReference() : nil
        if kind == .procedure { return .show(Show(subject: .procedures(in: place), pattern: try acceptPattern())) }
        if let pattern = try acceptPattern() {
            return .show(Show(subject: .functions(scope: scope, in: place, name: nil), pattern: pattern))
        }
        _ = at(.like) && isWord(1) && accept(.like)
        let name = isWord() ? try parseMultipartIdentifier() : nil
        return .show(Show(subject: .functions(scope: scope, in: place, name: name)))
    }

    private mutating func parseShowGrants() throws(SQLError) -> Statement.Kind {
        advance()
        if accept(words: .to, .recipient) { return .show(Show(subject: .grantsToRecipient(try parseNameReference()))) }
        var principal: Identifier?
        if !at(.on), isWord() || isString() { principal = try parsePrincipal() }
        guard accept(.on) else { return .show(Show(subject: .grants(principal: principal, on: nil, nil))) }
        let (kind, name) = try parseSecurable()
        return .show(Show(subject: .grants(principal: principal, on: kind, name)))
    }

    /// `SHOW [FOREIGN] KEYS IN [CATALOG c IN SCHEMA s IN TABLE t | name]`.
    private mutating func parseShowKeys() throws(SQLError) -> Statement.Kind {
        let isForeign = accept(.foreign)
        _ = accept(.primary)
        try expect(.keys)
        let start = current.end
        var parts: [Identifier] = []
        while accept(.in) || accept(.from) {
            if at(.catalog) || at(.schema) || at(.table), isWord(1) { advance() }
            parts += try parseMultipartIdentifier().parts
        }
        if parts.isEmpty { throw syntaxError() }
        return .show(Show(subject: .keys(isForeign: isForeign, in: .name(MultipartIdentifier(parts, span: span(from: start))))))
    }

    private mutating func parseShowList() throws(SQLError) -> Statement.Kind {
        let subject: Show.Subject
        switch current.keyword {
        case .variables?: subject = .variables
        case .users?: subject = .users
        case .groups?: subject = .groups
        default: subject = .collations
        }
        advance()
        return .show(Show(subject: subject, pattern: try acceptPattern()))
    }

    /// Lists of things that are recognised by name only.
    private mutating func parseShowOther(_ start: Int) throws(SQLError) -> Statement.Kind {
        let known: Set<Keyword> = [
            .connections, .credentials, .storage, .external, .service, .roles, .role, .principals,
            .transactions, .indexes, .locks, .compactions, .policy, .models, .all, .current, .create, .clean,
        ]
        if at(.system), at(.functions, 1) {
            advance()
            return try parseShowRoutines(scope: "SYSTEM")
        }
        // `SHOW x FUNCTIONS`: x is no scope.
        if isWord(), at(.functions, 1) {
            throw refusal(
                .invalidSqlSyntaxShowFunctionsInvalidScope, ["scope": text(current).uppercased()],
                at: SourceSpan(start: start, end: bytes.count))
        }
        guard let keyword = current.keyword, known.contains(keyword) else { throw syntaxError() }
        var words: [String] = []
        while isWord(), !at(.like), !at(.in), !at(.from), !at(.on) {
            words.append(text(current).uppercased())
            advance()
        }
        skipToEnd()
        return .show(Show(subject: .other(words.joined(separator: " "))))
    }
}
