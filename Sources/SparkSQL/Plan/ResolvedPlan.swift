package import Columnar

/// A query ready to be run: analysed, and optimised unless that was switched off.
package struct ResolvedPlan: Sendable {
    package var root: LogicalPlan
    /// Common table expressions that are computed once; later ones may use earlier ones.
    package var shared: [LogicalPlan]
    /// The result's columns.
    package let schema: Schema
    /// Source of new column ids.
    var ids: ColumnIDs

    init(root: LogicalPlan, shared: [LogicalPlan], schema: Schema, ids: ColumnIDs) {
        self.root = root
        self.shared = shared
        self.schema = schema
        self.ids = ids
    }
}

extension ResolvedPlan {
    /// Whether its rows are the same each time.
    package var isDeterministic: Bool { !root.isNonDeterministic && !shared.contains(where: \.isNonDeterministic) }
}
