package import GRDB
import GRDBSQLite

/// A value bound to a `?`.
package enum SQLArgument: Sendable, Hashable, ExpressibleByStringLiteral {
    case text(String)
    case int(Int64)
    case null

    package init(stringLiteral value: String) { self = .text(value) }
    package static func optional(_ text: String?) -> SQLArgument { text.map { .text($0) } ?? .null }
    package static func optional(_ number: Int?) -> SQLArgument { number.map { .int(Int64($0)) } ?? .null }
    package static func limit(_ count: Int) -> SQLArgument { .int(Int64(count)) }
}

/// The row on which a statement stands, read column by column without a copy. GRDB's own rows make a dictionary of column names for each query, which
/// costs several times what a point look-up does. Reading is total: a NULL is an empty text or 0, and nothing traps on a file that was tampered with.
package struct SQLRow: ~Copyable {
    fileprivate let statement: OpaquePointer

    package subscript(_ column: Int32) -> String {
        guard let text = sqlite3_column_text(statement, column) else { return "" }
        return String(decoding: UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column))), as: UTF8.self)
    }

    package subscript(_ column: Int32) -> String? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return self[column] as String
    }

    /// The text, as the other string itself if it is the same: rows of a list share most of their owners and parents.
    package func text(_ column: Int32, like other: String?) -> String {
        guard let other, let text = sqlite3_column_text(statement, column) else { return self[column] }
        let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(statement, column)))
        let same = other.utf8.withContiguousStorageIfAvailable { $0.count == bytes.count && $0.elementsEqual(bytes) } ?? false
        return same ? other : String(decoding: bytes, as: UTF8.self)
    }

    package subscript(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

    package subscript(_ column: Int32) -> Int? {
        guard sqlite3_column_type(statement, column) != SQLITE_NULL else { return nil }
        return Int(sqlite3_column_int64(statement, column))
    }
}

extension Database {
    /// The first row of a cached statement; nil if there is none. The closure must not use the database.
    package func first<T>(_ sql: String, _ arguments: [SQLArgument] = [], _ decode: (borrowing SQLRow) throws -> T) throws -> T? {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        try bind(arguments, to: statement)
        defer { sqlite3_reset(statement) }
        guard try step(statement) else { return nil }
        return try decode(SQLRow(statement: statement))
    }

    /// All rows of a cached statement. The closure must not use the database.
    package func all<T>(_ sql: String, _ arguments: [SQLArgument] = [], _ decode: (borrowing SQLRow) throws -> T) throws -> [T] {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        try bind(arguments, to: statement)
        defer { sqlite3_reset(statement) }
        var all: [T] = []
        while try step(statement) { all.append(try decode(SQLRow(statement: statement))) }
        return all
    }

    /// As `all`, with what the row before became.
    package func all<T>(_ sql: String, _ arguments: [SQLArgument], _ decode: (borrowing SQLRow, _ last: T?) throws -> T) throws -> [T] {
        var last: T?
        return try all(sql, arguments) { row in
            let next = try decode(row, last)
            last = next
            return next
        }
    }

    /// Runs a cached statement that answers no rows.
    package func run(_ sql: String, _ arguments: [SQLArgument] = []) throws {
        let statement = try cachedStatement(sql: sql).sqliteStatement
        try bind(arguments, to: statement)
        defer { sqlite3_reset(statement) }
        _ = try step(statement)
    }

    private func bind(_ arguments: [SQLArgument], to statement: OpaquePointer) throws {
        var position: Int32 = 0
        for argument in arguments {
            position += 1
            let code: Int32
            switch argument {
            case .null: code = sqlite3_bind_null(statement, position)
            // A null pointer, which an empty buffer may have, would bind NULL.
            case .text(""): code = sqlite3_bind_text(statement, position, "", 0, copiedBySQLite)
            case .int(let value): code = sqlite3_bind_int64(statement, position, value)
            case .text(var text):
                code = text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) {
                        sqlite3_bind_text(statement, position, $0.baseAddress, Int32(clamping: $0.count), copiedBySQLite)
                    }
                }
            }
            if code != SQLITE_OK { throw failure(code) }
        }
    }

    /// False at the end.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw failure(code)
        }
    }

    private func failure(_ code: Int32) -> DatabaseError {
        let message = sqliteConnection.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
        return DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
    }
}

/// SQLITE_TRANSIENT, which the header defines by a cast that Swift does not import.
private var copiedBySQLite: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
