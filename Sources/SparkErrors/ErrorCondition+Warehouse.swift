/// Conditions that the SQL warehouse raises around the engine: Databricks' own, and refusals of what is not simulated.
extension ErrorCondition {
    package static let notSimulated = ErrorCondition(
        "UNSUPPORTED_FEATURE.NOT_SIMULATED", "0A000", "The feature is not supported: <feature> is not simulated.")
    package static let tooManyStatements = ErrorCondition(
        "WAREHOUSE_QUEUE_FULL", "53000", "Too many statements are waiting for this warehouse.")
    package static let invalidParameterMarkerDuplicateName = ErrorCondition(
        "INVALID_PARAMETER_MARKER_VALUE.DUPLICATE_NAME", "22023",
        "An invalid parameter mapping was provided: The parameter name <mark> is given twice.")
    package static let invalidParameterMarkerDataType = ErrorCondition(
        "INVALID_PARAMETER_MARKER_VALUE.INVALID_DATA_TYPE", "22023",
        "An invalid parameter mapping was provided: The data type <type> of the parameter <mark> is not supported.")
    package static let invalidParameterValueForType = ErrorCondition(
        "INVALID_PARAMETER_MARKER_VALUE.INVALID_VALUE_FOR_DATA_TYPE", "22023",
        "An invalid parameter mapping was provided: The value <value> of the parameter <name> cannot be cast to <type>.")
    package static let catalogAlreadyExists = ErrorCondition(
        "CATALOG_ALREADY_EXISTS", "42P06", "Cannot create catalog <catalogName> because it already exists.")
    package static let noSuchCatalog = ErrorCondition(
        "NO_SUCH_CATALOG_EXCEPTION", "42704", "Catalog <catalogName> was not found.")
    package static let catalogNotEmpty = ErrorCondition(
        "CATALOG_NOT_EMPTY", "2BP01", "Cannot drop a catalog <catalogName> because it contains objects. Use DROP CATALOG ... CASCADE.")
    package static let insufficientPermissions = ErrorCondition("INSUFFICIENT_PERMISSIONS", "42501", "Insufficient privileges:\n<report>")
    package static let configNotAvailable = ErrorCondition("CONFIG_NOT_AVAILABLE", "42K0I", "Configuration <config> is not available.")
    package static let volumeAlreadyExists = ErrorCondition(
        "VOLUME_ALREADY_EXISTS", "42000", "Cannot create volume <relationName> because it already exists.")
    package static let volumeNotFound = ErrorCondition(
        "UC_VOLUME_NOT_FOUND", "42704", "Volume <name> does not exist. Please use 'SHOW VOLUMES' to list available volumes.")
    package static let emptyLocalFile = ErrorCondition(
        "EMPTY_LOCAL_FILE_IN_STAGING_ACCESS_QUERY", "22023", "Empty local file in staging <operation> query.")
    package static let invalidStagingPath = ErrorCondition(
        "INVALID_STAGING_PATH_IN_STAGING_ACCESS_QUERY", "42604", "Invalid staging path in staging <operation> query: <path>.")
    package static let stagedFileExists = ErrorCondition(
        "FILE_IN_STAGING_PATH_ALREADY_EXISTS", "42K03", "File in staging path <path> already exists but OVERWRITE is not set.")
    package static let catalogRequestRefused = ErrorCondition("UC_REQUEST_REFUSED", "42000", "<code>: <message>")
    package static let deltaConflict = ErrorCondition("DELTA_CONCURRENT_WRITE", "2D521", "<message>")
    package static let inputOutput = ErrorCondition("IO_ERROR", "58030", "<message>")

    /// Databricks' conditions of row filters and column masks (page "ROW_COLUMN_ACCESS error condition").
    package static func rowColumnAccess(_ name: String, _ message: String) -> ErrorCondition {
        ErrorCondition("ROW_COLUMN_ACCESS." + name, "42000", message)
    }

    package static let sharingProviderName = "DELTA_SHARING_PROVIDER"

    /// What a sharing server outside of this one did not give.
    package static func sharingProvider(_ name: String, _ sqlState: String) -> ErrorCondition {
        ErrorCondition("\(sharingProviderName).\(name)", sqlState, "<message>")
    }

    /// Unity Catalog's conditions of attribute-based policies that are in each other's way.
    package static func attributePolicy(_ name: String, _ message: String) -> ErrorCondition {
        ErrorCondition("INVALID_PARAMETER_VALUE." + name, "42KDJ", message)
    }

    package static let multipleColumnMasks = ErrorCondition(
        "COLUMN_MASKS_FEATURE_NOT_SUPPORTED.MULTIPLE_MASKS", "0A000",
        "Column mask policies for <tableName> are not supported: Table <tableName> has access control policies resulting in multiple column masks <masksList> applying to the same column(s) <columnNames>. Please contact the table owner or policy definer to resolve the issue by updating policies such that at most one mask applies to this column and then retry the query again."
    )
    package static let policyAlreadyExists = ErrorCondition(
        "POLICY_ALREADY_EXISTS", "42000",
        "Cannot create policy <policyName>: a policy of this name is already on <securableFullname>. CREATE OR REPLACE POLICY takes its place.")
    package static let policyNotFound = ErrorCondition(
        "POLICY_NOT_FOUND", "22023", "A policy with the name <policyName> does not exist on <securableFullname>.")
    package static let policySecurableType = ErrorCondition(
        "POLICY_ON_SECURABLE_TYPE_NOT_SUPPORTED", "42000",
        "Creating a policy on securable type <securableType> is not supported. Supported securable types: <allowedTypes>.")

    /// Delta's own conditions, whose names come from the table's library.
    package static func delta(_ name: String, sqlState: String, _ message: String) -> ErrorCondition {
        ErrorCondition(name, sqlState, message)
    }
}

extension SQLError {
    /// A construct that is understood and not there: refused by its name.
    package static func notSimulated(_ feature: String, at span: SourceSpan? = nil) -> SQLError {
        SQLError(.notSimulated, ["feature": feature], at: span)
    }
}
