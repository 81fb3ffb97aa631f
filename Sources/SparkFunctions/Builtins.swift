/// The families of functions, in the order of the documentation.
enum Builtins {
    static let scalars: [ScalarFunction] = [
        arithmeticFunctions, comparisonFunctions, bitFunctions, conditionalFunctions, ScalarFunction.castFunctions, lengthFunctions,
        substringFunctions,
        concatFunctions, paddingFunctions, patternFunctions, wordFunctions, encodingFunctions, hashFunctions, urlFunctions, realFunctions,
        roundingFunctions, numberFunctions, arrayConstructionFunctions, arraySearchFunctions, arraySetFunctions, arraySequenceFunctions,
        elementAccessFunctions, mapFunctions, structFunctions, currentTimeFunctions, datePartFunctions, dateArithmeticFunctions,
        dateFormattingFunctions, makeDateTimeFunctions, jsonFunctions, variantFunctions, randomFunctions, miscFunctions, formattingFunctions,
        hllFunctions, kllFunctions, thetaFunctions, [.approxTopKEstimate], csvFunctions, xmlFunctions, avroFunctions, aesFunctions,
        collationFunctions, timeWindowFunctions,
    ].flatMap { $0 }
    static let aggregates: [AggregateFunction] = aggregateFunctions
    static let windows: [WindowFunction] = windowFunctions
}
