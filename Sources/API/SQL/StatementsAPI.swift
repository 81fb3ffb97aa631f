import HTTPTypes
import JSON
import Warehouse
import Workspace

/// SQL statements: `/api/2.0/sql/statements`. Facts: API page "Statement Execution" and answers of the real service.
package enum StatementsAPI: APIGroup {
    package static let operations = [execute, get, chunk, cancel, close, download]

    /// 16 MiB, as the API page says.
    static let maxTextBytes = 16 << 20

    static let execute = Operation("sql.statements.execute", .post, "/api/2.0/sql/statements") { call -> Reply in
        var request = try StatementBody.request(call.fields())
        if try call.query.bool("dry_run") == true {
            return StatementReply.validated(try await call.tenant.sql.validate(request, as: call.principal))
        }
        request.client = call.headers[.userAgent].map { String($0.prefix(256)) }
        request.hooks = call.hooks
        request.baseURL = call.baseURL
        let statement = try call.tenant.sql.submit(request, as: call.principal)
        // Without a wait the answer is PENDING even if the work is done already: clients rely on it.
        if request.wait == .zero { return StatementReply.pending(statement.id) }
        await statement.wait(atMost: request.wait)
        if !statement.status.state.isFinal {
            switch request.onTimeout {
            case .cancel: statement.cancel(atMicros: call.workspace.environment.nowMicros)
            case .goOn: return StatementReply.pending(statement.id)
            }
        }
        return StatementReply.reply(statement, links: ResultLinks(call, statementID: statement.id))
    }

    static let get = Operation("sql.statements.get", .get, "/api/2.0/sql/statements/{statement_id}") { call -> Reply in
        let statement = try statement(call)
        return StatementReply.reply(statement, links: ResultLinks(call, statementID: statement.id))
    }

    static let chunk = Operation(
        "sql.statements.result_chunk", .get, "/api/2.0/sql/statements/{statement_id}/result/chunks/{chunk_index}"
    ) { call -> Reply in
        let statement = try statement(call)
        let index = try call.pathInt("chunk_index")
        guard let delivery = statement.status.delivery else {
            throw WorkspaceError(.notFound, "The statement \(statement.id) has no result to fetch.")
        }
        guard delivery.chunks.indices.contains(index) else { throw WorkspaceError.invalid("The chunk_index \(index) is out of bounds.") }
        return StatementReply.chunk(index, of: delivery, links: ResultLinks(call, statementID: statement.id))
    }

    /// Always `{}`, for ended and unknown statements too.
    static let cancel = Operation("sql.statements.cancel", .post, "/api/2.0/sql/statements/{statement_id}/cancel") { call -> Void in
        let id = try checkedID(call)
        call.tenant.sql.statement(id, for: call.principal)?.cancel(atMicros: call.workspace.environment.nowMicros)
    }

    static let close = Operation("sql.statements.close", .delete, "/api/2.0/sql/statements/{statement_id}") { call -> Void in
        let id = try checkedID(call)
        guard let statement = call.tenant.sql.statement(id, for: call.principal) else { return }
        statement.cancel(atMicros: call.workspace.environment.nowMicros)
        statement.close()
    }

    /// What an external link leads to: a chunk's bytes, by the link's signature alone.
    static let download = Operation("storage.results.get", .get, ResultLinks.path, access: .open) { call -> Reply in
        try ResultLinks.download(call)
    }

    private static func checkedID(_ call: Call) throws(WorkspaceError) -> String {
        let id = try call.path("statement_id")
        let groups = id.split(separator: "-", omittingEmptySubsequences: false)
        guard groups.map(\.utf8.count) == [8, 4, 4, 4, 12], groups.allSatisfy({ $0.utf8.allSatisfy(isHex) }) else {
            throw .invalid("Error while parsing type: statement_id.")
        }
        return id
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }

    private static func statement(_ call: Call) throws(WorkspaceError) -> Statement {
        let id = try checkedID(call)
        guard let statement = call.tenant.sql.statement(id, for: call.principal) else {
            throw WorkspaceError(.notFound, "The statement \(id) was not found.")
        }
        return statement
    }
}
