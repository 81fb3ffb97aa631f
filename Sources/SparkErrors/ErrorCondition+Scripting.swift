/// SQL scripting, EXECUTE IMMEDIATE and session variables. Source: Spark's error-conditions.json, version 4.1.
extension ErrorCondition {
    package static let assignmentArityMismatch = ErrorCondition(
        "ASSIGNMENT_ARITY_MISMATCH", "42802",
        "The number of columns or variables assigned or aliased: <numTarget> does not match the number of source expressions: <numExpr>.")
    package static let cursorAlreadyExists = ErrorCondition(
        "CURSOR_ALREADY_EXISTS", "42723", "Cannot declare the cursor <cursorName> because it already exists in this scope.")
    package static let cursorAlreadyOpen = ErrorCondition(
        "CURSOR_ALREADY_OPEN", "24502", "Cannot open the cursor <cursorName> because it is already open.")
    package static let cursorNoMoreRows = ErrorCondition(
        "CURSOR_NO_MORE_ROWS", "02000", "No more rows are available to fetch from the cursor <cursorName>.")
    package static let cursorNotFound = ErrorCondition(
        "CURSOR_NOT_FOUND", "34000", "The cursor <cursorName> cannot be found in the current scope.")
    package static let cursorNotOpen = ErrorCondition(
        "CURSOR_NOT_OPEN", "24501", "The cursor <cursorName> is not open.")
    package static let invalidCursorDeclaration = ErrorCondition(
        "INVALID_CURSOR_DECLARATION", "42K0Q",
        "Invalid cursor declaration. Cursors must be declared after variables and conditions, and before handlers and other statements.")
    package static let duplicateConditionInScope = ErrorCondition(
        "DUPLICATE_CONDITION_IN_SCOPE", "42734",
        "Found duplicate condition <condition> in the scope. Please, remove one of them.")
    package static let duplicateExceptionHandlerCondition = ErrorCondition(
        "DUPLICATE_EXCEPTION_HANDLER.CONDITION", "42734",
        "Found duplicate handlers. Please, remove one of them. Found duplicate handlers for the same condition <condition>.")
    package static let duplicateExceptionHandlerSqlstate = ErrorCondition(
        "DUPLICATE_EXCEPTION_HANDLER.SQLSTATE", "42734",
        "Found duplicate handlers. Please, remove one of them. Found duplicate handlers for the same SQLSTATE <sqlState>.")
    package static let duplicateVariableNameInsideDeclare = ErrorCondition(
        "DUPLICATE_VARIABLE_NAME_INSIDE_DECLARE", "42734",
        "Found duplicate variable <variableName> in the declare variable list. Please, remove one of them.")
    package static let endLabelWithoutBeginLabel = ErrorCondition(
        "END_LABEL_WITHOUT_BEGIN_LABEL", "42K0L",
        "End label <endLabel> can not exist without begin label.")
    package static let executeImmediateDuplicateArgumentAliases = ErrorCondition(
        "EXECUTE_IMMEDIATE_DUPLICATE_ARGUMENT_ALIASES", "42701",
        """
        The USING clause of this EXECUTE IMMEDIATE command contained multiple arguments with same alias (<aliases>), which is invalid; \
        please update the command to specify unique aliases and then try it again.
        """)
    package static let invalidBooleanStatement = ErrorCondition(
        "INVALID_BOOLEAN_STATEMENT", "22546",
        "Boolean statement is expected in the condition, but <invalidStatement> was found.")
    package static let invalidErrorConditionDeclarationNotAtStartOfCompoundStatement = ErrorCondition(
        "INVALID_ERROR_CONDITION_DECLARATION.NOT_AT_START_OF_COMPOUND_STATEMENT", "42K0R",
        "Invalid condition declaration. Condition <conditionName> can only be declared at the start of a BEGIN END compound statement.")
    package static let invalidErrorConditionDeclarationQualifiedConditionName = ErrorCondition(
        "INVALID_ERROR_CONDITION_DECLARATION.QUALIFIED_CONDITION_NAME", "42K0R",
        "Invalid condition declaration. Condition <conditionName> cannot be qualified.")
    package static let invalidErrorConditionDeclarationSpecialCharacterFound = ErrorCondition(
        "INVALID_ERROR_CONDITION_DECLARATION.SPECIAL_CHARACTER_FOUND", "42K0R",
        """
        Invalid condition declaration. Special character found in condition name <conditionName>. Only alphanumeric characters and \
        underscores are allowed.
        """)
    package static let invalidExprTypeForQueryExecuteImmediate = ErrorCondition(
        "INVALID_EXPR_TYPE_FOR_QUERY_EXECUTE_IMMEDIATE", "42K09",
        "Expression type must be string type but got <exprType>.")
    package static let invalidHandlerDeclarationConditionNotFound = ErrorCondition(
        "INVALID_HANDLER_DECLARATION.CONDITION_NOT_FOUND", "42K0Q",
        "Invalid handler declaration. Condition <condition> not found.")
    package static let invalidHandlerDeclarationDuplicateConditionInHandlerDeclaration = ErrorCondition(
        "INVALID_HANDLER_DECLARATION.DUPLICATE_CONDITION_IN_HANDLER_DECLARATION", "42K0Q",
        "Invalid handler declaration. Found duplicate condition <condition> in the handler declaration. Please, remove one of them.")
    package static let invalidHandlerDeclarationDuplicateSqlstateInHandlerDeclaration = ErrorCondition(
        "INVALID_HANDLER_DECLARATION.DUPLICATE_SQLSTATE_IN_HANDLER_DECLARATION", "42K0Q",
        "Invalid handler declaration. Found duplicate sqlState <sqlState> in the handler declaration. Please, remove one of them.")
    package static let invalidHandlerDeclarationInvalidConditionCombination = ErrorCondition(
        "INVALID_HANDLER_DECLARATION.INVALID_CONDITION_COMBINATION", "42K0Q",
        """
        Invalid handler declaration. Invalid combination of conditions in the handler declaration. SQLEXCEPTION and NOT FOUND cannot be \
        used together with other condition/sqlstate values.
        """)
    package static let invalidHandlerDeclarationWrongPlaceOfDeclaration = ErrorCondition(
        "INVALID_HANDLER_DECLARATION.WRONG_PLACE_OF_DECLARATION", "42K0Q",
        "Invalid handler declaration. Handlers must be declared after variable/condition declaration, and before other statements.")
    package static let invalidLabelUsageDoesNotExist = ErrorCondition(
        "INVALID_LABEL_USAGE.DOES_NOT_EXIST", "42K0L",
        """
        The usage of the label <labelName> is invalid. Label was used in the <statementType> statement, but the label does not belong \
        to any surrounding block.
        """)
    package static let invalidLabelUsageIterateInCompound = ErrorCondition(
        "INVALID_LABEL_USAGE.ITERATE_IN_COMPOUND", "42K0L",
        """
        The usage of the label <labelName> is invalid. ITERATE statement cannot be used with a label that belongs to a compound \
        (BEGIN...END) body.
        """)
    package static let invalidLabelUsageQualifiedLabelName = ErrorCondition(
        "INVALID_LABEL_USAGE.QUALIFIED_LABEL_NAME", "42K0L",
        "The usage of the label <labelName> is invalid. Label cannot be qualified.")
    package static let invalidSqlstate = ErrorCondition(
        "INVALID_SQLSTATE", "428B3",
        """
        Invalid SQLSTATE value: '<sqlState>'. SQLSTATE must be exactly 5 characters long and contain only A-Z and 0-9. SQLSTATE must \
        not start with '00', '01', or 'XX'.
        """)
    package static let invalidStatementForExecuteInto = ErrorCondition(
        "INVALID_STATEMENT_FOR_EXECUTE_INTO", "07501",
        "The INTO clause of EXECUTE IMMEDIATE is only valid for queries but the given statement is not a query: <sqlString>.")
    package static let invalidStatementOrClause = ErrorCondition(
        "INVALID_STATEMENT_OR_CLAUSE", "42601",
        "The statement or clause: <operation> is not valid.")
    package static let invalidVariableDeclarationNotAllowedInScope = ErrorCondition(
        "INVALID_VARIABLE_DECLARATION.NOT_ALLOWED_IN_SCOPE", "42K0M",
        "Invalid variable declaration. Declaration of the variable <varName> is not allowed in this scope.")
    package static let invalidVariableDeclarationOnlyAtBeginning = ErrorCondition(
        "INVALID_VARIABLE_DECLARATION.ONLY_AT_BEGINNING", "42K0M",
        "Invalid variable declaration. Variable <varName> can only be declared at the beginning of the compound.")
    package static let invalidVariableDeclarationQualifiedLocalVariable = ErrorCondition(
        "INVALID_VARIABLE_DECLARATION.QUALIFIED_LOCAL_VARIABLE", "42K0M",
        """
        Invalid variable declaration. The variable <varName> must be declared without a qualifier, as qualifiers are not allowed for \
        local variable declarations.
        """)
    package static let invalidVariableDeclarationReplaceLocalVariable = ErrorCondition(
        "INVALID_VARIABLE_DECLARATION.REPLACE_LOCAL_VARIABLE", "42K0M",
        "Invalid variable declaration. The variable <varName> does not support DECLARE OR REPLACE, as local variables cannot be replaced.")
    package static let labelsMismatch = ErrorCondition(
        "LABELS_MISMATCH", "42K0L",
        "Begin label <beginLabel> does not match the end label <endLabel>.")
    package static let labelOrForVariableAlreadyExists = ErrorCondition(
        "LABEL_OR_FOR_VARIABLE_ALREADY_EXISTS", "42K0L",
        "The label or FOR variable <label> already exists. Choose another name or rename the existing one.")
    package static let labelOrForVariableNameForbidden = ErrorCondition(
        "LABEL_OR_FOR_VARIABLE_NAME_FORBIDDEN", "42K0L",
        "The label or FOR variable name <label> is forbidden.")
    package static let nestedExecuteImmediate = ErrorCondition(
        "NESTED_EXECUTE_IMMEDIATE", "07501",
        """
        Nested EXECUTE IMMEDIATE commands are not allowed. Please ensure that the SQL query provided (<sqlString>) does not contain \
        another EXECUTE IMMEDIATE command.
        """)
    package static let nullQueryStringExecuteImmediate = ErrorCondition(
        "NULL_QUERY_STRING_EXECUTE_IMMEDIATE", "22004",
        "Execute immediate requires a non-null variable as the query string, but the provided variable <varName> is null.")
    package static let sqlScriptInExecuteImmediate = ErrorCondition(
        "SQL_SCRIPT_IN_EXECUTE_IMMEDIATE", "07501",
        """
        SQL Scripts in EXECUTE IMMEDIATE commands are not allowed. Please ensure that the SQL query provided (<sqlString>) is not SQL \
        Script. Make sure the sql_string is a well-formed SQL statement and does not contain BEGIN and END.
        """)
    package static let unresolvedVariable = ErrorCondition(
        "UNRESOLVED_VARIABLE", "42883",
        "Cannot resolve variable <variableName> on search path <searchPath>.")
    package static let variableAlreadyExists = ErrorCondition(
        "VARIABLE_ALREADY_EXISTS", "42723",
        """
        Cannot create the variable <variableName> because it already exists.
        Choose a different name, or drop or replace the existing variable.
        """)
    package static let variableNotFound = ErrorCondition(
        "VARIABLE_NOT_FOUND", "42883",
        """
        The variable <variableName> cannot be found. Verify the spelling and correctness of the schema and catalog.
        If you did not qualify the name with a schema and catalog, verify the current_schema() output, or qualify the name with the \
        correct schema and catalog.
        To tolerate the error on drop use DROP VARIABLE IF EXISTS.
        """)
}
