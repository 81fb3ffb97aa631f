package import Columnar
package import SparkErrors

/// What a value that is to be stored is checked for; a row that fails ends the statement.
package enum StoreCheck: Sendable {
    /// Not null; else this error.
    case notNull(SQLError)
    /// No NULL in a field within structs, by the fields' positions; a NULL around it counts. Else this error.
    case fieldNotNull([Int], SQLError)
    /// At most so many characters, blanks beyond them being cut; CHAR is filled up with blanks.
    case length(Int, pads: Bool)
    /// A cast that overflows is told of the column that it is for.
    case overflow(from: DataType, column: String)
    /// A condition that must not be false (a CHECK constraint); else this error.
    case condition(SQLError)
}
