/// Conditions that only the query engine raises.
extension ErrorCondition {
    /// Not one of Spark's: what Spark does and this engine does not, said by name.
    package static let unsupportedFeatureNotSimulated = ErrorCondition(
        "UNSUPPORTED_FEATURE.NOT_SIMULATED", "0A000", "The feature is not supported: <feature> is not simulated.")
    /// Not one of Spark's: there a bare exception of Java's library comes out, without a condition.
    package static let invalidParameterValueArgument = ErrorCondition(
        "INVALID_PARAMETER_VALUE.ARGUMENT", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: <reason>.")
    package static let unableToAcquireMemory = ErrorCondition(
        "UNABLE_TO_ACQUIRE_MEMORY", "53200", "Unable to acquire <requestedBytes> bytes of memory, got <receivedBytes>.")
}

/// Messages that Spark has not named yet; they are printed without condition and SQLSTATE.
extension ErrorCondition {
    package static let legacyPivotAggregate = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1006", "",
        "Aggregate expression required for pivot, but '<sql>' did not appear in any aggregate function.")
    package static let legacyCountStar = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1021", "",
        "count(<targetString>.*) is not allowed. Please use count(*) or expand the columns manually, e.g. count(col1, col2).")
    package static let legacyWindowFilter = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1030", "", "Window aggregate function with filter predicate is not supported yet.")
    package static let legacySessionGap = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1040", "", "Gap duration expression used in session window must be CalendarIntervalType, but got <dt>.")
    package static let legacySeveralTimeWindows = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1039", "",
        "Multiple time/session window expressions would result in a cartesian product of rows, therefore they are currently not supported.")
    package static let legacyWindowInAggregate = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1031", "",
        "It is not allowed to use a window function inside an aggregate function. Please use the inner window function in a sub-query.")
    package static let legacyBooleanLiteral = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1210", "", "The second argument in <funcName> should be a boolean literal.")
    package static let legacyMapLengths = ErrorCondition(
        "_LEGACY_ERROR_TEMP_2128", "", "The key array and value array of MapData must have the same length.")
    package static let legacyDecimalScale = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1228", "", "Decimal scale (<scale>) cannot be greater than precision (<precision>).")
    package static let legacyWindowInClause = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1034", "", "It is not allowed to use window functions inside <clauseName> clause.")
    package static let legacyWindowFrame = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1036", "", "Window Frame <wf> must match the required frame <required>.")
    package static let legacyWindowOrder = ErrorCondition(
        "_LEGACY_ERROR_TEMP_1037", "",
        """
        Window function <wf> requires window to be ordered, please add ORDER BY clause. For example SELECT <wf>(value_expr) OVER \
        (PARTITION BY window_partition ORDER BY window_ordering) from table.
        """)
}

extension ErrorCondition {
    /// Delta's, raised where rows are cast for a table.
    package static let deltaNotNullConstraintViolated = ErrorCondition(
        "DELTA_NOT_NULL_CONSTRAINT_VIOLATED", "23502", "NOT NULL constraint violated for column: <columnName>.")
}
