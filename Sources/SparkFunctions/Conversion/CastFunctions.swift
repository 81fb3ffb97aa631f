package import Columnar
package import SparkErrors

extension ScalarFunction {
    /// `int(expr)` and its like: CAST by the type's name.
    private static func casting(_ name: String, to type: DataType, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, group: .conversion, since: "2.0.1", usage: "\(name)(expr) - CAST(expr AS \(type.sqlText)).", examples: examples,
            syntax: .custom { _, arguments in arguments.joined(separator: ", ") }
        ) { (call, context) throws(SQLError) in
            try call.checkCount(1...1)
            let source = call.arguments[0].type
            if let error = Cast.refusal(source, type, sql: call.sql, context) { throw error }
            return BoundScalar(
                [source], returns: type, nullable: Cast.isNullable(source, nullable: call.anyNullable, to: type, mode: context.ansi ? .ansi : .legacy)
            ) { (arguments, _, context) throws(SQLError) in try Cast.cast(arguments[0], to: type, context) }
        }
    }

    static let castFunctions: [ScalarFunction] = [
        casting("boolean", to: .boolean, examples: [Example("boolean('yes')", "true")]),
        casting("tinyint", to: .byte, examples: [Example("tinyint('12')", "12")]),
        casting("smallint", to: .short, examples: [Example("smallint(3.9)", "3")]),
        casting("int", to: .int, examples: [Example("int(' 12 ')", "12")]),
        casting("bigint", to: .long, examples: [Example("bigint(true)", "1")]),
        casting("float", to: .float, examples: [Example("float('1.1')", "1.1")]),
        casting("double", to: .double, examples: [Example("double('1e7')", "1.0E7"), Example("double('-inf')", "-Infinity")]),
        casting("decimal", to: .decimal(DecimalType(10, 0)), examples: [Example("decimal('1.5')", "2")]),
        casting("string", to: .text, examples: [Example("string(1.50)", "1.50"), Example("string(array(1, NULL))", "[1, null]")]),
        casting("binary", to: .binary, examples: [Example("binary('ab')", "6162")]),
        casting("date", to: .date, examples: [Example("date('2024-2-29')", "2024-02-29")]),
        casting("timestamp", to: .timestamp, examples: [Example("timestamp('2024-02-29 1:2')", "2024-02-29T01:02:00.000Z")]),
    ]
}

extension Cast {
    /// The DATATYPE_MISMATCH for a pair of types that CAST does not take; nil if it does. `sql` is the whole cast.
    package static func refusal(_ from: DataType, _ to: DataType, sql: String, _ context: EvaluationContext, attempt: Bool = false) -> SQLError? {
        let ansi = context.ansi || attempt
        if canCast(from, to, ansi: ansi) { return nil }
        var parameters = [
            "sqlExpr": SQLQuote.expr(sql), "srcType": SQLQuote.type(from.sqlText), "targetType": SQLQuote.type(to.sqlText),
        ]
        if let names = suggestion(from, to) {
            parameters["functionNames"] = names.map { SQLQuote.id($0) }.joined(separator: "/")
            return SQLError(.datatypeMismatchCastWithFuncSuggestion, parameters, phase: .analysis)
        }
        if ansi, !attempt, canCast(from, to, ansi: false) {
            parameters["config"] = SQLQuote.config("spark.sql.ansi.enabled")
            parameters["configVal"] = "'false'"
            return SQLError(.datatypeMismatchCastWithConfSuggestion, parameters, phase: .analysis)
        }
        return SQLError(.datatypeMismatchCastWithoutSuggestion, parameters, phase: .analysis)
    }

    private static func suggestion(_ from: DataType, _ to: DataType) -> [String]? {
        switch (from, to) {
        case (_, .timestamp) where from.isNumeric: ["TIMESTAMP_SECONDS", "TIMESTAMP_MICROS", "TIMESTAMP_MILLIS"]
        case (_, .date) where from.isInteger: ["DATE_FROM_UNIX_DATE"]
        case (.timestamp, _) where to.isNumeric: ["UNIX_SECONDS", "UNIX_MILLIS", "UNIX_MICROS"]
        case (.date, _) where to.isNumeric: ["UNIX_DATE"]
        default: nil
        }
    }
}
