/// What the parser refuses. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let alterTableColumnDescriptorDuplicate = ErrorCondition(
        "ALTER_TABLE_COLUMN_DESCRIPTOR_DUPLICATE", "42710",
        "ALTER TABLE <type> column <columnName> specifies descriptor \"<optionName>\" more than once, which is invalid.")
    package static let ambiguousAliasInNestedCte = ErrorCondition(
        "AMBIGUOUS_ALIAS_IN_NESTED_CTE", "42KD0",
        """
        Name <name> is ambiguous in nested CTE.
        Please set <config> to "CORRECTED" so that name defined in inner CTE takes precedence. If set it to "LEGACY", outer CTE \
        definitions will take precedence.
        See '<docroot>/sql-migration-guide.html#query-engine'.
        """)
    package static let columnAliasesNotAllowed = ErrorCondition(
        "COLUMN_ALIASES_NOT_ALLOWED", "42601",
        "Column aliases are not allowed in <op>.")
    package static let createTableColumnDescriptorDuplicate = ErrorCondition(
        "CREATE_TABLE_COLUMN_DESCRIPTOR_DUPLICATE", "42710",
        "CREATE TABLE column <columnName> specifies descriptor \"<optionName>\" more than once, which is invalid.")
    package static let describeJsonNotExtended = ErrorCondition(
        "DESCRIBE_JSON_NOT_EXTENDED", "0A000",
        """
        DESCRIBE TABLE ... AS JSON only supported when [EXTENDED|FORMATTED] is specified.
        For example: DESCRIBE EXTENDED <tableName> AS JSON is supported but DESCRIBE <tableName> AS JSON is not.
        """)
    package static let duplicatedCteNames = ErrorCondition(
        "DUPLICATED_CTE_NAMES", "42602",
        "CTE definition can't have duplicate names: <duplicateNames>.")
    package static let duplicateClauses = ErrorCondition(
        "DUPLICATE_CLAUSES", "42614",
        "Found duplicate clauses: <clauseName>. Please, remove one of them.")
    package static let failedToParseTooComplex = ErrorCondition(
        "FAILED_TO_PARSE_TOO_COMPLEX", "54001",
        """
        The statement, including potential SQL functions and referenced views, was too complex to parse.
        To mitigate this error divide the statement into multiple, less complex chunks.
        """)
    package static let identifierTooManyNameParts = ErrorCondition(
        "IDENTIFIER_TOO_MANY_NAME_PARTS", "42601",
        "<identifier> is not a valid identifier as it has more than <limit> name parts.")
    package static let invalidConstraintCharacteristics = ErrorCondition(
        "INVALID_CONSTRAINT_CHARACTERISTICS", "42613",
        "Constraint characteristics [<characteristics>] are duplicated or conflict with each other.")
    package static let invalidEsc = ErrorCondition(
        "INVALID_ESC", "42604",
        "Found an invalid escape string: <invalidEscape>. The escape string must contain only one character.")
    package static let invalidIdentifier = ErrorCondition(
        "INVALID_IDENTIFIER", "42602",
        """
        The unquoted identifier <ident> is invalid and must be back quoted as: `<ident>`.
        Unquoted identifiers can only contain ASCII letters ('a' - 'z', 'A' - 'Z'), digits ('0' - '9'), and underbar ('_').
        Unquoted identifiers must also not start with a digit.
        Different data sources and meta stores may impose additional restrictions on valid identifiers.
        """)
    package static let invalidNameInUseCommand = ErrorCondition(
        "INVALID_NAME_IN_USE_COMMAND", "42000",
        "Invalid name '<name>' in <command> command. Reason: <reason>")
    package static let invalidNumericLiteralRange = ErrorCondition(
        "INVALID_NUMERIC_LITERAL_RANGE", "22003",
        """
        Numeric literal <rawStrippedQualifier> is outside the valid range for <typeName> with minimum value of <minValue> and maximum \
        value of <maxValue>. Please adjust the value accordingly.
        """)
    package static let invalidPropertyKey = ErrorCondition(
        "INVALID_PROPERTY_KEY", "42602",
        "<key> is an invalid property key, please use quotes, e.g. SET <key>=<value>.")
    package static let invalidPropertyValue = ErrorCondition(
        "INVALID_PROPERTY_VALUE", "42602",
        "<value> is an invalid property value, please use quotes, e.g. SET <key>=<value>")
    package static let invalidRecursiveCte = ErrorCondition(
        "INVALID_RECURSIVE_CTE", "42836",
        """
        Invalid recursive definition found. Recursive queries must contain an UNION or an UNION ALL statement with 2 children. The \
        first child needs to be the anchor term without any recursive references. Any top level inner CTE must not contain self \
        references.
        """)
    package static let invalidRecursiveReferencePlace = ErrorCondition(
        "INVALID_RECURSIVE_REFERENCE.PLACE", "42836",
        """
        Invalid recursive reference found inside WITH RECURSIVE clause. Recursive references cannot be used on the right side of left \
        outer/semi/anti joins, on the left side of right outer joins, in full outer joins, in aggregates, window functions or sorts
        """)
    package static let invalidResettableDependency = ErrorCondition(
        "INVALID_RESETTABLE_DEPENDENCY", "42000",
        """
        Tables <upstreamResettableTables> are resettable but have a non-resettable downstream dependency '<downstreamTable>'. `reset` \
        will fail as Spark Streaming does not support deleted source data. You can either remove the <resetAllowedKey>=false property \
        from '<downstreamTable>' or add it to its upstream dependencies.
        """)
    package static let invalidResetCommandFormat = ErrorCondition(
        "INVALID_RESET_COMMAND_FORMAT", "42000",
        """
        Expected format is 'RESET' or 'RESET key'. If you want to include special characters in key, please use quotes, e.g., RESET \
        `key`.
        """)
    package static let invalidSetSyntax = ErrorCondition(
        "INVALID_SET_SYNTAX", "42000",
        """
        Expected format is 'SET', 'SET key', or 'SET key=value'. If you want to include special characters in key, or include semicolon \
        in value, please use backquotes, e.g., SET `key`=`value`.
        """)
    package static let invalidSqlSyntaxAnalyzeTableUnexpectedNoscan = ErrorCondition(
        "INVALID_SQL_SYNTAX.ANALYZE_TABLE_UNEXPECTED_NOSCAN", "42000",
        "Invalid SQL syntax: ANALYZE TABLE(S) ... COMPUTE STATISTICS ... <ctx> must be either NOSCAN or empty.")
    package static let invalidSqlSyntaxCreateFuncWithColumnConstraints = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_FUNC_WITH_COLUMN_CONSTRAINTS", "42000",
        "Invalid SQL syntax: CREATE FUNCTION with constraints on parameters is not allowed.")
    package static let invalidSqlSyntaxCreateFuncWithGeneratedColumnsAsParameters = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_FUNC_WITH_GENERATED_COLUMNS_AS_PARAMETERS", "42000",
        "Invalid SQL syntax: CREATE FUNCTION with generated columns as parameters is not allowed.")
    package static let invalidSqlSyntaxCreateRoutineWithIfNotExistsAndReplace = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_ROUTINE_WITH_IF_NOT_EXISTS_AND_REPLACE", "42000",
        "Invalid SQL syntax: Cannot create a routine with both IF NOT EXISTS and REPLACE specified.")
    package static let invalidSqlSyntaxCreateTempFuncWithDatabase = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_TEMP_FUNC_WITH_DATABASE", "42000",
        "Invalid SQL syntax: CREATE TEMPORARY FUNCTION with specifying a database(<database>) is not allowed.")
    package static let invalidSqlSyntaxCreateTempFuncWithIfNotExists = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_TEMP_FUNC_WITH_IF_NOT_EXISTS", "42000",
        "Invalid SQL syntax: CREATE TEMPORARY FUNCTION with IF NOT EXISTS is not allowed.")
    package static let invalidSqlSyntaxCreateTempTableUsingProvider = ErrorCondition(
        "INVALID_SQL_SYNTAX.CREATE_TEMP_TABLE_USING_PROVIDER", "42000",
        """
        Invalid SQL syntax: CREATE TEMPORARY TABLE ... USING ... is a deprecated syntax. To overcome the issue, please use CREATE \
        TEMPORARY VIEW instead.
        """)
    package static let invalidSqlSyntaxEmptyPartitionValue = ErrorCondition(
        "INVALID_SQL_SYNTAX.EMPTY_PARTITION_VALUE", "42000",
        "Invalid SQL syntax: Partition key <partKey> must set value.")
    package static let invalidSqlSyntaxFunctionWithUnsupportedSyntax = ErrorCondition(
        "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000",
        "Invalid SQL syntax: The function <prettyName> does not support <syntax>.")
    package static let invalidSqlSyntaxInvalidColumnReference = ErrorCondition(
        "INVALID_SQL_SYNTAX.INVALID_COLUMN_REFERENCE", "42000",
        "Invalid SQL syntax: Expected a column reference for transform <transform>: <expr>.")
    package static let invalidSqlSyntaxInvalidTableFunctionIdentifierArgumentMissingParentheses = ErrorCondition(
        "INVALID_SQL_SYNTAX.INVALID_TABLE_FUNCTION_IDENTIFIER_ARGUMENT_MISSING_PARENTHESES", "42000",
        """
        Invalid SQL syntax: Syntax error: call to table-valued function is invalid because parentheses are missing around the provided \
        TABLE argument <argumentName>; please surround this with parentheses and try again.
        """)
    package static let invalidSqlSyntaxInvalidTableValuedFuncName = ErrorCondition(
        "INVALID_SQL_SYNTAX.INVALID_TABLE_VALUED_FUNC_NAME", "42000",
        "Invalid SQL syntax: Table valued function cannot specify database name: <funcName>.")
    package static let invalidSqlSyntaxInvalidWindowReference = ErrorCondition(
        "INVALID_SQL_SYNTAX.INVALID_WINDOW_REFERENCE", "42000",
        "Invalid SQL syntax: Window reference <windowName> is not a window specification.")
    package static let invalidSqlSyntaxLateralWithoutSubqueryOrTableValuedFunc = ErrorCondition(
        "INVALID_SQL_SYNTAX.LATERAL_WITHOUT_SUBQUERY_OR_TABLE_VALUED_FUNC", "42000",
        "Invalid SQL syntax: LATERAL can only be used with subquery and table-valued functions.")
    package static let invalidSqlSyntaxMultiPartName = ErrorCondition(
        "INVALID_SQL_SYNTAX.MULTI_PART_NAME", "42000",
        "Invalid SQL syntax: <statement> with multiple part name(<name>) is not allowed.")
    package static let invalidSqlSyntaxOptionIsInvalid = ErrorCondition(
        "INVALID_SQL_SYNTAX.OPTION_IS_INVALID", "42000",
        "Invalid SQL syntax: option or property key <key> is invalid; only <supported> are supported")
    package static let invalidSqlSyntaxRepetitiveWindowDefinition = ErrorCondition(
        "INVALID_SQL_SYNTAX.REPETITIVE_WINDOW_DEFINITION", "42000",
        "Invalid SQL syntax: The definition of window <windowName> is repetitive.")
    package static let invalidSqlSyntaxShowFunctionsInvalidPattern = ErrorCondition(
        "INVALID_SQL_SYNTAX.SHOW_FUNCTIONS_INVALID_PATTERN", "42000",
        "Invalid SQL syntax: Invalid pattern in SHOW FUNCTIONS: <pattern>. It must be a \"STRING\" literal.")
    package static let invalidSqlSyntaxShowFunctionsInvalidScope = ErrorCondition(
        "INVALID_SQL_SYNTAX.SHOW_FUNCTIONS_INVALID_SCOPE", "42000",
        "Invalid SQL syntax: SHOW <scope> FUNCTIONS not supported.")
    package static let invalidSqlSyntaxTransformWrongNumArgs = ErrorCondition(
        "INVALID_SQL_SYNTAX.TRANSFORM_WRONG_NUM_ARGS", "42000",
        "Invalid SQL syntax: The transform<transform> requires <expectedNum> parameters but the actual number is <actualNum>.")
    package static let invalidSqlSyntaxUnresolvedWindowReference = ErrorCondition(
        "INVALID_SQL_SYNTAX.UNRESOLVED_WINDOW_REFERENCE", "42000",
        "Invalid SQL syntax: Cannot resolve window reference <windowName>.")
    package static let invalidSqlSyntaxUnsupportedFuncName = ErrorCondition(
        "INVALID_SQL_SYNTAX.UNSUPPORTED_FUNC_NAME", "42000",
        "Invalid SQL syntax: Unsupported function name <funcName>.")
    package static let invalidSqlSyntaxUnsupportedSqlStatement = ErrorCondition(
        "INVALID_SQL_SYNTAX.UNSUPPORTED_SQL_STATEMENT", "42000",
        "Invalid SQL syntax: Unsupported SQL statement: <sqlText>.")
    package static let invalidTempObjReference = ErrorCondition(
        "INVALID_TEMP_OBJ_REFERENCE", "42K0F",
        """
        Cannot create the persistent object <objName> of the type <obj> because it references to the temporary object <tempObjName> of \
        the type <tempObj>. Please make the temporary object <tempObjName> persistent, or make the persistent object <objName> \
        temporary.
        """)
    package static let invalidTypedLiteral = ErrorCondition(
        "INVALID_TYPED_LITERAL", "42604",
        "The value of the typed literal <valueType> is invalid: <value>.")
    package static let multiplePrimaryKeys = ErrorCondition(
        "MULTIPLE_PRIMARY_KEYS", "42P16",
        "Multiple primary keys are defined: <columns>. Please ensure that only one primary key is defined for the table.")
    package static let multipleQueryResultClausesWithPipeOperators = ErrorCondition(
        "MULTIPLE_QUERY_RESULT_CLAUSES_WITH_PIPE_OPERATORS", "42000",
        """
        <clause1> and <clause2> cannot coexist in the same SQL pipe operator using '|>'. Please separate the multiple result clauses \
        into separate pipe operators and then retry the query again.
        """)
    package static let parseEmptyStatement = ErrorCondition("PARSE_EMPTY_STATEMENT", "42617", "Syntax error, unexpected empty statement.")
    package static let parseModeUnsupported = ErrorCondition(
        "PARSE_MODE_UNSUPPORTED", "42601",
        "The function <funcName> doesn't support the <mode> mode. Acceptable modes are PERMISSIVE and FAILFAST.")
    package static let parseSyntaxError = ErrorCondition("PARSE_SYNTAX_ERROR", "42601", "Syntax error at or near <error><hint>.")
    package static let repeatedClause = ErrorCondition(
        "REPEATED_CLAUSE", "42614",
        "The <clause> clause may be used at most once per <operation> operation.")
    package static let showColumnsWithConflictNamespace = ErrorCondition(
        "SHOW_COLUMNS_WITH_CONFLICT_NAMESPACE", "42K05",
        "SHOW COLUMNS with conflicting namespaces: <namespaceA> != <namespaceB>.")
    package static let specifyBucketingIsNotAllowed = ErrorCondition(
        "SPECIFY_BUCKETING_IS_NOT_ALLOWED", "42601",
        """
        A CREATE TABLE without explicit column list cannot specify bucketing information.
        Please use the form with explicit column list and specify bucketing information.
        Alternatively, allow bucketing information to be inferred by omitting the clause.
        """)
    package static let specifyClusterByWithBucketingIsNotAllowed = ErrorCondition(
        "SPECIFY_CLUSTER_BY_WITH_BUCKETING_IS_NOT_ALLOWED", "42908",
        "Cannot specify both CLUSTER BY and CLUSTERED BY INTO BUCKETS.")
    package static let specifyClusterByWithPartitionedByIsNotAllowed = ErrorCondition(
        "SPECIFY_CLUSTER_BY_WITH_PARTITIONED_BY_IS_NOT_ALLOWED", "42908",
        "Cannot specify both CLUSTER BY and PARTITIONED BY.")
    package static let specifyPartitionIsNotAllowed = ErrorCondition(
        "SPECIFY_PARTITION_IS_NOT_ALLOWED", "42601",
        """
        A CREATE TABLE without explicit column list cannot specify PARTITIONED BY.
        Please use the form with explicit column list and specify PARTITIONED BY.
        Alternatively, allow partitioning to be inferred by omitting the PARTITION BY clause.
        """)
    package static let syntaxDiscontinuedBangEqualsNot = ErrorCondition(
        "SYNTAX_DISCONTINUED.BANG_EQUALS_NOT", "42601",
        """
        Support of the clause or keyword: <clause> has been discontinued in this context. The '!' keyword is only supported as an alias \
        for the prefix operator 'NOT'.
        Use the 'NOT' keyword instead for infix clauses such as `NOT LIKE`, `NOT IN`, `NOT BETWEEN`, etc.
        To re-enable the '!' keyword, set "spark.sql.legacy.bangEqualsNot" to "true".
        """)
    package static let tempViewNameTooManyNameParts = ErrorCondition(
        "TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS", "428EK",
        "CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept single-part view names, but got: <actualName>.")
    package static let trailingCommaInSelect = ErrorCondition(
        "TRAILING_COMMA_IN_SELECT", "42601",
        "Trailing comma detected in SELECT clause. Remove the trailing comma before the FROM clause.")
    package static let unclosedBracketedComment = ErrorCondition(
        "UNCLOSED_BRACKETED_COMMENT", "42601",
        "Found an unclosed bracketed comment. Please, append */ at the end of the comment.")
    package static let unexpectedUseOfParameterMarker = ErrorCondition(
        "UNEXPECTED_USE_OF_PARAMETER_MARKER", "XX000",
        """
        Internal error: Unexpected parameter marker <parameterMarker> found during AST building.
        This should have been blocked at the grammar level. Report this as a bug.
        """)
    package static let unsupportedConstraintCharacteristic = ErrorCondition(
        "UNSUPPORTED_CONSTRAINT_CHARACTERISTIC", "0A000",
        "Constraint characteristic '<characteristic>' is not supported for constraint type '<constraintType>'.")
    package static let unsupportedTypedLiteral = ErrorCondition(
        "UNSUPPORTED_TYPED_LITERAL", "0A000",
        "Literals of the type <unsupportedType> are not supported. Supported types are <supportedTypes>.")
    package static let legacy0012 = ErrorCondition("_LEGACY_ERROR_TEMP_0012", "", "DISTRIBUTE BY is not supported.")
    package static let legacy0014 = ErrorCondition("_LEGACY_ERROR_TEMP_0014", "", "TABLESAMPLE does not accept empty inputs.")
    package static let legacy0015 = ErrorCondition("_LEGACY_ERROR_TEMP_0015", "", "TABLESAMPLE(<msg>) is not supported.")
    package static let legacy0016 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0016", "",
        "<bytesStr> is not a valid byte length literal, expected syntax: DIGIT+ ('B' | 'K' | 'M' | 'G').")
    package static let legacy0018 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0018", "",
        "Function trim doesn't support with type <trimOption>. Please use BOTH, LEADING or TRAILING as trim type.")
    package static let legacy0024 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0024", "",
        "Can only have a single from-to unit in the interval literal syntax.")
    package static let legacy0026 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0026", "",
        "Can only use numbers in the interval value part for multiple unit value pairs interval form, but got invalid value: <value>.")
    package static let legacy0027 = ErrorCondition("_LEGACY_ERROR_TEMP_0027", "", "The value of from-to unit must be a string.")
    package static let legacy0029 = ErrorCondition("_LEGACY_ERROR_TEMP_0029", "", "Cannot mix year-month and day-time fields: <literal>.")
    package static let legacy0034 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0034", "",
        "<operation> is not supported in Hive-style <command><msg>.")
    package static let legacy0035 = ErrorCondition("_LEGACY_ERROR_TEMP_0035", "", "Operation not allowed: <message>.")
    package static let legacy0045 = ErrorCondition("_LEGACY_ERROR_TEMP_0045", "", "Invalid time zone displacement value.")
    package static let legacy0046 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0046", "",
        "CREATE TEMPORARY TABLE without a provider is not allowed.")
    package static let legacy0051 = ErrorCondition("_LEGACY_ERROR_TEMP_0051", "", "Empty set in <element> grouping sets is not supported.")
    package static let legacy0052 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0052", "",
        "CREATE VIEW with both IF NOT EXISTS and REPLACE is not allowed.")
    package static let legacy0053 = ErrorCondition(
        "_LEGACY_ERROR_TEMP_0053", "",
        "It is not allowed to define a TEMPORARY view with IF NOT EXISTS.")
    package static let legacy0063 = ErrorCondition("_LEGACY_ERROR_TEMP_0063", "", "<msg>.")
    package static let legacy0064 = ErrorCondition("_LEGACY_ERROR_TEMP_0064", "", "<msg>.")
}
