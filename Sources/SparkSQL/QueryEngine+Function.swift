package import Columnar
package import SparkErrors
package import SparkFunctions
import SparkSyntax

extension QueryEngine {
    /// What a SQL function's definition comes to.
    package enum FunctionResult: Sendable {
        case scalar(DataType)
        case table([Field])
    }

    /// Checks a function that is about to be made: its body over parameters of the given types, its defaults, its result.
    package static func analyze(
        _ function: CatalogFunction, catalog: any CatalogReader, context: EvaluationContext
    ) throws(SQLError) -> FunctionResult {
        let analyzer = Analyzer(catalog: catalog, parameters: .none, context: context)
        var environment = analyzer.environment
        environment.seesTemporary = true
        for parameter in function.parameters {
            guard let written = parameter.defaultValue else { continue }
            let resolver = ExpressionResolver(analyzer, environment, scopes: [])
            let value = try resolver.resolve(written)
            if value.containsAggregate || value.containsWindow || !value.subqueries.isEmpty {
                throw SQLError(
                    .userDefinedFunctionsNotAValidDefaultExpression,
                    ["functionName": SQLQuote.id(function.name), "parameterName": SQLQuote.id(parameter.name)])
            }
            _ = try resolver.stored(value, as: parameter.type, written.span)
        }
        let columns = function.parameters.map { analyzer.attribute($0.name, $0.type.inPlans, nullable: true) }
        var inner = try analyzer.bodyEnvironment(function, columns.map(\.reference), environment, nil)
        inner.isDefinition = true
        inner.parameters = columns
        switch function.result {
        case .scalar(let type):
            let value = try analyzer.body(of: function, inner, to: type, nil)
            if value.containsAggregate || value.containsWindow {
                throw SQLError(
                    .userDefinedFunctionsCannotContainComplexFunctions, ["queryText": SQLQuote.expr(value.sql)])
            }
            return .scalar(type ?? value.type)
        case .table(let fields):
            guard case .query(let query) = function.body else {
                throw SQLError(.userDefinedFunctionsSqlTableUdfBodyMustBeAQuery, ["name": SQLQuote.unquoted(function.name)])
            }
            let plan = try analyzer.table(query, fields, inner, of: function, outer: nil, nil)
            return .table(plan.output.map { Field($0.name, $0.type, nullable: true) })
        }
    }
}
