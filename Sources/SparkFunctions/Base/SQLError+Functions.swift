import Columnar
import SparkErrors

extension SQLError {
    /// A fault of this program, not of the statement.
    static func internalFault(_ message: String) -> SQLError { SQLError(.internalError, ["message": message]) }

    /// A string or a column of strings beyond what this program holds.
    static func tooLong(_ limit: Int) -> SQLError { SQLError(.exceedLimitLength, ["limit": "\(limit)"]) }
}

/// Bounds on what one value may grow to, so that a statement cannot take all memory.
enum Limits {
    /// Bytes of a string made by `repeat`, `lpad`, `space` and the like.
    static let stringBytes = 256 << 20
    /// Elements of an array made by `sequence`, `array_repeat` and the like.
    static let arrayElements = 16 << 20
}
