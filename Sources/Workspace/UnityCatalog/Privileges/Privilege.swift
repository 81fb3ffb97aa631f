/// What may be granted on the objects of Unity Catalog: the values of the API's enumeration `Privilege`.
package enum Privilege: String, Sendable, Hashable, CaseIterable {
    case access = "ACCESS"
    case allPrivileges = "ALL_PRIVILEGES"
    case applyTag = "APPLY_TAG"
    case browse = "BROWSE"
    case create = "CREATE"
    case createCatalog = "CREATE_CATALOG"
    case createCleanRoom = "CREATE_CLEAN_ROOM"
    case createConnection = "CREATE_CONNECTION"
    case createExternalLocation = "CREATE_EXTERNAL_LOCATION"
    case createExternalTable = "CREATE_EXTERNAL_TABLE"
    case createExternalVolume = "CREATE_EXTERNAL_VOLUME"
    case createFeature = "CREATE_FEATURE"
    case createForeignCatalog = "CREATE_FOREIGN_CATALOG"
    case createForeignSecurable = "CREATE_FOREIGN_SECURABLE"
    case createFunction = "CREATE_FUNCTION"
    case createManagedStorage = "CREATE_MANAGED_STORAGE"
    case createMaterializedView = "CREATE_MATERIALIZED_VIEW"
    case createModel = "CREATE_MODEL"
    case createProvider = "CREATE_PROVIDER"
    case createRecipient = "CREATE_RECIPIENT"
    case createSchema = "CREATE_SCHEMA"
    /// The operations of secrets name this one and READ_SECRET; the published enumeration does not have them yet.
    case createSecret = "CREATE_SECRET"
    case createServiceCredential = "CREATE_SERVICE_CREDENTIAL"
    case createShare = "CREATE_SHARE"
    case createStorageCredential = "CREATE_STORAGE_CREDENTIAL"
    case createTable = "CREATE_TABLE"
    case createView = "CREATE_VIEW"
    case createVolume = "CREATE_VOLUME"
    case execute = "EXECUTE"
    case executeCleanRoomTask = "EXECUTE_CLEAN_ROOM_TASK"
    case externalUseLocation = "EXTERNAL_USE_LOCATION"
    case externalUseSchema = "EXTERNAL_USE_SCHEMA"
    case manage = "MANAGE"
    case manageAllowlist = "MANAGE_ALLOWLIST"
    case modify = "MODIFY"
    case modifyCleanRoom = "MODIFY_CLEAN_ROOM"
    case readFeature = "READ_FEATURE"
    case readFiles = "READ_FILES"
    case readMetadata = "READ_METADATA"
    case readPrivateFiles = "READ_PRIVATE_FILES"
    case readSecret = "READ_SECRET"
    case readVolume = "READ_VOLUME"
    case refresh = "REFRESH"
    case select = "SELECT"
    case setSharePermission = "SET_SHARE_PERMISSION"
    case usage = "USAGE"
    case useCatalog = "USE_CATALOG"
    case useConnection = "USE_CONNECTION"
    case useMarketplaceAssets = "USE_MARKETPLACE_ASSETS"
    case useProvider = "USE_PROVIDER"
    case useRecipient = "USE_RECIPIENT"
    case useSchema = "USE_SCHEMA"
    case useShare = "USE_SHARE"
    case writeFiles = "WRITE_FILES"
    case writePrivateFiles = "WRITE_PRIVATE_FILES"
    case writeVolume = "WRITE_VOLUME"

    /// The form of SQL and of messages: `USE CATALOG`.
    package var words: String { rawValue.split(separator: "_").joined(separator: " ") }

    /// From either form, in any case.
    package init?(words: String) {
        self.init(rawValue: words.uppercased().split { $0 == " " || $0 == "_" }.joined(separator: "_"))
    }

    /// What the words of the older privilege model mean on an object of this type.
    func current(for type: SecurableType) -> Privilege {
        switch (self, type) {
        case (.usage, .catalog): .useCatalog
        case (.usage, .schema): .useSchema
        case (.create, .catalog): .createSchema
        case (.create, .schema): .createTable
        default: self
        }
    }

    /// Position in the enumeration, for `PrivilegeSet`.
    fileprivate var bit: UInt64 { Privilege.bits[self] ?? 0 }

    private static let bits: [Privilege: UInt64] = Dictionary(
        uniqueKeysWithValues: allCases.enumerated().map { ($1, UInt64(1) << UInt64($0)) })

    /// What reads or changes data: the owner of a parent object has it only by a grant, unlike all else.
    package var concernsData: Bool {
        switch self {
        case .select, .modify, .execute, .readSecret, .readVolume, .writeVolume, .readFiles, .writeFiles, .externalUseSchema, .externalUseLocation,
            .access:
            true
        default: false
        }
    }

    /// What a read-only binding keeps from the object and from all that is in it.
    var writes: Bool {
        switch self {
        case .modify, .writeVolume, .writeFiles, .writePrivateFiles, .refresh: true
        default: rawValue.hasPrefix("CREATE")
        }
    }

    /// What `ALL PRIVILEGES` does not include.
    static let beyondAll: PrivilegeSet = [.manage, .externalUseSchema, .externalUseLocation]
}

