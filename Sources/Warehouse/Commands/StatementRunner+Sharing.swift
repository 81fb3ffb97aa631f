import Columnar
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE, ALTER and DROP of shares, recipients and providers.
extension StatementRunner {
    func createShare(_ create: CreateShare) throws(SQLError) -> ResultSet {
        let name = try catalogName(create.name)
        return try changeSharing(unless: create.ifNotExists ? .shareAlreadyExists : nil) {
            try workspace.catalogObjects(.share).create(CatalogObjectSpec(name: name, comment: create.comment), by: principal)
        }
    }

    func createRecipient(_ create: CreateRecipient) throws(SQLError) -> ResultSet {
        var spec = CatalogObjectSpec(name: try catalogName(create.name), comment: create.comment)
        spec.fields["authentication_type"] = create.identifier == nil ? "TOKEN" : "DATABRICKS"
        spec.fields["data_recipient_global_metastore_id"] = create.identifier.map { .string($0) }
        if !create.properties.isEmpty {
            spec.fields["properties_kvpairs"] = ["properties": .members(create.properties.map { ($0.key, .string($0.value ?? "")) })]
        }
        return try changeSharing { [spec] in
            // A sharing identifier that another recipient has is an error all the same.
            if create.ifNotExists, try workspace.catalogObjects(.recipient).list(by: .system).contains(where: { $0.name == spec.name }) { return }
            _ = try workspace.recipients.create(spec, expiresAt: nil, by: principal)
        }
    }

    func dropSharing(_ drop: Drop, _ type: SecurableType) throws(SQLError) -> ResultSet {
        let name = try catalogName(drop.name)
        return try changeSharing(unless: drop.ifExists ? type.missing : nil) {
            try workspace.catalogObjects(type).delete(name, force: true, by: principal)
        }
    }

    func alterSharing(_ alter: Alter, _ type: SecurableType) throws(SQLError) -> ResultSet {
        let name = try catalogName(alter.name)
        var change = CatalogObjectChange()
        switch alter.action {
        case .share(let change):
            let (action, object) = try sharedObject(change)
            return try changeSharing(about: object.name) {
                _ = try workspace.shares.update(name, CatalogObjectChange(), [Shares.ObjectChange(action, object)], by: principal)
            }
        case .rename(let new): change.name = try catalogName(new)
        case .setOwner(let owner): change.owner = owner.text
        case .setComment(let comment): change.comment = comment ?? ""
        case .setProperties(let properties) where type == .recipient:
            return try changeProperties(of: name) { known in
                for property in properties { known[property.key] = .string(property.value ?? "") }
            }
        case .unsetProperties(let keys, let ifExists) where type == .recipient:
            return try changeProperties(of: name) { known in
                for key in keys {
                    guard ifExists || known[key] != nil else {
                        throw WorkspaceError.unityCatalog(.invalidParameterValue, "Recipient '\(name)' has no property '\(key)'.")
                    }
                    known[key] = nil
                }
            }
        default: throw .notSimulated("this form of ALTER \(alter.kind.rawValue)")
        }
        return try changeSharing { [change] in _ = try workspace.catalogObjects(type).update(name, change, by: principal) }
    }

    private func changeProperties(of name: String, _ body: (inout JSONObject) throws -> Void) throws(SQLError) -> ResultSet {
        try changeSharing {
            try workspace.catalogObjects(.recipient).change(name, rpc: "UpdateRecipient", by: principal) { fields in
                var known = fields["properties_kvpairs"]?.objectValue?["properties"]?.objectValue ?? JSONObject()
                try body(&known)
                fields["properties_kvpairs"] = ["properties": .object(known)]
            }
        }
    }

    // MARK: Objects of a share

    private func sharedObject(_ change: ShareChange) throws(SQLError) -> (Shares.Action, SharedObject) {
        var members = JSONObject()
        let kind: SharedObject.Kind =
            switch change.kind {
            case .view: .view
            case .materializedView: .materializedView
            case .streamingTable: .streamingTable
            case .schema: .schema
            case .volume: .volume
            case .model: .model
            case .function: .function
            default: .table
            }
        members["name"] = .string(kind == .schema ? try schemaName(change.name).description : try objectName(change.name).description)
        members["data_object_type"] = .string(kind.rawValue)
        members["comment"] = change.comment.map { .string($0) }
        if let alias = change.alias {
            // A name alone is one in the session's schema.
            let names = alias.names.count == 1 && kind != .schema ? [session.current.schema] + alias.names : alias.names
            members[kind.isRelation || kind == .schema ? "shared_as" : "string_shared_as"] = .string(names.joined(separator: "."))
        }
        if let partitions = change.partitions {
            members["partitions"] = .array(
                try partitions.map { conditions throws(SQLError) -> JSONValue in try self.partition(conditions) })
        }
        // Tables are shared with their history if nothing else is said (Databricks Runtime 16.2 and above).
        let isNewTable = change.verb == .add && kind == .table
        if let history = change.history ?? (isNewTable ? change.partitions == nil : nil) {
            members["history_data_sharing_status"] = history ? "ENABLED" : "DISABLED"
        }
        let action: Shares.Action =
            switch change.verb {
            case .add: .add
            case .alter: .update
            case .remove: .remove
            }
        return (action, SharedObject(members))
    }

    private func partition(_ conditions: [ShareChange.Condition]) throws(SQLError) -> JSONValue {
        var values: [JSONValue] = []
        for condition in conditions {
            var one = JSONObject([("name", .string(condition.column.text)), ("op", condition.isPattern ? "LIKE" : "EQUAL")])
            switch condition.operand {
            case .property(let key): one["recipient_property_key"] = .string(key)
            case .value(let expression):
                let constant = try QueryEngine.evaluate(expression, catalog: catalog, parameters: try parameters(), context: context)
                let column = try Cast.cast(Column(constant.type, of: [constant.value]), to: .text, mode: .ansi, context)
                guard case .string(let text) = column.value(at: 0) else {
                    throw SQLError(
                        .catalogRequestRefused,
                        ["code": "INVALID_PARAMETER_VALUE", "message": "A partition's value must not be NULL: \(condition.column.text)."])
                }
                one["value"] = .string(text)
            }
            values.append(.object(one))
        }
        return ["values": .array(values)]
    }

    // MARK: Parts

    /// Runs a change; `harmless` is a refusal that is none here. Messages are those of the service, but for relations that are missing.
    func changeSharing(
        about relation: String = "", unless harmless: ErrorCode? = nil, _ body: () throws -> Void
    ) throws(SQLError) -> ResultSet {
        do {
            try body()
        } catch let error as WorkspaceError where error.code == harmless {
            return .none
        } catch let error as WorkspaceError where error.code == .resourceDoesNotExist || error.code == .resourceAlreadyExists {
            throw SQLError(.catalogRequestRefused, ["code": error.code.rawValue, "message": error.message])
        } catch {
            return try onCatalog(relation.split(separator: ".").map(String.init)) { throw error }
        }
        return .none
    }
}

extension SecurableType {
    fileprivate var missing: ErrorCode {
        switch self {
        case .recipient: .recipientDoesNotExist
        case .provider: .providerDoesNotExist
        default: .shareDoesNotExist
        }
    }
}
