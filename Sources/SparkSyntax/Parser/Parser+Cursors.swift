import SparkErrors

/// Cursors of SQL scripting. Source: Databricks' SQL reference, DECLARE CURSOR, OPEN, FETCH and CLOSE.
extension Parser {
    func declaresCursor() -> Bool {
        isWord(1) && (at(text: "CURSOR", 2) || (at(text: "ASENSITIVE", 2) || at(text: "INSENSITIVE", 2)) && at(text: "CURSOR", 3))
    }

    /// `DECLARE c [ASENSITIVE | INSENSITIVE] CURSOR FOR query [FOR READ ONLY]`.
    mutating func parseCursor() throws(SQLError) -> ScriptStatement {
        advance()
        let name = try parseIdentifier()
        if !at(text: "CURSOR") { advance() }
        advance()
        try expect(.for)
        let query = try parseQuery()
        if accept(.for) {
            guard at(text: "READ"), at(text: "ONLY", 1) else { throw syntaxError() }
            advance()
            advance()
        }
        return .declareCursor(name, query)
    }

    /// `OPEN c [USING value [AS name], …]`.
    mutating func parseOpen() throws(SQLError) -> ScriptStatement {
        advance()
        let name = try parseMultipartIdentifier()
        return .openCursor(name, using: accept(.using) ? try parseNamedExpressions() : [])
    }

    /// `FETCH [[NEXT] FROM] c INTO v, …`.
    mutating func parseFetch() throws(SQLError) -> ScriptStatement {
        advance()
        if at(text: "NEXT"), at(.from, 1) { advance() }
        _ = at(.from) && isWord(1) && accept(.from)
        let name = try parseMultipartIdentifier()
        try expect(.into)
        return .fetch(name, into: try parseNames())
    }
}
