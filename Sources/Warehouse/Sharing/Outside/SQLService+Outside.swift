import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
package import Workspace

/// A share that a provider gives to this workspace, wherever the provider is.
package struct OfferedShare: Sendable {
    package let name: String
    package let id: String?
}

/// A table of such a share.
package struct OfferedTable: Sendable {
    package let schema: String
    package let name: String
    package let id: String?
}

/// Providers outside of this server, which are known by their credential file alone.
extension SQLService {
    /// The member of a provider's object that holds the credential file; it is shown to nobody.
    package static let profileMember = "profile"

    /// Nil for a provider among the server's own workspaces.
    func outsideServer(of provider: CatalogObject) throws -> SharingServer? {
        let kind = provider.fields["authentication_type"]?.stringValue
        guard kind != "DATABRICKS" else { return nil }
        guard kind == "TOKEN" || kind == "OAUTH_CLIENT_CREDENTIALS" else {
            throw WorkspaceError(
                .notImplemented, "Shares of provider '\(provider.name)' are not asked for: its credential is no token and no client's.")
        }
        guard let text = provider.fields[Self.profileMember]?.stringValue, let profile = try? SharingProfile(text) else {
            throw WorkspaceError.unityCatalog(
                .invalidState, "Provider '\(provider.name)' has no complete profile; please update its recipient_profile_str.")
        }
        guard let transport = neighbours.transport else {
            throw WorkspaceError(.notImplemented, "Shares of provider '\(provider.name)', which is outside of this server, are not asked for.")
        }
        return SharingServer(provider: provider.name, profile: profile, transport: transport, tokens: neighbours.tokens)
    }

    /// The same by name, with nobody's rights asked for; nil, too, if there is no such provider any more.
    func outsideServer(of provider: String) throws -> SharingServer? {
        guard let object = try? workspace.catalogObjects(.provider).get(provider, by: .system).object else { return nil }
        return try outsideServer(of: object)
    }

    /// The shares of a provider, by name, for who may see the provider.
    package func offeredShares(of provider: String, by principal: Principal) async throws -> [OfferedShare] {
        try discoverProviders()
        guard let server = try outsideServer(of: workspace.catalogObjects(.provider).get(provider, by: principal).object) else {
            return try receivedShares(of: provider, by: principal).map { OfferedShare(name: $0.share.name, id: $0.share.id) }
        }
        return try await Self.answered { try await server.shares().map { OfferedShare(name: $0.name, id: $0.id) } }
    }

    /// The tables of a share of a provider outside of this server; nil for another provider.
    package func offeredTables(
        of share: String, provider: String, by principal: Principal
    ) async throws -> (share: OfferedShare, tables: [OfferedTable])? {
        try discoverProviders()
        guard let server = try outsideServer(of: workspace.catalogObjects(.provider).get(provider, by: principal).object) else { return nil }
        return try await Self.answered {
            let found = try await server.share(share)
            let tables = try await server.tables(of: found.name)
            return (
                OfferedShare(name: found.name, id: found.id ?? tables.first?.shareID),
                tables.map { OfferedTable(schema: $0.schema, name: $0.name, id: $0.id) }
            )
        }
    }

    /// Makes a catalog over a share of any provider.
    @discardableResult
    package func createCatalog(_ spec: CatalogSpec, provider: String, share: String, by principal: Principal) async throws -> CatalogInfo {
        try discoverProviders()
        guard let server = try outsideServer(of: workspace.catalogObjects(.provider).get(provider, by: principal).object) else {
            return try createReceivedCatalog(spec, provider: provider, share: share, by: principal)
        }
        let found = try await Self.answered { try await server.share(share) }
        var spec = spec
        spec.share = (provider.lowercased(), found.name)
        let made = try workspace.catalogs.create(spec, by: principal)
        // The catalog is there; what is in it is asked for again whenever it is looked at.
        try? await refresh([made]) { _, _ in false }
        return made
    }

    /// Brings catalogs over shares outside of this server up to date: what is in them, and the columns of the tables that are wanted.
    package func refresh(_ catalogs: [CatalogInfo], columnsOf wanted: @Sendable (_ schema: String, _ table: String) -> Bool) async throws {
        for catalog in catalogs {
            guard let source = catalog.share, let server = try outsideServer(of: source.provider) else { continue }
            try await Self.answered {
                let schemas = try await server.schemas(of: source.share)
                var contents = Dictionary(uniqueKeysWithValues: Set(schemas).map { ($0, [Catalogs.ReceivedTable]()) })
                for table in try await server.tables(of: source.share) {
                    var received = Catalogs.ReceivedTable(name: table.name, type: .managed)
                    if wanted(table.schema, table.name) {
                        do {
                            let lines = try await server.metadata(of: table)
                            received.columns = try Self.columns(lines)
                            received.comment = .some(lines.metadata["description"]?.stringValue)
                        } catch let error as SharingFailure where [.refused, .notFound, .notSupported].contains(error.kind) {
                            // One table that cannot be read does not hide the others; whoever reads it is told.
                        }
                    }
                    contents[table.schema, default: []].append(received)
                }
                try workspace.catalogs.fill(
                    catalog, with: contents.sorted { $0.key < $1.key }.map { Catalogs.ReceivedSchema(name: $0.key, tables: $0.value) })
            }
        }
    }

    private static func columns(_ lines: SharingLines) throws -> ColumnList {
        do {
            guard let text = lines.metadata["schemaString"]?.stringValue else { return .none }
            let schema = try TableSchema(schemaString: text)
            return TableColumns.list(schema, partitionColumns: lines.metadata["partitionColumns"]?.arrayValue?.compactMap(\.stringValue) ?? [])
        } catch {
            throw SharingFailure(.malformed, "A table's schema is not one of Delta's.")
        }
    }

    /// The failures of the other side as errors of the API.
    private static func answered<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let failure as SharingFailure { throw failure.workspaceError }
    }
}

extension StatementRunner {
    /// Brings the catalogs over shares up to date that the statement may look into.
    func refreshReceived(for kind: SparkSyntax.Statement.Kind) throws(SQLError) {
        let outside = try onCatalog { try service.refreshReceived() }
        if outside.isEmpty { return }
        let state = session.current
        let words = ([text, state.catalog] + request.parameters.compactMap(\.value)).joined(separator: "\n").lowercased()
        let named = outside.filter { words.contains($0.name) }
        if named.isEmpty { return }
        let all = words.contains(Schemas.informationSchema)
        do throws(SQLError) {
            try catalog.outsideWait.run { [service] in try await service.refresh(named) { _, table in all || words.contains(table) } }
        } catch {
            try statement.cancellation.check()
            // What does not look into a catalog works without its provider: dropping it, for one.
            guard kind.looksIntoCatalogs else { return }
            throw error
        }
    }
}

extension SparkSyntax.Statement.Kind {
    fileprivate var looksIntoCatalogs: Bool {
        switch self {
        case .drop, .grant, .revoke, .alter, .comment, .use, .set, .createCatalog, .createShare, .createRecipient: false
        default: true
        }
    }
}
