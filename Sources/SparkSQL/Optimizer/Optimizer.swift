import Columnar
import SparkErrors
import SparkFunctions

/// Which rules run. Results are the same without them.
package struct OptimizerOptions: Sendable {
    package enum Rule: String, Sendable, CaseIterable, Hashable {
        case constantFolding, filterPushdown, joinOrder, columnPruning, decorrelation, inlining, projectMerging, keyFilters, impliedConditions,
            scanTests
    }

    package var rules: Set<Rule>

    package static let standard = OptimizerOptions(rules: Set(Rule.allCases))
    package static let none = OptimizerOptions(rules: [])

    package init(rules: Set<Rule>) { self.rules = rules }

    package func without(_ rule: Rule) -> OptimizerOptions { OptimizerOptions(rules: rules.subtracting([rule])) }
}

/// Rewrites plans into equal ones that are cheaper, and subqueries into operators.
struct Optimizer {
    let options: OptimizerOptions
    let context: EvaluationContext

    func has(_ rule: OptimizerOptions.Rule) -> Bool { options.rules.contains(rule) }

    func optimize(_ plan: ResolvedPlan) throws(SQLError) -> ResolvedPlan {
        var plan = plan
        if has(.inlining) { plan = Inlining.apply(plan) }
        var rewriter = SubqueryRewriter(ids: plan.ids, decorrelates: has(.decorrelation), context: context)
        plan.root = try rewriter.rewrite(plan.root)
        for index in plan.shared.indices { plan.shared[index] = try rewriter.rewrite(plan.shared[index]) }
        plan.ids = rewriter.ids
        plan.root = improve(plan.root)
        for index in plan.shared.indices { plan.shared[index] = improve(plan.shared[index]) }
        if has(.columnPruning) { plan = ColumnPruning.apply(plan) }
        if has(.scanTests) {
            plan.root = ScanTests.apply(plan.root)
            plan.shared = plan.shared.map(ScanTests.apply)
        }
        if has(.keyFilters) {
            plan.root = KeyFilters.apply(plan.root).mapSubqueries(KeyFilters.apply)
            plan.shared = plan.shared.map { KeyFilters.apply($0).mapSubqueries(KeyFilters.apply) }
        }
        return plan
    }

    private func improve(_ plan: LogicalPlan) -> LogicalPlan {
        var plan = plan
        if has(.constantFolding) { plan = ConstantFolding(context: context).apply(plan) }
        if has(.filterPushdown) { plan = FilterPushdown(impliesConditions: has(.impliedConditions)).apply(plan) }
        if has(.joinOrder) { plan = JoinOrder.apply(plan) }
        if has(.projectMerging) { plan = ProjectMerging.apply(plan) }
        return plan.mapSubqueries { improve($0) }
    }
}

extension LogicalPlan {
    /// The plan with other plans in its expressions' subqueries.
    func mapSubqueries(_ body: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
        mapChildren { $0.mapSubqueries(body) }.mapExpressions { expression in
            guard expression.containsSubquery else { return expression }
            return expression.mapSubqueries(body)
        }
    }
}

extension ResolvedExpression {
    func mapSubqueries(_ body: (LogicalPlan) -> LogicalPlan) -> ResolvedExpression {
        let mapped = mapChildren { $0.mapSubqueries(body) }
        guard case .subquery(var subquery) = mapped else { return mapped }
        subquery.plan = body(subquery.plan)
        return .subquery(subquery)
    }
}
