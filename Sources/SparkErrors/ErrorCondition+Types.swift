/// Types that do not fit. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let cannotCastDatatype = ErrorCondition("CANNOT_CAST_DATATYPE", "42846", "Cannot cast <sourceType> to <targetType>.")
    package static let cannotMergeIncompatibleDataType = ErrorCondition(
        "CANNOT_MERGE_INCOMPATIBLE_DATA_TYPE", "42825",
        """
        Failed to merge incompatible data types <left> and <right>. Please check the data types of the columns being merged and ensure \
        that they are compatible. If necessary, consider casting the columns to compatible data types before attempting the merge.
        """)
    package static let cannotUpCastDatatype = ErrorCondition(
        "CANNOT_UP_CAST_DATATYPE", "42846",
        "Cannot up cast <expression> from <sourceType> to <targetType>.\n<details>")
    package static let collationInvalidName = ErrorCondition(
        "COLLATION_INVALID_NAME", "42704",
        "The value <collationName> does not represent a correct collation name. Suggested valid collation names: [<proposals>].")
    package static let collationInvalidProvider = ErrorCondition(
        "COLLATION_INVALID_PROVIDER", "42704",
        "The value <provider> does not represent a correct collation provider. Supported providers are: [<supportedProviders>].")
    package static let collationMismatchExplicit = ErrorCondition(
        "COLLATION_MISMATCH.EXPLICIT", "42P21",
        """
        Could not determine which collation to use for string functions and operators. Error occurred due to the mismatch between \
        explicit collations: [<explicitTypes>]. Decide on a single explicit collation and remove others.
        """)
    package static let collationMismatchImplicit = ErrorCondition(
        "COLLATION_MISMATCH.IMPLICIT", "42P21",
        """
        Could not determine which collation to use for string functions and operators. Error occurred due to the mismatch between \
        implicit collations: [<implicitTypes>]. Use COLLATE function to set the collation explicitly.
        """)
    package static let datatypeCannotOrder = ErrorCondition(
        "DATATYPE_CANNOT_ORDER", "0A000",
        "Type <dataType> does not support ordered operations.")
    package static let datatypeMissingSize = ErrorCondition(
        "DATATYPE_MISSING_SIZE", "42K01",
        "DataType <type> requires a length parameter, for example <type>(10). Please specify the length.")
    package static let expressionTypeIsNotOrderable = ErrorCondition(
        "EXPRESSION_TYPE_IS_NOT_ORDERABLE", "42822",
        "Column expression <expr> cannot be sorted because its type <exprType> is not orderable.")
    package static let incomparablePivotColumn = ErrorCondition(
        "INCOMPARABLE_PIVOT_COLUMN", "42818",
        "Invalid pivot column <columnName>. Pivot columns must be comparable.")
    package static let incompatibleColumnType = ErrorCondition(
        "INCOMPATIBLE_COLUMN_TYPE", "42825",
        """
        <operator> can only be performed on tables with compatible column types. The <columnOrdinalNumber> column of the \
        <tableOrdinalNumber> table is <dataType1> type which is not compatible with <dataType2> at the same column of the first \
        table.<hint>.
        """)
    package static let incompatibleJoinTypes = ErrorCondition(
        "INCOMPATIBLE_JOIN_TYPES", "42613",
        "The join types <joinType1> and <joinType2> are incompatible.")
    package static let incompatibleViewSchemaChange = ErrorCondition(
        "INCOMPATIBLE_VIEW_SCHEMA_CHANGE", "51024",
        """
        The SQL query of view <viewName> has an incompatible schema change and column <colName> cannot be resolved. Expected \
        <expectedNum> columns named <colName> but got <actualCols>.
        Please try to re-create the view by running: <suggestion>.
        """)
    package static let incompleteTypeDefinitionArray = ErrorCondition(
        "INCOMPLETE_TYPE_DEFINITION.ARRAY", "42K01",
        """
        Incomplete complex type: The definition of "ARRAY" type is incomplete. You must provide an element type. For example: \
        "ARRAY<elementType>".
        """)
    package static let incompleteTypeDefinitionMap = ErrorCondition(
        "INCOMPLETE_TYPE_DEFINITION.MAP", "42K01",
        """
        Incomplete complex type: The definition of "MAP" type is incomplete. You must provide a key type and a value type. For example: \
        "MAP<TIMESTAMP, INT>".
        """)
    package static let incompleteTypeDefinitionStruct = ErrorCondition(
        "INCOMPLETE_TYPE_DEFINITION.STRUCT", "42K01",
        """
        Incomplete complex type: The definition of "STRUCT" type is incomplete. You must provide at least one field type. For example: \
        "STRUCT<name STRING, phone DECIMAL(10, 0)>".
        """)
    package static let indeterminateCollation = ErrorCondition(
        "INDETERMINATE_COLLATION", "42P22",
        "Could not determine which collation to use for string operation. Use COLLATE clause to set the collation explicitly.")
    package static let indeterminateCollationInExpression = ErrorCondition(
        "INDETERMINATE_COLLATION_IN_EXPRESSION", "42P22",
        "Data type of <expr> has indeterminate collation. Use COLLATE clause to set the collation explicitly.")
    package static let indeterminateCollationInSchema = ErrorCondition(
        "INDETERMINATE_COLLATION_IN_SCHEMA", "42P22",
        "Schema contains indeterminate collation at: [<columnPaths>]. Use COLLATE clause to set the collation explicitly.")
    package static let invalidColumnOrFieldDataType = ErrorCondition(
        "INVALID_COLUMN_OR_FIELD_DATA_TYPE", "42000",
        "Column or field <name> is of type <type> while it's required to be <expectedType>.")
    package static let invalidExtractBaseFieldType = ErrorCondition(
        "INVALID_EXTRACT_BASE_FIELD_TYPE", "42000",
        "Can't extract a value from <base>. Need a complex type [STRUCT, ARRAY, MAP] but got <other>.")
    package static let invalidExtractField = ErrorCondition("INVALID_EXTRACT_FIELD", "42601", "Cannot extract <field> from <expr>.")
    package static let invalidExtractFieldType = ErrorCondition(
        "INVALID_EXTRACT_FIELD_TYPE", "42000",
        "Field name should be a non-null string literal, but it's <extraction>.")
    package static let negativeScaleDisallowed = ErrorCondition(
        "NEGATIVE_SCALE_DISALLOWED", "0A000",
        "Negative scale is not allowed: '<scale>'. Set the config <sqlConf> to \"true\" to allow it.")
    package static let unexpectedInputType = ErrorCondition(
        "UNEXPECTED_INPUT_TYPE", "42K09",
        "Parameter <paramIndex> of function <functionName> requires the <requiredType> type, however <inputSql> has the type <inputType>.")
    package static let unsupportedCharOrVarcharAsString = ErrorCondition(
        "UNSUPPORTED_CHAR_OR_VARCHAR_AS_STRING", "0A000",
        """
        The char/varchar type can't be used in the table schema.
        If you want Spark treat them as string type as same as Spark 3.0 and earlier, please set "spark.sql.legacy.charVarcharAsString" \
        to "true".
        """)
    package static let unsupportedCollationForFunction = ErrorCondition(
        "UNSUPPORTED_COLLATION.FOR_FUNCTION", "0A000",
        "Collation <collationName> is not supported for: function <functionName>. Please try to use a different collation.")
    package static let unsupportedDatatype = ErrorCondition("UNSUPPORTED_DATATYPE", "0A000", "Unsupported data type <typeName>.")
    package static let unsupportedTimePrecision = ErrorCondition(
        "UNSUPPORTED_TIME_PRECISION", "0A001",
        "The seconds precision <precision> of the TIME data type is out of the supported range [0, 6].")
    package static let unsupportedTimeType = ErrorCondition("UNSUPPORTED_TIME_TYPE", "0A000", "The data type TIME is not supported.")
}
