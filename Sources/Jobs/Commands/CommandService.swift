package import JSON
import Synchronization
import Warehouse
package import Workspace

/// Contexts in which commands run on clusters (the API's version 1.2): SQL on the engine, Python in an interpreter of this machine. As on a cluster
/// they last as long as the process, and no longer than the cluster runs.
package final class CommandService: Sendable {
    package struct Command: Sendable {
        package let id: String
        package let status: String
        package let results: JSONObject?
    }

    /// Source: the service's documentation, contexts of a cluster.
    private static let mostContexts = 150

    private let workspace: Workspace
    private let sql: SQLService
    private let python: LocalPython?
    private let contexts = Mutex<[String: CommandContext]>([:])

    init(workspace: Workspace, sql: SQLService, python: LocalPython?) {
        self.workspace = workspace
        self.sql = sql
        self.python = python
    }

    package var runsPython: Bool { python != nil }

    /// `language`: `sql` or `python`.
    package func create(_ language: String, on cluster: String, by principal: Principal) throws -> String {
        guard contexts.withLock({ $0.values.count { $0.cluster == cluster } }) < Self.mostContexts else {
            throw WorkspaceError(.resourceExhausted, "The cluster \(cluster) has \(Self.mostContexts) execution contexts already.")
        }
        let id = String(workspace.environment.ids.numeric())
        let engine: CommandContext.Engine
        if language == "python", let python {
            engine = .python(try session(python, principal))
        } else {
            let session = try sql.openSession(warehouseID: cluster, isOnCluster: true, catalog: nil, schema: nil, settings: [], by: principal)
            engine = .sql(sql, session: session.id)
        }
        let context = CommandContext(id: id, cluster: cluster, language: language, owner: principal, engine: engine) { [workspace] in
            workspace.environment.nowMicros
        }
        contexts.withLock { $0[id] = context }
        return id
    }

    private func session(_ python: LocalPython, _ principal: Principal) throws -> PythonSession {
        let token = try workspace.tokens.create(
            for: Int(principal.id) ?? 0, by: principal, comment: "of a command's process", lifetime: 7 * 86_400)
        do {
            return try PythonSession(python, token: token.value) { [workspace] in try? workspace.tokens.delete(token.info.id) }
        } catch {
            try? workspace.tokens.delete(token.info.id)
            throw WorkspaceError(.internalError, "The Python process could not be begun.")
        }
    }

    package func status(of context: String, on cluster: String, for principal: Principal) throws -> String {
        try existing(context, cluster, principal).status
    }

    package func destroy(_ context: String, on cluster: String, by principal: Principal) throws {
        let found = try existing(context, cluster, principal)
        contexts.withLock { $0[context] = nil }
        found.end()
    }

    package func execute(_ text: String, _ language: String, in context: String, on cluster: String, by principal: Principal) throws -> String {
        let found = try existing(context, cluster, principal)
        guard found.language == language else {
            throw WorkspaceError(
                .notImplemented, "commands.execute: a command in \(language) in a context of \(found.language) is not simulated.")
        }
        let id = workspace.environment.ids.uuid().filter { $0 != "-" }
        try found.add(id, text)
        return id
    }

    package func command(_ id: String, in context: String, on cluster: String, for principal: Principal) throws -> Command {
        guard let command = try existing(context, cluster, principal).command(id) else { throw Self.noCommand(id) }
        return Command(id: id, status: command.state.rawValue, results: command.results)
    }

    package func cancel(_ id: String, in context: String, on cluster: String, by principal: Principal) throws {
        let found = try existing(context, cluster, principal)
        guard found.command(id) != nil else { throw Self.noCommand(id) }
        found.cancel(id)
    }

    /// A cluster that stops takes its contexts with it.
    package func end(cluster: String) {
        for context in remove(where: { $0.cluster == cluster }) { context.end() }
    }

    func stop() { for context in remove(where: { _ in true }) { context.end() } }

    private func remove(where isMeant: (CommandContext) -> Bool) -> [CommandContext] {
        contexts.withLock { contexts in
            let found = contexts.values.filter(isMeant)
            for context in found { contexts[context.id] = nil }
            return found
        }
    }

    /// Another user's is as unknown as one that never was.
    private func existing(_ id: String, _ cluster: String, _ principal: Principal) throws(WorkspaceError) -> CommandContext {
        guard let context = contexts.withLock({ $0[id] }), context.cluster == cluster, context.owner.id == principal.id || principal.isAdmin else {
            throw WorkspaceError(.resourceDoesNotExist, "ContextNotFound: the context \(id.prefix(64)) of the cluster \(cluster) does not exist.")
        }
        return context
    }

    private static func noCommand(_ id: String) -> WorkspaceError {
        WorkspaceError(.resourceDoesNotExist, "CommandNotFound: the command \(id.prefix(64)) does not exist.")
    }
}
