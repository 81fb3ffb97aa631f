package import GRDB

/// Rows are decoded while their statement stands on them, without copying them first; the cursor must live until then.
extension Database {
    /// The first row of a cached statement; nil if there is none.
    package func first<T>(_ sql: String, _ arguments: StatementArguments = [], _ decode: (Row) throws -> T) throws -> T? {
        let rows = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        return try withExtendedLifetime(rows) { try rows.next().map(decode) }
    }

    /// All rows of a cached statement.
    package func all<T>(_ sql: String, _ arguments: StatementArguments = [], _ decode: (Row) throws -> T) throws -> [T] {
        let rows = try Row.fetchCursor(try cachedStatement(sql: sql), arguments: arguments)
        return try withExtendedLifetime(rows) {
            var all: [T] = []
            while let row = try rows.next() { all.append(try decode(row)) }
            return all
        }
    }
}
