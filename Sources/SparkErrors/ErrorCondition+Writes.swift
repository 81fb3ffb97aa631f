/// INSERT, UPDATE, MERGE, defaults, constraints on values, and SQL functions. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let cannotUpdateFieldArrayType = ErrorCondition(
        "CANNOT_UPDATE_FIELD.ARRAY_TYPE", "0A000",
        "Cannot update <table> field <fieldName> type: Update the element by updating <fieldName>.element.")
    package static let cannotUpdateFieldIntervalType = ErrorCondition(
        "CANNOT_UPDATE_FIELD.INTERVAL_TYPE", "0A000",
        "Cannot update <table> field <fieldName> type: Update an interval by updating its fields.")
    package static let cannotUpdateFieldMapType = ErrorCondition(
        "CANNOT_UPDATE_FIELD.MAP_TYPE", "0A000",
        "Cannot update <table> field <fieldName> type: Update a map by updating <fieldName>.key or <fieldName>.value.")
    package static let cannotUpdateFieldStructType = ErrorCondition(
        "CANNOT_UPDATE_FIELD.STRUCT_TYPE", "0A000",
        "Cannot update <table> field <fieldName> type: Update a struct by updating its fields.")
    package static let cannotUpdateFieldUserDefinedType = ErrorCondition(
        "CANNOT_UPDATE_FIELD.USER_DEFINED_TYPE", "0A000",
        "Cannot update <table> field <fieldName> type: Update a UserDefinedType[<udtSql>] by updating its fields.")
    package static let cannotUpdatePartitionColumns = ErrorCondition(
        "CANNOT_UPDATE_PARTITION_COLUMNS", "42000",
        """
        Declared partitioning <requestedPartitionColumns> conflicts with existing table partitioning <existingPartitionColumns>.
        Please delete the table or change the declared partitioning to match its partitions.
        """)
    package static let checkConstraintViolation = ErrorCondition(
        "CHECK_CONSTRAINT_VIOLATION", "23001",
        "CHECK constraint <constraintName> <expression> violated by row with values:\n<values>\n")
    package static let columnNotDefinedInTable = ErrorCondition(
        "COLUMN_NOT_DEFINED_IN_TABLE", "42703",
        "<colType> column <colName> is not defined in table <tableName>, defined table columns are: <tableCols>.")
    package static let cyclicFunctionReference = ErrorCondition(
        "CYCLIC_FUNCTION_REFERENCE", "42887",
        "Cyclic function reference detected: <path>.")
    package static let defaultPlacementInvalid = ErrorCondition(
        "DEFAULT_PLACEMENT_INVALID", "42608",
        """
        A DEFAULT keyword in a MERGE, INSERT, UPDATE, or SET VARIABLE command could not be directly assigned to a target column because \
        it was part of an expression.
        For example: `UPDATE SET c1 = DEFAULT` is allowed, but `UPDATE T SET c1 = DEFAULT + 1` is not allowed.
        """)
    package static let duplicateAssignments = ErrorCondition(
        "DUPLICATE_ASSIGNMENTS", "42701",
        "The columns or variables <nameList> appear more than once as assignment targets.")
    package static let duplicateRoutineParameterAssignmentBothPositionalAndNamed = ErrorCondition(
        "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.BOTH_POSITIONAL_AND_NAMED", "4274K",
        """
        Call to routine <routineName> is invalid because it includes multiple argument assignments to the same parameter name \
        <parameterName>. A positional argument and named argument both referred to the same parameter. Please remove the named argument \
        referring to this parameter.
        """)
    package static let duplicateRoutineParameterAssignmentDoubleNamedArgumentReference = ErrorCondition(
        "DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT.DOUBLE_NAMED_ARGUMENT_REFERENCE", "4274K",
        """
        Call to routine <routineName> is invalid because it includes multiple argument assignments to the same parameter name \
        <parameterName>. More than one named argument referred to the same parameter. Please assign a value only once.
        """)
    package static let duplicateRoutineParameterNames = ErrorCondition(
        "DUPLICATE_ROUTINE_PARAMETER_NAMES", "42734",
        "Found duplicate name(s) in the parameter list of the user-defined routine <routineName>: <names>.")
    package static let duplicateRoutineReturnsColumns = ErrorCondition(
        "DUPLICATE_ROUTINE_RETURNS_COLUMNS", "42711",
        "Found duplicate column(s) in the RETURNS clause column list of the user-defined routine <routineName>: <columns>.")
    package static let generatedColumnWithDefaultValue = ErrorCondition(
        "GENERATED_COLUMN_WITH_DEFAULT_VALUE", "42623",
        """
        A column cannot have both a default value and a generation expression but column <colName> has default value: (<defaultValue>) \
        and generation expression: (<genExpr>).
        """)
    package static let identityColumnsDuplicatedSequenceGeneratorOption = ErrorCondition(
        "IDENTITY_COLUMNS_DUPLICATED_SEQUENCE_GENERATOR_OPTION", "42601",
        "Duplicated IDENTITY column sequence generator option: <sequenceGeneratorOption>.")
    package static let identityColumnsIllegalStep = ErrorCondition(
        "IDENTITY_COLUMNS_ILLEGAL_STEP", "42611",
        "IDENTITY column step cannot be 0.")
    package static let identityColumnsUnsupportedDataType = ErrorCondition(
        "IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE", "428H2",
        "DataType <dataType> is not supported for IDENTITY columns.")
    package static let identityColumnWithDefaultValue = ErrorCondition(
        "IDENTITY_COLUMN_WITH_DEFAULT_VALUE", "42623",
        """
        A column cannot have both a default value and an identity column specification but column <colName> has default value: \
        (<defaultValue>) and identity column specification: (<identityColumnSpec>).
        """)
    package static let incompatibleDatasourceRegister = ErrorCondition(
        "INCOMPATIBLE_DATASOURCE_REGISTER", "56038",
        """
        Detected an incompatible DataSourceRegister. Please remove the incompatible library from classpath or upgrade it. Error: \
        <message>
        """)
    package static let incompatibleDataForTableAmbiguousColumnName = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.AMBIGUOUS_COLUMN_NAME", "KD000",
        "Cannot write incompatible data for the table <tableName>: Ambiguous column name in the input data <colName>.")
    package static let incompatibleDataForTableCannotFindData = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_FIND_DATA", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot find data for the output column <colName>.")
    package static let incompatibleDataForTableCannotSafelyCast = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot safely cast <colName> <srcType> to <targetType>.")
    package static let incompatibleDataForTableExtraColumns = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_COLUMNS", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot write extra columns <extraColumns>.")
    package static let incompatibleDataForTableExtraStructFields = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.EXTRA_STRUCT_FIELDS", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot write extra fields <extraFields> to the struct <colName>.")
    package static let incompatibleDataForTableNullableArrayElements = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.NULLABLE_ARRAY_ELEMENTS", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot write nullable elements to array of non-nulls: <colName>.")
    package static let incompatibleDataForTableNullableColumn = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.NULLABLE_COLUMN", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot write nullable values to non-null column <colName>.")
    package static let incompatibleDataForTableNullableMapValues = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.NULLABLE_MAP_VALUES", "KD000",
        "Cannot write incompatible data for the table <tableName>: Cannot write nullable values to map of non-nulls: <colName>.")
    package static let incompatibleDataForTableStructMissingFields = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.STRUCT_MISSING_FIELDS", "KD000",
        "Cannot write incompatible data for the table <tableName>: Struct <colName> missing fields: <missingFields>.")
    package static let incompatibleDataForTableUnexpectedColumnName = ErrorCondition(
        "INCOMPATIBLE_DATA_FOR_TABLE.UNEXPECTED_COLUMN_NAME", "KD000",
        """
        Cannot write incompatible data for the table <tableName>: Struct <colName> <order>-th field name does not match (may be out of \
        order): expected <expected>, found <found>.
        """)
    package static let insertColumnArityMismatchNotEnoughDataColumns = ErrorCondition(
        "INSERT_COLUMN_ARITY_MISMATCH.NOT_ENOUGH_DATA_COLUMNS", "21S01",
        "Cannot write to <tableName>, the reason is not enough data columns:\nTable columns: <tableColumns>.\nData columns: <dataColumns>.")
    package static let insertColumnArityMismatchTooManyDataColumns = ErrorCondition(
        "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS", "21S01",
        "Cannot write to <tableName>, the reason is too many data columns:\nTable columns: <tableColumns>.\nData columns: <dataColumns>.")
    package static let insertPartitionColumnArityMismatch = ErrorCondition(
        "INSERT_PARTITION_COLUMN_ARITY_MISMATCH", "21S01",
        """
        Cannot write to '<tableName>', <reason>:
        Table columns: <tableColumns>.
        Partition columns with static values: <staticPartCols>.
        Data columns: <dataColumns>.
        """)
    package static let invalidDefaultValueDataType = ErrorCondition(
        "INVALID_DEFAULT_VALUE.DATA_TYPE", "42623",
        """
        Failed to execute <statement> command because the destination column or variable <colName> has a DEFAULT value <defaultValue>, \
        which requires <expectedType> type, but the statement provided a value of incompatible <actualType> type.
        """)
    package static let invalidDefaultValueNonDeterministic = ErrorCondition(
        "INVALID_DEFAULT_VALUE.NON_DETERMINISTIC", "42623",
        """
        Failed to execute <statement> command because the destination column or variable <colName> has a DEFAULT value <defaultValue>, \
        which contains a non-deterministic expression.
        """)
    package static let invalidDefaultValueNotConstant = ErrorCondition(
        "INVALID_DEFAULT_VALUE.NOT_CONSTANT", "42623",
        """
        Failed to execute <statement> command because the destination column or variable <colName> has a DEFAULT value <defaultValue>, \
        which is not a constant expression whose equivalent value is known at query planning time.
        """)
    package static let invalidDefaultValueSubqueryExpression = ErrorCondition(
        "INVALID_DEFAULT_VALUE.SUBQUERY_EXPRESSION", "42623",
        """
        Failed to execute <statement> command because the destination column or variable <colName> has a DEFAULT value <defaultValue>, \
        which contains subquery expressions.
        """)
    package static let invalidDefaultValueUnresolvedExpression = ErrorCondition(
        "INVALID_DEFAULT_VALUE.UNRESOLVED_EXPRESSION", "42623",
        """
        Failed to execute <statement> command because the destination column or variable <colName> has a DEFAULT value <defaultValue>, \
        which fails to resolve as a valid expression.
        """)
    package static let invalidSqlFunctionDataAccess = ErrorCondition(
        "INVALID_SQL_FUNCTION_DATA_ACCESS", "42K0E",
        """
        Cannot create a SQL function with CONTAINS SQL that accesses a table/view or a SQL function that reads SQL data. Please use \
        READS SQL DATA instead.
        """)
    package static let invalidSqlFunctionPlanStructure = ErrorCondition(
        "INVALID_SQL_FUNCTION_PLAN_STRUCTURE", "XXKD0",
        "Invalid SQL function plan structure\n<plan>")
    package static let invalidSqlSyntaxVariableTypeOrDefaultRequired = ErrorCondition(
        "INVALID_SQL_SYNTAX.VARIABLE_TYPE_OR_DEFAULT_REQUIRED", "42000",
        """
        Invalid SQL syntax: The definition of a SQL variable requires either a datatype or a DEFAULT clause.
        For example, use `DECLARE name STRING` or `DECLARE name = 'SQL'` instead of `DECLARE name`.
        """)
    package static let mergeCardinalityViolation = ErrorCondition(
        "MERGE_CARDINALITY_VIOLATION", "23K01",
        """
        The ON search condition of the MERGE statement matched a single row from the target table with multiple rows of the source \
        table.
        This could result in the target row being operated on more than once with an update or delete operation and is not allowed.
        """)
    package static let mergeWithoutWhen = ErrorCondition(
        "MERGE_WITHOUT_WHEN", "42601",
        "There must be at least one WHEN clause in a MERGE statement.")
    package static let newCheckConstraintViolation = ErrorCondition(
        "NEW_CHECK_CONSTRAINT_VIOLATION", "23512",
        """
        The new check constraint (<expression>) cannot be added because it would be violated by existing data in table <tableName>. \
        Please ensure all existing rows satisfy the constraint before adding it.
        """)
    package static let nonLastMatchedClauseOmitCondition = ErrorCondition(
        "NON_LAST_MATCHED_CLAUSE_OMIT_CONDITION", "42613",
        "When there are more than one MATCHED clauses in a MERGE statement, only the last MATCHED clause can omit the condition.")
    package static let nonLastNotMatchedBySourceClauseOmitCondition = ErrorCondition(
        "NON_LAST_NOT_MATCHED_BY_SOURCE_CLAUSE_OMIT_CONDITION", "42613",
        """
        When there are more than one NOT MATCHED BY SOURCE clauses in a MERGE statement, only the last NOT MATCHED BY SOURCE clause can \
        omit the condition.
        """)
    package static let nonLastNotMatchedByTargetClauseOmitCondition = ErrorCondition(
        "NON_LAST_NOT_MATCHED_BY_TARGET_CLAUSE_OMIT_CONDITION", "42613",
        """
        When there are more than one NOT MATCHED [BY TARGET] clauses in a MERGE statement, only the last NOT MATCHED [BY TARGET] clause \
        can omit the condition.
        """)
    package static let notNullConstraintViolationArrayElement = ErrorCondition(
        "NOT_NULL_CONSTRAINT_VIOLATION.ARRAY_ELEMENT", "42000",
        "Assigning a NULL is not allowed here. The array <columnPath> is defined to contain only elements that are NOT NULL.")
    package static let notNullConstraintViolationMapValue = ErrorCondition(
        "NOT_NULL_CONSTRAINT_VIOLATION.MAP_VALUE", "42000",
        "Assigning a NULL is not allowed here. The map <columnPath> is defined to contain only values that are NOT NULL.")
    package static let noDefaultColumnValueAvailable = ErrorCondition(
        "NO_DEFAULT_COLUMN_VALUE_AVAILABLE", "42608",
        "Can't determine the default value for <colName> since it is not nullable and it has no default value.")
    package static let noMergeActionSpecified = ErrorCondition(
        "NO_MERGE_ACTION_SPECIFIED", "42K0E",
        "df.mergeInto needs to be followed by at least one of whenMatched/whenNotMatched/whenNotMatchedBySource.")
    package static let refDefaultValueIsNotAllowedInPartition = ErrorCondition(
        "REF_DEFAULT_VALUE_IS_NOT_ALLOWED_IN_PARTITION", "42601",
        "References to DEFAULT column values are not allowed within the PARTITION clause.")
    package static let staticPartitionColumnInInsertColumnList = ErrorCondition(
        "STATIC_PARTITION_COLUMN_IN_INSERT_COLUMN_LIST", "42713",
        "Static partition column <staticName> is also specified in the column list.")
    package static let unsupportedDefaultValueWithoutSuggestion = ErrorCondition(
        "UNSUPPORTED_DEFAULT_VALUE.WITHOUT_SUGGESTION", "0A000",
        "DEFAULT column values is not supported. ")
    package static let unsupportedDefaultValueWithSuggestion = ErrorCondition(
        "UNSUPPORTED_DEFAULT_VALUE.WITH_SUGGESTION", "0A000",
        "DEFAULT column values is not supported. Enable it by setting \"spark.sql.defaultColumn.enabled\" to \"true\".")
    package static let unsupportedExpressionGeneratedColumn = ErrorCondition(
        "UNSUPPORTED_EXPRESSION_GENERATED_COLUMN", "42621",
        "Cannot create generated column <fieldName> with generation expression <expressionStr> because <reason>.")
    package static let unsupportedInsertMultiPath = ErrorCondition(
        "UNSUPPORTED_INSERT.MULTI_PATH", "42809",
        "Can't insert into the target. Can only write data to relations with a single path but given paths are <paths>.")
    package static let unsupportedInsertNotAllowed = ErrorCondition(
        "UNSUPPORTED_INSERT.NOT_ALLOWED", "42809",
        "Can't insert into the target. The target relation <relationId> does not allow insertion.")
    package static let unsupportedInsertNotPartitioned = ErrorCondition(
        "UNSUPPORTED_INSERT.NOT_PARTITIONED", "42809",
        "Can't insert into the target. The target relation <relationId> is not partitioned.")
    package static let unsupportedInsertReadFrom = ErrorCondition(
        "UNSUPPORTED_INSERT.READ_FROM", "42809",
        "Can't insert into the target. The target relation <relationId> is also being read from.")
    package static let unsupportedMergeConditionAggregate = ErrorCondition(
        "UNSUPPORTED_MERGE_CONDITION.AGGREGATE", "42K0E",
        "MERGE operation contains unsupported <condName> condition. Aggregates are not allowed: <cond>.")
    package static let unsupportedMergeConditionNonDeterministic = ErrorCondition(
        "UNSUPPORTED_MERGE_CONDITION.NON_DETERMINISTIC", "42K0E",
        "MERGE operation contains unsupported <condName> condition. Non-deterministic expressions are not allowed: <cond>.")
    package static let unsupportedMergeConditionSubquery = ErrorCondition(
        "UNSUPPORTED_MERGE_CONDITION.SUBQUERY", "42K0E",
        "MERGE operation contains unsupported <condName> condition. Subqueries are not allowed: <cond>.")
    package static let unsupportedOverwritePath = ErrorCondition(
        "UNSUPPORTED_OVERWRITE.PATH", "42902",
        "Can't overwrite the target that is also being read from. The target path is <path>.")
    package static let unsupportedOverwriteTable = ErrorCondition(
        "UNSUPPORTED_OVERWRITE.TABLE", "42902",
        "Can't overwrite the target that is also being read from. The target table is <table>.")
    package static let unsupportedSqlUdfUsage = ErrorCondition(
        "UNSUPPORTED_SQL_UDF_USAGE", "0A000",
        "Using SQL function <functionName> in <nodeName> is not supported.")
    package static let userDefinedFunctionsCannotContainComplexFunctions = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.CANNOT_CONTAIN_COMPLEX_FUNCTIONS", "42601",
        "User defined function is invalid: SQL scalar function cannot contain aggregate/window/generate functions: <queryText>")
    package static let userDefinedFunctionsCannotReplaceNonSqlUdfWithSqlUdf = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.CANNOT_REPLACE_NON_SQL_UDF_WITH_SQL_UDF", "42601",
        "User defined function is invalid: Cannot replace the non-SQL function <name> with a SQL function.")
    package static let userDefinedFunctionsNotAValidDefaultExpression = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.NOT_A_VALID_DEFAULT_EXPRESSION", "42601",
        """
        User defined function is invalid: The DEFAULT expression of `<functionName>`.`<parameterName>` is not supported because it \
        contains a subquery.
        """)
    package static let userDefinedFunctionsNotAValidDefaultParameterPosition = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.NOT_A_VALID_DEFAULT_PARAMETER_POSITION", "42601",
        """
        User defined function is invalid: In routine `<functionName>` parameter `<parameterName>` with DEFAULT must not be followed by \
        parameter `<nextParameterName>` without DEFAULT.
        """)
    package static let userDefinedFunctionsNotNullOnFunctionParameters = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.NOT_NULL_ON_FUNCTION_PARAMETERS", "42601",
        "User defined function is invalid: Cannot specify NOT NULL on function parameters: <input>")
    package static let userDefinedFunctionsReturnColumnCountMismatch = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.RETURN_COLUMN_COUNT_MISMATCH", "42601",
        """
        User defined function is invalid: The number of columns produced by the RETURN clause (num: `<outputSize>`) does not match the \
        number of column names specified by the RETURNS clause (num: `<returnParamSize>`) of <name>.
        """)
    package static let userDefinedFunctionsRoutinePropertyTooLarge = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.ROUTINE_PROPERTY_TOO_LARGE", "42601",
        """
        User defined function is invalid: Cannot convert user defined routine <name> to catalog function: routine properties are too \
        large.
        """)
    package static let userDefinedFunctionsSqlTableUdfBodyMustBeAQuery = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.SQL_TABLE_UDF_BODY_MUST_BE_A_QUERY", "42601",
        "User defined function is invalid: SQL table function <name> body must be a query.")
    package static let userDefinedFunctionsSqlTableUdfMissingColumnNames = ErrorCondition(
        "USER_DEFINED_FUNCTIONS.SQL_TABLE_UDF_MISSING_COLUMN_NAMES", "42601",
        """
        User defined function is invalid: The relation returned by the query in the CREATE FUNCTION statement for <functionName> with \
        RETURNS TABLE clause lacks explicit names for one or more output columns; please rewrite the function body to provide explicit \
        column names or add column names to the RETURNS TABLE clause, and re-run the command.
        """)
}
