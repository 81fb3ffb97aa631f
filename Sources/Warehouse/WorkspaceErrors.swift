import SparkErrors
import Workspace

/// Runs work on the catalog's model and turns its refusals into what SQL says of the same.
func onCatalog<T>(_ relation: [String] = [], _ body: () throws -> T) throws(SQLError) -> T {
    do {
        return try body()
    } catch let error as SQLError {
        throw error
    } catch let error as WorkspaceError {
        throw SQLError(error, relation)
    } catch {
        throw SQLError(.internalError, ["message": "The catalog could not be read or written."])
    }
}

extension SQLError {
    /// `relation` is the full name that the statement is about.
    init(_ error: WorkspaceError, _ relation: [String]) {
        let name = SQLQuote.id(relation)
        switch error.code {
        case .catalogDoesNotExist: self.init(.noSuchCatalog, ["catalogName": SQLQuote.id(Array(relation.prefix(1)))])
        case .schemaDoesNotExist: self.init(.schemaNotFound, ["schemaName": SQLQuote.id(Array(relation.prefix(2)))])
        case .tableDoesNotExist: self.init(.tableOrViewNotFound, ["relationName": name])
        case .catalogAlreadyExists: self.init(.catalogAlreadyExists, ["catalogName": name])
        case .schemaAlreadyExists: self.init(.schemaAlreadyExists, ["schemaName": name])
        case .tableAlreadyExists: self.init(.tableOrViewAlreadyExists, ["relationName": name])
        case .catalogNotEmpty: self.init(.catalogNotEmpty, ["catalogName": name])
        case .schemaNotEmpty: self.init(.schemaNotEmpty, ["schemaName": name])
        case .resourceAlreadyExists: self.init(.volumeAlreadyExists, ["relationName": name])
        case .functionAlreadyExists:
            self.init(.routineAlreadyExists, ["routineName": name, "newRoutineType": "routine", "existingRoutineType": "routine"])
        case .functionDoesNotExist: self.init(.routineNotFound, ["routineName": name])
        case .resourceDoesNotExist: self.init(.volumeNotFound, ["name": name])
        case .permissionDenied: self.init(.insufficientPermissions, ["report": error.message])
        default: self.init(.catalogRequestRefused, ["code": error.code.rawValue, "message": error.message])
        }
    }
}
