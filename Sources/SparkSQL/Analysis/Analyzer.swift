import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// Turns one statement's tree into a plan: finds what names mean, settles types, and says no where Spark does.
final class Analyzer {
    let catalog: any CatalogReader
    let parameters: Parameters
    let context: EvaluationContext
    let registry = FunctionRegistry.builtin
    var ids = ColumnIDs()
    /// Common table expressions that are computed once, in order of definition; later ones may refer to earlier ones.
    var shared: [LogicalPlan] = []
    private var seeds: UInt64
    private var recursions = 0
    /// The lengths of CHAR columns, which are no part of their type here.
    var charLengths: [ColumnID: Int] = [:]

    init(catalog: any CatalogReader, parameters: Parameters, context: EvaluationContext) {
        self.catalog = catalog
        self.parameters = parameters
        self.context = context
        seeds = context.randomSeed
    }

    var environment: Environment { Environment(catalog: catalog.currentCatalog, schema: catalog.currentSchema) }

    func attribute(_ name: String, _ type: DataType, nullable: Bool, comment: String? = nil) -> Attribute {
        Attribute(ids.make(), name, type, nullable: nullable, comment: comment)
    }

    func attribute(for expression: ResolvedExpression, name: String) -> Attribute {
        attribute(name, expression.type, nullable: expression.nullable)
    }

    func nextRecursion() -> Int {
        defer { recursions += 1 }
        return recursions
    }

    /// A seed of its own for each call that draws (SplitMix64).
    func callContext() -> EvaluationContext {
        seeds &+= 0x9E37_79B9_7F4A_7C15
        var mixed = seeds
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        var result = context
        result.randomSeed = mixed ^ (mixed >> 31)
        return result
    }
}

/// A query or relation as analysed: its rows, and what its columns are called.
struct AnalyzedRelation {
    var plan: LogicalPlan
    var scope: Scope
}

extension SQLError {
    /// For what Spark can do and this engine does not do.
    static func unsupported(_ feature: String, at span: SourceSpan? = nil) -> SQLError {
        SQLError(.unsupportedFeatureNotSimulated, ["feature": feature], at: span, phase: .analysis)
    }
}
