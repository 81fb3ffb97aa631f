package import Columnar
package import SparkErrors

/// A query as a tree of relational operators over typed expressions. Columns are known by id, so that operators can be moved.
package indirect enum LogicalPlan: Sendable {
    case values(Values)
    case scan(Scan)
    case sequence(SequenceSource)
    case project(Project)
    case filter(Filter)
    case join(Join)
    case aggregate(Aggregate)
    case expand(Expand)
    case sort(Sort)
    case limit(Limit)
    case union(Union)
    case setOperation(SetOperation)
    case window(Window)
    case generate(Generate)
    case apply(Apply)
    case shared(SharedReference)
    case recursion(Recursion)
    /// The rows of the step before, within the step of a `Recursion`.
    case workingTable(WorkingTable)

    /// Rows known when the statement is analysed. No columns and one row: SELECT without FROM.
    package struct Values: Sendable {
        package var output: [Attribute]
        package var columns: [Column]
        package var rowCount: Int

        package static let oneRow = Values(output: [], columns: [], rowCount: 1)
    }

    package struct Scan: Sendable {
        package let provider: any TableProvider
        /// The table's full name, for EXPLAIN and messages.
        package let name: [String]
        package var output: [Attribute]
        /// Where each output column stands in the provider's schema.
        package var columns: [Int]
        /// What joins will say of the rows that they have a use for.
        var keys: [ScanKeys] = []
        /// What rows must fulfil to be of use: whoever reads the scan looks at each of them again.
        var tests: [ScanTest] = []
        /// Whoever reads the scan stops after so many rows.
        var atMost: Int?
    }

    /// `range(start, end, step)`.
    package struct SequenceSource: Sendable {
        package let start: Int64
        package let end: Int64
        package let step: Int64
        package var output: Attribute
    }

    package struct NamedColumn: Sendable {
        package var attribute: Attribute
        package var expression: ResolvedExpression

        init(_ attribute: Attribute, _ expression: ResolvedExpression) {
            self.attribute = attribute
            self.expression = expression
        }

        /// The column itself, unchanged.
        init(_ attribute: Attribute) { self.init(attribute, attribute.reference) }
    }

    package struct Project: Sendable {
        package var child: LogicalPlan
        package var columns: [NamedColumn]
        /// Whether it hides rows or values of what is below: no condition that could fail, and so tell of them, is asked below it.
        package var isBarrier = false
    }

    package struct Filter: Sendable {
        package var child: LogicalPlan
        package var condition: ResolvedExpression
    }

    package enum JoinKind: Sendable {
        case inner, left, right, full, semi, anti
        /// Every left row once, with whether a right row matches.
        case existence(Attribute)
        /// Every left row once, with the three-valued answer to `keys IN (right rows)`.
        case membership(Attribute)
        /// Every left row once, with its match or nulls; a second match is an error: a scalar subquery.
        case single

        /// Whether the right side's columns are in the result.
        var keepsRight: Bool {
            switch self {
            case .inner, .left, .right, .full, .single: true
            case .semi, .anti, .existence, .membership: false
            }
        }
    }

    package struct Join: Sendable {
        package var kind: JoinKind
        package var left: LogicalPlan
        package var right: LogicalPlan
        package var condition: ResolvedExpression?
        /// Of a membership: what is looked up, and where.
        package var membership: [(left: ResolvedExpression, right: ResolvedExpression)] = []
        /// Of a single join: where the subquery stands, for its error.
        package var span: SourceSpan?
        /// What is told of the left side's keys before the right side is read; the left side is read first then, if it is small.
        var leftTells: [JoinKeys] = []
        /// What is told of the right side's keys before the left side is read.
        var rightTells: [JoinKeys] = []
        /// A guess of how many rows the right side has.
        var rightRows = 0.0

        init(
            _ kind: JoinKind, _ left: LogicalPlan, _ right: LogicalPlan, condition: ResolvedExpression?,
            membership: [(left: ResolvedExpression, right: ResolvedExpression)] = [], span: SourceSpan? = nil
        ) {
            self.kind = kind
            self.left = left
            self.right = right
            self.condition = condition
            self.membership = membership
            self.span = span
        }
    }

    package struct NamedAggregate: Sendable {
        package var attribute: Attribute
        package var aggregate: AggregateExpression
    }

    /// One row a group in the order in which the groups were first seen; without grouping columns one row always, unless `isDistinct`.
    package struct Aggregate: Sendable {
        package var child: LogicalPlan
        package var groups: [NamedColumn]
        package var aggregates: [NamedAggregate]
    }

    /// Each row several times, once for each list of expressions: what GROUPING SETS count over.
    package struct Expand: Sendable {
        package var child: LogicalPlan
        package var projections: [[ResolvedExpression]]
        /// The columns that the projections make; the child's come before them.
        package var added: [Attribute]
    }

    package struct Sort: Sendable {
        package var child: LogicalPlan
        package var keys: [OrderKey]
    }

    package struct Limit: Sendable {
        package var child: LogicalPlan
        /// nil: all behind the offset.
        package var count: Int?
        package var offset: Int
    }

    /// UNION ALL of plans with the same number and types of columns.
    package struct Union: Sendable {
        package var children: [LogicalPlan]
        package var output: [Attribute]
    }

    /// INTERSECT and EXCEPT, of rows; output columns are the left side's.
    package struct SetOperation: Sendable {
        package enum Kind: Sendable { case intersect, except }
        package var kind: Kind
        package var isAll: Bool
        package var left: LogicalPlan
        package var right: LogicalPlan
        package var output: [Attribute]
    }

    package struct WindowColumn: Sendable {
        package var attribute: Attribute
        package var function: WindowExpression
    }

    /// Adds columns that are computed over windows with one PARTITION BY and ORDER BY.
    package struct Window: Sendable {
        package var child: LogicalPlan
        package var partition: [ResolvedExpression]
        package var order: [OrderKey]
        package var columns: [WindowColumn]
    }

    /// Adds a table function's columns: each child row as often as the function gives rows for it.
    package struct Generate: Sendable {
        package var child: LogicalPlan
        package var generator: Generator
        package var arguments: [ResolvedExpression]
        /// A child row without generated rows stays once, with nulls.
        package var isOuter: Bool
        package var output: [Attribute]
    }

    /// Runs a correlated query for each row of the child: for what cannot be made a join.
    package struct Apply: Sendable {
        package enum Kind: Sendable {
            /// The query's single value.
            case scalar(Attribute)
            case existence(Attribute)
            case membership(Attribute, [ResolvedExpression])
            /// Rows of the query behind those of the child; `condition` sees both.
            case lateral(isOuter: Bool, condition: ResolvedExpression?)
        }

        package var child: LogicalPlan
        package var subquery: LogicalPlan
        package var outer: [ColumnReference]
        package var kind: Kind
        package var span: SourceSpan?
    }

    /// A common table expression that is computed once: an index into `ResolvedPlan.shared`.
    package struct SharedReference: Sendable {
        package let index: Int
        package var output: [Attribute]
        /// Where each output column stands in the shared plan's output.
        package var columns: [Int]
    }

    package struct Recursion: Sendable {
        package let table: Int
        package var anchor: LogicalPlan
        package var step: LogicalPlan
        package let isDistinct: Bool
        package let name: String
        package let maximumLevel: Int
        package let maximumRows: Int
        package var output: [Attribute]
    }

    package struct WorkingTable: Sendable {
        package let table: Int
        package var output: [Attribute]
    }
}
