/// The kinds of objects that Unity Catalog governs, as its errors name them.
package enum SecurableType: String, Sendable, Hashable {
    case metastore = "METASTORE"
    case catalog = "CATALOG"
    case schema = "SCHEMA"
    case table = "TABLE"
    case volume = "VOLUME"
    case function = "FUNCTION"
    case model = "MODEL"
    case storageCredential = "STORAGE_CREDENTIAL"
    /// A service credential
    case credential = "CREDENTIAL"
    case externalLocation = "EXTERNAL_LOCATION"
    case connection = "CONNECTION"
    case share = "SHARE"
    case recipient = "RECIPIENT"
    case provider = "PROVIDER"
    case externalMetadata = "EXTERNAL_METADATA"
    case secret = "SECRET"
    case staging = "STAGING_TABLE"

    /// As it stands in a path, in any case, with the words that other parts of the API use.
    package init?(path: String) {
        switch path.uppercased() {
        case "REGISTERED_MODEL": self = .model
        case "SERVICE_CREDENTIAL": self = .credential
        case "VIEW", "MATERIALIZED_VIEW": self = .table
        case let word: self.init(rawValue: word)
        }
    }

    /// How many parts a full name has.
    package var nameParts: Int {
        switch self {
        case .schema: 2
        case .table, .volume, .function, .model, .secret, .staging: 3
        default: 1
        }
    }

    /// The word in messages: `Schema 'main.s' does not exist.`
    package var title: String {
        switch self {
        case .metastore: "Metastore"
        case .catalog: "Catalog"
        case .schema: "Schema"
        case .table: "Table"
        case .volume: "Volume"
        case .function: "Function"
        case .model: "Registered Model"
        case .storageCredential: "Storage Credential"
        case .credential: "Credential"
        case .externalLocation: "External Location"
        case .connection: "Connection"
        case .share: "Share"
        case .recipient: "Recipient"
        case .provider: "Provider"
        case .externalMetadata: "External Metadata"
        case .secret: "Secret"
        case .staging: "Staging Table"
        }
    }

    var missingCode: ErrorCode {
        switch self {
        case .metastore: .metastoreDoesNotExist
        case .catalog: .catalogDoesNotExist
        case .schema: .schemaDoesNotExist
        case .table: .tableDoesNotExist
        case .volume: .resourceDoesNotExist
        case .function: .functionDoesNotExist
        case .storageCredential, .credential: .storageCredentialDoesNotExist
        case .externalLocation: .externalLocationDoesNotExist
        case .share: .shareDoesNotExist
        case .recipient: .recipientDoesNotExist
        case .provider: .providerDoesNotExist
        case .model, .connection, .externalMetadata, .secret, .staging: .resourceDoesNotExist
        }
    }

    var existsCode: ErrorCode {
        switch self {
        case .metastore: .metastoreAlreadyExists
        case .catalog: .catalogAlreadyExists
        case .schema: .schemaAlreadyExists
        case .table: .tableAlreadyExists
        case .volume: .resourceAlreadyExists
        case .function: .functionAlreadyExists
        case .storageCredential, .credential: .storageCredentialAlreadyExists
        case .externalLocation: .externalLocationAlreadyExists
        case .share: .shareAlreadyExists
        case .recipient: .recipientAlreadyExists
        case .provider: .providerAlreadyExists
        case .model, .connection, .externalMetadata, .secret, .staging: .resourceAlreadyExists
        }
    }
}

/// Unity Catalog's errors. The service names its own remote procedures (`CreateSchema`) in some of them.
extension WorkspaceError {
    package static func unityCatalog(_ code: ErrorCode, _ message: String, metadata: [(key: String, value: String)] = []) -> Self {
        WorkspaceError(code, message, info: Info(reason: code.rawValue, domain: "unity-catalog.databricks.com", metadata: metadata))
    }

    package static func noSuch(_ type: SecurableType, _ fullName: String) -> Self {
        unityCatalog(type.missingCode, "\(type.title) '\(fullName)' does not exist.")
    }

    /// `name` is the object's own name, without its parents.
    package static func exists(_ type: SecurableType, _ name: String) -> Self {
        unityCatalog(type.existsCode, "\(type.title) '\(name)' already exists")
    }

    package static func invalidName(_ name: String, rpc: String, field: String) -> Self {
        unityCatalog(
            .invalidParameterValue,
            "Invalid input: RPC \(rpc) Field managedcatalog.\(field): name \"\(escaped(name))\" is not a valid name. "
                + "Valid names cannot contain spaces, periods, forward slashes, or control characters.")
    }

    package static func nothingToUpdate(_ rpc: String) -> Self { unityCatalog(.invalidParameterValue, "\(rpc) Nothing to update.") }

    package static func missingField(_ rpc: String, _ field: String) -> Self {
        unityCatalog(.invalidParameterValue, "\(rpc) Missing required field: \(field)")
    }

    /// Only owners of the object or of a parent, holders of MANAGE and the metastore's administrators may change it.
    package static func notOwner(of type: SecurableType, _ fullName: String) -> Self { noPrivilege("MANAGE", on: type, fullName) }

    package static func noPrivilege(_ privilege: String, on type: SecurableType, _ fullName: String) -> Self {
        unityCatalog(
            .permissionDenied, "User does not have \(privilege) on \(type.title) '\(fullName)'.",
            metadata: [("principalName", "User"), ("msg", privilege), ("resourceType", type.title), ("resourceName", fullName)])
    }

    package static func noSuchPrincipal(_ name: String) -> Self {
        unityCatalog(.principalDoesNotExist, "Could not find principal with name \(name.prefix(256))")
    }

    /// Quotes, backslashes and control characters as in a Go or Java literal; long names are cut.
    private static func escaped(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(300) {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "\\x" + IDGenerator.hexText(UInt64(scalar.value), digits: 2)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
