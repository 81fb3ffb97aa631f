import SparkErrors

/// CREATE and REPLACE.
extension Parser {
    /// What stands between CREATE and the kind of object.
    private struct Modifiers {
        var orReplace = false
        var isTemporary = false
        var isGlobal = false
        var isExternal = false
    }

    mutating func parseCreate() throws(SQLError) -> Statement.Kind {
        let start = current.start
        if accept(.replace) {
            try expect(.table)
            return try parseCreateTable(start, .replace, isTemporary: false, isExternal: false, kind: .table)
        }
        try expect(.create)
        var modifiers = Modifiers()
        modifiers.orReplace = accept(words: .or, .replace) || accept(words: .or, .refresh)
        modifiers.isGlobal = at(.global) && at(.temporary, 1) && accept(.global)
        modifiers.isTemporary = accept(.temporary)
        if at(text: "LIVE") || at(.streaming) && at(text: "LIVE", 1) {
            return try parseCreateLive(start, orReplace: modifiers.orReplace)
        }
        switch current.keyword {
        case .external? where at(.table, 1) || at(.volume, 1):
            advance()
            modifiers.isExternal = true
        case .foreign? where at(.catalog, 1): return try parseCreateCatalog()
        default: break
        }
        switch current.keyword {
        case .table?:
            advance()
            return try parseCreateTable(
                start, modifiers.orReplace ? .createOrReplace : .create, isTemporary: modifiers.isTemporary,
                isExternal: modifiers.isExternal, kind: .table)
        case .streaming? where at(.table, 1):
            advance()
            advance()
            return try parseCreateTable(
                start, modifiers.orReplace ? .createOrReplace : .create, isTemporary: false, isExternal: false, kind: .streamingTable)
        case .view?, .materialized?:
            return try parseCreateView(
                start, orReplace: modifiers.orReplace, isTemporary: modifiers.isTemporary, isGlobal: modifiers.isGlobal)
        case .function?: return try parseCreateFunction(start, orReplace: modifiers.orReplace, isTemporary: modifiers.isTemporary)
        case .schema?, .database?, .namespace?: return try parseCreateSchema(start)
        case .catalog?: return try parseCreateCatalog()
        case .volume?: return try parseCreateVolume(start, isExternal: modifiers.isExternal)
        case .share?: return try parseCreateShare()
        case .recipient?: return try parseCreateRecipient(start)
        case .policy?: return try parseCreatePolicy(orReplace: modifiers.orReplace)
        case .flow?: return try parseCreateFlow(start)
        default: throw unknownObject("CREATE", start)
        }
    }

    /// The error for an object that is known but not made by SQL here, or for a word that names none.
    func unknownObject(_ verb: String, _ start: Int) -> SQLError {
        let known: Set<Keyword> = [
            .role, .index, .macro, .connection, .share, .recipient, .provider, .credential, .storage, .service, .procedure, .external,
            .clean, .model, .policy, .group, .user, .flow, .trigger,
        ]
        guard let keyword = current.keyword, known.contains(keyword) else { return syntaxError() }
        return unsupportedStatement("\(verb) \(keyword.rawValue)", from: start)
    }

    // MARK: Schemas, catalogs, volumes

    private mutating func parseCreateSchema(_ start: Int) throws(SQLError) -> Statement.Kind {
        advance()
        let ifNotExists = try acceptIfNotExists()
        var schema = CreateSchema(name: try parseNameReference(), ifNotExists: ifNotExists)
        var seen = ClauseSet(start: start)
        while true {
            if accept(.comment) {
                try seen.add("COMMENT", self)
                schema.comment = try parseString()
            } else if accept(words: .managed, .location) {
                try seen.add("LOCATION", self)
                schema.managedLocation = try parseString()
            } else if accept(.location) {
                try seen.add("LOCATION", self)
                schema.location = try parseString()
            } else if at(.with), at(.dbproperties, 1) || at(.properties, 1) {
                advance()
                advance()
                try seen.add("WITH PROPERTIES", self)
                schema.properties = try parseProperties()
            } else if at(words: .default, .collation) {
                schema.defaultCollation = try parseDefaultCollation()
            } else {
                return .createSchema(schema)
            }
        }
    }

    mutating func parseDefaultCollation() throws(SQLError) -> String {
        try expect(words: .default, .collation)
        return try parseMultipartIdentifier().names.joined(separator: ".")
    }

    private mutating func parseCreateCatalog() throws(SQLError) -> Statement.Kind {
        let start = current.start
        let isForeign = accept(.foreign)
        try expect(.catalog)
        let ifNotExists = try acceptIfNotExists()
        var catalog = CreateCatalog(name: try parseNameReference(), ifNotExists: ifNotExists)
        catalog.isForeign = isForeign
        var seen = ClauseSet(start: start)
        while true {
            if accept(words: .using, .share) {
                catalog.source = .share(try parseMultipartIdentifier())
            } else if accept(words: .using, .connection) {
                catalog.source = .connection(try parseMultipartIdentifier())
            } else if accept(words: .managed, .location) {
                try seen.add("LOCATION", self)
                catalog.managedLocation = try parseString()
            } else if accept(.comment) {
                try seen.add("COMMENT", self)
                catalog.comment = try parseString()
            } else if accept(.options) {
                catalog.options = try parseOptions()
            } else if at(words: .default, .collation) {
                catalog.defaultCollation = try parseDefaultCollation()
            } else {
                return .createCatalog(catalog)
            }
        }
    }

    private mutating func parseCreateVolume(_ start: Int, isExternal: Bool) throws(SQLError) -> Statement.Kind {
        advance()
        let ifNotExists = try acceptIfNotExists()
        let name = try parseNameReference()
        var location: String?
        var comment: String?
        var seen = ClauseSet(start: start)
        while true {
            if accept(.location) {
                try seen.add("LOCATION", self)
                location = try parseString()
            } else if accept(.comment) {
                try seen.add("COMMENT", self)
                comment = try parseString()
            } else {
                break
            }
        }
        return .createVolume(
            CreateVolume(name: name, isExternal: isExternal, ifNotExists: ifNotExists, location: location, comment: comment))
    }
}

/// The clauses seen in a statement; each may stand once.
struct ClauseSet {
    private var names: Set<String> = []
    private let start: Int

    init(start: Int) { self.start = start }

    mutating func add(_ name: String, _ parser: Parser) throws(SQLError) {
        guard names.insert(name).inserted else {
            throw parser.refusal(
                .duplicateClauses, ["clauseName": name], at: SourceSpan(start: start, end: parser.tokens.last?.start ?? start))
        }
    }
}
