import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    func pipe(_ input: AnalyzedRelation, _ step: PipeOperator, _ environment: Environment) throws(SQLError) -> AnalyzedRelation {
        throw .unsupported("pipe operators")
    }
    func pivot(_ pivot: Pivot, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        throw .unsupported("PIVOT")
    }
    func unpivot(_ pivot: Unpivot, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        throw .unsupported("UNPIVOT")
    }
    func recursion(_ table: CommonTableExpression, _ environment: Environment) throws(SQLError) -> LogicalPlan? { nil }
    func userTableFunction(
        _ name: [String], _ function: TableFunction, _ environment: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation? { nil }
}

extension ExpressionResolver {
    func userFunction(_ name: [String], _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression {
        throw unresolvedRoutine(name, span)
    }
}
