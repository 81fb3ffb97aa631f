import DeltaTable
import SparkErrors

/// Runs work on a Delta table and turns its failures into SQL errors.
func onTable<T>(_ body: () throws -> T) throws(SQLError) -> T {
    do {
        return try body()
    } catch let error as SQLError {
        throw error
    } catch let error as DeltaError {
        throw SQLError(error)
    } catch {
        throw SQLError(.internalError, ["message": "The table could not be read or written."])
    }
}

extension SQLError {
    init(_ error: DeltaError) {
        self.init(ErrorCondition(error.condition, error.sqlState, error.template), error.parameters, phase: .analysis)
    }
}
