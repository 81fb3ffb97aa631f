/// Columns, functions, aggregates, windows and other parts of a query. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let allParametersMustBeNamed = ErrorCondition(
        "ALL_PARAMETERS_MUST_BE_NAMED", "07001",
        "Using name parameterized queries requires all parameters to be named. Parameters missing names: <exprs>.")
    package static let ambiguousColumnOrField = ErrorCondition(
        "AMBIGUOUS_COLUMN_OR_FIELD", "42702",
        "Column or field <name> is ambiguous and has <n> matches.")
    package static let ambiguousColumnReference = ErrorCondition(
        "AMBIGUOUS_COLUMN_REFERENCE", "42702",
        """
        Column <name> is ambiguous. It's because you joined several DataFrame together, and some of these DataFrames are the same.
        This column points to one of the DataFrames but Spark is unable to figure out which one.
        Please alias the DataFrames with different names via `DataFrame.alias` before joining them,
        and specify the column using qualified name, e.g. `df.alias("a").join(df.alias("b"), col("a.id") > col("b.id"))`.
        """)
    package static let ambiguousLateralColumnAlias = ErrorCondition(
        "AMBIGUOUS_LATERAL_COLUMN_ALIAS", "42702",
        "Lateral column alias <name> is ambiguous and has <n> matches.")
    package static let ambiguousReference = ErrorCondition(
        "AMBIGUOUS_REFERENCE", "42704",
        "Reference <name> is ambiguous, could be: <referenceNames>.")
    package static let ambiguousReferenceToFields = ErrorCondition(
        "AMBIGUOUS_REFERENCE_TO_FIELDS", "42000",
        "Ambiguous reference to the field <field>. It appears <count> times in the schema.")
    package static let ambiguousResolverExtension = ErrorCondition(
        "AMBIGUOUS_RESOLVER_EXTENSION", "XX000",
        """
        The single-pass analyzer cannot process this query or command because the extension choice for <operator> is ambiguous: \
        <extensions>.
        """)
    package static let cannotResolveStarExpand = ErrorCondition(
        "CANNOT_RESOLVE_STAR_EXPAND", "42704",
        """
        Cannot resolve <targetString>.* given input columns <columns>. Please check that the specified table or struct exists and is \
        accessible in the input columns.
        """)
    package static let columnNotFound = ErrorCondition(
        "COLUMN_NOT_FOUND", "42703",
        """
        The column <colName> cannot be found. Verify the spelling and correctness of the column name according to the SQL config \
        <caseSensitiveConfig>.
        """)
    package static let duplicateKey = ErrorCondition("DUPLICATE_KEY", "23505", "Found duplicate keys <keyColumn>.")
    package static let invalidEscapeChar = ErrorCondition(
        "INVALID_ESCAPE_CHAR", "42604",
        "`EscapeChar` should be a string literal of length one, but got <sqlExpr>.")
    package static let invalidFieldName = ErrorCondition(
        "INVALID_FIELD_NAME", "42000",
        "Field name <fieldName> is invalid: <path> is not a struct.")
    package static let invalidLambdaFunctionCallDuplicateArgNames = ErrorCondition(
        "INVALID_LAMBDA_FUNCTION_CALL.DUPLICATE_ARG_NAMES", "42K0D",
        """
        Invalid lambda function call. The lambda function has duplicate arguments <args>. Please, consider to rename the argument names \
        or set <caseSensitiveConfig> to "true".
        """)
    package static let invalidLambdaFunctionCallNonHigherOrderFunction = ErrorCondition(
        "INVALID_LAMBDA_FUNCTION_CALL.NON_HIGHER_ORDER_FUNCTION", "42K0D",
        """
        Invalid lambda function call. A lambda function should only be used in a higher order function. However, its class is <class>, \
        which is not a higher order function.
        """)
    package static let invalidLambdaFunctionCallNumArgsMismatch = ErrorCondition(
        "INVALID_LAMBDA_FUNCTION_CALL.NUM_ARGS_MISMATCH", "42K0D",
        "Invalid lambda function call. A higher order function expects <expectedNumArgs> arguments, but got <actualNumArgs>.")
    package static let invalidLambdaFunctionCallParameterDoesNotAcceptLambdaFunction = ErrorCondition(
        "INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION", "42K0D",
        """
        Invalid lambda function call. You passed a lambda function to a parameter that does not accept it. Please check if lambda \
        function argument is in the correct position.
        """)
    package static let invalidObservedMetricsAggregateExpressionWithDistinctUnsupported = ErrorCondition(
        "INVALID_OBSERVED_METRICS.AGGREGATE_EXPRESSION_WITH_DISTINCT_UNSUPPORTED", "42K0E",
        "Invalid observed metrics. Aggregate expressions with DISTINCT are not allowed in observed metrics, but found: <expr>.")
    package static let invalidObservedMetricsAggregateExpressionWithFilterUnsupported = ErrorCondition(
        "INVALID_OBSERVED_METRICS.AGGREGATE_EXPRESSION_WITH_FILTER_UNSUPPORTED", "42K0E",
        "Invalid observed metrics. Aggregate expression with FILTER predicate are not allowed in observed metrics, but found: <expr>.")
    package static let invalidObservedMetricsMissingName = ErrorCondition(
        "INVALID_OBSERVED_METRICS.MISSING_NAME", "42K0E",
        "Invalid observed metrics. The observed metrics should be named: <operator>.")
    package static let invalidObservedMetricsNestedAggregatesUnsupported = ErrorCondition(
        "INVALID_OBSERVED_METRICS.NESTED_AGGREGATES_UNSUPPORTED", "42K0E",
        "Invalid observed metrics. Nested aggregates are not allowed in observed metrics, but found: <expr>.")
    package static let invalidObservedMetricsNonAggregateFuncArgIsAttribute = ErrorCondition(
        "INVALID_OBSERVED_METRICS.NON_AGGREGATE_FUNC_ARG_IS_ATTRIBUTE", "42K0E",
        "Invalid observed metrics. Attribute <expr> can only be used as an argument to an aggregate function.")
    package static let invalidObservedMetricsNonAggregateFuncArgIsNonDeterministic = ErrorCondition(
        "INVALID_OBSERVED_METRICS.NON_AGGREGATE_FUNC_ARG_IS_NON_DETERMINISTIC", "42K0E",
        "Invalid observed metrics. Non-deterministic expression <expr> can only be used as an argument to an aggregate function.")
    package static let invalidObservedMetricsWindowExpressionsUnsupported = ErrorCondition(
        "INVALID_OBSERVED_METRICS.WINDOW_EXPRESSIONS_UNSUPPORTED", "42K0E",
        "Invalid observed metrics. Window expressions are not allowed in observed metrics, but found: <expr>.")
    package static let invalidOptionsNonMapFunction = ErrorCondition(
        "INVALID_OPTIONS.NON_MAP_FUNCTION", "42K06",
        "Invalid options: Must use the `map()` function for options.")
    package static let invalidOptionsNonStringType = ErrorCondition(
        "INVALID_OPTIONS.NON_STRING_TYPE", "42K06",
        "Invalid options: A type of keys and values in `map()` must be string, but got <mapType>.")
    package static let invalidQueryMixedQueryParameters = ErrorCondition(
        "INVALID_QUERY_MIXED_QUERY_PARAMETERS", "42613",
        "Parameterized query must either use positional, or named parameters, but not both.")
    package static let invalidSqlArg = ErrorCondition(
        "INVALID_SQL_ARG", "42K08",
        """
        The argument <name> of `sql()` is invalid. Consider to replace it either by a SQL literal or by collection constructor \
        functions such as `map()`, `array()`, `struct()`.
        """)
    package static let invalidUsageOfStarOrRegex = ErrorCondition(
        "INVALID_USAGE_OF_STAR_OR_REGEX", "42000",
        "Invalid usage of <elem> in <prettyName>.")
    package static let multiAliasWithoutGenerator = ErrorCondition(
        "MULTI_ALIAS_WITHOUT_GENERATOR", "42K0E",
        "Multi part aliasing (<names>) is not supported with <expr> as it is not a generator function.")
    package static let namedParametersNotSupported = ErrorCondition(
        "NAMED_PARAMETERS_NOT_SUPPORTED", "4274K",
        """
        Named parameters are not supported for function <functionName>; please retry the query with positional arguments to the \
        function call instead.
        """)
    package static let namedParameterSupportDisabled = ErrorCondition(
        "NAMED_PARAMETER_SUPPORT_DISABLED", "0A000",
        """
        Cannot call function <functionName> because named argument references are not enabled here.
        In this case, the named argument reference was <argument>.
        Set "spark.sql.allowNamedFunctionArguments" to "true" to turn on feature.
        """)
    package static let nonFoldableArgument = ErrorCondition(
        "NON_FOLDABLE_ARGUMENT", "42K08",
        """
        The function <funcName> requires the parameter <paramName> to be a foldable expression of the type <paramType>, but the actual \
        argument is a non-foldable.
        """)
    package static let notAConstantStringNotConstant = ErrorCondition(
        "NOT_A_CONSTANT_STRING.NOT_CONSTANT", "42601",
        """
        The expression <expr> used for the routine or clause <name> must be a constant STRING which is NOT NULL. To be considered \
        constant the expression must not depend on any columns, contain a subquery, or invoke a non deterministic function such as \
        rand().
        """)
    package static let notAConstantStringNull = ErrorCondition(
        "NOT_A_CONSTANT_STRING.NULL", "42601",
        """
        The expression <expr> used for the routine or clause <name> must be a constant STRING which is NOT NULL. The expression \
        evaluates to NULL.
        """)
    package static let notAConstantStringWrongType = ErrorCondition(
        "NOT_A_CONSTANT_STRING.WRONG_TYPE", "42601",
        """
        The expression <expr> used for the routine or clause <name> must be a constant STRING which is NOT NULL. The data type of the \
        expression is <dataType>.
        """)
    package static let notAScalarFunction = ErrorCondition(
        "NOT_A_SCALAR_FUNCTION", "42887",
        """
        <functionName> appears as a scalar expression here, but the function was defined as a table function. Please update the query \
        to move the function call into the FROM clause, or redefine <functionName> as a scalar function instead.
        """)
    package static let notATableFunction = ErrorCondition(
        "NOT_A_TABLE_FUNCTION", "42887",
        """
        <functionName> appears as a table function here, but the function was defined as a scalar function. Please update the query to \
        move the function call outside the FROM clause, or redefine <functionName> as a table function instead.
        """)
    package static let unboundSqlParameter = ErrorCondition(
        "UNBOUND_SQL_PARAMETER", "42P02",
        """
        Found the unbound parameter: <name>. Please, fix `args` and provide a mapping of the parameter to either a SQL literal or \
        collection constructor functions such as `map()`, `array()`, `struct()`.
        """)
    package static let unexpectedPositionalArgument = ErrorCondition(
        "UNEXPECTED_POSITIONAL_ARGUMENT", "4274K",
        """
        Cannot invoke routine <routineName> because it contains positional argument(s) following the named argument assigned to \
        <parameterName>; please rearrange them so the positional arguments come first and then retry the query again.
        """)
    package static let unrecognizedParameterName = ErrorCondition(
        "UNRECOGNIZED_PARAMETER_NAME", "4274K",
        """
        Cannot invoke routine <routineName> because the routine call included a named argument reference for the argument named \
        <argumentName>, but this routine does not include any signature containing an argument with this name. Did you mean one of the \
        following? [<proposal>].
        """)
    package static let unrecognizedSqlType = ErrorCondition(
        "UNRECOGNIZED_SQL_TYPE", "42704",
        "Unrecognized SQL type - name: <typeName>, id: <jdbcType>.")
    package static let unresolvableTableValuedFunction = ErrorCondition(
        "UNRESOLVABLE_TABLE_VALUED_FUNCTION", "42883",
        """
        Could not resolve <name> to a table-valued function.
        Please make sure that <name> is defined as a table-valued function and that all required parameters are provided correctly.
        If <name> is not defined, please create the table-valued function before using it.
        For more information about defining table-valued functions, please refer to the Apache Spark documentation.
        """)
    package static let unresolvedAllInGroupBy = ErrorCondition(
        "UNRESOLVED_ALL_IN_GROUP_BY", "42803",
        "Cannot infer grouping columns for GROUP BY ALL based on the select clause. Please explicitly specify the grouping columns.")
    package static let unresolvedColumnWithoutSuggestion = ErrorCondition(
        "UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "42703",
        "A column, variable, or function parameter with name <objectName> cannot be resolved. ")
    package static let unresolvedColumnWithSuggestion = ErrorCondition(
        "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703",
        """
        A column, variable, or function parameter with name <objectName> cannot be resolved. Did you mean one of the following? \
        [<proposal>].
        """)
    package static let unresolvedFieldWithoutSuggestion = ErrorCondition(
        "UNRESOLVED_FIELD.WITHOUT_SUGGESTION", "42703",
        "A field with name <fieldName> cannot be resolved with the struct-type column <columnPath>. ")
    package static let unresolvedFieldWithSuggestion = ErrorCondition(
        "UNRESOLVED_FIELD.WITH_SUGGESTION", "42703",
        """
        A field with name <fieldName> cannot be resolved with the struct-type column <columnPath>. Did you mean one of the following? \
        [<proposal>].
        """)
    package static let unresolvedMapKeyWithoutSuggestion = ErrorCondition(
        "UNRESOLVED_MAP_KEY.WITHOUT_SUGGESTION", "42703",
        "Cannot resolve column <objectName> as a map key. If the key is a string literal, add the single quotes '' around it. ")
    package static let unresolvedMapKeyWithSuggestion = ErrorCondition(
        "UNRESOLVED_MAP_KEY.WITH_SUGGESTION", "42703",
        """
        Cannot resolve column <objectName> as a map key. If the key is a string literal, add the single quotes '' around it. Otherwise \
        did you mean one of the following column(s)? [<proposal>].
        """)
    package static let unresolvedRoutine = ErrorCondition(
        "UNRESOLVED_ROUTINE", "42883",
        "Cannot resolve routine <routineName> on search path <searchPath>.")
    package static let unresolvedUsingColumnForJoin = ErrorCondition(
        "UNRESOLVED_USING_COLUMN_FOR_JOIN", "42703",
        "USING column <colName> cannot be resolved on the <side> side of the join. The <side>-side columns: [<suggestion>].")
    package static let wrongNumArgsWithoutSuggestion = ErrorCondition(
        "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605",
        """
        The <functionName> requires <expectedNum> parameters but the actual number is <actualNum>. Please, refer to \
        '<docroot>/sql-ref-functions.html' for a fix.
        """)
    package static let wrongNumArgsWithSuggestion = ErrorCondition(
        "WRONG_NUM_ARGS.WITH_SUGGESTION", "42605",
        """
        The <functionName> requires <expectedNum> parameters but the actual number is <actualNum>. If you have to call this function \
        with <legacyNum> parameters, set the legacy configuration <legacyConfKey> to <legacyConfValue>.
        """)
}
