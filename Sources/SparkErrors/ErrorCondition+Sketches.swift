/// Conditions of sketches, encryption, collations and records in text.
///
/// Source: Apache Spark 4.1 `error-conditions.json` (condition, SQLSTATE, template).
extension ErrorCondition {
    package static let approxTopKMaxItemsTrackedExceedsLimit = ErrorCondition(
        "APPROX_TOP_K_MAX_ITEMS_TRACKED_EXCEEDS_LIMIT", "22023",
        "The max items tracked `maxItemsTracked`(<maxItemsTracked>) of `approx_top_k` should be less than or equal to <limit>.")
    package static let approxTopKMaxItemsTrackedLessThanK = ErrorCondition(
        "APPROX_TOP_K_MAX_ITEMS_TRACKED_LESS_THAN_K", "22023",
        "The max items tracked `maxItemsTracked`(<maxItemsTracked>) of `approx_top_k` should be greater than or equal to `k`(<k>).")
    package static let approxTopKNonPositiveArg = ErrorCondition(
        "APPROX_TOP_K_NON_POSITIVE_ARG", "22023",
        "The value of <argName> in `approx_top_k` must be a positive integer, but got <argValue>.")
    package static let approxTopKNullArg = ErrorCondition(
        "APPROX_TOP_K_NULL_ARG", "22004",
        "The value of <argName> in `approx_top_k` cannot be NULL.")
    package static let approxTopKSketchSizeNotMatch = ErrorCondition(
        "APPROX_TOP_K_SKETCH_SIZE_NOT_MATCH", "42846",
        "Combining approx_top_k sketches of different sizes is not allowed. Found sketches of size <size1> and <size2>.")
    package static let approxTopKSketchTypeNotMatch = ErrorCondition(
        "APPROX_TOP_K_SKETCH_TYPE_NOT_MATCH", "42846",
        "Combining approx_top_k sketches of different types is not allowed. Found sketches of type <type1> and <type2>.")
    package static let hllInvalidInputSketchBuffer = ErrorCondition(
        "HLL_INVALID_INPUT_SKETCH_BUFFER", "22546",
        "Invalid call to <function>; only valid HLL sketch buffers are supported as inputs (such as those produced by the `hll_sketch_agg` function)."
    )
    package static let hllKMustBeConstant = ErrorCondition(
        "HLL_K_MUST_BE_CONSTANT", "42K0E",
        "Invalid call to <function>; the `K` value must be a constant value, but got a non-constant expression.")
    package static let invalidBitmapPosition = ErrorCondition(
        "INVALID_BITMAP_POSITION", "22003",
        "The 0-indexed bitmap position <bitPosition> is out of bounds. The bitmap has <bitmapNumBits> bits (<bitmapNumBytes> bytes).")
    package static let kllSketchKMustBeConstant = ErrorCondition(
        "KLL_SKETCH_K_MUST_BE_CONSTANT", "42K0E",
        "For function <functionName>, the k parameter must be a constant value, but got a non-constant expression.")
    package static let kllSketchKOutOfRange = ErrorCondition(
        "KLL_SKETCH_K_OUT_OF_RANGE", "22003",
        "For function <functionName>, the k parameter must be between 8 and 65535 (inclusive), but got <k>.")
    package static let thetaLgNomEntriesMustBeConstant = ErrorCondition(
        "THETA_LG_NOM_ENTRIES_MUST_BE_CONSTANT", "42K0E",
        "Invalid call to <function>; the `lgNomEntries` value must be a constant value, but got a non-constant expression.")
}
