/// Values out of range, malformed or otherwise unfit while a query runs. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let arithmeticOverflow = ErrorCondition(
        "ARITHMETIC_OVERFLOW", "22003",
        "<message>.<alternative> If necessary set <config> to \"false\" to bypass this error.")
    package static let binaryArithmeticOverflow = ErrorCondition(
        "BINARY_ARITHMETIC_OVERFLOW", "22003",
        "<value1> <symbol> <value2> caused overflow. Use <functionName> to ignore overflow problem and return NULL.")
    package static let castInvalidInput = ErrorCondition(
        "CAST_INVALID_INPUT", "22018",
        """
        The value <expression> of the type <sourceType> cannot be cast to <targetType> because it is malformed. Correct the value as \
        per the syntax, or change its target type. Use `try_cast` to tolerate malformed input and return NULL instead.
        """)
    package static let castOverflow = ErrorCondition(
        "CAST_OVERFLOW", "22003",
        """
        The value <value> of the type <sourceType> cannot be cast to <targetType> due to an overflow. Use `try_cast` to tolerate \
        overflow and return NULL instead.
        """)
    package static let castOverflowInTableInsert = ErrorCondition(
        "CAST_OVERFLOW_IN_TABLE_INSERT", "22003",
        """
        Fail to assign a value of <sourceType> type to the <targetType> type column or variable <columnName> due to an overflow. Use \
        `try_cast` on the input value to tolerate overflow and return NULL instead.
        """)
    package static let comparatorReturnsNull = ErrorCondition(
        "COMPARATOR_RETURNS_NULL", "22004",
        """
        The comparator has returned a NULL for a comparison between <firstValue> and <secondValue>.
        It should return a positive integer for "greater than", 0 for "equal" and a negative integer for "less than".
        To revert to deprecated behavior where NULL is treated as 0 (equal), you must set \
        "spark.sql.legacy.allowNullComparisonResultInArraySort" to "true".
        """)
    package static let decimalPrecisionExceedsMaxPrecision = ErrorCondition(
        "DECIMAL_PRECISION_EXCEEDS_MAX_PRECISION", "22003",
        "Decimal precision <precision> exceeds max precision <maxPrecision>.")
    package static let divideByZero = ErrorCondition(
        "DIVIDE_BY_ZERO", "22012",
        """
        Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set <config> to "false" to \
        bypass this error.
        """)
    package static let duplicatedMapKey = ErrorCondition(
        "DUPLICATED_MAP_KEY", "23505",
        """
        Duplicate map key <key> was found, please check the input data.
        If you want to remove the duplicated keys, you can set <mapKeyDedupPolicy> to "LAST_WIN" so that the key inserted at last takes \
        precedence.
        """)
    package static let exceedLimitLength = ErrorCondition(
        "EXCEED_LIMIT_LENGTH", "54006",
        "Exceeds char/varchar type length limitation: <limit>.")
    package static let intervalArithmeticOverflowWithoutSuggestion = ErrorCondition(
        "INTERVAL_ARITHMETIC_OVERFLOW.WITHOUT_SUGGESTION", "22015",
        "Integer overflow while operating with intervals. Try devising appropriate values for the interval parameters.")
    package static let intervalArithmeticOverflowWithSuggestion = ErrorCondition(
        "INTERVAL_ARITHMETIC_OVERFLOW.WITH_SUGGESTION", "22015",
        "Integer overflow while operating with intervals. Use <functionName> to tolerate overflow and return NULL instead.")
    package static let intervalDividedByZero = ErrorCondition(
        "INTERVAL_DIVIDED_BY_ZERO", "22012",
        "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead.")
    package static let invalidArrayIndex = ErrorCondition(
        "INVALID_ARRAY_INDEX", "22003",
        """
        The index <indexValue> is out of bounds. The array has <arraySize> elements. Use the SQL function `get()` to tolerate accessing \
        element at invalid index and return NULL instead.
        """)
    package static let invalidArrayIndexInElementAt = ErrorCondition(
        "INVALID_ARRAY_INDEX_IN_ELEMENT_AT", "22003",
        """
        The index <indexValue> is out of bounds. The array has <arraySize> elements. Use `try_element_at` to tolerate accessing element \
        at invalid index and return NULL instead.
        """)
    package static let invalidIndexOfZero = ErrorCondition(
        "INVALID_INDEX_OF_ZERO", "22003",
        "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).")
    package static let invalidTimezone = ErrorCondition(
        "INVALID_TIMEZONE", "22009",
        """
        The timezone: <timeZone> is invalid. The timezone must be either a region-based zone ID or a zone offset. Region IDs must have \
        the form 'area/city', such as 'America/Los_Angeles'. Zone offsets must be in the format '(+|-)HH', '(+|-)HH:mm’ or \
        '(+|-)HH:mm:ss', e.g '-08' , '+01:00' or '-13:33:33', and must be in the range from -18:00 to +18:00. 'Z' and 'UTC' are \
        accepted as synonyms for '+00:00'.
        """)
    package static let notNullAssertViolation = ErrorCondition(
        "NOT_NULL_ASSERT_VIOLATION", "42000",
        """
        NULL value appeared in non-nullable field: <walkedTypePath>If the schema is inferred from a Scala tuple/case class, or a Java \
        bean, please try to use scala.Option[_] or other nullable types (such as java.lang.Integer instead of int/scala.Int).
        """)
    package static let nullMapKey = ErrorCondition("NULL_MAP_KEY", "2200E", "Cannot use null as map key.")
    package static let numericOutOfSupportedRange = ErrorCondition(
        "NUMERIC_OUT_OF_SUPPORTED_RANGE", "22003",
        "The value <value> cannot be interpreted as a numeric since it has more than 38 digits.")
    package static let numericValueOutOfRangeWithoutSuggestion = ErrorCondition(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITHOUT_SUGGESTION", "22003",
        " The <roundedValue> rounded half up from <originalValue> cannot be represented as Decimal(<precision>, <scale>).")
    package static let numericValueOutOfRangeWithSuggestion = ErrorCondition(
        "NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION", "22003",
        """
         <value> cannot be represented as Decimal(<precision>, <scale>). If necessary set <config> to "false" to bypass this error, and \
        return NULL instead.
        """)
    package static let recursionLevelLimitExceeded = ErrorCondition(
        "RECURSION_LEVEL_LIMIT_EXCEEDED", "42836",
        """
        Recursion level limit <levelLimit> reached but query has not exhausted, try increasing it like 'WITH RECURSIVE t(col) MAX \
        RECURSION LEVEL 200'.
        """)
    package static let recursionRowLimitExceeded = ErrorCondition(
        "RECURSION_ROW_LIMIT_EXCEEDED", "42836",
        """
        Recursion row limit <rowLimit> reached but query has not exhausted, try setting a larger LIMIT value when querying the CTE \
        relation.
        """)
    package static let remainderByZero = ErrorCondition(
        "REMAINDER_BY_ZERO", "22012",
        """
        Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. If necessary set <config> to "false" to \
        bypass this error.
        """)
    package static let sumOfLimitAndOffsetExceedsMaxInt = ErrorCondition(
        "SUM_OF_LIMIT_AND_OFFSET_EXCEEDS_MAX_INT", "22003",
        """
        The sum of the LIMIT clause and the OFFSET clause must not be greater than the maximum 32-bit integer value (2,147,483,647) but \
        found limit = <limit>, offset = <offset>.
        """)
    package static let userRaisedException = ErrorCondition("USER_RAISED_EXCEPTION", "P0001", "<errorMessage>")
    package static let userRaisedExceptionParameterMismatch = ErrorCondition(
        "USER_RAISED_EXCEPTION_PARAMETER_MISMATCH", "P0001",
        """
        The `raise_error()` function was used to raise error class: <errorClass> which expects parameters: <expectedParms>.
        The provided parameters <providedParms> do not match the expected parameters.
        Please make sure to provide all expected parameters.
        """)
    package static let userRaisedExceptionUnknownErrorClass = ErrorCondition(
        "USER_RAISED_EXCEPTION_UNKNOWN_ERROR_CLASS", "P0001",
        "The `raise_error()` function was used to raise an unknown error class: <errorClass>")
}
