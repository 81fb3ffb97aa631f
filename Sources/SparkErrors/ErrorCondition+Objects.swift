/// Catalog objects, their columns, partitions and constraints. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let cannotAlterCollationBucketColumn = ErrorCondition(
        "CANNOT_ALTER_COLLATION_BUCKET_COLUMN", "428FR",
        """
        ALTER TABLE (ALTER|CHANGE) COLUMN cannot change collation of type/subtypes of bucket columns, but found the bucket column \
        <columnName> in the table <tableName>.
        """)
    package static let cannotAlterPartitionColumn = ErrorCondition(
        "CANNOT_ALTER_PARTITION_COLUMN", "428FR",
        """
        ALTER TABLE (ALTER|CHANGE) COLUMN is not supported for partition columns, but found the partition column <columnName> in the \
        table <tableName>.
        """)
    package static let cannotModifyConfig = ErrorCondition(
        "CANNOT_MODIFY_CONFIG", "46110",
        "Cannot modify the value of the Spark config: <key>.\nSee also '<docroot>/sql-migration-guide.html#ddl-statements'.")
    package static let cannotModifyStaticConfig = ErrorCondition(
        "CANNOT_MODIFY_STATIC_CONFIG", "46110",
        "Cannot modify the value of the static Spark config: <key>.")
    package static let cannotRemoveReservedProperty = ErrorCondition(
        "CANNOT_REMOVE_RESERVED_PROPERTY", "42000",
        "Cannot remove reserved property: <property>.")
    package static let cannotRenameAcrossSchema = ErrorCondition(
        "CANNOT_RENAME_ACROSS_SCHEMA", "0AKD0",
        "Renaming a <type> across schemas is not allowed.")
    package static let catalogNotFound = ErrorCondition(
        "CATALOG_NOT_FOUND", "42P08",
        "The catalog <catalogName> not found. Consider to set the SQL config <config> to a catalog plugin.")
    package static let clusteringColumnsMismatch = ErrorCondition(
        "CLUSTERING_COLUMNS_MISMATCH", "42P10",
        """
        Specified clustering does not match that of the existing table <tableName>.
        Specified clustering columns: [<specifiedClusteringString>].
        Existing clustering columns: [<existingClusteringString>].
        """)
    package static let clusteringNotSupported = ErrorCondition(
        "CLUSTERING_NOT_SUPPORTED", "42000",
        "'<operation>' does not support clustering.")
    package static let columnAlreadyExists = ErrorCondition(
        "COLUMN_ALREADY_EXISTS", "42711",
        "The column <columnName> already exists. Choose another name or rename the existing column.")
    package static let constraintAlreadyExists = ErrorCondition(
        "CONSTRAINT_ALREADY_EXISTS", "42710",
        "Constraint '<constraintName>' already exists. Please delete the existing constraint first.\nExisting constraint:\n<oldConstraint>")
    package static let constraintDoesNotExist = ErrorCondition(
        "CONSTRAINT_DOES_NOT_EXIST", "42704",
        "Cannot drop nonexistent constraint <constraintName> from table <tableName>.")
    package static let createPermanentViewWithoutAlias = ErrorCondition(
        "CREATE_PERMANENT_VIEW_WITHOUT_ALIAS", "0A000",
        "Not allowed to create the permanent view <name> without explicitly assigning an alias for the expression <attr>.")
    package static let createViewColumnArityMismatchNotEnoughDataColumns = ErrorCondition(
        "CREATE_VIEW_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS", "21S01",
        "Cannot create view <viewName>, the reason is not enough data columns:\nView columns: <viewColumns>.\nData columns: <dataColumns>.")
    package static let createViewColumnArityMismatchTooManyDataColumns = ErrorCondition(
        "CREATE_VIEW_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01",
        "Cannot create view <viewName>, the reason is too many data columns:\nView columns: <viewColumns>.\nData columns: <dataColumns>.")
    package static let dataSourceNotExist = ErrorCondition(
        "DATA_SOURCE_NOT_EXIST", "42704",
        "Data source '<provider>' not found. Please make sure the data source is registered.")
    package static let dataSourceNotFound = ErrorCondition(
        "DATA_SOURCE_NOT_FOUND", "42K02",
        """
        Failed to find the data source: <provider>. Make sure the provider name is correct and the package is properly registered and \
        compatible with your Spark version.
        """)
    package static let expectPermanentViewNotTemp = ErrorCondition(
        "EXPECT_PERMANENT_VIEW_NOT_TEMP", "42809",
        "'<operation>' expects a permanent view but <viewName> is a temp view.")
    package static let expectTableNotViewNoAlternative = ErrorCondition(
        "EXPECT_TABLE_NOT_VIEW.NO_ALTERNATIVE", "42809",
        "'<operation>' expects a table but <viewName> is a view. ")
    package static let expectTableNotViewUseAlterView = ErrorCondition(
        "EXPECT_TABLE_NOT_VIEW.USE_ALTER_VIEW", "42809",
        "'<operation>' expects a table but <viewName> is a view. Please use ALTER VIEW instead.")
    package static let expectViewNotTableNoAlternative = ErrorCondition(
        "EXPECT_VIEW_NOT_TABLE.NO_ALTERNATIVE", "42809",
        "The table <tableName> does not support <operation>. ")
    package static let expectViewNotTableUseAlterTable = ErrorCondition(
        "EXPECT_VIEW_NOT_TABLE.USE_ALTER_TABLE", "42809",
        "The table <tableName> does not support <operation>. Please use ALTER TABLE instead.")
    package static let fieldAlreadyExists = ErrorCondition(
        "FIELD_ALREADY_EXISTS", "42710",
        "Cannot <op> column, because <fieldNames> already exists in <struct>.")
    package static let fieldNotFound = ErrorCondition("FIELD_NOT_FOUND", "42704", "No such struct field <fieldName> in <fields>.")
    package static let invalidEmptyLocation = ErrorCondition(
        "INVALID_EMPTY_LOCATION", "42K05",
        "The location name cannot be empty string, but `<location>` was given.")
    package static let invalidPartitionColumnDataType = ErrorCondition(
        "INVALID_PARTITION_COLUMN_DATA_TYPE", "0A000",
        "Cannot use <type> for partition column.")
    package static let invalidPartitionOperationPartitionManagementIsUnsupported = ErrorCondition(
        "INVALID_PARTITION_OPERATION.PARTITION_MANAGEMENT_IS_UNSUPPORTED", "42601",
        "The partition command is invalid. Table <name> does not support partition management.")
    package static let invalidPartitionOperationPartitionSchemaIsEmpty = ErrorCondition(
        "INVALID_PARTITION_OPERATION.PARTITION_SCHEMA_IS_EMPTY", "42601",
        "The partition command is invalid. Table <name> is not partitioned.")
    package static let invalidPartitionValue = ErrorCondition(
        "INVALID_PARTITION_VALUE", "42846",
        """
        Failed to cast value <value> to data type <dataType> for partition column <columnName>. Ensure the value matches the expected \
        data type for this partition column.
        """)
    package static let invalidTimeTravelSpec = ErrorCondition(
        "INVALID_TIME_TRAVEL_SPEC", "42K0E",
        "Cannot specify both version and timestamp when time travelling the table.")
    package static let invalidTimeTravelTimestampExprInput = ErrorCondition(
        "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.INPUT", "42K0E",
        "The time travel timestamp expression <expr> is invalid. Cannot be casted to the \"TIMESTAMP\" type.")
    package static let invalidTimeTravelTimestampExprNonDeterministic = ErrorCondition(
        "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.NON_DETERMINISTIC", "42K0E",
        "The time travel timestamp expression <expr> is invalid. Must be deterministic.")
    package static let invalidTimeTravelTimestampExprOption = ErrorCondition(
        "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.OPTION", "42K0E",
        "The time travel timestamp expression <expr> is invalid. Timestamp string in the options must be able to cast to TIMESTAMP type.")
    package static let invalidTimeTravelTimestampExprUnevaluable = ErrorCondition(
        "INVALID_TIME_TRAVEL_TIMESTAMP_EXPR.UNEVALUABLE", "42K0E",
        "The time travel timestamp expression <expr> is invalid. Must be evaluable.")
    package static let locationAlreadyExists = ErrorCondition(
        "LOCATION_ALREADY_EXISTS", "42710",
        """
        Cannot name the managed table as <identifier>, as its associated location <location> already exists. Please pick a different \
        table name, or remove the existing location first.
        """)
    package static let multipleTimeTravelSpec = ErrorCondition(
        "MULTIPLE_TIME_TRAVEL_SPEC", "42K0E",
        "Cannot specify time travel in both the time travel clause and options.")
    package static let nonDeterministicCheckConstraint = ErrorCondition(
        "NON_DETERMINISTIC_CHECK_CONSTRAINT", "42621",
        "The check constraint `<checkCondition>` is non-deterministic. Check constraints must only contain deterministic expressions.")
    package static let nonPartitionColumn = ErrorCondition(
        "NON_PARTITION_COLUMN", "42000",
        "PARTITION clause cannot contain the non-partition column: <columnName>.")
    package static let notAPartitionedTable = ErrorCondition(
        "NOT_A_PARTITIONED_TABLE", "42809",
        "Operation <operation> is not allowed for <tableIdentWithDB> because it is not a partitioned table.")
    package static let notSupportedChangeColumn = ErrorCondition(
        "NOT_SUPPORTED_CHANGE_COLUMN", "0A000",
        """
        ALTER TABLE ALTER/CHANGE COLUMN is not supported for changing <table>'s column <originName> with type <originType> to <newName> \
        with type <newType>.
        """)
    package static let notSupportedChangeSameColumn = ErrorCondition(
        "NOT_SUPPORTED_CHANGE_SAME_COLUMN", "0A000",
        """
        ALTER TABLE ALTER/CHANGE COLUMN is not supported for changing <table>'s column <fieldName> including its nested fields multiple \
        times in the same command.
        """)
    package static let notSupportedCommandForV2Table = ErrorCondition(
        "NOT_SUPPORTED_COMMAND_FOR_V2_TABLE", "0A000",
        "<cmd> is not supported for v2 tables.")
    package static let partitionsAlreadyExist = ErrorCondition(
        "PARTITIONS_ALREADY_EXIST", "428FT",
        """
        Cannot ADD or RENAME TO partition(s) <partitionList> in table <tableName> because they already exist.
        Choose a different name, drop the existing partition, or add the IF NOT EXISTS clause to tolerate a pre-existing partition.
        """)
    package static let partitionsNotFound = ErrorCondition(
        "PARTITIONS_NOT_FOUND", "428FT",
        """
        The partition(s) <partitionList> cannot be found in table <tableName>.
        Verify the partition specification and table name.
        To tolerate the error on drop use ALTER TABLE … DROP IF EXISTS PARTITION.
        """)
    package static let pathAlreadyExists = ErrorCondition(
        "PATH_ALREADY_EXISTS", "42K04",
        "Path <outputPath> already exists. Set mode as \"overwrite\" to overwrite the existing path.")
    package static let pathNotFound = ErrorCondition("PATH_NOT_FOUND", "42K03", "Path does not exist: <path>.")
    package static let recursiveView = ErrorCondition("RECURSIVE_VIEW", "42K0H", "Recursive view <viewIdent> detected (cycle: <newPath>).")
    package static let requiredParameterNotFound = ErrorCondition(
        "REQUIRED_PARAMETER_NOT_FOUND", "4274K",
        """
        Cannot invoke routine <routineName> because the parameter named <parameterName> is required, but the routine call did not \
        supply a value. Please update the routine call to supply an argument value (either positionally at index <index> or by name) \
        and retry the query again.
        """)
    package static let requiresSinglePartNamespace = ErrorCondition(
        "REQUIRES_SINGLE_PART_NAMESPACE", "42K05",
        "<sessionCatalog> requires a single-part namespace, but got <namespace>.")
    package static let routineAlreadyExists = ErrorCondition(
        "ROUTINE_ALREADY_EXISTS", "42723",
        """
        Cannot create the <newRoutineType> <routineName> because a <existingRoutineType> of that name already exists.
        Choose a different name, drop or replace the existing <existingRoutineType>, or add the IF NOT EXISTS clause to tolerate a \
        pre-existing <newRoutineType>.
        """)
    package static let routineNotFound = ErrorCondition(
        "ROUTINE_NOT_FOUND", "42883",
        """
        The routine <routineName> cannot be found. Verify the spelling and correctness of the schema and catalog.
        If you did not qualify the name with a schema and catalog, verify the current_schema() output, or qualify the name with the \
        correct schema and catalog.
        To tolerate the error on drop use DROP ... IF EXISTS.
        """)
    package static let schemaAlreadyExists = ErrorCondition(
        "SCHEMA_ALREADY_EXISTS", "42P06",
        """
        Cannot create schema <schemaName> because it already exists.
        Choose a different name, drop the existing schema, or add the IF NOT EXISTS clause to tolerate pre-existing schema.
        """)
    package static let schemaNotEmpty = ErrorCondition(
        "SCHEMA_NOT_EMPTY", "2BP01",
        """
        Cannot drop a schema <schemaName> because it contains objects.
        Use DROP SCHEMA ... CASCADE to drop the schema and all its objects.
        """)
    package static let schemaNotFound = ErrorCondition(
        "SCHEMA_NOT_FOUND", "42704",
        """
        The schema <schemaName> cannot be found. Verify the spelling and correctness of the schema and catalog.
        If you did not qualify the name with a catalog, verify the current_schema() output, or qualify the name with the correct \
        catalog.
        To tolerate the error on drop use DROP SCHEMA IF EXISTS.
        """)
    package static let sqlConfNotFound = ErrorCondition(
        "SQL_CONF_NOT_FOUND", "42K0I",
        "The SQL config <sqlConf> cannot be found. Please verify that the config exists.")
    package static let tableOrViewAlreadyExists = ErrorCondition(
        "TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
        """
        Cannot create table or view <relationName> because it already exists.
        Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.
        """)
    package static let tableOrViewNotFound = ErrorCondition(
        "TABLE_OR_VIEW_NOT_FOUND", "42P01",
        """
        The table or view <relationName> cannot be found. Verify the spelling and correctness of the schema and catalog.
        If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema \
        and catalog.
        To tolerate the error on drop use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS.
        """)
    package static let tableValuedArgumentsNotYetImplementedForSqlFunctions = ErrorCondition(
        "TABLE_VALUED_ARGUMENTS_NOT_YET_IMPLEMENTED_FOR_SQL_FUNCTIONS", "0A000",
        "Cannot <action> SQL user-defined function <functionName> with TABLE arguments because this functionality is not yet implemented.")
    package static let tempTableOrViewAlreadyExists = ErrorCondition(
        "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS", "42P07",
        """
        Cannot create the temporary view <relationName> because it already exists.
        Choose a different name, drop or replace the existing view.
        """)
    package static let unresolvedTablePath = ErrorCondition(
        "UNRESOLVED_TABLE_PATH", "22KD1",
        "Storage path for table <identifier> cannot be resolved.")
    package static let viewAlreadyExists = ErrorCondition(
        "VIEW_ALREADY_EXISTS", "42P07",
        """
        Cannot create view <relationName> because it already exists.
        Choose a different name, drop or replace the existing object, or add the IF NOT EXISTS clause to tolerate pre-existing objects.
        """)
    package static let viewExceedMaxNestedDepth = ErrorCondition(
        "VIEW_EXCEED_MAX_NESTED_DEPTH", "54K00",
        """
        The depth of view <viewName> exceeds the maximum view resolution depth (<maxNestedDepth>).
        Analysis is aborted to avoid errors. If you want to work around this, please try to increase the value of \
        "spark.sql.view.maxNestedViewDepth".
        """)
    package static let viewNotFound = ErrorCondition(
        "VIEW_NOT_FOUND", "42P01",
        """
        The view <relationName> cannot be found. Verify the spelling and correctness of the schema and catalog.
        If you did not qualify the name with a schema, verify the current_schema() output, or qualify the name with the correct schema \
        and catalog.
        To tolerate the error on drop use DROP VIEW IF EXISTS.
        """)
    package static let wrongCommandForObjectType = ErrorCondition(
        "WRONG_COMMAND_FOR_OBJECT_TYPE", "42809",
        "The operation <operation> requires a <requiredType>. But <objectName> is a <foundType>. Use <alternative> instead.")
}
