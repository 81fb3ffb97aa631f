/// A Databricks `error_code`, with the HTTP status it has unless an API group says otherwise.
/// Values: the platform's code enum and the Unity Catalog kinds beside it; clients choose their exception by code first, then by status.
package enum ErrorCode: String, Sendable, CaseIterable {
    case aborted = "ABORTED"
    case alreadyExists = "ALREADY_EXISTS"
    case badRequest = "BAD_REQUEST"
    case cancelled = "CANCELLED"
    case catalogAlreadyExists = "CATALOG_ALREADY_EXISTS"
    case catalogDoesNotExist = "CATALOG_DOES_NOT_EXIST"
    case catalogNotEmpty = "CATALOG_NOT_EMPTY"
    case couldNotAcquireLock = "COULD_NOT_ACQUIRE_LOCK"
    case customerUnauthorized = "CUSTOMER_UNAUTHORIZED"
    case dacAlreadyExists = "DAC_ALREADY_EXISTS"
    case dacDoesNotExist = "DAC_DOES_NOT_EXIST"
    case dataLoss = "DATA_LOSS"
    case deadlineExceeded = "DEADLINE_EXCEEDED"
    case deploymentTimeout = "DEPLOYMENT_TIMEOUT"
    case directoryNotEmpty = "DIRECTORY_NOT_EMPTY"
    case directoryProtected = "DIRECTORY_PROTECTED"
    case dryRunFailed = "DRY_RUN_FAILED"
    case endpointNotFound = "ENDPOINT_NOT_FOUND"
    case externalLocationAlreadyExists = "EXTERNAL_LOCATION_ALREADY_EXISTS"
    case externalLocationDoesNotExist = "EXTERNAL_LOCATION_DOES_NOT_EXIST"
    case featureDisabled = "FEATURE_DISABLED"
    case functionAlreadyExists = "FUNCTION_ALREADY_EXISTS"
    case functionDoesNotExist = "FUNCTION_DOES_NOT_EXIST"

    case internalError = "INTERNAL_ERROR"
    case invalidParameterValue = "INVALID_PARAMETER_VALUE"
    case invalidState = "INVALID_STATE"
    case invalidStateTransition = "INVALID_STATE_TRANSITION"
    case ioError = "IO_ERROR"
    case malformedRequest = "MALFORMED_REQUEST"
    case maxBlockSizeExceeded = "MAX_BLOCK_SIZE_EXCEEDED"
    case maxChildNodeSizeExceeded = "MAX_CHILD_NODE_SIZE_EXCEEDED"
    case maxListSizeExceeded = "MAX_LIST_SIZE_EXCEEDED"
    case maxNotebookSizeExceeded = "MAX_NOTEBOOK_SIZE_EXCEEDED"
    case maxReadSizeExceeded = "MAX_READ_SIZE_EXCEEDED"
    case metastoreAlreadyExists = "METASTORE_ALREADY_EXISTS"
    case metastoreDoesNotExist = "METASTORE_DOES_NOT_EXIST"
    case metastoreNotEmpty = "METASTORE_NOT_EMPTY"
    case notFound = "NOT_FOUND"
    case notImplemented = "NOT_IMPLEMENTED"
    case partialDelete = "PARTIAL_DELETE"
    case permissionDenied = "PERMISSION_DENIED"
    case permissionNotPropagated = "PERMISSION_NOT_PROPAGATED"
    case principalDoesNotExist = "PRINCIPAL_DOES_NOT_EXIST"
    case providerAlreadyExists = "PROVIDER_ALREADY_EXISTS"
    case providerDoesNotExist = "PROVIDER_DOES_NOT_EXIST"
    case providerShareNotAccessible = "PROVIDER_SHARE_NOT_ACCESSIBLE"
    case quotaExceeded = "QUOTA_EXCEEDED"
    case recipientAlreadyExists = "RECIPIENT_ALREADY_EXISTS"
    case recipientDoesNotExist = "RECIPIENT_DOES_NOT_EXIST"
    case requestLimitExceeded = "REQUEST_LIMIT_EXCEEDED"
    case resourceAlreadyExists = "RESOURCE_ALREADY_EXISTS"
    case resourceConflict = "RESOURCE_CONFLICT"
    case resourceDoesNotExist = "RESOURCE_DOES_NOT_EXIST"
    case resourceExhausted = "RESOURCE_EXHAUSTED"
    case resourceLimitExceeded = "RESOURCE_LIMIT_EXCEEDED"
    case schemaAlreadyExists = "SCHEMA_ALREADY_EXISTS"
    case schemaDoesNotExist = "SCHEMA_DOES_NOT_EXIST"
    case schemaNotEmpty = "SCHEMA_NOT_EMPTY"
    case serviceUnderMaintenance = "SERVICE_UNDER_MAINTENANCE"
    case shareAlreadyExists = "SHARE_ALREADY_EXISTS"
    case shareDoesNotExist = "SHARE_DOES_NOT_EXIST"
    case storageCredentialAlreadyExists = "STORAGE_CREDENTIAL_ALREADY_EXISTS"
    case storageCredentialDoesNotExist = "STORAGE_CREDENTIAL_DOES_NOT_EXIST"
    case tableAlreadyExists = "TABLE_ALREADY_EXISTS"
    case tableDoesNotExist = "TABLE_DOES_NOT_EXIST"
    case temporarilyUnavailable = "TEMPORARILY_UNAVAILABLE"
    case unauthenticated = "UNAUTHENTICATED"
    case unavailable = "UNAVAILABLE"
    case unknown = "UNKNOWN"
    case unsupportedOperation = "UNSUPPORTED_OPERATION"

    case workspaceTemporarilyUnavailable = "WORKSPACE_TEMPORARILY_UNAVAILABLE"
    case cassetteMiss = "CASSETTE_MISS"

    package var status: Int {
        switch self {
        case .customerUnauthorized, .unauthenticated:
            401
        case .featureDisabled, .permissionDenied, .permissionNotPropagated, .providerShareNotAccessible:
            403
        case .catalogDoesNotExist, .dacDoesNotExist, .endpointNotFound, .externalLocationDoesNotExist, .functionDoesNotExist,
            .metastoreDoesNotExist, .notFound, .principalDoesNotExist, .providerDoesNotExist, .recipientDoesNotExist, .resourceDoesNotExist,
            .schemaDoesNotExist, .shareDoesNotExist, .storageCredentialDoesNotExist, .tableDoesNotExist, .cassetteMiss:
            404
        case .aborted, .alreadyExists, .resourceAlreadyExists, .resourceConflict:
            409
        case .quotaExceeded, .requestLimitExceeded, .resourceExhausted:
            429
        case .cancelled:
            499
        case .dataLoss, .internalError, .ioError, .unknown:
            500
        case .notImplemented:
            501
        case .serviceUnderMaintenance, .temporarilyUnavailable, .unavailable, .workspaceTemporarilyUnavailable:
            503
        case .deadlineExceeded, .deploymentTimeout:
            504
        default:
            400
        }
    }
}
