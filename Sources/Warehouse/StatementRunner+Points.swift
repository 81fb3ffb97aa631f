import DeltaTable
import SparkErrors
import Workspace

extension StatementRunner {
    /// Tells the statement's hooks that a point is reached. Costs nothing without hooks.
    func pass(
        _ point: StatementPoint, _ table: ObjectName? = nil, compete: (@Sendable () throws -> Void)? = nil
    ) throws(SQLError) {
        guard let hooks = request.hooks else { return }
        do {
            try service.pool.blocking { try hooks.at(StatementSite(point: point, table: table?.description, compete: compete)) }
        } catch let error as SQLError {
            throw error
        } catch let failure as StatementFailure {
            throw SQLError(ErrorCondition(failure.code, "XXKST", "<message>"), ["message": failure.message])
        } catch {
            throw SQLError(.internalError, ["message": "The statement was interrupted."])
        }
    }

    /// What commits of this statement to a table say of themselves, and the points that they pass.
    func commit(to table: DeltaTable, _ name: ObjectName) -> CommitContext {
        var context = commit
        context.done = { operation in Self.count(operation, name) }
        guard request.hooks != nil else { return context }
        let plain = context
        context.at = { point in
            switch point.kind {
            case .read: try pass(.commitRead, name)
            // A table's first commit has its place to itself.
            case .beforePut where point.version == 0: try pass(.commitBeforePut, name)
            case .beforePut: try pass(.commitBeforePut, name) { try table.rewrite(plain) }
            case .afterPut: try pass(.commitAfterPut, name)
            }
        }
        return context
    }

    /// Rows and bytes are those of the commit's own metrics.
    private static func count(_ operation: CommitOperation, _ name: ObjectName) {
        func number(_ names: String...) -> Int {
            for name in names {
                if let text = operation.metrics.first(where: { $0.0 == name })?.1, let number = Int(text) { return number }
            }
            return 0
        }
        ServiceMetrics.shared.committed(
            table: name.description, operation: operation.name, rows: number("numOutputRows", "numUpdatedRows", "numDeletedRows"),
            bytes: number("numOutputBytes", "numTargetBytesAdded", "numAddedBytes"))
    }

    /// Runs the whole statement once as another client's.
    func runOnceBefore() throws {
        var request = request
        request.hooks = nil
        let rival = Statement(id: statement.id, request: request, principal: principal, submittedMicros: statement.submittedMicros)
        _ = try StatementRunner(service: service, session: session, statement: rival).run()
    }
}