/// A set of privileges in one word.
package struct PrivilegeSet: Sendable, Hashable, ExpressibleByArrayLiteral {
    private var bits: UInt64 = 0

    package init() {}
    package init(_ privileges: some Sequence<Privilege>) { for privilege in privileges { insert(privilege) } }
    package init(arrayLiteral elements: Privilege...) { self.init(elements) }

    package var isEmpty: Bool { bits == 0 }
    package func contains(_ privilege: Privilege) -> Bool { bits & privilege.bit != 0 }
    package mutating func insert(_ privilege: Privilege) { bits |= privilege.bit }
    package mutating func formUnion(_ other: PrivilegeSet) { bits |= other.bits }

    /// Whether a holder of this set has a privilege: by itself, or by `ALL PRIVILEGES`.
    package func grants(_ privilege: Privilege) -> Bool {
        contains(privilege) || contains(.allPrivileges) && !Privilege.beyondAll.contains(privilege)
    }

    /// By name.
    package var all: [Privilege] { Privilege.allCases.filter { contains($0) } }
}

extension SecurableType {
    /// What can be granted on objects of this type; nil: nothing, the type has no grants of its own.
    package func privileges(kind: String) -> [Privilege]? {
        switch self {
        case .metastore:
            [
                .createCatalog, .createCleanRoom, .createConnection, .createExternalLocation, .createProvider, .createRecipient,
                .createServiceCredential, .createShare, .createStorageCredential, .manageAllowlist, .setSharePermission,
                .useMarketplaceAssets, .useProvider, .useRecipient, .useShare,
            ]
        case .catalog: SecurableType.inSchemas + [.browse, .createSchema, .useCatalog, .createForeignSecurable]
        case .schema: SecurableType.inSchemas
        case .table:
            switch TableType(rawValue: kind) {
            case .view, .metricView: [.allPrivileges, .applyTag, .manage, .select]
            case .materializedView, .streamingTable: [.allPrivileges, .applyTag, .manage, .modify, .refresh, .select]
            default: [.allPrivileges, .applyTag, .manage, .modify, .select]
            }
        case .volume: [.allPrivileges, .applyTag, .manage, .readVolume, .writeVolume]
        case .function: [.allPrivileges, .applyTag, .execute, .manage]
        case .model: [.allPrivileges, .applyTag, .execute, .manage]
        case .externalLocation:
            [
                .allPrivileges, .browse, .createExternalTable, .createExternalVolume, .createForeignSecurable, .createManagedStorage,
                .externalUseLocation, .manage, .readFiles, .writeFiles,
            ]
        case .storageCredential: [.allPrivileges, .createExternalLocation, .createExternalTable, .manage, .readFiles, .writeFiles]
        case .credential: [.access, .allPrivileges, .createConnection, .manage]
        case .connection: [.allPrivileges, .createForeignCatalog, .manage, .useConnection]
        case .share: [.select, .manage]
        case .recipient, .provider: [.manage]
        case .externalMetadata: [.allPrivileges, .applyTag, .browse, .manage, .modify]
        case .secret: [.allPrivileges, .manage, .readSecret]
        case .staging: nil
        }
    }

    /// What a grant on a schema gives to what is in it, and what it lets be made there.
    private static let inSchemas: [Privilege] = [
        .allPrivileges, .applyTag, .createFeature, .createFunction, .createMaterializedView, .createModel, .createSecret, .createTable, .createView,
        .createVolume, .execute, .externalUseSchema, .manage, .modify, .readFeature, .readSecret, .readVolume, .refresh, .select, .useSchema,
        .writeVolume,
    ]

    /// What an owner has on the object itself, of `privilege`.
    package func allows(_ privilege: Privilege, kind: String = "") -> Bool { privileges(kind: kind)?.contains(privilege) ?? false }
}
