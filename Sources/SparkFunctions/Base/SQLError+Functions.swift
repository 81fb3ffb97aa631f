import Columnar
import SparkErrors

extension SQLError {
    /// A fault of this program, not of the statement.
    static func internalFault(_ message: String) -> SQLError { SQLError(.internalError, ["message": message]) }

    /// What Java's library, which Spark calls, throws a bare exception for.
    static func invalidArgument(_ parameter: String, of function: String, _ reason: String) -> SQLError {
        SQLError(
            .invalidParameterValueArgument,
            ["parameter": SQLQuote.id(parameter), "functionName": SQLQuote.id(function), "reason": reason])
    }

    /// A string or a column of strings beyond what this program holds.
    static func tooLong(_ limit: Int) -> SQLError { SQLError(.exceedLimitLength, ["limit": "\(limit)"]) }
}

/// Bounds on what one value may grow to, so that a statement cannot take all memory.
enum Limits {
    /// Bytes of a string made by `repeat`, `lpad`, `space` and the like.
    static var stringBytes: Int { min(256 << 20, ExecutionMonitor.current?.memoryBytes ?? .max) }
    /// Bytes of a column of one batch.
    static var batchBytes: Int { ExecutionMonitor.current?.batchBytes ?? Int(Int32.max) }
    /// Elements of an array made by `sequence`, `array_repeat` and the like.
    static var arrayElements: Int { min(16 << 20, (ExecutionMonitor.current?.memoryBytes ?? .max) / 8) }
}
