import Columnar
import SparkErrors

extension SQLError {
    /// A fault of this program, not of the statement.
    static func internalFault(_ message: String) -> SQLError { SQLError(.internalError, ["message": message]) }
}
