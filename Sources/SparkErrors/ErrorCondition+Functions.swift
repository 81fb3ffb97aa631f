/// Conditions that functions raise, beyond those of the other families.
///
/// Source: Apache Spark 4.1 `error-conditions.json` (condition, SQLSTATE, template).
extension ErrorCondition {
    package static let invalidRegexpReplace = ErrorCondition(
        "INVALID_REGEXP_REPLACE", "22023",
        "Could not perform regexp_replace for source = \"<source>\", pattern = \"<pattern>\", replacement = \"<replacement>\" and position = <position>."
    )
    package static let negativeValuesInFrequencyExpression = ErrorCondition(
        "NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION", "22003",
        "Found the negative value in <frequencyExpression>: <negativeValue>, but expected a positive integral value.")
    package static let secondFunctionArgumentNotInteger = ErrorCondition(
        "SECOND_FUNCTION_ARGUMENT_NOT_INTEGER", "22023",
        "The second argument of <functionName> function needs to be an integer.")
    package static let seedExpressionIsUnfoldable = ErrorCondition(
        "SEED_EXPRESSION_IS_UNFOLDABLE", "42K08",
        "The seed expression <seedExpr> of the expression <exprWithSeed> must be foldable.")
}
