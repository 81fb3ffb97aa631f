/// Conditions that only the query engine raises.
extension ErrorCondition {
    /// Not one of Spark's: what Spark does and this engine does not, said by name.
    package static let unsupportedFeatureNotSimulated = ErrorCondition(
        "UNSUPPORTED_FEATURE.NOT_SIMULATED", "0A000", "The feature is not supported: <feature> is not simulated.")
    package static let unableToAcquireMemory = ErrorCondition(
        "UNABLE_TO_ACQUIRE_MEMORY", "53200", "Unable to acquire <requestedBytes> bytes of memory, got <receivedBytes>.")
}
