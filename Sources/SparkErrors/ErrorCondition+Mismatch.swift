/// Arguments of the wrong type. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let datatypeMismatchArrayFunctionDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.ARRAY_FUNCTION_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to <functionName> should have been <dataType> followed by a value \
        with same element type, but it's [<leftType>, <rightType>].
        """)
    package static let datatypeMismatchBinaryArrayDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to function <functionName> should have been two <arrayType> with same \
        element type, but it's [<leftType>, <rightType>].
        """)
    package static let datatypeMismatchBinaryOpDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: the left and right operands of the binary operator have incompatible types \
        (<left> and <right>).
        """)
    package static let datatypeMismatchBinaryOpWrongType = ErrorCondition(
        "DATATYPE_MISMATCH.BINARY_OP_WRONG_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: the binary operator requires the input type <inputType>, not \
        <actualDataType>.
        """)
    package static let datatypeMismatchCannotConvertToJson = ErrorCondition(
        "DATATYPE_MISMATCH.CANNOT_CONVERT_TO_JSON", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Unable to convert column <name> of type <type> to JSON.")
    package static let datatypeMismatchCannotDropAllFields = ErrorCondition(
        "DATATYPE_MISMATCH.CANNOT_DROP_ALL_FIELDS", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Cannot drop all fields in struct.")
    package static let datatypeMismatchCastWithoutSuggestion = ErrorCondition(
        "DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType>.")
    package static let datatypeMismatchCastWithConfSuggestion = ErrorCondition(
        "DATATYPE_MISMATCH.CAST_WITH_CONF_SUGGESTION", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType> with ANSI mode on.
        If you have to cast <srcType> to <targetType>, you can set <config> as <configVal>.
        """)
    package static let datatypeMismatchCastWithFuncSuggestion = ErrorCondition(
        "DATATYPE_MISMATCH.CAST_WITH_FUNC_SUGGESTION", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: cannot cast <srcType> to <targetType>.
        To convert values from <srcType> to <targetType>, you can use the functions <functionNames> instead.
        """)
    package static let datatypeMismatchCreateMapKeyDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.CREATE_MAP_KEY_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The given keys of function <functionName> should all be the same type, but \
        they are <dataType>.
        """)
    package static let datatypeMismatchCreateMapValueDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.CREATE_MAP_VALUE_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The given values of function <functionName> should all be the same type, \
        but they are <dataType>.
        """)
    package static let datatypeMismatchCreateNamedStructWithoutFoldableString = ErrorCondition(
        "DATATYPE_MISMATCH.CREATE_NAMED_STRUCT_WITHOUT_FOLDABLE_STRING", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Only foldable `STRING` expressions are allowed to appear at odd position, \
        but they are <inputExprs>.
        """)
    package static let datatypeMismatchDataDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.DATA_DIFF_TYPES", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Input to <functionName> should all be the same type, but it's <dataType>.")
    package static let datatypeMismatchFilterNotBoolean = ErrorCondition(
        "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Filter expression <filter> of type <type> is not a boolean.")
    package static let datatypeMismatchHashMapType = ErrorCondition(
        "DATATYPE_MISMATCH.HASH_MAP_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to the function <functionName> cannot contain elements of the "MAP" \
        type. In Spark, same maps may have different hashcode, thus hash expressions are prohibited on "MAP" elements. To restore \
        previous behavior set "spark.sql.legacy.allowHashOnMapType" to "true".
        """)
    package static let datatypeMismatchHashVariantType = ErrorCondition(
        "DATATYPE_MISMATCH.HASH_VARIANT_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to the function <functionName> cannot contain elements of the \
        "VARIANT" type yet.
        """)
    package static let datatypeMismatchInputSizeNotOne = ErrorCondition(
        "DATATYPE_MISMATCH.INPUT_SIZE_NOT_ONE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Length of <exprName> should be 1.")
    package static let datatypeMismatchInvalidArgValue = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_ARG_VALUE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The <inputName> value must to be a <requireType> literal of <validValues>, \
        but got <inputValue>.
        """)
    package static let datatypeMismatchInvalidJsonMapKeyType = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_JSON_MAP_KEY_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Input schema <schema> can only contain STRING as a key type for a MAP.")
    package static let datatypeMismatchInvalidJsonSchema = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_JSON_SCHEMA", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Input schema <schema> must be a struct, an array, a map or a variant.")
    package static let datatypeMismatchInvalidMapKeyType = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_MAP_KEY_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The key of map cannot be/contain <keyType>.")
    package static let datatypeMismatchInvalidOrderingType = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_ORDERING_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The <functionName> does not support ordering on type <dataType>.")
    package static let datatypeMismatchInvalidRowLevelOperationAssignments = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_ROW_LEVEL_OPERATION_ASSIGNMENTS", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: <errors>")
    package static let datatypeMismatchInvalidXmlMapKeyType = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_XML_MAP_KEY_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Input schema <schema> can only contain STRING as a key type for a MAP.")
    package static let datatypeMismatchInvalidXmlSchema = ErrorCondition(
        "DATATYPE_MISMATCH.INVALID_XML_SCHEMA", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Input schema <schema> must be a struct or a variant.")
    package static let datatypeMismatchInSubqueryDataTypeMismatch = ErrorCondition(
        "DATATYPE_MISMATCH.IN_SUBQUERY_DATA_TYPE_MISMATCH", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The data type of one or more elements in the left hand side of an IN \
        subquery is not compatible with the data type of the output of the subquery. Mismatched columns: [<mismatchedColumns>], left \
        side: [<leftType>], right side: [<rightType>].
        """)
    package static let datatypeMismatchInSubqueryLengthMismatch = ErrorCondition(
        "DATATYPE_MISMATCH.IN_SUBQUERY_LENGTH_MISMATCH", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The number of columns in the left hand side of an IN subquery does not \
        match the number of columns in the output of subquery. Left hand side columns(length: <leftLength>): [<leftColumns>], right \
        hand side columns(length: <rightLength>): [<rightColumns>].
        """)
    package static let datatypeMismatchMapConcatDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.MAP_CONCAT_DIFF_TYPES", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The <functionName> should all be of type map, but it's <dataType>.")
    package static let datatypeMismatchMapFunctionDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.MAP_FUNCTION_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to <functionName> should have been <dataType> followed by a value \
        with same key type, but it's [<leftType>, <rightType>].
        """)
    package static let datatypeMismatchMapZipWithDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.MAP_ZIP_WITH_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Input to the <functionName> should have been two maps with compatible key \
        types, but it's [<leftType>, <rightType>].
        """)
    package static let datatypeMismatchNonFoldableInput = ErrorCondition(
        "DATATYPE_MISMATCH.NON_FOLDABLE_INPUT", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: the input <inputName> should be a foldable <inputType> expression; however, \
        got <inputExpr>.
        """)
    package static let datatypeMismatchNonStringType = ErrorCondition(
        "DATATYPE_MISMATCH.NON_STRING_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: all arguments of the function <funcName> must be strings.")
    package static let datatypeMismatchNonStructType = ErrorCondition(
        "DATATYPE_MISMATCH.NON_STRUCT_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: the input <inputName> should be a struct expression; however, got \
        <inputType>.
        """)
    package static let datatypeMismatchNullType = ErrorCondition(
        "DATATYPE_MISMATCH.NULL_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Null typed values cannot be used as arguments of <functionName>.")
    package static let datatypeMismatchParameterConstraintViolation = ErrorCondition(
        "DATATYPE_MISMATCH.PARAMETER_CONSTRAINT_VIOLATION", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The <leftExprName>(<leftExprValue>) must be <constraint> the \
        <rightExprName>(<rightExprValue>).
        """)
    package static let datatypeMismatchRangeFrameInvalidType = ErrorCondition(
        "DATATYPE_MISMATCH.RANGE_FRAME_INVALID_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The data type <orderSpecType> used in the order specification does not \
        support the data type <valueBoundaryType> which is used in the range frame.
        """)
    package static let datatypeMismatchRangeFrameMultiOrder = ErrorCondition(
        "DATATYPE_MISMATCH.RANGE_FRAME_MULTI_ORDER", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: A range window frame with value boundaries cannot be used in a window \
        specification with multiple order by expressions: <orderSpec>.
        """)
    package static let datatypeMismatchRangeFrameWithoutOrder = ErrorCondition(
        "DATATYPE_MISMATCH.RANGE_FRAME_WITHOUT_ORDER", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: A range window frame cannot be used in an unordered window specification.")
    package static let datatypeMismatchSequenceWrongInputTypes = ErrorCondition(
        "DATATYPE_MISMATCH.SEQUENCE_WRONG_INPUT_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: <functionName> uses the wrong parameter type. The parameter type must \
        conform to:
        1. The start and stop expressions must resolve to the same type.
        2. If start and stop expressions resolve to the <startType> type, then the step expression must resolve to the <stepType> type.
        3. Otherwise, if start and stop expressions resolve to the <otherStartType> type, then the step expression must resolve to the \
        same type.
        """)
    package static let datatypeMismatchSpecifiedWindowFrameDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: Window frame bounds <lower> and <upper> do not have the same type: \
        <lowerType> <> <upperType>.
        """)
    package static let datatypeMismatchSpecifiedWindowFrameInvalidBound = ErrorCondition(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_INVALID_BOUND", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Window frame upper bound <upper> does not follow the lower bound <lower>.")
    package static let datatypeMismatchSpecifiedWindowFrameUnacceptedType = ErrorCondition(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The data type of the <location> bound <exprType> does not match the \
        expected data type <expectedType>.
        """)
    package static let datatypeMismatchSpecifiedWindowFrameWithoutFoldable = ErrorCondition(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WITHOUT_FOLDABLE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: Window frame <location> bound <expression> is not a literal.")
    package static let datatypeMismatchSpecifiedWindowFrameWrongComparison = ErrorCondition(
        "DATATYPE_MISMATCH.SPECIFIED_WINDOW_FRAME_WRONG_COMPARISON", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The lower bound of a window frame must be <comparison> to the upper bound.")
    package static let datatypeMismatchStackColumnDiffTypes = ErrorCondition(
        "DATATYPE_MISMATCH.STACK_COLUMN_DIFF_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The data type of the column (<columnIndex>) do not have the same type: \
        <leftType> (<leftParamIndex>) <> <rightType> (<rightParamIndex>).
        """)
    package static let datatypeMismatchTypeCheckFailureWithHint = ErrorCondition(
        "DATATYPE_MISMATCH.TYPE_CHECK_FAILURE_WITH_HINT", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: <msg><hint>.")
    package static let datatypeMismatchUnexpectedClassType = ErrorCondition(
        "DATATYPE_MISMATCH.UNEXPECTED_CLASS_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: class <className> not found.")
    package static let datatypeMismatchUnexpectedInputType = ErrorCondition(
        "DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The <paramIndex> parameter requires the <requiredType> type, however \
        <inputSql> has the type <inputType>.
        """)
    package static let datatypeMismatchUnexpectedNull = ErrorCondition(
        "DATATYPE_MISMATCH.UNEXPECTED_NULL", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The <exprName> must not be null.")
    package static let datatypeMismatchUnexpectedReturnType = ErrorCondition(
        "DATATYPE_MISMATCH.UNEXPECTED_RETURN_TYPE", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The <functionName> requires return <expectedType> type, but the actual is \
        <actualType> type.
        """)
    package static let datatypeMismatchUnexpectedStaticMethod = ErrorCondition(
        "DATATYPE_MISMATCH.UNEXPECTED_STATIC_METHOD", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: cannot find a static method <methodName> that matches the argument types in \
        <className>.
        """)
    package static let datatypeMismatchUnsupportedInputType = ErrorCondition(
        "DATATYPE_MISMATCH.UNSUPPORTED_INPUT_TYPE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The input of <functionName> can't be <dataType> type data.")
    package static let datatypeMismatchValueOutOfRange = ErrorCondition(
        "DATATYPE_MISMATCH.VALUE_OUT_OF_RANGE", "42K09",
        "Cannot resolve <sqlExpr> due to data type mismatch: The <exprName> must be between <valueRange> (current value = <currentValue>).")
    package static let datatypeMismatchWrongNumArgTypes = ErrorCondition(
        "DATATYPE_MISMATCH.WRONG_NUM_ARG_TYPES", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The expression requires <expectedNum> argument types but the actual number \
        is <actualNum>.
        """)
    package static let datatypeMismatchWrongNumEndpoints = ErrorCondition(
        "DATATYPE_MISMATCH.WRONG_NUM_ENDPOINTS", "42K09",
        """
        Cannot resolve <sqlExpr> due to data type mismatch: The number of endpoints must be >= 2 to construct intervals but the actual \
        number is <actualNumber>.
        """)
}
