import Columnar

/// Tells scans what the conditions over them say of single columns, so that files and row groups need not be read.
enum ScanTests {
    static func apply(_ plan: LogicalPlan) -> LogicalPlan {
        guard case .filter(var filter) = plan, case .scan(var scan) = filter.child else { return plan.mapChildren { apply($0) } }
        scan.tests = tests(filter.condition, scan)
        filter.child = .scan(scan)
        return .filter(filter)
    }

    private static func tests(_ condition: ResolvedExpression, _ scan: LogicalPlan.Scan) -> [ScanTest] {
        condition.conjuncts.flatMap { conjunct -> [ScanTest] in
            switch conjunct {
            case .replaced(_, let operand): return tests(operand, scan)
            case .isNull(.column(let column)): return test(column, .isNull, scan)
            case .isNotNull(.column(let column)): return test(column, .isNotNull, scan)
            case .inList(.column(let column), let items):
                var values: [Value] = []
                for item in items {
                    guard case .constant(let constant) = item, constant.type == column.type else { return [] }
                    // What equals null is never true.
                    if !constant.value.isNull { values.append(constant.value) }
                }
                return test(column, .isIn(values), scan)
            case .call(let call):
                guard call.arguments.count == 2, call.folded == nil, let comparison = comparisons[call.function] else { return [] }
                switch (call.arguments[0], call.arguments[1]) {
                case (.column(let column), .constant(let constant)) where column.type == constant.type && !constant.value.isNull:
                    return test(column, .compare(comparison, constant.value), scan)
                case (.constant(let constant), .column(let column)) where column.type == constant.type && !constant.value.isNull:
                    return test(column, .compare(comparison.mirrored, constant.value), scan)
                default: return []
                }
            default: return []
            }
        }
    }

    private static let comparisons: [String: Comparison] = [
        "=": .equal, "<": .less, "<=": .lessOrEqual, ">": .greater, ">=": .greaterOrEqual,
    ]

    private static func test(_ column: ColumnReference, _ test: ValueTest, _ scan: LogicalPlan.Scan) -> [ScanTest] {
        guard let position = scan.output.firstIndex(where: { $0.id == column.id }) else { return [] }
        let own = scan.columns[position]
        // Strings of fixed length are read as others.
        guard scan.provider.schema.fields.indices.contains(own), scan.provider.schema.fields[own].type == column.type else { return [] }
        return [ScanTest(column: own, test: test)]
    }
}
