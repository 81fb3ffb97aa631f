/// Arguments of functions and settings whose value is refused. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let cannotDecodeUrl = ErrorCondition(
        "CANNOT_DECODE_URL", "22546",
        "The provided URL cannot be decoded: <url>. Please ensure that the URL is properly formatted and try again.")
    package static let collectionSizeLimitExceededFunction = ErrorCondition(
        "COLLECTION_SIZE_LIMIT_EXCEEDED.FUNCTION", "54000",
        """
        Can't create array with <numberOfElements> elements which exceeding the array size limit <maxRoundedArrayLength>, unsuccessful \
        try to create arrays in the function <functionName>.
        """)
    package static let collectionSizeLimitExceededInitialize = ErrorCondition(
        "COLLECTION_SIZE_LIMIT_EXCEEDED.INITIALIZE", "54000",
        """
        Can't create array with <numberOfElements> elements which exceeding the array size limit <maxRoundedArrayLength>, cannot \
        initialize an array with specified parameters.
        """)
    package static let collectionSizeLimitExceededParameter = ErrorCondition(
        "COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "54000",
        """
        Can't create array with <numberOfElements> elements which exceeding the array size limit <maxRoundedArrayLength>, the value of \
        parameter(s) <parameter> in the function <functionName> is invalid.
        """)
    package static let failedFunctionCall = ErrorCondition(
        "FAILED_FUNCTION_CALL", "38000",
        "Failed preparing of the function <funcName> for call. Please, double check function's arguments.")
    package static let hllInvalidLgK = ErrorCondition(
        "HLL_INVALID_LG_K", "22546",
        "Invalid call to <function>; the `lgConfigK` value must be between <min> and <max>, inclusive: <value>.")
    package static let hllUnionDifferentLgK = ErrorCondition(
        "HLL_UNION_DIFFERENT_LG_K", "22000",
        """
        Sketches have different `lgConfigK` values: <left> and <right>. Set the `allowDifferentLgConfigK` parameter to true to call \
        <function> with different `lgConfigK` values.
        """)
    package static let invalidConfValueOutOfRangeOfOptions = ErrorCondition(
        "INVALID_CONF_VALUE.OUT_OF_RANGE_OF_OPTIONS", "22022",
        "The value '<confValue>' in the config \"<confName>\" is invalid. It should be one of '<confOptions>'.")
    package static let invalidConfValueRequirement = ErrorCondition(
        "INVALID_CONF_VALUE.REQUIREMENT", "22022",
        "The value '<confValue>' in the config \"<confName>\" is invalid. <confRequirement>")
    package static let invalidConfValueTimeZone = ErrorCondition(
        "INVALID_CONF_VALUE.TIME_ZONE", "22022",
        "The value '<confValue>' in the config \"<confName>\" is invalid. Cannot resolve the given timezone.")
    package static let invalidConfValueTypeMismatch = ErrorCondition(
        "INVALID_CONF_VALUE.TYPE_MISMATCH", "22022",
        "The value '<confValue>' in the config \"<confName>\" is invalid. It should be a/an '<confType>' value.")
    package static let invalidDelimiterValueDelimiterLongerThanExpected = ErrorCondition(
        "INVALID_DELIMITER_VALUE.DELIMITER_LONGER_THAN_EXPECTED", "42602",
        "Invalid value for delimiter. Delimiter cannot be more than one character: <str>.")
    package static let invalidDelimiterValueEmptyString = ErrorCondition(
        "INVALID_DELIMITER_VALUE.EMPTY_STRING", "42602",
        "Invalid value for delimiter. Delimiter cannot be empty string.")
    package static let invalidDelimiterValueNullValue = ErrorCondition(
        "INVALID_DELIMITER_VALUE.NULL_VALUE", "42602",
        "Invalid value for delimiter. Delimiter cannot be null.")
    package static let invalidDelimiterValueSingleBackslash = ErrorCondition(
        "INVALID_DELIMITER_VALUE.SINGLE_BACKSLASH", "42602",
        """
        Invalid value for delimiter. Single backslash is prohibited. It has special meaning as beginning of an escape sequence. To get \
        the backslash character, pass a string with two backslashes as the delimiter.
        """)
    package static let invalidDelimiterValueUnsupportedSpecialCharacter = ErrorCondition(
        "INVALID_DELIMITER_VALUE.UNSUPPORTED_SPECIAL_CHARACTER", "42602",
        "Invalid value for delimiter. Unsupported special character for delimiter: <str>.")
    package static let invalidJsonDataType = ErrorCondition(
        "INVALID_JSON_DATA_TYPE", "2203G",
        "Failed to convert the JSON string '<invalidType>' to a data type. Please enter a valid data type.")
    package static let invalidJsonDataTypeForCollations = ErrorCondition(
        "INVALID_JSON_DATA_TYPE_FOR_COLLATIONS", "2203G",
        "Collations can only be applied to string types, but the JSON data type is <jsonType>.")
    package static let invalidJsonRecordType = ErrorCondition(
        "INVALID_JSON_RECORD_TYPE", "22023",
        """
        Detected an invalid type of a JSON record while inferring a common schema in the mode <failFastMode>. Expected a STRUCT type, \
        but found <invalidType>.
        """)
    package static let invalidJsonRootField = ErrorCondition(
        "INVALID_JSON_ROOT_FIELD", "22032",
        "Cannot convert JSON root field to target Spark type.")
    package static let invalidJsonSchemaMapType = ErrorCondition(
        "INVALID_JSON_SCHEMA_MAP_TYPE", "22032",
        "Input schema <jsonSchema> can only contain STRING as a key type for a MAP.")
    package static let invalidParameterValueAesCryptoError = ErrorCondition(
        "INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: detail message: <detailMessage>")
    package static let invalidParameterValueAesIvLength = ErrorCondition(
        "INVALID_PARAMETER_VALUE.AES_IV_LENGTH", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: supports 16-byte CBC IVs and 12-byte GCM IVs, but got \
        <actualLength> bytes for <mode>.
        """)
    package static let invalidParameterValueAesKeyLength = ErrorCondition(
        "INVALID_PARAMETER_VALUE.AES_KEY_LENGTH", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: expects a binary value with 16, 24 or 32 bytes, but got \
        <actualLength> bytes.
        """)
    package static let invalidParameterValueBinaryFormat = ErrorCondition(
        "INVALID_PARAMETER_VALUE.BINARY_FORMAT", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: expects one of binary formats 'base64', 'hex', 'utf-8', but \
        got <invalidFormat>.
        """)
    package static let invalidParameterValueBitPositionRange = ErrorCondition(
        "INVALID_PARAMETER_VALUE.BIT_POSITION_RANGE", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: expects an integer value in [0, <upper>), but got \
        <invalidValue>.
        """)
    package static let invalidParameterValueBoolean = ErrorCondition(
        "INVALID_PARAMETER_VALUE.BOOLEAN", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects a boolean literal, but got <invalidValue>.")
    package static let invalidParameterValueCharset = ErrorCondition(
        "INVALID_PARAMETER_VALUE.CHARSET", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects one of the <charsets>, but got <charset>.")
    package static let invalidParameterValueDatetimeUnit = ErrorCondition(
        "INVALID_PARAMETER_VALUE.DATETIME_UNIT", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: expects one of the units without quotes YEAR, QUARTER, \
        MONTH, WEEK, DAY, DAYOFYEAR, HOUR, MINUTE, SECOND, MILLISECOND, MICROSECOND, but got the string literal <invalidValue>.
        """)
    package static let invalidParameterValueDouble = ErrorCondition(
        "INVALID_PARAMETER_VALUE.DOUBLE", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects an double literal, but got <invalidValue>.")
    package static let invalidParameterValueDtype = ErrorCondition(
        "INVALID_PARAMETER_VALUE.DTYPE", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: Unsupported dtype: <invalidValue>. Valid values: float64, \
        float32.
        """)
    package static let invalidParameterValueExtension = ErrorCondition(
        "INVALID_PARAMETER_VALUE.EXTENSION", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: Invalid extension: <invalidValue>. Extension is limited to \
        exactly 3 letters (e.g. csv, tsv, etc...)
        """)
    package static let invalidParameterValueInteger = ErrorCondition(
        "INVALID_PARAMETER_VALUE.INTEGER", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects an integer literal, but got <invalidValue>.")
    package static let invalidParameterValueLength = ErrorCondition(
        "INVALID_PARAMETER_VALUE.LENGTH", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: Expects `length` greater than or equal to 0, but got \
        <length>.
        """)
    package static let invalidParameterValueLong = ErrorCondition(
        "INVALID_PARAMETER_VALUE.LONG", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects a long literal, but got <invalidValue>.")
    package static let invalidParameterValueNull = ErrorCondition(
        "INVALID_PARAMETER_VALUE.NULL", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects a non-NULL value.")
    package static let invalidParameterValuePattern = ErrorCondition(
        "INVALID_PARAMETER_VALUE.PATTERN", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: <value>.")
    package static let invalidParameterValueRegexGroupIndex = ErrorCondition(
        "INVALID_PARAMETER_VALUE.REGEX_GROUP_INDEX", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: Expects group index between 0 and <groupCount>, but got \
        <groupIndex>.
        """)
    package static let invalidParameterValueStart = ErrorCondition(
        "INVALID_PARAMETER_VALUE.START", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: Expects a positive or a negative value for `start`, but got \
        0.
        """)
    package static let invalidParameterValueString = ErrorCondition(
        "INVALID_PARAMETER_VALUE.STRING", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects a string literal, but got <invalidValue>.")
    package static let invalidParameterValueTimeUnit = ErrorCondition(
        "INVALID_PARAMETER_VALUE.TIME_UNIT", "22023",
        """
        The value of parameter(s) <parameter> in <functionName> is invalid: expects one of the units 'HOUR', 'MINUTE', 'SECOND', \
        'MILLISECOND', 'MICROSECOND', but got '<invalidValue>'.
        """)
    package static let invalidParameterValueZeroIndex = ErrorCondition(
        "INVALID_PARAMETER_VALUE.ZERO_INDEX", "22023",
        "The value of parameter(s) <parameter> in <functionName> is invalid: expects %1$, %2$ and so on, but got %0$.")
    package static let invalidSchemaNonStringLiteral = ErrorCondition(
        "INVALID_SCHEMA.NON_STRING_LITERAL", "42K07",
        "The input schema <inputSchema> is not a valid schema string. The input expression must be string literal and not null.")
    package static let invalidSchemaNonStructType = ErrorCondition(
        "INVALID_SCHEMA.NON_STRUCT_TYPE", "42K07",
        """
        The input schema <inputSchema> is not a valid schema string. The input expression should be evaluated to struct type, but got \
        <dataType>.
        """)
    package static let invalidSchemaParseError = ErrorCondition(
        "INVALID_SCHEMA.PARSE_ERROR", "42K07",
        "The input schema <inputSchema> is not a valid schema string. Cannot parse the schema:\n<reason>")
    package static let invalidSchemaOrRelationName = ErrorCondition(
        "INVALID_SCHEMA_OR_RELATION_NAME", "42602",
        "<name> is not a valid name for tables/schemas. Valid names only contain alphabet characters, numbers and _.")
    package static let invalidSchemaTypeNonStruct = ErrorCondition(
        "INVALID_SCHEMA_TYPE_NON_STRUCT", "42K09",
        "Invalid schema type. Expect a struct type, but got <dataType>.")
    package static let invalidUrl = ErrorCondition(
        "INVALID_URL", "22P02",
        "The url is invalid: <url>. Use `try_parse_url` to tolerate invalid URL and return NULL instead.")
    package static let invalidUtf8String = ErrorCondition(
        "INVALID_UTF8_STRING", "22029",
        "Invalid UTF8 byte sequence found in string: <str>.")
    package static let kllInvalidInputSketchBuffer = ErrorCondition(
        "KLL_INVALID_INPUT_SKETCH_BUFFER", "22000",
        """
        Invalid call to <function>; only valid KLL sketch buffers are supported as inputs (such as those produced by the \
        `kll_sketch_agg` function).
        """)
    package static let kllSketchInvalidQuantileRange = ErrorCondition(
        "KLL_SKETCH_INVALID_QUANTILE_RANGE", "22003",
        "For function <functionName>, the quantile value must be between 0.0 and 1.0 (inclusive).")
    package static let thetaInvalidInputSketchBuffer = ErrorCondition(
        "THETA_INVALID_INPUT_SKETCH_BUFFER", "22546",
        """
        Invalid call to <function>; only valid Theta sketch buffers are supported as inputs (such as those produced by the \
        `theta_sketch_agg` function).
        """)
    package static let thetaInvalidLgNomEntries = ErrorCondition(
        "THETA_INVALID_LG_NOM_ENTRIES", "22546",
        "Invalid call to <function>; the `lgNomEntries` value must be between <min> and <max>, inclusive: <value>.")
}
