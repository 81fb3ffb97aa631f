import SparkErrors

/// ALTER of catalogs, schemas, views, volumes; the parts common to all kinds.
extension Parser {
    mutating func parseAlter() throws(SQLError) -> Statement.Kind {
        let start = current.start
        try expect(.alter)
        guard let kind = acceptObjectKind() else { throw unknownObject("ALTER", start) }
        switch kind {
        case .table, .view, .schema, .catalog, .volume, .materializedView, .streamingTable, .function, .share, .recipient, .provider: break
        default: throw unsupportedStatement("ALTER \(kind.rawValue)", from: start)
        }
        let ifExists = try acceptIfExists()
        let name = isString() ? try parsePathName() : try parseNameReference()
        var partition: PartitionSpec?
        if at(.partition), at(.leftParen, 1) { partition = try parsePartitionSpec() }
        let action: Alter.Action
        if kind == .share, let change = try acceptShareChange() {
            action = .share(change)
        } else if let common = try parseCommonAction(start) {
            action = common
        } else if kind == .share || kind == .recipient || kind == .provider {
            throw syntaxError()
        } else if kind == .view || kind == .materializedView {
            action = try parseViewAction()
        } else {
            action = try parseTableAction(start)
        }
        return .alter(Alter(kind: kind, name: name, ifExists: ifExists, partition: partition, action: action))
    }

    /// Actions that several kinds of objects know.
    private mutating func parseCommonAction(_ start: Int) throws(SQLError) -> Alter.Action? {
        switch current.keyword {
        case .rename? where at(.to, 1):
            advance()
            advance()
            if at(.partition), at(.leftParen, 1) { return .renamePartition(to: try parsePartitionSpec()) }
            return .rename(to: try parseNameReference())
        case .owner? where at(.to, 1):
            advance()
            advance()
            return .setOwner(try parsePrincipal())
        case .set?: return try parseSetAction()
        case .unset?: return try parseUnsetAction()
        case .default? where at(.collation, 1): return .setDefaultCollation(try parseDefaultCollation())
        case .enable?, .disable?, .inherit?:
            guard at(.predictive, 1), at(.optimization, 2) else { return nil }
            let word = text(current).uppercased()
            for _ in 0..<3 { advance() }
            return .predictiveOptimization(word)
        case .comment? where isString(1):
            advance()
            return .setComment(try parseString())
        default: return nil
        }
    }

    private mutating func parseSetAction() throws(SQLError) -> Alter.Action? {
        switch token(1).keyword {
        case .tblproperties?, .dbproperties?, .properties?:
            advance()
            advance()
            return .setProperties(try parseProperties())
        case .options?:
            advance()
            advance()
            return .setOptions(try parseOptions())
        case .owner?:
            for _ in 0..<2 { advance() }
            try expect(.to)
            return .setOwner(try parsePrincipal())
        case .tags?:
            advance()
            advance()
            return .setTags(try parseProperties())
        case .location?:
            advance()
            advance()
            return .setLocation(try parseString())
        case .managed? where at(.location, 2):
            for _ in 0..<3 { advance() }
            return .setManagedLocation(try parseString())
        case .comment?:
            advance()
            advance()
            return .setComment(accept(.null) ? nil : try parseString())
        case .default? where at(.collation, 2):
            advance()
            return .setDefaultCollation(try parseDefaultCollation())
        default: return nil
        }
    }

    private mutating func parseUnsetAction() throws(SQLError) -> Alter.Action? {
        switch token(1).keyword {
        case .tblproperties?, .dbproperties?, .properties?:
            advance()
            advance()
            let ifExists = try acceptIfExists()
            return .unsetProperties(try parseProperties().map(\.key), ifExists: ifExists)
        case .tags?:
            advance()
            advance()
            return .unsetTags(try parseList { (parser: inout Parser) throws(SQLError) -> String in try parser.parsePropertyKey() })
        default: throw syntaxError(at: token(1))
        }
    }

    private mutating func parseViewAction() throws(SQLError) -> Alter.Action {
        if at(.with), at(.schema, 1) { return .setSchemaBinding(try parseSchemaBinding()) }
        if at(.add) || at(.drop) { return try parsePartitionAction() }
        if at(.alter) || at(.change) { return try parseTableAction(current.start) }
        if at(.schedule) || at(.add) { return .other(try skipClause()) }
        _ = accept(.as)
        return .setQuery(try parseQuery())
    }

    /// `ADD [IF NOT EXISTS] PARTITION …`, `DROP [IF EXISTS] PARTITION …`.
    mutating func parsePartitionAction() throws(SQLError) -> Alter.Action {
        if accept(.add) {
            let ifNotExists = try acceptIfNotExists()
            var partitions: [(partition: PartitionSpec, location: String?)] = []
            repeat {
                let partition = try parsePartitionSpec()
                partitions.append((partition, accept(.location) ? try parseString() : nil))
            } while at(.partition)
            return .addPartitions(partitions, ifNotExists: ifNotExists)
        }
        try expect(.drop)
        let ifExists = try acceptIfExists()
        let partitions = try parseCommaSeparated { (parser: inout Parser) throws(SQLError) -> PartitionSpec in
            try parser.parsePartitionSpec()
        }
        return .dropPartitions(partitions, ifExists: ifExists, purge: accept(.purge))
    }
}
