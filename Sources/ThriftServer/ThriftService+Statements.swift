import SparkErrors
import Synchronization
import Warehouse
import Workspace

extension ThriftService {
    /// How long a call with direct results waits for them.
    private static let patience = Duration.seconds(5)
    /// How long `GetOperationStatus` waits for a change: drivers ask again at once, and cannot cancel meanwhile.
    private static let pollPatience = Duration.seconds(1)

    func execute(_ request: ThriftStructure, _ context: Context) async throws -> Fields {
        let session = try session(request, context)
        guard let text = request.string(2) else { throw TStatus.missing("statement") }
        var asked = StatementRequest(text: text, warehouseID: context.computeID)
        asked.parameters = (request.structures(1288) ?? []).map(Self.parameter)
        if let limit = request.integer(1287), limit > 0 { asked.rowLimit = Int(limit) }
        if let seconds = request.integer(5), seconds > 0 { asked.timeoutSeconds = seconds }
        return try await run(
            asked, .executeStatement, ResultOptions(request), session, request, isAsynchronous: request.bool(4) ?? false, context)
    }

    func metadata(_ name: String, _ request: ThriftStructure, _ context: Context) async throws -> Fields {
        let session = try session(request, context)
        guard let query = MetadataQuery(call: name, request) else { throw TStatus("\(name) is not supported", sqlState: "0A000") }
        var asked = StatementRequest(text: query.text, warehouseID: context.computeID)
        asked.parameters = query.parameters.map { .init(name: $0.name, ordinal: nil, value: $0.value, type: "STRING") }
        return try await run(asked, query.type, .metadata, session, request, isAsynchronous: request.bool(1282) ?? false, context)
    }

    /// A `TSparkParameter`: a type's text, and a value or the elements of a nested one.
    private static func parameter(_ item: ThriftStructure) -> StatementRequest.Parameter {
        let name = item.string(2).flatMap { $0.isEmpty ? nil : $0 }
        let value = item.structure(4)
        return .init(
            name: name, ordinal: name == nil ? item.integer(1).map { Int(clamping: $0) } : nil,
            value: value?.string(1) ?? value?.bool(3).map { $0 ? "true" : "false" }, type: item.string(3) ?? "STRING",
            elements: item.structures(5).map(elements))
    }

    /// `TSparkParameterValueArg`s: type, value, elements of their own.
    private static func elements(_ items: [ThriftStructure]) -> [StatementRequest.Parameter] {
        var parameters: [StatementRequest.Parameter] = []
        for item in items {
            parameters.append(
                .init(
                    name: nil, ordinal: nil, value: item.string(2), type: item.string(1) ?? "STRING",
                    elements: item.structures(3).map(elements)))
        }
        return parameters
    }

    /// Runs a statement, and gives as much of its outcome with the answer as the client asked for (`getDirectResults`).
    private func run(
        _ asked: StatementRequest, _ type: TCLI.OperationType, _ options: ResultOptions, _ session: OpenSession, _ request: ThriftStructure,
        isAsynchronous: Bool, _ context: Context
    ) async throws -> Fields {
        var asked = asked
        asked.sessionID = session.session.id
        asked.keepsRowsUpTo = options.takesLinks ? ResultForm.maxAttachedBytes : .max
        asked.form = options.linkedForm
        asked.hooks = context.hooks
        asked.isOnCluster = context.isOnCluster
        asked.isRefusedDuringStart = true
        asked.baseURL = context.baseURL
        let statement = try sql.submit(asked, as: context.principal)
        let direct = request.structure(1281)
        if isAsynchronous {
            if direct != nil { await statement.wait(atMost: Self.patience) }
        } else {
            while !statement.status.state.isFinal, !Task.isCancelled { await statement.wait(atMost: Self.patience) }
        }
        // Who waits for the end gets the error as the call's own; who does not finds it in the operation's state.
        if !isAsynchronous, let error = statement.status.error { throw TStatus(error) }
        let operation = ThriftOperation(handle: newHandle(statement.id), type: type, session: session.handle, statement: statement, options: options)
        try add(operation)
        let results = direct.map { directResults(operation, $0, context) } ?? nil
        return { writer in
            TStatus.success(&writer)
            writer.structure(2) { writer in
                operation.handle.write(1, to: &writer)
                writer.i32(2, operation.type.rawValue)
                writer.bool(3, true)
            }
            if let results { writer.structure(1281, results) }
        }
    }

