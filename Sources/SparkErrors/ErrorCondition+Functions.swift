/// Conditions that functions raise, beyond those of the other families.
///
/// Source: Apache Spark 4.1 `error-conditions.json` (condition, SQLSTATE, template).
extension ErrorCondition {
    package static let negativeValuesInFrequencyExpression = ErrorCondition(
        "NEGATIVE_VALUES_IN_FREQUENCY_EXPRESSION", "22003",
        "Found the negative value in <frequencyExpression>: <negativeValue>, but expected a positive integral value.")
}
