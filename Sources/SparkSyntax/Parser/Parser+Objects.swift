import SparkErrors

/// Kinds of objects; DROP, UNDROP, COMMENT ON, GRANT and REVOKE.
extension Parser {
    private static let objectKinds: [([Keyword], ObjectKind)] = [
        ([.catalog], .catalog), ([.schema], .schema), ([.database], .schema), ([.namespace], .schema), ([.table], .table),
        ([.view], .view), ([.materialized, .view], .materializedView), ([.streaming, .table], .streamingTable), ([.volume], .volume),
        ([.function], .function), ([.procedure], .procedure), ([.model], .model), ([.connection], .connection), ([.share], .share),
        ([.recipient], .recipient), ([.provider], .provider), ([.metastore], .metastore), ([.external, .location], .externalLocation),
        ([.storage, .credential], .storageCredential), ([.service, .credential], .serviceCredential), ([.credential], .credential),
        ([.clean, .room], .cleanRoom), ([.column], .column),
    ]

    /// The kind named here if a name follows it, else nil and nothing taken.
    mutating func acceptObjectKind() -> ObjectKind? {
        for (words, kind) in Self.objectKinds where matches(words) {
            guard isWord(words.count) || isString(words.count) else { continue }
            for _ in words { advance() }
            return kind
        }
        return nil
    }

    // MARK: DROP

    mutating func parseDrop() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.drop)
        if at(.temporary), at(.variable, 1) || at(.var, 1) {
            advance()
            advance()
            let ifExists = try acceptIfExists()
            return .dropVariable(try parseNameReference(), ifExists: ifExists)
        }
        if at(.variable), isWord(1) {
            advance()
            let ifExists = try acceptIfExists()
            return .dropVariable(try parseNameReference(), ifExists: ifExists)
        }
        if at(.policy), isWord(1) { return try parseDropPolicy() }
        let isTemporary = accept(.temporary)
        let wordsAfter = current.keyword
        guard var kind = acceptObjectKind() else {
            if wordsAfter == .table || wordsAfter == .view { throw syntaxError(at: token(1)) }
            throw unknownObject("DROP", start)
        }
        switch kind {
        case .function: if isTemporary { kind = .temporaryFunction }
        case .catalog, .schema, .table, .view, .materializedView, .streamingTable, .volume, .procedure, .share, .recipient, .provider: break
        case .connection, .externalLocation, .storageCredential, .serviceCredential, .credential,
            .cleanRoom, .model, .metastore, .anyFile, .column, .temporaryFunction:
            throw unsupportedStatement("DROP \(kind.rawValue)", from: start)
        }
        let ifExists = try acceptIfExists()
        let name = isString() ? try parsePathName() : try parseNameReference()
        var cascade: Bool?
        if let word = acceptOne(of: .cascade, .restrict) { cascade = word == .cascade }
        return .drop(Drop(kind: kind, name: name, ifExists: ifExists, cascade: cascade, purge: accept(.purge)))
    }

    mutating func parseUndrop() throws(SQLError) -> Statement.Kind {
        try expect(.undrop)
        let isWithID = at(.with, 1)
        let kind: ObjectKind
        if isWithID {
            guard let word = acceptOne(of: .table, .schema, .catalog, .volume, .view) else { throw syntaxError() }
            kind = word == .schema ? .schema : word == .catalog ? .catalog : word == .volume ? .volume : word == .view ? .view : .table
        } else {
            kind = acceptObjectKind() ?? .table
        }
        if accept(words: .with, .id) { return .undrop(Undrop(kind: kind, target: .id(try parseStringToken()))) }
        return .undrop(Undrop(kind: kind, target: .name(try parseNameReference())))
    }

    mutating func parseCommentOn() throws(SQLError) -> Statement.Kind {
        try expect(words: .comment, .on)
        guard let kind = acceptObjectKind() else { throw syntaxError() }
        let name = try parseNameReference()
        try expect(.is)
        return .comment(CommentOn(kind: kind, name: name, text: accept(.null) ? nil : try parseString()))
    }

    // MARK: GRANT and REVOKE

    mutating func parseGrant() throws(SQLError) -> Grant {
        let start = current.start
        let isGrant = at(.grant)
        advance()
        if at(.role) { throw unsupportedStatement(isGrant ? "GRANT ROLE" : "REVOKE ROLE", from: start) }
        var privileges: [String] = []
        repeat {
            var words: [String] = []
            while isWord(), !at(.on) {
                words.append(text(current).uppercased())
                advance()
            }
            if words.isEmpty { throw syntaxError() }
            privileges.append(words.joined(separator: " "))
        } while accept(.comma)
        try expect(.on)
        let (kind, object) = try parseSecurable()
        try expect(isGrant ? .to : .from)
        // A share is read by recipients alone; their word may be left out.
        if kind == .share, at(.recipient), isWord(1) || isString(1) { advance() }
        return Grant(privileges: privileges, objectKind: kind, object: object, principal: try parsePrincipal())
    }

    /// `[kind] name`; TABLE if no kind is written.
    mutating func parseSecurable() throws(SQLError) -> (ObjectKind, NameReference?) {
        if accept(.metastore) { return (.metastore, nil) }
        if at(.any), at(text: "FILE", 1) {
            advance()
            advance()
            return (.anyFile, nil)
        }
        if let kind = acceptObjectKind() { return (kind, try parseNameReference()) }
        return (.table, try parseNameReference())
    }

    mutating func parsePrincipal() throws(SQLError) -> Identifier {
        if isString() {
            let start = current.start
            return Identifier(try parseStringToken(), isQuoted: true, span: span(from: start))
        }
        if at(.group) || at(.user), isWord(1) { advance() }
        return try parseIdentifier()
    }
}