    private func add(_ operation: ThriftOperation) throws(TStatus) {
        let isFull = state.withLock { state -> Bool? in
            guard let session = state.sessions[operation.session.guid] else { return nil }
            if session.operations.count >= Self.maxOperationsPerSession { return true }
            state.sessions[operation.session.guid]?.operations.append(operation.handle.guid)
            state.operations[operation.handle.guid] = operation
            return false
        }
        guard let isFull else { throw .noSession(operation.session.guid) }
        if isFull {
            operation.statement.cancel(atMicros: sql.workspace.environment.nowMicros)
            throw TStatus("The session has more than \(Self.maxOperationsPerSession) open operations.", sqlState: "53000")
        }
    }

    /// The operation's end and its first rows; an operation whose rows are all there is closed with them. nil: nothing to tell yet.
    private func directResults(_ operation: ThriftOperation, _ limits: ThriftStructure, _ context: Context) -> Fields? {
        let status = operation.statement.status
        guard status.state.isFinal else { return { [self] in $0.structure(1, stateFields(operation)) } }
        let state = stateFields(operation)
        guard let result = status.result else { return { $0.structure(1, state) } }
        if let delivery = status.delivery {
            let links = LinkSet(operation, delivery, context, chunks: operation.fetch(delivery, from: 0))
            return { writer in
                writer.structure(1, state)
                writer.structure(2) { links.metadata.write(to: &$0) }
                writer.structure(3) { links.write(to: &$0, withMetadata: false) }
            }
        }
        let page = operation.fetch(result, from: 0, maxRows: Self.limit(limits.integer(1)), maxBytes: Self.limit(limits.integer(2)))
        let rows = RowSet(operation, result, page)
        if !page.hasMore { forget(operation) }
        return { writer in
            writer.structure(1, state)
            writer.structure(2) { rows.metadata.write(to: &$0) }
            writer.structure(3) { rows.write(to: &$0, withMetadata: false) }
            if !page.hasMore { writer.structure(4, Self.done) }
        }
    }

    static func limit(_ value: Int64?) -> Int { value.map { $0 > 0 ? Int($0) : .max } ?? .max }

    // MARK: A running operation

    func operationStatus(_ request: ThriftStructure, _ context: Context) async throws -> Fields {
        let operation = try operation(request, context)
        await operation.statement.wait(atMost: Self.pollPatience)
        return stateFields(operation)
    }

    /// A `TGetOperationStatusResp`.
    private func stateFields(_ operation: ThriftOperation) -> Fields {
        let status = operation.statement.status
        let state: TCLI.OperationState =
            switch status.state {
            case .pending: .pending
            case .running: .running
            case .succeeded: .finished
            case .failed: .error
            case .canceled: .canceled
            case .closed: .closed
            }
        return { writer in
            TStatus.success(&writer)
            writer.i32(2, state.rawValue)
            if let error = status.error {
                let message = "org.apache.hive.service.cli.HiveSQLException: Error running query: " + TStatus.java(error)
                writer.string(3, error.condition.sqlState)
                writer.i32(4, 0)
                writer.string(5, message)
                writer.string(1281, error.message)
                writer.string(1282, message)
            }
            if let count = status.result.flatMap(ThriftOperation.modifiedRows) { writer.i64(11, count) }
        }
    }

