/// The families of functions, in the order of the documentation.
enum Builtins {
    static let scalars: [ScalarFunction] = arithmeticFunctions + comparisonFunctions + bitFunctions
    static let aggregates: [AggregateFunction] = aggregateFunctions
    static let windows: [WindowFunction] = windowFunctions
}
