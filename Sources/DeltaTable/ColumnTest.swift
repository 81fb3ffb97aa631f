package import Columnar

/// A test of one column's values that rows must pass to be of use to whoever scans a table.
package struct ColumnTest: Sendable {
    /// A position in the table's schema.
    package let column: Int
    package let test: ValueTest

    package init(column: Int, test: ValueTest) {
        self.column = column
        self.test = test
    }
}

extension Snapshot {
    /// Whether no row of a file passes the tests, by its partition values and statistics.
    func isExcluded(_ file: AddFile, _ tests: [ColumnTest]) -> Bool {
        if tests.isEmpty { return false }
        var statistics: FileStatistics??
        return tests.contains { test in
            guard tableSchema.fields.indices.contains(test.column) else { return false }
            let field = tableSchema.fields[test.column]
            if isPartitionColumn(test.column) {
                guard let value = PartitionText.value(of: file.partitionValues[field.physicalName], field.type) else { return false }
                let isNull = value.isNull
                return test.test.excludes(
                    .init(least: isNull ? nil : value, greatest: isNull ? nil : value, nullCount: isNull ? 1 : 0, count: 1))
            }
            let known = statistics ?? FileStatistics(file.stats)
            statistics = .some(known)
            guard let known else { return false }
            let bounds = known.bounds(field)
            return test.test.excludes(.init(least: bounds.min, greatest: bounds.max, nullCount: bounds.nullCount, count: known.numRecords))
        }
    }
}
