import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension SelectAnalysis {
    /// `GROUP BY window(time, length, …)`: each row once for each window that it lies in, with the window in a column of that name.
    mutating func addTimeWindow() throws(SQLError) {
        var found: (call: FunctionCall, span: SourceSpan?)?
        for element in select.groupBy?.elements ?? [] {
            guard case .expression(let expression) = element, case .function(let call) = expression.kind, call.over == nil,
                try analyzer.name(call.name, environment).map({ $0.lowercased() }) == ["window"]
            else { continue }
            guard found == nil else { throw .unsupported("several window() in one GROUP BY", at: environment.at(expression.span)) }
            found = (call, environment.at(expression.span))
        }
        guard let (call, span) = found else { return }
        let resolver = resolver([source.scope], "Aggregate")
        let windows = try resolver.call(ScalarFunction.timeWindows, as: "window", try resolver.arguments(call, "window", span), span)
        guard case .array(let type, _) = windows.type else { return }
        let column = analyzer.attribute("window", type, nullable: false)
        source = AnalyzedRelation(
            plan: .generate(.init(child: source.plan, generator: .explode, arguments: [windows], isOuter: false, output: [column])),
            scope: source.scope + Scope([column], qualifier: []))
        timeWindow = column
    }
}
