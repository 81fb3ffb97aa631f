/// Grouping, windows, joins, subqueries and other clauses of a query. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let aggregateFunctionWithNondeterministicExpression = ErrorCondition(
        "AGGREGATE_FUNCTION_WITH_NONDETERMINISTIC_EXPRESSION", "42845",
        "Non-deterministic expression <sqlExpr> should not appear in the arguments of an aggregate function.")
    package static let distinctWindowFunctionUnsupported = ErrorCondition(
        "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", "0A000",
        "Distinct window functions are not supported: <windowExpr>.")
    package static let exceptNestedColumnInvalidType = ErrorCondition(
        "EXCEPT_NESTED_COLUMN_INVALID_TYPE", "428H2",
        "EXCEPT column <columnName> was resolved and expected to be StructType, but found type <dataType>.")
    package static let exceptOverlappingColumns = ErrorCondition(
        "EXCEPT_OVERLAPPING_COLUMNS", "42702",
        "Columns in an EXCEPT list must be distinct and non-overlapping, but got (<columns>).")
    package static let groupingColumnMismatch = ErrorCondition(
        "GROUPING_COLUMN_MISMATCH", "42803",
        "Column of grouping (<grouping>) can't be found in grouping columns <groupingColumns>.")
    package static let groupingIdColumnMismatch = ErrorCondition(
        "GROUPING_ID_COLUMN_MISMATCH", "42803",
        "Columns of grouping_id (<groupingIdColumn>) does not match grouping columns (<groupByColumns>).")
    package static let groupingSizeLimitExceeded = ErrorCondition(
        "GROUPING_SIZE_LIMIT_EXCEEDED", "54000",
        "Grouping sets size cannot be greater than <maxSize>.")
    package static let groupByAggregate = ErrorCondition(
        "GROUP_BY_AGGREGATE", "42903",
        "Aggregate functions are not allowed in GROUP BY, but found <sqlExpr>.")
    package static let groupByPosAggregate = ErrorCondition(
        "GROUP_BY_POS_AGGREGATE", "42903",
        """
        GROUP BY <index> refers to an expression <aggExpr> that contains an aggregate function. Aggregate functions are not allowed in \
        GROUP BY.
        """)
    package static let groupByPosOutOfRange = ErrorCondition(
        "GROUP_BY_POS_OUT_OF_RANGE", "42805",
        "GROUP BY position <index> is not in select list (valid range is [1, <size>]).")
    package static let groupExpressionTypeIsNotOrderable = ErrorCondition(
        "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "42822",
        "The expression <sqlExpr> cannot be used as a grouping expression because its data type <dataType> is not an orderable data type.")
    package static let invalidAggregateFilterContainsAggregate = ErrorCondition(
        "INVALID_AGGREGATE_FILTER.CONTAINS_AGGREGATE", "42903",
        """
        The FILTER expression <filterExpr> in an aggregate function is invalid. Expected a FILTER expression without an aggregation, \
        but found <aggExpr>.
        """)
    package static let invalidAggregateFilterContainsWindowFunction = ErrorCondition(
        "INVALID_AGGREGATE_FILTER.CONTAINS_WINDOW_FUNCTION", "42903",
        """
        The FILTER expression <filterExpr> in an aggregate function is invalid. Expected a FILTER expression without a window function, \
        but found <windowExpr>.
        """)
    package static let invalidAggregateFilterNonDeterministic = ErrorCondition(
        "INVALID_AGGREGATE_FILTER.NON_DETERMINISTIC", "42903",
        "The FILTER expression <filterExpr> in an aggregate function is invalid. Expected a deterministic FILTER expression.")
    package static let invalidAggregateFilterNotBoolean = ErrorCondition(
        "INVALID_AGGREGATE_FILTER.NOT_BOOLEAN", "42903",
        "The FILTER expression <filterExpr> in an aggregate function is invalid. Expected a FILTER expression of the BOOLEAN type.")
    package static let invalidInlineTableCannotEvaluateExpressionInInlineTable = ErrorCondition(
        "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE", "42000",
        "Invalid inline table. Cannot evaluate the expression <expr> in inline table definition.")
    package static let invalidInlineTableFailedSqlExpressionEvaluation = ErrorCondition(
        "INVALID_INLINE_TABLE.FAILED_SQL_EXPRESSION_EVALUATION", "42000",
        """
        Invalid inline table. Failed to evaluate the SQL expression <sqlExpr>. Please check your syntax and ensure all required tables \
        and columns are available.
        """)
    package static let invalidInlineTableIncompatibleTypesInInlineTable = ErrorCondition(
        "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", "42000",
        "Invalid inline table. Found incompatible types in the column <colName> for inline table.")
    package static let invalidInlineTableNumColumnsMismatch = ErrorCondition(
        "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "42000",
        "Invalid inline table. Inline table expected <expectedNumCols> columns but found <actualNumCols> columns in row <rowIndex>.")
    package static let invalidLateralJoinType = ErrorCondition(
        "INVALID_LATERAL_JOIN_TYPE", "42613",
        """
        The <joinType> JOIN with LATERAL correlation is not allowed because an OUTER subquery cannot correlate to its join partner. \
        Remove the LATERAL correlation or use an INNER JOIN, or LEFT OUTER JOIN instead.
        """)
    package static let invalidLimitLikeExpressionDataType = ErrorCondition(
        "INVALID_LIMIT_LIKE_EXPRESSION.DATA_TYPE", "42K0E",
        "The limit like expression <expr> is invalid. The <name> expression must be integer type, but got <dataType>.")
    package static let invalidLimitLikeExpressionIsNegative = ErrorCondition(
        "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E",
        "The limit like expression <expr> is invalid. The <name> expression must be equal to or greater than 0, but got <v>.")
    package static let invalidLimitLikeExpressionIsNull = ErrorCondition(
        "INVALID_LIMIT_LIKE_EXPRESSION.IS_NULL", "42K0E",
        "The limit like expression <expr> is invalid. The evaluated <name> expression must not be null.")
    package static let invalidLimitLikeExpressionIsUnfoldable = ErrorCondition(
        "INVALID_LIMIT_LIKE_EXPRESSION.IS_UNFOLDABLE", "42K0E",
        "The limit like expression <expr> is invalid. The <name> expression must evaluate to a constant value.")
    package static let invalidNonDeterministicExpressions = ErrorCondition(
        "INVALID_NON_DETERMINISTIC_EXPRESSIONS", "42K0E",
        "The operator expects a deterministic expression, but the actual expression is <sqlExprs>.")
    package static let invalidSubqueryExpressionScalarSubqueryReturnMoreThanOneOutputColumn = ErrorCondition(
        "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", "42823",
        "Invalid subquery: Scalar subquery must return only one column, but got <number>.")
    package static let invalidWhereCondition = ErrorCondition(
        "INVALID_WHERE_CONDITION", "42903",
        """
        The WHERE condition <condition> contains invalid expressions: <expressionList>.
        Rewrite the query to avoid window functions, aggregate functions, and generator functions in the WHERE clause.
        """)
    package static let invalidWindowSpecForAggregationFunc = ErrorCondition(
        "INVALID_WINDOW_SPEC_FOR_AGGREGATION_FUNC", "42601",
        "Cannot specify ORDER BY or a window frame for <aggFunc>.")
    package static let invalidWithinGroupExpressionDistinctUnsupported = ErrorCondition(
        "INVALID_WITHIN_GROUP_EXPRESSION.DISTINCT_UNSUPPORTED", "42K0K",
        "Invalid function <funcName> with WITHIN GROUP. The function does not support DISTINCT with WITHIN GROUP.")
    package static let invalidWithinGroupExpressionMismatchWithDistinctInput = ErrorCondition(
        "INVALID_WITHIN_GROUP_EXPRESSION.MISMATCH_WITH_DISTINCT_INPUT", "42K0K",
        """
        Invalid function <funcName> with WITHIN GROUP. The function is invoked with DISTINCT and WITHIN GROUP but expressions <funcArg> \
        and <orderingExpr> do not match. The WITHIN GROUP ordering expression must be picked from the function inputs.
        """)
    package static let invalidWithinGroupExpressionWithinGroupMissing = ErrorCondition(
        "INVALID_WITHIN_GROUP_EXPRESSION.WITHIN_GROUP_MISSING", "42K0K",
        "Invalid function <funcName> with WITHIN GROUP. WITHIN GROUP is required for the function.")
    package static let invalidWithinGroupExpressionWrongNumOrderings = ErrorCondition(
        "INVALID_WITHIN_GROUP_EXPRESSION.WRONG_NUM_ORDERINGS", "42K0K",
        "Invalid function <funcName> with WITHIN GROUP. The function requires <expectedNum> orderings in WITHIN GROUP but got <actualNum>.")
    package static let joinConditionIsNotBooleanType = ErrorCondition(
        "JOIN_CONDITION_IS_NOT_BOOLEAN_TYPE", "42K0E",
        "The join condition <joinCondition> has the invalid type <conditionType>, expected \"BOOLEAN\".")
    package static let missingAggregation = ErrorCondition(
        "MISSING_AGGREGATION", "42803",
        """
        The non-aggregating expression <expression> is based on columns which are not participating in the GROUP BY clause.
        Add the columns or the expression to the GROUP BY, aggregate the expression, or use <expressionAnyValue> if you do not care \
        which of the values within a group is returned.
        """)
    package static let missingAttributesResolvedAttributeAppearInOperation = ErrorCondition(
        "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_APPEAR_IN_OPERATION", "XX000",
        """
        Resolved attribute(s) <missingAttributes> missing from <input> in operator <operator>. Attribute(s) with the same name appear \
        in the operation: <operation>.
        Please check if the right attribute(s) are used.
        """)
    package static let missingAttributesResolvedAttributeMissingFromInput = ErrorCondition(
        "MISSING_ATTRIBUTES.RESOLVED_ATTRIBUTE_MISSING_FROM_INPUT", "XX000",
        "Resolved attribute(s) <missingAttributes> missing from <input> in operator <operator>. ")
    package static let missingGroupBy = ErrorCondition(
        "MISSING_GROUP_BY", "42803",
        "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses.")
    package static let missingWindowSpecification = ErrorCondition(
        "MISSING_WINDOW_SPECIFICATION", "42P20",
        """
        Window specification is not defined in the WINDOW clause for <windowName>. For more information about WINDOW clauses, please \
        refer to '<docroot>/sql-ref-syntax-qry-select-window.html'.
        """)
    package static let nestedAggregateFunction = ErrorCondition(
        "NESTED_AGGREGATE_FUNCTION", "42607",
        """
        It is not allowed to use an aggregate function in the argument of another aggregate function. Please use the inner aggregate \
        function in a sub-query.
        """)
    package static let nonLiteralPivotValues = ErrorCondition(
        "NON_LITERAL_PIVOT_VALUES", "42K08",
        "Literal expressions required for pivot values, found <expression>.")
    package static let notAllowedInFromLateralWithPivot = ErrorCondition(
        "NOT_ALLOWED_IN_FROM.LATERAL_WITH_PIVOT", "42601",
        "Not allowed in the FROM clause: LATERAL together with PIVOT.")
    package static let notAllowedInFromLateralWithUnpivot = ErrorCondition(
        "NOT_ALLOWED_IN_FROM.LATERAL_WITH_UNPIVOT", "42601",
        "Not allowed in the FROM clause: LATERAL together with UNPIVOT.")
    package static let notAllowedInFromUnpivotWithPivot = ErrorCondition(
        "NOT_ALLOWED_IN_FROM.UNPIVOT_WITH_PIVOT", "42601",
        "Not allowed in the FROM clause: UNPIVOT together with PIVOT.")
    package static let notAllowedInPipeOperatorWhereWindowClause = ErrorCondition(
        "NOT_ALLOWED_IN_PIPE_OPERATOR_WHERE.WINDOW_CLAUSE", "42601",
        "Not allowed in the pipe WHERE clause: WINDOW clause.")
    package static let numColumnsMismatch = ErrorCondition(
        "NUM_COLUMNS_MISMATCH", "42826",
        """
        <operator> can only be performed on inputs with the same number of columns, but the first input has <firstNumColumns> columns \
        and the <invalidOrdinalNum> input has <invalidNumColumns> columns.
        """)
    package static let numTableValueAliasesMismatch = ErrorCondition(
        "NUM_TABLE_VALUE_ALIASES_MISMATCH", "42826",
        """
        Number of given aliases does not match number of output columns.
        Function name: <funcName>; number of aliases: <aliasesNum>; number of output columns: <outColsNum>.
        """)
    package static let orderByPosOutOfRange = ErrorCondition(
        "ORDER_BY_POS_OUT_OF_RANGE", "42805",
        "ORDER BY position <index> is not in select list (valid range is [1, <size>]).")
    package static let pipeOperatorAggregateExpressionContainsNoAggregateFunction = ErrorCondition(
        "PIPE_OPERATOR_AGGREGATE_EXPRESSION_CONTAINS_NO_AGGREGATE_FUNCTION", "0A000",
        """
        Non-grouping expression <expr> is provided as an argument to the |> AGGREGATE pipe operator but does not contain any aggregate \
        function; please update it to include an aggregate function and then retry the query again.
        """)
    package static let pipeOperatorContainsAggregateFunction = ErrorCondition(
        "PIPE_OPERATOR_CONTAINS_AGGREGATE_FUNCTION", "0A000",
        """
        Aggregate function <expr> is not allowed when using the pipe operator |> <clause> clause; please use the pipe operator |> \
        AGGREGATE clause instead.
        """)
    package static let pivotValueDataTypeMismatch = ErrorCondition(
        "PIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09",
        "Invalid pivot value '<value>': value data type <valueType> does not match pivot column data type <pivotType>.")
    package static let rowSubqueryTooManyRows = ErrorCondition(
        "ROW_SUBQUERY_TOO_MANY_ROWS", "21000",
        "More than one row returned by a subquery used as a row.")
    package static let scalarSubqueryIsInGroupByOrAggregateFunction = ErrorCondition(
        "SCALAR_SUBQUERY_IS_IN_GROUP_BY_OR_AGGREGATE_FUNCTION", "0A000",
        """
        The correlated scalar subquery '<sqlExpr>' is neither present in GROUP BY, nor in an aggregate function.
        Add it to GROUP BY using ordinal position or wrap it in `first()` (or `first_value`) if you don't care which value you get.
        """)
    package static let scalarSubqueryTooManyRows = ErrorCondition(
        "SCALAR_SUBQUERY_TOO_MANY_ROWS", "21000",
        "More than one row returned by a subquery used as an expression.")
    package static let starGroupByPos = ErrorCondition(
        "STAR_GROUP_BY_POS", "0A000",
        "Star (*) is not allowed in a select list when GROUP BY an ordinal position is used.")
    package static let udtfAliasNumberMismatch = ErrorCondition(
        "UDTF_ALIAS_NUMBER_MISMATCH", "42802",
        """
        The number of aliases supplied in the AS clause does not match the number of columns output by the UDTF.
        Expected <aliasesSize> aliases, but got <aliasesNames>.
        Please ensure that the number of aliases provided matches the number of columns output by the UDTF.
        """)
    package static let unionNotSupportedInRecursiveCte = ErrorCondition(
        "UNION_NOT_SUPPORTED_IN_RECURSIVE_CTE", "42836",
        """
        The UNION operator is not yet supported within recursive common table expressions (WITH clauses that refer to themselves, \
        directly or indirectly). Please use UNION ALL instead.
        """)
    package static let unpivotRequiresAttributes = ErrorCondition(
        "UNPIVOT_REQUIRES_ATTRIBUTES", "42K0A",
        """
        UNPIVOT requires all given <given> expressions to be columns when no <empty> expressions are given. These are not columns: \
        [<expressions>].
        """)
    package static let unpivotRequiresValueColumns = ErrorCondition(
        "UNPIVOT_REQUIRES_VALUE_COLUMNS", "42K0A",
        "At least one value column needs to be specified for UNPIVOT, all columns specified as ids.")
    package static let unpivotValueDataTypeMismatch = ErrorCondition(
        "UNPIVOT_VALUE_DATA_TYPE_MISMATCH", "42K09",
        "Unpivot value columns must share a least common type, some types do not: [<types>].")
    package static let unpivotValueSizeMismatch = ErrorCondition(
        "UNPIVOT_VALUE_SIZE_MISMATCH", "428C4",
        "All unpivot value columns must have the same size as there are value column names (<names>).")
    package static let unsupportedExprForOperator = ErrorCondition(
        "UNSUPPORTED_EXPR_FOR_OPERATOR", "42K0E",
        """
        A query operator contains one or more unsupported expressions.
        Consider to rewrite it to avoid window functions, aggregate functions, and generator functions in the WHERE clause.
        Invalid expressions: [<invalidExprSqls>]
        """)
    package static let unsupportedExprForParameter = ErrorCondition(
        "UNSUPPORTED_EXPR_FOR_PARAMETER", "42K0E",
        """
        A query parameter contains unsupported expression.
        Parameters can either be variables or literals.
        Invalid expression: [<invalidExprSql>]
        """)
    package static let unsupportedExprForWindow = ErrorCondition(
        "UNSUPPORTED_EXPR_FOR_WINDOW", "42P20",
        "Expression <sqlExpr> not supported within a window function.")
    package static let unsupportedGeneratorMultiGenerator = ErrorCondition(
        "UNSUPPORTED_GENERATOR.MULTI_GENERATOR", "42K0E",
        "The generator is not supported: only one generator allowed per SELECT clause but found <num>: <generators>.")
    package static let unsupportedGeneratorNestedInExpressions = ErrorCondition(
        "UNSUPPORTED_GENERATOR.NESTED_IN_EXPRESSIONS", "42K0E",
        "The generator is not supported: nested in expressions <expression>.")
    package static let unsupportedGeneratorNotGenerator = ErrorCondition(
        "UNSUPPORTED_GENERATOR.NOT_GENERATOR", "42K0E",
        """
        The generator is not supported: <functionName> is expected to be a generator. However, its class is <classCanonicalName>, which \
        is not a generator.
        """)
    package static let unsupportedGeneratorOutsideSelect = ErrorCondition(
        "UNSUPPORTED_GENERATOR.OUTSIDE_SELECT", "42K0E",
        "The generator is not supported: outside the SELECT clause, found: <plan>.")
    package static let unsupportedGroupingExpression = ErrorCondition(
        "UNSUPPORTED_GROUPING_EXPRESSION", "42K0E",
        "grouping()/grouping_id() can only be used with GroupingSets/Cube/Rollup.")
    package static let unsupportedJoinType = ErrorCondition(
        "UNSUPPORTED_JOIN_TYPE", "0A000",
        "Unsupported join type '<typ>'. Supported join types include: <supported>.")
    package static let unsupportedSubqueryExpressionCategoryAccessingOuterQueryColumnIsNotAllowed = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.ACCESSING_OUTER_QUERY_COLUMN_IS_NOT_ALLOWED", "0A000",
        "Unsupported subquery expression: Accessing outer query column is not allowed in this location:\n<treeNode>")
    package static let unsupportedSubqueryExpressionCategoryAggregateFunctionMixedOuterLocalReferences = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.AGGREGATE_FUNCTION_MIXED_OUTER_LOCAL_REFERENCES", "0A000",
        """
        Unsupported subquery expression: Found an aggregate function in a correlated predicate that has both outer and local \
        references, which is not supported: <function>.
        """)
    package static let unsupportedSubqueryExpressionCategoryCorrelatedColumnIsNotAllowedInPredicate = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_COLUMN_IS_NOT_ALLOWED_IN_PREDICATE", "0A000",
        "Unsupported subquery expression: Correlated column is not allowed in predicate:\n<treeNode>")
    package static let unsupportedSubqueryExpressionCategoryCorrelatedColumnNotFound = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_COLUMN_NOT_FOUND", "0A000",
        """
        Unsupported subquery expression: A correlated outer name reference within a subquery expression body was not found in the \
        enclosing query: <value>.
        """)
    package static let unsupportedSubqueryExpressionCategoryCorrelatedReference = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.CORRELATED_REFERENCE", "0A000",
        """
        Unsupported subquery expression: Expressions referencing the outer query are not supported outside of WHERE/HAVING clauses: \
        <sqlExprs>.
        """)
    package static let unsupportedSubqueryExpressionCategoryHigherOrderFunction = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.HIGHER_ORDER_FUNCTION", "0A000",
        """
        Unsupported subquery expression: Subquery expressions are not supported within higher-order functions. Please remove all \
        subquery expressions from higher-order functions and then try the query again.
        """)
    package static let unsupportedSubqueryExpressionCategoryLateralJoinConditionNonDeterministic = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.LATERAL_JOIN_CONDITION_NON_DETERMINISTIC", "0A000",
        "Unsupported subquery expression: Lateral join condition cannot be non-deterministic: <condition>.")
    package static let unsupportedSubqueryExpressionCategoryMustAggregateCorrelatedScalarSubquery = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.MUST_AGGREGATE_CORRELATED_SCALAR_SUBQUERY", "0A000",
        "Unsupported subquery expression: Correlated scalar subqueries must be aggregated to return at most one row.")
    package static let unsupportedSubqueryExpressionCategoryNonCorrelatedColumnsInGroupBy = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.NON_CORRELATED_COLUMNS_IN_GROUP_BY", "0A000",
        """
        Unsupported subquery expression: A GROUP BY clause in a scalar correlated subquery cannot contain non-correlated columns: \
        <value>.
        """)
    package static let unsupportedSubqueryExpressionCategoryNonDeterministicLateralSubqueries = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.NON_DETERMINISTIC_LATERAL_SUBQUERIES", "0A000",
        """
        Unsupported subquery expression: Non-deterministic lateral subqueries are not supported when joining with outer relations that \
        produce more than one row:
        <treeNode>
        """)
    package static let unsupportedSubqueryExpressionCategoryScalarSubqueryInValues = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.SCALAR_SUBQUERY_IN_VALUES", "0A000",
        "Unsupported subquery expression: Scalar subqueries in the VALUES clause.")
    package static let unsupportedSubqueryExpressionCategoryUnsupportedCorrelatedExpressionInJoinCondition = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_EXPRESSION_IN_JOIN_CONDITION", "0A000",
        """
        Unsupported subquery expression: Correlated subqueries in the join predicate cannot reference both join inputs:
        <subqueryExpression>
        """)
    package static let unsupportedSubqueryExpressionCategoryUnsupportedCorrelatedReferenceDataType = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_REFERENCE_DATA_TYPE", "0A000",
        "Unsupported subquery expression: Correlated column reference '<expr>' cannot be <dataType> type.")
    package static let unsupportedSubqueryExpressionCategoryUnsupportedCorrelatedScalarSubquery = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_CORRELATED_SCALAR_SUBQUERY", "0A000",
        """
        Unsupported subquery expression: Correlated scalar subqueries can only be used in filters, aggregations, projections, and \
        UPDATE/MERGE/DELETE commands:
        <treeNode>
        """)
    package static let unsupportedSubqueryExpressionCategoryUnsupportedInExistsSubquery = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_IN_EXISTS_SUBQUERY", "0A000",
        """
        Unsupported subquery expression: IN/EXISTS predicate subqueries can only be used in filters, joins, aggregations, window \
        functions, projections, and UPDATE/MERGE/DELETE commands:
        <treeNode>
        """)
    package static let unsupportedSubqueryExpressionCategoryUnsupportedTableArgument = ErrorCondition(
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY.UNSUPPORTED_TABLE_ARGUMENT", "0A000",
        "Unsupported subquery expression: Table arguments are used in a function where they are not supported:\n<treeNode>")
    package static let windowFunctionAndFrameMismatch = ErrorCondition(
        "WINDOW_FUNCTION_AND_FRAME_MISMATCH", "42K0E",
        "<funcName> function can only be evaluated in an ordered row-based window frame with a single offset: <windowExpr>.")
    package static let windowFunctionWithoutOverClause = ErrorCondition(
        "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "42601",
        "Window function <funcName> requires an OVER clause.")
}
