/// Why a Parquet file cannot be read or written.
package enum ParquetError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The bytes are not a Parquet file, or are one that has been damaged; says what was found wrong.
    case malformed(String)
    /// The file uses what this reader or writer does not do, named as the format names it.
    case unsupported(String)
    /// A column, or its statistics or dictionary, is larger than the limits allow.
    case tooLarge(String)
    /// A column of the schema is not nullable but has a null.
    case nullInRequiredColumn(String)
    /// The file's bytes could not be got from where they are.
    case unreadable(String)
    /// The columns given are not of the layout that the schema calls for.
    case schemaMismatch(String)

    package var description: String {
        switch self {
        case .malformed(let what): "malformed Parquet file: \(what)"
        case .unsupported(let what): "unsupported in Parquet files: \(what)"
        case .tooLarge(let what): "Parquet file exceeds the limits: \(what)"
        case .nullInRequiredColumn(let name): "the required column '\(name)' has a null"
        case .unreadable(let why): why
        case .schemaMismatch(let what): "columns do not have the schema's layout: \(what)"
        }
    }
}