    /// The operation of a call: its first field is the handle.
    func operation(_ request: ThriftStructure, _ context: Context, isClosing: Bool = false) throws -> ThriftOperation {
        guard let handle = Handle(request.structure(1)?.structure(1)) else { throw TStatus.missing("operationHandle") }
        let operation = state.withLock { $0.operations[handle.guid] }
        guard let operation, operation.handle.secret == handle.secret, operation.statement.principal.id == context.principal.id,
            operation.statement.request.warehouseID == context.computeID
        else {
            throw Self.noOperation(handle.guid, context, isClosing: isClosing)
        }
        return operation
    }

    /// Recorded: a closing for the second time is answered by the Thrift server. Other calls reach a warehouse's gateway first, which answers by
    /// HTTP (databricks-sql-go, issue 176).
    private static func noOperation(_ guid: [UInt8], _ context: Context, isClosing: Bool) -> any Error {
        if context.isOnCluster || isClosing { return TStatus.noOperation(guid) }
        return WorkspaceError(.resourceDoesNotExist, "Command \(Handle.text(guid)) does not exist.")
    }

    /// The rows of an operation that has ended well.
    private func result(_ operation: ThriftOperation) async throws(TStatus) -> ResultSet {
        while !operation.statement.status.state.isFinal, !Task.isCancelled { await operation.statement.wait(atMost: Self.patience) }
        let status = operation.statement.status
        if let result = status.result { return result }
        if let error = status.error { throw TStatus(error) }
        throw TStatus("Expected state FINISHED, but found \(status.state.rawValue)", sqlState: "24000")
    }

    func resultMetadata(_ request: ThriftStructure, _ context: Context) async throws -> Fields {
        let operation = try operation(request, context)
        let result = try await result(operation)
        if let delivery = operation.statement.status.delivery {
            // A description only: fetching begins with the first row still.
            let links = LinkSet(operation, delivery, context)
            return { links.metadata.write(to: &$0) }
        }
        let rows = RowSet(operation, result, nil)
        return { rows.metadata.write(to: &$0) }
    }

    func fetch(_ request: ThriftStructure, _ context: Context) async throws -> Fields {
        let operation = try operation(request, context)
        let result = try await result(operation)
        var start = request.integer(1282).map { Int(clamping: $0) }
        switch TCLI.Orientation(rawValue: request.integer(2) ?? 0) {
        case .next: break
        case .first: start = 0
        default: throw TStatus("The fetch type \(request.integer(2) ?? 0) is not supported for this resultset", sqlState: "HY106")
        }
        let withMetadata = request.bool(1283) ?? false
        if let delivery = operation.statement.status.delivery {
            let links = LinkSet(operation, delivery, context, chunks: operation.fetch(delivery, from: start))
            return { links.write(to: &$0, withMetadata: withMetadata) }
        }
        let page = operation.fetch(
            result, from: start, maxRows: Self.limit(request.integer(3)), maxBytes: Self.limit(request.integer(1281)))
        let rows = RowSet(operation, result, page)
        return { rows.write(to: &$0, withMetadata: withMetadata) }
    }

    func cancelOperation(_ request: ThriftStructure, _ context: Context) throws -> Fields {
        try operation(request, context).statement.cancel(atMicros: sql.workspace.environment.nowMicros)
        return Self.done
    }

    func closeOperation(_ request: ThriftStructure, _ context: Context) throws -> Fields {
        let operation = try operation(request, context, isClosing: true)
        forget(operation)
        end(operation)
        return Self.done
    }

    private func forget(_ operation: ThriftOperation) {
        state.withLock { state in
            state.operations[operation.handle.guid] = nil
            state.sessions[operation.session.guid]?.operations.removeAll { $0 == operation.handle.guid }
        }
    }

    /// Ends what still runs, and gives the rows up.
    func end(_ operation: ThriftOperation) {
        operation.statement.cancel(atMicros: sql.workspace.environment.nowMicros)
        operation.statement.close()
    }
}
