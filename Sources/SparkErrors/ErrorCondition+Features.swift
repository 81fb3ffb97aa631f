/// What is not supported. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let featureNotEnabled = ErrorCondition(
        "FEATURE_NOT_ENABLED", "56038",
        "The feature <featureName> is not enabled. Consider setting the config <configKey> to <configValue> to enable this capability.")
    package static let forbiddenOperation = ErrorCondition(
        "FORBIDDEN_OPERATION", "42809",
        "The operation <statement> is not allowed on the <objectType>: <objectName>.")
    package static let internalError = ErrorCondition("INTERNAL_ERROR", "XX000", "<message>")
    package static let operationCanceled = ErrorCondition("OPERATION_CANCELED", "HY008", "Operation has been canceled.")
    /// Databricks' own (error classes, 57KD0).
    package static let queryExecutionTimeoutExceeded = ErrorCondition(
        "QUERY_EXECUTION_TIMEOUT_EXCEEDED", "57KD0",
        "Query execution timed out due to exceeding time limit of <timeoutSec> seconds. You can increase the limit by setting <config>.")
    package static let unsupportedCallFieldIndex = ErrorCondition(
        "UNSUPPORTED_CALL.FIELD_INDEX", "0A000",
        """
        Cannot call the method "<methodName>" of the class "<className>". The row shall have a schema to get an index of the field \
        <fieldName>.
        """)
    package static let unsupportedCallWithoutSuggestion = ErrorCondition(
        "UNSUPPORTED_CALL.WITHOUT_SUGGESTION", "0A000",
        "Cannot call the method \"<methodName>\" of the class \"<className>\". ")
    package static let unsupportedFeatureAesMode = ErrorCondition(
        "UNSUPPORTED_FEATURE.AES_MODE", "0A000",
        "The feature is not supported: AES-<mode> with the padding <padding> by the <functionName> function.")
    package static let unsupportedFeatureAesModeAad = ErrorCondition(
        "UNSUPPORTED_FEATURE.AES_MODE_AAD", "0A000",
        "The feature is not supported: <functionName> with AES-<mode> does not support additional authenticate data (AAD).")
    package static let unsupportedFeatureAesModeIv = ErrorCondition(
        "UNSUPPORTED_FEATURE.AES_MODE_IV", "0A000",
        "The feature is not supported: <functionName> with AES-<mode> does not support initialization vectors (IVs).")
    package static let unsupportedFeatureAnalyzeUncachedTempView = ErrorCondition(
        "UNSUPPORTED_FEATURE.ANALYZE_UNCACHED_TEMP_VIEW", "0A000",
        """
        The feature is not supported: The ANALYZE TABLE FOR COLUMNS command can operate on temporary views that have been cached \
        already. Consider to cache the view <viewName>.
        """)
    package static let unsupportedFeatureAnalyzeUnsupportedColumnType = ErrorCondition(
        "UNSUPPORTED_FEATURE.ANALYZE_UNSUPPORTED_COLUMN_TYPE", "0A000",
        """
        The feature is not supported: The ANALYZE TABLE FOR COLUMNS command does not support the type <columnType> of the column \
        <columnName> in the table <tableName>.
        """)
    package static let unsupportedFeatureAnalyzeView = ErrorCondition(
        "UNSUPPORTED_FEATURE.ANALYZE_VIEW", "0A000",
        "The feature is not supported: The ANALYZE TABLE command does not support views.")
    package static let unsupportedFeatureCatalogOperation = ErrorCondition(
        "UNSUPPORTED_FEATURE.CATALOG_OPERATION", "0A000",
        "The feature is not supported: Catalog <catalogName> does not support <operation>.")
    package static let unsupportedFeatureClauseWithPipeOperators = ErrorCondition(
        "UNSUPPORTED_FEATURE.CLAUSE_WITH_PIPE_OPERATORS", "0A000",
        "The feature is not supported: The SQL pipe operator syntax using |> does not support <clauses>.")
    package static let unsupportedFeatureCollationsInMapKeys = ErrorCondition(
        "UNSUPPORTED_FEATURE.COLLATIONS_IN_MAP_KEYS", "0A000",
        "The feature is not supported: Collated strings for keys of maps")
    package static let unsupportedFeatureCombinationQueryResultClauses = ErrorCondition(
        "UNSUPPORTED_FEATURE.COMBINATION_QUERY_RESULT_CLAUSES", "0A000",
        "The feature is not supported: Combination of ORDER BY/SORT BY/DISTRIBUTE BY/CLUSTER BY.")
    package static let unsupportedFeatureCommentNamespace = ErrorCondition(
        "UNSUPPORTED_FEATURE.COMMENT_NAMESPACE", "0A000",
        "The feature is not supported: Attach a comment to the namespace <namespace>.")
    package static let unsupportedFeatureContinueExceptionHandler = ErrorCondition(
        "UNSUPPORTED_FEATURE.CONTINUE_EXCEPTION_HANDLER", "0A000",
        "The feature is not supported: CONTINUE exception handler is not supported. Use EXIT handler.")
    package static let unsupportedFeatureDescTableColumnJson = ErrorCondition(
        "UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_JSON", "0A000",
        "The feature is not supported: DESC TABLE COLUMN AS JSON not supported for individual columns.")
    package static let unsupportedFeatureDescTableColumnPartition = ErrorCondition(
        "UNSUPPORTED_FEATURE.DESC_TABLE_COLUMN_PARTITION", "0A000",
        "The feature is not supported: DESC TABLE COLUMN for a specific partition.")
    package static let unsupportedFeatureDropDatabase = ErrorCondition(
        "UNSUPPORTED_FEATURE.DROP_DATABASE", "0A000",
        "The feature is not supported: Drop the default database <database>.")
    package static let unsupportedFeatureDropNamespace = ErrorCondition(
        "UNSUPPORTED_FEATURE.DROP_NAMESPACE", "0A000",
        "The feature is not supported: Drop the namespace <namespace>.")
    package static let unsupportedFeatureGeospatialDisabled = ErrorCondition(
        "UNSUPPORTED_FEATURE.GEOSPATIAL_DISABLED", "0A000",
        "The feature is not supported: Geospatial feature is disabled.")
    package static let unsupportedFeatureInsertPartitionSpecIfNotExists = ErrorCondition(
        "UNSUPPORTED_FEATURE.INSERT_PARTITION_SPEC_IF_NOT_EXISTS", "0A000",
        "The feature is not supported: INSERT INTO <tableName> with IF NOT EXISTS in the PARTITION spec.")
    package static let unsupportedFeatureLateralColumnAliasInAggregateFunc = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_FUNC", "0A000",
        "The feature is not supported: Referencing a lateral column alias <lca> in the aggregate function <aggFunc>.")
    package static let unsupportedFeatureLateralColumnAliasInAggregateWithWindowAndHaving = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_AGGREGATE_WITH_WINDOW_AND_HAVING", "0A000",
        """
        The feature is not supported: Referencing lateral column alias <lca> in the aggregate query both with window expressions and \
        with having clause. Please rewrite the aggregate query by removing the having clause or removing lateral alias reference in the \
        SELECT list.
        """)
    package static let unsupportedFeatureLateralColumnAliasInGenerator = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_GENERATOR", "0A000",
        "The feature is not supported: Referencing a lateral column alias <lca> in generator expression <generatorExpr>.")
    package static let unsupportedFeatureLateralColumnAliasInGroupBy = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_GROUP_BY", "0A000",
        "The feature is not supported: Referencing a lateral column alias via GROUP BY alias/ALL is not supported yet.")
    package static let unsupportedFeatureLateralColumnAliasInWindow = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_COLUMN_ALIAS_IN_WINDOW", "0A000",
        "The feature is not supported: Referencing a lateral column alias <lca> in window expression <windowExpr>.")
    package static let unsupportedFeatureLateralJoinUsing = ErrorCondition(
        "UNSUPPORTED_FEATURE.LATERAL_JOIN_USING", "0A000",
        "The feature is not supported: JOIN USING with LATERAL correlation.")
    package static let unsupportedFeatureLiteralType = ErrorCondition(
        "UNSUPPORTED_FEATURE.LITERAL_TYPE", "0A000",
        "The feature is not supported: Literal for '<value>' of <type>.")
    package static let unsupportedFeatureMultipleBucketTransforms = ErrorCondition(
        "UNSUPPORTED_FEATURE.MULTIPLE_BUCKET_TRANSFORMS", "0A000",
        "The feature is not supported: Multiple bucket TRANSFORMs.")
    package static let unsupportedFeatureMultiActionAlter = ErrorCondition(
        "UNSUPPORTED_FEATURE.MULTI_ACTION_ALTER", "0A000",
        """
        The feature is not supported: The target JDBC server hosting table <tableName> does not support ALTER TABLE with multiple \
        actions. Split the ALTER TABLE up into individual actions to avoid this error.
        """)
    package static let unsupportedFeatureObjectLevelCollations = ErrorCondition(
        "UNSUPPORTED_FEATURE.OBJECT_LEVEL_COLLATIONS", "0A000",
        "The feature is not supported: Default collation for the specified object.")
    package static let unsupportedFeatureOrcTypeCast = ErrorCondition(
        "UNSUPPORTED_FEATURE.ORC_TYPE_CAST", "0A000",
        "The feature is not supported: Unable to convert <orcType> of Orc to data type <toType>.")
    package static let unsupportedFeatureOverwriteBySubquery = ErrorCondition(
        "UNSUPPORTED_FEATURE.OVERWRITE_BY_SUBQUERY", "0A000",
        "The feature is not supported: INSERT OVERWRITE with a subquery condition.")
    package static let unsupportedFeatureParameterMarkerInUnexpectedStatement = ErrorCondition(
        "UNSUPPORTED_FEATURE.PARAMETER_MARKER_IN_UNEXPECTED_STATEMENT", "0A000",
        "The feature is not supported: Parameter markers are not allowed in <statement>.")
    package static let unsupportedFeaturePartitionByVariant = ErrorCondition(
        "UNSUPPORTED_FEATURE.PARTITION_BY_VARIANT", "0A000",
        """
        The feature is not supported: Cannot use VARIANT producing expressions to partition a DataFrame, but the type of expression \
        <expr> is <dataType>.
        """)
    package static let unsupportedFeaturePartitionWithNestedColumnIsUnsupported = ErrorCondition(
        "UNSUPPORTED_FEATURE.PARTITION_WITH_NESTED_COLUMN_IS_UNSUPPORTED", "0A000",
        "The feature is not supported: Invalid partitioning: <cols> is missing or is in a map or array.")
    package static let unsupportedFeaturePipeOperatorAggregateUnsupportedCase = ErrorCondition(
        "UNSUPPORTED_FEATURE.PIPE_OPERATOR_AGGREGATE_UNSUPPORTED_CASE", "0A000",
        "The feature is not supported: The SQL pipe operator syntax with aggregation (using |> AGGREGATE) does not support <case>.")
    package static let unsupportedFeaturePivotAfterGroupBy = ErrorCondition(
        "UNSUPPORTED_FEATURE.PIVOT_AFTER_GROUP_BY", "0A000",
        "The feature is not supported: PIVOT clause following a GROUP BY clause. Consider pushing the GROUP BY into a subquery.")
    package static let unsupportedFeaturePivotType = ErrorCondition(
        "UNSUPPORTED_FEATURE.PIVOT_TYPE", "0A000",
        "The feature is not supported: Pivoting by the value '<value>' of the column data type <type>.")
    package static let unsupportedFeaturePurgePartition = ErrorCondition(
        "UNSUPPORTED_FEATURE.PURGE_PARTITION", "0A000",
        "The feature is not supported: Partition purge.")
    package static let unsupportedFeaturePurgeTable = ErrorCondition(
        "UNSUPPORTED_FEATURE.PURGE_TABLE", "0A000",
        "The feature is not supported: Purge table.")
    package static let unsupportedFeatureQueryOnlyCorruptRecordColumn = ErrorCondition(
        "UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN", "0A000",
        """
        The feature is not supported: Queries from raw JSON/CSV/XML files are disallowed when the
        referenced columns only include the internal corrupt record column
        (named `_corrupt_record` by default). For example:
        `spark.read.schema(schema).json(file).filter($"_corrupt_record".isNotNull).count()`
        and `spark.read.schema(schema).json(file).select("_corrupt_record").show()`.
        Instead, you can cache or save the parsed results and then send the same query.
        For example, `val df = spark.read.schema(schema).json(file).cache()` and then
        `df.filter($"_corrupt_record".isNotNull).count()`.
        """)
    package static let unsupportedFeatureRemoveNamespaceComment = ErrorCondition(
        "UNSUPPORTED_FEATURE.REMOVE_NAMESPACE_COMMENT", "0A000",
        "The feature is not supported: Remove a comment from the namespace <namespace>.")
    package static let unsupportedFeatureReplaceNestedColumn = ErrorCondition(
        "UNSUPPORTED_FEATURE.REPLACE_NESTED_COLUMN", "0A000",
        "The feature is not supported: The replace function does not support nested column <colName>.")
    package static let unsupportedFeatureSchemaLevelCollations = ErrorCondition(
        "UNSUPPORTED_FEATURE.SCHEMA_LEVEL_COLLATIONS", "0A000",
        "The feature is not supported: Default collation for the specified schema.")
    package static let unsupportedFeatureSetNamespaceProperty = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_NAMESPACE_PROPERTY", "0A000",
        "The feature is not supported: <property> is a reserved namespace property, <msg>.")
    package static let unsupportedFeatureSetOperationOnMapType = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000",
        """
        The feature is not supported: Cannot have MAP type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, etc.), \
        but the type of column <colName> is <dataType>.
        """)
    package static let unsupportedFeatureSetOperationOnVariantType = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_OPERATION_ON_VARIANT_TYPE", "0A000",
        """
        The feature is not supported: Cannot have VARIANT type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, \
        etc.), but the type of column <colName> is <dataType>.
        """)
    package static let unsupportedFeatureSetPropertiesAndDbproperties = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_PROPERTIES_AND_DBPROPERTIES", "0A000",
        "The feature is not supported: set PROPERTIES and DBPROPERTIES at the same time.")
    package static let unsupportedFeatureSetTableProperty = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_TABLE_PROPERTY", "0A000",
        "The feature is not supported: <property> is a reserved table property, <msg>.")
    package static let unsupportedFeatureSetVariableUsingSet = ErrorCondition(
        "UNSUPPORTED_FEATURE.SET_VARIABLE_USING_SET", "0A000",
        """
        The feature is not supported: <variableName> is a VARIABLE and cannot be updated using the SET statement. Use SET VARIABLE \
        <variableName> = ... instead.
        """)
    package static let unsupportedFeatureSqlScripting = ErrorCondition(
        "UNSUPPORTED_FEATURE.SQL_SCRIPTING", "0A000",
        """
        The feature is not supported: SQL Scripting is under development and not all features are supported. SQL Scripting enables \
        users to write procedural SQL including control flow and error handling. To enable existing features set <sqlScriptingEnabled> \
        to `true`.
        """)
    package static let unsupportedFeatureSqlScriptingDropTemporaryVariable = ErrorCondition(
        "UNSUPPORTED_FEATURE.SQL_SCRIPTING_DROP_TEMPORARY_VARIABLE", "0A000",
        """
        The feature is not supported: DROP TEMPORARY VARIABLE is not supported within SQL scripts. To bypass this, use `EXECUTE \
        IMMEDIATE 'DROP TEMPORARY VARIABLE ...'` .
        """)
    package static let unsupportedFeatureSqlScriptingWithPositionalParameters = ErrorCondition(
        "UNSUPPORTED_FEATURE.SQL_SCRIPTING_WITH_POSITIONAL_PARAMETERS", "0A000",
        "The feature is not supported: Positional parameters are not supported with SQL Scripting.")
    package static let unsupportedFeatureTableOperation = ErrorCondition(
        "UNSUPPORTED_FEATURE.TABLE_OPERATION", "0A000",
        """
        The feature is not supported: Table <tableName> does not support <operation>. Please check the current catalog and namespace to \
        make sure the qualified table name is expected, and also check the catalog implementation which is configured by \
        "spark.sql.catalog".
        """)
    package static let unsupportedFeatureTemporaryViewWithSchemaBindingMode = ErrorCondition(
        "UNSUPPORTED_FEATURE.TEMPORARY_VIEW_WITH_SCHEMA_BINDING_MODE", "0A000",
        """
        The feature is not supported: Temporary views cannot be created with the WITH SCHEMA clause. Recreate the temporary view when \
        the underlying schema changes, or use a persisted view.
        """)
    package static let unsupportedFeatureTimeTravel = ErrorCondition(
        "UNSUPPORTED_FEATURE.TIME_TRAVEL", "0A000",
        "The feature is not supported: Time travel on the relation: <relationId>.")
    package static let unsupportedFeatureTooManyTypeArgumentsForUdfClass = ErrorCondition(
        "UNSUPPORTED_FEATURE.TOO_MANY_TYPE_ARGUMENTS_FOR_UDF_CLASS", "0A000",
        "The feature is not supported: UDF class with <num> type arguments.")
    package static let unsupportedFeatureTransformDistinctAll = ErrorCondition(
        "UNSUPPORTED_FEATURE.TRANSFORM_DISTINCT_ALL", "0A000",
        "The feature is not supported: TRANSFORM with the DISTINCT/ALL clause.")
    package static let unsupportedFeatureTransformNonHive = ErrorCondition(
        "UNSUPPORTED_FEATURE.TRANSFORM_NON_HIVE", "0A000",
        "The feature is not supported: TRANSFORM with SERDE is only supported in hive mode.")
    package static let unsupportedFeatureTrimCollation = ErrorCondition(
        "UNSUPPORTED_FEATURE.TRIM_COLLATION", "0A000",
        "The feature is not supported: TRIM specifier in the collation.")
    package static let unsupportedFeatureUpdateColumnNullability = ErrorCondition(
        "UNSUPPORTED_FEATURE.UPDATE_COLUMN_NULLABILITY", "0A000",
        "The feature is not supported: Update column nullability for MySQL and MS SQL Server.")
    package static let unsupportedFeatureWriteForBinarySource = ErrorCondition(
        "UNSUPPORTED_FEATURE.WRITE_FOR_BINARY_SOURCE", "0A000",
        "The feature is not supported: Write for the binary file data source.")
}
