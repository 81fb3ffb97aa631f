/// Texts and parameters that cannot be read or are out of range. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let cannotParseDecimal = ErrorCondition(
        "CANNOT_PARSE_DECIMAL", "22018",
        "Cannot parse decimal. Please ensure that the input is a valid number with optional decimal point or comma separators.")
    package static let cannotParseInterval = ErrorCondition(
        "CANNOT_PARSE_INTERVAL", "22006",
        """
        Unable to parse <intervalString>. Please ensure that the value provided is in a valid format for defining an interval. You can \
        reference the documentation for the correct format. If the issue persists, please double check that the input value is not null \
        or empty and try again.
        """)
    package static let cannotParseJsonField = ErrorCondition(
        "CANNOT_PARSE_JSON_FIELD", "2203G",
        """
        Cannot parse the field name <fieldName> and the value <fieldValue> of the JSON token type <jsonType> to target Spark data type \
        <dataType>.
        """)
    package static let cannotParseTime = ErrorCondition(
        "CANNOT_PARSE_TIME", "22010",
        "The input string <input> cannot be parsed to a TIME value because it does not match to the datetime format <format>.")
    package static let cannotParseTimestamp = ErrorCondition(
        "CANNOT_PARSE_TIMESTAMP", "22007",
        "<message>. Use <func> to tolerate invalid input string and return NULL instead.")
    package static let conversionInvalidInput = ErrorCondition(
        "CONVERSION_INVALID_INPUT", "22018",
        """
        The value <str> (<fmt>) cannot be converted to <targetType> because it is malformed. Correct the value as per the syntax, or \
        change its format. Use <suggestion> to tolerate malformed input and return NULL instead.
        """)
    package static let datetimeFieldOutOfBoundsWithoutSuggestion = ErrorCondition(
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITHOUT_SUGGESTION", "22023",
        "<rangeMessage>. ")
    package static let datetimeFieldOutOfBoundsWithSuggestion = ErrorCondition(
        "DATETIME_FIELD_OUT_OF_BOUNDS.WITH_SUGGESTION", "22023",
        "<rangeMessage>. If necessary set <ansiConfig> to \"false\" to bypass this error.")
    package static let datetimeOverflow = ErrorCondition("DATETIME_OVERFLOW", "22008", "Datetime operation overflow: <operation>.")
    package static let illegalDayOfWeek = ErrorCondition("ILLEGAL_DAY_OF_WEEK", "22009", "Illegal input for day of week: <string>.")
    package static let inconsistentBehaviorCrossVersionDatetimePatternRecognition = ErrorCondition(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_PATTERN_RECOGNITION", "42K0B",
        """
        You may get a different result due to the upgrading to Spark >= 3.0:
        Fail to recognize <pattern> pattern in the DateTimeFormatter.
        1) You can set <config> to "LEGACY" to restore the behavior before Spark 3.0.
        2) You can form a valid datetime pattern with the guide from '<docroot>/sql-ref-datetime-pattern.html'.
        """)
    package static let inconsistentBehaviorCrossVersionDatetimeWeekBasedPattern = ErrorCondition(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.DATETIME_WEEK_BASED_PATTERN", "42K0B",
        """
        You may get a different result due to the upgrading to Spark >= 3.0:
        All week-based patterns are unsupported since Spark 3.0, detected week-based character: <c>.
        Please use the SQL function EXTRACT instead.
        """)
    package static let inconsistentBehaviorCrossVersionParseDatetimeByNewParser = ErrorCondition(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.PARSE_DATETIME_BY_NEW_PARSER", "42K0B",
        """
        You may get a different result due to the upgrading to Spark >= 3.0:
        Fail to parse <datetime> in the new parser.
        You can set <config> to "LEGACY" to restore the behavior before Spark 3.0, or set to "CORRECTED" and treat it as an invalid \
        datetime string.
        """)
    package static let inconsistentBehaviorCrossVersionReadAncientDatetime = ErrorCondition(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.READ_ANCIENT_DATETIME", "42K0B",
        """
        You may get a different result due to the upgrading to Spark >= 3.0: reading dates before 1582-10-15 or timestamps before \
        1900-01-01T00:00:00Z from <format> files can be ambiguous, as the files may be written by
        Spark 2.x or legacy versions of Hive, which uses a legacy hybrid calendar that is different from Spark 3.0+'s Proleptic \
        Gregorian calendar.
        See more details in SPARK-31404.
        You can set the SQL config <config> or the datasource option <option> to "LEGACY" to rebase the datetime values w.r.t. the \
        calendar difference during reading.
        To read the datetime values as it is, set the SQL config or the datasource option to "CORRECTED".
        """)
    package static let inconsistentBehaviorCrossVersionWriteAncientDatetime = ErrorCondition(
        "INCONSISTENT_BEHAVIOR_CROSS_VERSION.WRITE_ANCIENT_DATETIME", "42K0B",
        """
        You may get a different result due to the upgrading to Spark >= 3.0:
        writing dates before 1582-10-15 or timestamps before 1900-01-01T00:00:00Z into <format> files can be dangerous, as the files \
        may be read by Spark 2.x or legacy versions of Hive later, which uses a legacy hybrid calendar that is different from Spark \
        3.0+'s Proleptic Gregorian calendar.
        See more details in SPARK-31404.
        You can set <config> to "LEGACY" to rebase the datetime values w.r.t. the calendar difference during writing, to get maximum \
        interoperability.
        Or set the config to "CORRECTED" to write the datetime values as it is, if you are sure that the written files will only be \
        read by Spark 3.0+ or other systems that use Proleptic Gregorian calendar.
        """)
    package static let invalidDatetimePatternIllegalCharacter = ErrorCondition(
        "INVALID_DATETIME_PATTERN.ILLEGAL_CHARACTER", "22007",
        """
        Unrecognized datetime pattern: <pattern>. Illegal pattern character found in datetime pattern: <c>. Please provide legal \
        character.
        """)
    package static let invalidDatetimePatternLength = ErrorCondition(
        "INVALID_DATETIME_PATTERN.LENGTH", "22007",
        "Unrecognized datetime pattern: <pattern>. Too many letters in datetime pattern: <pattern>. Please reduce pattern length.")
    package static let invalidDatetimePatternSecondsFraction = ErrorCondition(
        "INVALID_DATETIME_PATTERN.SECONDS_FRACTION", "22007",
        """
        Unrecognized datetime pattern: <pattern>. Cannot detect a seconds fraction pattern of variable length. Please make sure the \
        pattern contains 'S', and does not contain illegal characters.
        """)
    package static let invalidDatetimePatternWithSuggestion = ErrorCondition(
        "INVALID_DATETIME_PATTERN.WITH_SUGGESTION", "22007",
        """
        Unrecognized datetime pattern: <pattern>. You can form a valid datetime pattern with the guide from \
        '<docroot>/sql-ref-datetime-pattern.html'.
        """)
    package static let invalidFormatContThousandsSeps = ErrorCondition(
        "INVALID_FORMAT.CONT_THOUSANDS_SEPS", "42601",
        "The format is invalid: <format>. Thousands separators (, or G) must have digits in between them in the number format.")
    package static let invalidFormatCurMustBeforeDec = ErrorCondition(
        "INVALID_FORMAT.CUR_MUST_BEFORE_DEC", "42601",
        "The format is invalid: <format>. Currency characters must appear before any decimal point in the number format.")
    package static let invalidFormatCurMustBeforeDigit = ErrorCondition(
        "INVALID_FORMAT.CUR_MUST_BEFORE_DIGIT", "42601",
        "The format is invalid: <format>. Currency characters must appear before digits in the number format.")
    package static let invalidFormatEmpty = ErrorCondition(
        "INVALID_FORMAT.EMPTY", "42601",
        "The format is invalid: <format>. The number format string cannot be empty.")
    package static let invalidFormatEscAtTheEnd = ErrorCondition(
        "INVALID_FORMAT.ESC_AT_THE_END", "42601",
        "The format is invalid: <format>. The escape character is not allowed to end with.")
    package static let invalidFormatEscInTheMiddle = ErrorCondition(
        "INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601",
        "The format is invalid: <format>. The escape character is not allowed to precede <char>.")
    package static let invalidFormatMismatchInput = ErrorCondition(
        "INVALID_FORMAT.MISMATCH_INPUT", "42601",
        "The format is invalid: <format>. The input <inputType> <input> does not match the format.")
    package static let invalidFormatThousandsSepsMustBeforeDec = ErrorCondition(
        "INVALID_FORMAT.THOUSANDS_SEPS_MUST_BEFORE_DEC", "42601",
        "The format is invalid: <format>. Thousands separators (, or G) may not appear after the decimal point in the number format.")
    package static let invalidFormatUnexpectedToken = ErrorCondition(
        "INVALID_FORMAT.UNEXPECTED_TOKEN", "42601",
        """
        The format is invalid: <format>. Found the unexpected <token> in the format string; the structure of the format string must \
        match: `[MI|S]` `[$]` `[0|9|G|,]*` `[.|D]` `[0|9]*` `[$]` `[PR|MI|S]`.
        """)
    package static let invalidFormatWrongNumDigit = ErrorCondition(
        "INVALID_FORMAT.WRONG_NUM_DIGIT", "42601",
        "The format is invalid: <format>. The format string requires at least one number digit.")
    package static let invalidFormatWrongNumToken = ErrorCondition(
        "INVALID_FORMAT.WRONG_NUM_TOKEN", "42601",
        "The format is invalid: <format>. At most one <token> is allowed in the number format.")
    package static let invalidFractionOfSecond = ErrorCondition(
        "INVALID_FRACTION_OF_SECOND", "22023",
        """
        Valid range for seconds is [0, 60] (inclusive), but the provided value is <secAndMicros>. To avoid this error, use \
        `try_make_timestamp`, which returns NULL on error.
        If you do not want to use the session default timestamp version of this function, use `try_make_timestamp_ntz` or \
        `try_make_timestamp_ltz`.
        """)
    package static let invalidIntervalFormatArithmeticException = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.ARITHMETIC_EXCEPTION", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Uncaught arithmetic exception while parsing '<input>'.
        """)
    package static let invalidIntervalFormatDayTimeParsing = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.DAY_TIME_PARSING", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Error parsing interval day-time string: <msg>.
        """)
    package static let invalidIntervalFormatInputIsEmpty = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INPUT_IS_EMPTY", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval string cannot be empty.
        """)
    package static let invalidIntervalFormatInputIsNull = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INPUT_IS_NULL", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval string cannot be null.
        """)
    package static let invalidIntervalFormatIntervalParsing = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INTERVAL_PARSING", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Error parsing interval <interval> string.
        """)
    package static let invalidIntervalFormatInvalidFraction = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INVALID_FRACTION", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. <unit> cannot have fractional part.
        """)
    package static let invalidIntervalFormatInvalidPrecision = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INVALID_PRECISION", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval can only support nanosecond precision, <value> is out of range.
        """)
    package static let invalidIntervalFormatInvalidPrefix = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INVALID_PREFIX", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Invalid interval prefix <prefix>.
        """)
    package static let invalidIntervalFormatInvalidUnit = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INVALID_UNIT", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Invalid unit <unit>.
        """)
    package static let invalidIntervalFormatInvalidValue = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.INVALID_VALUE", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Invalid value <value>.
        """)
    package static let invalidIntervalFormatMissingNumber = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.MISSING_NUMBER", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Expect a number after <word> but hit EOL.
        """)
    package static let invalidIntervalFormatMissingUnit = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.MISSING_UNIT", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Expect a unit name after <word> but hit EOL.
        """)
    package static let invalidIntervalFormatSecondNanoFormat = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.SECOND_NANO_FORMAT", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval string does not match second-nano format of ss.nnnnnnnnn.
        """)
    package static let invalidIntervalFormatTimezoneIntervalOutOfRange = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.TIMEZONE_INTERVAL_OUT_OF_RANGE", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. The interval value must be in the range of [-18, +18] hours with second \
        precision.
        """)
    package static let invalidIntervalFormatUnknownParsingError = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.UNKNOWN_PARSING_ERROR", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Unknown error when parsing <word>.
        """)
    package static let invalidIntervalFormatUnmatchedFormatString = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval string does not match <intervalStr> format of \
        <supportedFormat> when cast to <typeName>: <input>.
        """)
    package static let invalidIntervalFormatUnmatchedFormatStringWithNotice = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.UNMATCHED_FORMAT_STRING_WITH_NOTICE", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Interval string does not match <intervalStr> format of \
        <supportedFormat> when cast to <typeName>: <input>. Set "spark.sql.legacy.fromDayTimeString.enabled" to "true" to restore the \
        behavior before Spark 3.0.
        """)
    package static let invalidIntervalFormatUnrecognizedNumber = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.UNRECOGNIZED_NUMBER", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Unrecognized number <number>.
        """)
    package static let invalidIntervalFormatUnsupportedFromToExpression = ErrorCondition(
        "INVALID_INTERVAL_FORMAT.UNSUPPORTED_FROM_TO_EXPRESSION", "22006",
        """
        Error parsing '<input>' to interval. Please ensure that the value provided is in a valid format for defining an interval. You \
        can reference the documentation for the correct format. Cannot support (interval '<input>' <from> to <to>) expression.
        """)
    package static let invalidIntervalWithMicrosecondsAddition = ErrorCondition(
        "INVALID_INTERVAL_WITH_MICROSECONDS_ADDITION", "22006",
        """
        Cannot add an interval to a date because its microseconds part is not 0. To resolve this, cast the input date to a timestamp, \
        which supports the addition of intervals with non-zero microseconds.
        """)
    package static let invalidVariantCast = ErrorCondition(
        "INVALID_VARIANT_CAST", "22023",
        "The variant value `<value>` cannot be cast into `<dataType>`. Please use `try_variant_get` instead.")
    package static let invalidVariantGetPath = ErrorCondition(
        "INVALID_VARIANT_GET_PATH", "22023",
        """
        The path `<path>` is not a valid variant extraction path in `<functionName>`.
        A valid path should start with `$` and is followed by zero or more segments like `[123]`, `.name`, `['name']`, or `["name"]`.
        """)
    package static let malformedAvroMessage = ErrorCondition(
        "MALFORMED_AVRO_MESSAGE", "KD000",
        """
        Malformed Avro messages are detected in message deserialization. Parse Mode: <mode>. To process malformed Avro message as null \
        result, try setting the option 'mode' as 'PERMISSIVE'.
        """)
    package static let malformedCharacterCoding = ErrorCondition(
        "MALFORMED_CHARACTER_CODING", "22000",
        "Invalid value found when performing <function> with <charset>")
    package static let malformedCsvRecord = ErrorCondition("MALFORMED_CSV_RECORD", "KD000", "Malformed CSV record: <badRecord>")
    package static let malformedLogFile = ErrorCondition(
        "MALFORMED_LOG_FILE", "KD002",
        "Log file was malformed: failed to read correct log version from <text>.")
    package static let malformedRecordInParsingCannotParseJsonArraysAsStructs = ErrorCondition(
        "MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_JSON_ARRAYS_AS_STRUCTS", "22023",
        """
        Malformed records are detected in record parsing: <badRecord>.
        Parse Mode: <failFastMode>. To process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'. Parsing \
        JSON arrays as structs is forbidden.
        """)
    package static let malformedRecordInParsingCannotParseStringAsDatatype = ErrorCondition(
        "MALFORMED_RECORD_IN_PARSING.CANNOT_PARSE_STRING_AS_DATATYPE", "22023",
        """
        Malformed records are detected in record parsing: <badRecord>.
        Parse Mode: <failFastMode>. To process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'. Cannot \
        parse the value <fieldValue> of the field <fieldName> as target spark data type <targetType> from the input type <inputType>.
        """)
    package static let malformedRecordInParsingWithoutSuggestion = ErrorCondition(
        "MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION", "22023",
        """
        Malformed records are detected in record parsing: <badRecord>.
        Parse Mode: <failFastMode>. To process malformed records as null result, try setting the option 'mode' as 'PERMISSIVE'. 
        """)
    package static let malformedStateInRatePerMicroBatchSourceInvalidOffset = ErrorCondition(
        "MALFORMED_STATE_IN_RATE_PER_MICRO_BATCH_SOURCE.INVALID_OFFSET", "22000",
        """
        Malformed state in RatePerMicroBatch source. The offset value is invalid: startOffset should less than or equal to the \
        endOffset, but startOffset(<startOffset>) > endOffset(<endOffset>).
        """)
    package static let malformedStateInRatePerMicroBatchSourceInvalidTimestamp = ErrorCondition(
        "MALFORMED_STATE_IN_RATE_PER_MICRO_BATCH_SOURCE.INVALID_TIMESTAMP", "22000",
        """
        Malformed state in RatePerMicroBatch source. The timestamp value is invalid: startTimestamp should less than or equal to the \
        endTimestamp, but startTimestamp(<startTimestamp>) > endTimestamp(<endTimestamp>).
        This could happen when the streaming query is restarted with a newer `startingTimestamp` and reprocess the first batch (i.e. \
        batch 0). Please consider using a new checkpoint location.
        """)
    package static let malformedVariant = ErrorCondition(
        "MALFORMED_VARIANT", "22023",
        "Variant binary is malformed. Please check the data source is valid.")
    package static let variantConstructorSizeLimit = ErrorCondition(
        "VARIANT_CONSTRUCTOR_SIZE_LIMIT", "22023",
        "Cannot construct a Variant larger than 16 MiB. The maximum allowed size of a Variant value is 16 MiB.")
    package static let variantDuplicateKey = ErrorCondition(
        "VARIANT_DUPLICATE_KEY", "22023",
        "Failed to build variant because of a duplicate object key `<key>`.")
    package static let variantSizeLimit = ErrorCondition(
        "VARIANT_SIZE_LIMIT", "22023",
        """
        Cannot build variant bigger than <sizeLimit> in <functionName>.
        Please avoid large input strings to this expression (for example, add function calls(s) to check the expression size and \
        convert it to NULL first if it is too big).
        """)
}
