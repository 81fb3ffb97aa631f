import HTTPTypes
import JSON
import Warehouse
import Workspace

/// What recipients call: the open Delta Sharing protocol, `/api/2.0/delta-sharing/metastores/{metastore_id}`.
package enum DeltaSharingAPI: APIGroup {
    package static let operations = [
        listShares, getShare, listSchemas, listTables, listAllTables, tableVersion, oldTableVersion, tableMetadata, queryTable, tableChanges,
    ]

    static let prefix = "/api/2.0/delta-sharing/metastores"
    private static let root = "\(prefix)/{metastore_id}"
    private static let tablePath = "\(root)/shares/{share}/schemas/{schema}/tables/{table}"

    // MARK: Lists

    static let listShares = recipients("list_shares", .get, "\(root)/shares") { call, reader in
        let rows = try call.workspace.shares.list(for: reader.recipient)
        return try list(rows, key: \.name, "shares", call) { ["name": .string($0.name), "id": .string($0.id)] }
    }

    static let getShare = recipients("get_share", .get, "\(root)/shares/{share}") { call, reader in
        let share = try share(call, reader)
        return .json(["share": ["name": .string(share.name), "id": .string(share.id)]])
    }

    static let listSchemas = recipients("list_schemas", .get, "\(root)/shares/{share}/schemas") { call, reader in
        let share = try share(call, reader)
        let names = try SharedTables(share, in: call.workspace).schemas
        return try list(names, key: \.self, "schemas/\(share.id)", call) { ["name": .string($0), "share": .string(share.name)] }
    }

    static let listTables = recipients("list_tables", .get, "\(root)/shares/{share}/schemas/{schema}/tables") { call, reader in
        let share = try share(call, reader)
        let all = try SharedTables(share, in: call.workspace)
        let schema = try call.path("schema").lowercased()
        guard all.schemas.contains(schema) else { throw missing("Schema", "\(share.name).\(schema)") }
        return try list(all.tables.filter { $0.schema == schema }, key: \.name, "tables/\(share.id)/\(schema)", call) { item($0) }
    }

    static let listAllTables = recipients("list_all_tables", .get, "\(root)/shares/{share}/all-tables") { call, reader in
        let share = try share(call, reader)
        let all = try SharedTables(share, in: call.workspace)
        return try list(all.tables, key: { "\($0.schema).\($0.name)" }, "all-tables/\(share.id)", call) { item($0) }
    }

    private static func item(_ table: SharedTable) -> JSONValue {
        [
            "name": .string(table.name), "schema": .string(table.schema), "share": .string(table.share.name), "shareId": .string(table.share.id),
            "id": .string(table.id),
        ]
    }

    private static func list<Row>(
        _ rows: [Row], key: (Row) -> String, _ scope: String, _ call: Call, _ item: (Row) -> JSONValue
    ) throws -> Reply {
        let paging = try Paging(call, list: "sharing/\(scope)", pageSize: 500, sizeName: "maxResults", tokenName: "pageToken")
        let rest = paging.rest(rows, key: key)
        let page = paging.limit.map { rest.prefix($0) } ?? rest[...]
        var body = JSONObject([("items", .array(page.map(item)))])
        if let token = paging.nextToken(page: page, rows: rest, key: key) { body["nextPageToken"] = .string(token) }
        return .json(.object(body))
    }

    // MARK: Tables

    static let tableVersion = recipients("table_version", .get, "\(tablePath)/version") { call, reader in try await version(call, reader) }
    static let oldTableVersion = recipients("table_version", .head, tablePath) { call, reader in try await version(call, reader) }

    private static func version(_ call: Call, _ reader: ShareReader) async throws -> Reply {
        let version = try await table(call, reader).version(startingAt: try call.query.string("startingTimestamp").map { try time($0) })
        return Reply(headers: [.tableVersion: String(version)])
    }

    static let tableMetadata = recipients("table_metadata", .get, "\(tablePath)/metadata") { call, reader in
        var request = try request(call)
        request.version = try call.query.int("version")
        request.timestamp = try call.query.string("timestamp").map { try time($0) }
        return try lines(await table(call, reader).metadata(request), call)
    }

    static let queryTable = recipients("query_table", .post, "\(tablePath)/query") { call, reader in
        let body = try call.fields()
        var request = try request(call)
        request.version = try body.int(optional: "version")
        request.timestamp = try body.string(optional: "timestamp").map { try time($0) }
        request.startingVersion = try body.int(optional: "startingVersion")
        request.endingVersion = try body.int(optional: "endingVersion")
        request.limit = try body.int(optional: "limitHint")
        request.predicate = try body.string(optional: "jsonPredicateHints")
        request.hasPredicates = try !(body.strings(optional: "predicateHints") ?? []).isEmpty || request.predicate != nil
        request.maxFiles = try body.int(optional: "maxFiles")
        request.pageToken = try body.string(optional: "pageToken").flatMap { $0.isEmpty ? nil : $0 }
        request.includesRefreshToken = try body.bool(optional: "includeRefreshToken") ?? false
        request.refreshToken = try body.string(optional: "refreshToken").flatMap { $0.isEmpty ? nil : $0 }
        return try lines(await table(call, reader).query(request), call)
    }

    static let tableChanges = recipients("table_changes", .get, "\(tablePath)/changes") { call, reader in
        var request = try request(call)
        request.startingVersion = try call.query.int("startingVersion")
        request.endingVersion = try call.query.int("endingVersion")
        request.startingTimestamp = try call.query.string("startingTimestamp").map { try time($0) }
        request.endingTimestamp = try call.query.string("endingTimestamp").map { try time($0) }
        request.maxFiles = try call.query.int("maxFiles")
        request.pageToken = call.query.string("pageToken").flatMap { $0.isEmpty ? nil : $0 }
        request.includesHistoricalMetadata = try call.query.bool("includeHistoricalMetadata") ?? false
        return try lines(await table(call, reader).changeFeed(request), call)
    }

    // MARK: Parts

    private static func share(_ call: Call, _ reader: ShareReader) throws -> CatalogObject {
        let name = try call.path("share").lowercased()
        let shares = try call.workspace.shares.list(for: reader.recipient)
        guard let share = shares.first(where: { $0.name == name }) else { throw missing("Share", name) }
        return share
    }

    private static func table(_ call: Call, _ reader: ShareReader) async throws -> SharedTableReader {
        let share = try share(call, reader)
        let (schema, name) = (try call.path("schema").lowercased(), try call.path("table").lowercased())
        let table = try SharedTables(share, in: call.workspace).tables.first { $0.schema == schema && $0.name == name }
        guard let table else { throw missing("Table", "\(share.name).\(schema).\(name)") }
        let location = table.info.type.isView ? try await call.tenant.sql.materialize(table) : nil
        return try SharedTableReader(table, call.tenant.sql, by: reader, at: location)
    }

    private static func missing(_ kind: String, _ name: String) -> WorkspaceError {
        WorkspaceError(
            .resourceDoesNotExist, "\(kind) '\(name.prefix(512))' does not exist, please contact your share provider for further information.")
    }

    private static func time(_ text: String) throws(WorkspaceError) -> Int64 {
        guard let micros = RFC3339.micros(text) else { throw .invalid("Invalid timestamp '\(text.prefix(64))': it must be as 2022-01-01T00:00:00Z.") }
        return micros
    }

    /// What `delta-sharing-capabilities` says: `responseformat=delta,parquet;readerfeatures=deletionvectors`.
    private static func request(_ call: Call) throws -> SharedTableRequest {
        var request = SharedTableRequest()
        request.base = call.baseURL
        for part in (call.headers[.capabilities] ?? "").lowercased().split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1).map { $0.split(separator: " ").joined() }
            guard pair.count == 2 else { continue }
            let values = pair[1].split(separator: ",").map(String.init)
            switch pair[0] {
            case "responseformat":
                let formats = values.compactMap(SharedTableRequest.Format.init)
                guard !formats.isEmpty else {
                    throw WorkspaceError.invalid("Incompatible response format(s): \(pair[1].prefix(100)), supported are parquet and delta.")
                }
                request.formats = formats
            case "readerfeatures": request.readerFeatures = Set(values)
            case "includeendstreamaction": request.endsStream = pair[1] == "true"
            default: break
            }
        }
        return request
    }

    private static func lines(_ reply: SharedTableReply, _ call: Call) throws -> Reply {
        let ends = call.headers[.capabilities]?.lowercased().contains("includeendstreamaction=true") == true
        var answer = Reply(body: .bytes(reply.lines, contentType: "application/x-ndjson; charset=utf-8"))
        answer.headers[.tableVersion] = String(reply.version)
        answer.headers[.capabilities] = "responseformat=\(reply.format.rawValue)" + (ends ? ";includeEndStreamAction=true" : "")
        return answer
    }

    /// An operation of recipients: its caller is known by a token of the share's own, and its errors have the protocol's shape.
    private static func recipients(
        _ name: String, _ method: HTTPRequest.Method, _ path: String,
        _ handler: @escaping @Sendable (Call, ShareReader) async throws -> Reply
    ) -> Operation {
        // The endpoint of a recipient with tokens of its own issuer names the recipient, too.
        let named = path.replacing("{metastore_id}", with: "{metastore_id}/recipients/{recipient_id}")
        return Operation("delta_sharing.\(name)", method, path, aliases: [named], access: .open) { call -> Reply in
            // Away from the connections' own threads: logs are read.
            await Task.yield()
            do {
                return try await handler(call, try await reader(call))
            } catch let error as WorkspaceError {
                let body: JSONValue = ["errorCode": .string(error.code.rawValue), "message": .string(error.message)]
                return Reply(status: error.status, body: .json(body))
            }
        }
    }

    /// Who comes with a token of a recipient's own identity provider.
    private static func federated(_ token: String, _ call: Call) async throws -> ShareReader {
        let recipient = try? call.path("recipient_id").lowercased()
        var keys: [String: JSONValue] = [:]
        while true {
            switch try call.workspace.recipients.reader(federated: token, recipient: recipient, keys: keys) {
            case .reader(let reader): return reader
            case .refused(let reason): throw WorkspaceError(.unauthenticated, reason)
            case .noAudience(let policy):
                throw WorkspaceError(
                    .notImplemented, "Federation policy '\(policy)' has no audiences: whom its tokens must be for then is not simulated.")
            case .needsKeys(let issuer):
                guard keys[issuer] == nil, let found = await call.workspace.credentials.issuerKeys?.keys(of: issuer, at: nil) else {
                    throw WorkspaceError(
                        .notImplemented,
                        "Keys of the issuer '\(issuer.prefix(256))' are not fetched: they are from loopback addresses alone."
                    )
                }
                keys[issuer] = found
            }
        }
    }

    private static func reader(_ call: Call) async throws -> ShareReader {
        let header = call.headers[.authorization] ?? ""
        guard header.lowercased().hasPrefix("bearer "), header.utf8.count < 4096 else {
            throw WorkspaceError(.unauthenticated, "Request to the sharing server has no bearer token.")
        }
        let token = String(header.dropFirst(7)).filter { $0 != " " }
        let reader: ShareReader
        if let found = try call.workspace.recipients.reader(token: token) {
            reader = found
            if let id = try? call.path("recipient_id"), id.lowercased() != reader.recipient.id {
                throw WorkspaceError(.permissionDenied, "The bearer token is not of the recipient that the endpoint names.")
            }
        } else {
            reader = try await federated(token, call)
        }
        let metastore = try call.workspace.metastore
        guard try call.path("metastore_id").lowercased() == metastore.id else { throw missing("Metastore", try call.path("metastore_id")) }
        guard metastore.details["delta_sharing_scope"]?.stringValue == "INTERNAL_AND_EXTERNAL" else {
            throw WorkspaceError(.permissionDenied, "External Delta Sharing is not enabled on the provider's metastore.")
        }
        let ranges = (reader.recipient.fields["ip_access_list"]?["allowed_ip_addresses"]?.arrayValue ?? []).compactMap {
            $0.stringValue.flatMap(IPRange.init)
        }
        guard ranges.isEmpty || call.clientAddress.map({ address in ranges.contains { $0.contains(address) } }) == true else {
            throw WorkspaceError(.permissionDenied, "Source IP address \(call.clientAddress ?? "") is not on the recipient's IP access list.")
        }
        return reader
    }
}

extension HTTPField.Name {
    fileprivate static let tableVersion = HTTPField.Name("Delta-Table-Version")!
    fileprivate static let capabilities = HTTPField.Name("delta-sharing-capabilities")!
}
