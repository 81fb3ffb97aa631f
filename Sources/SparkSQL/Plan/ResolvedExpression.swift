package import Columnar
package import SparkErrors
package import SparkFunctions

/// An expression whose names and types are settled; all casts are explicit.
package indirect enum ResolvedExpression: Sendable {
    case constant(Constant)
    case column(ColumnReference)
    /// A column of an enclosing query, inside a correlated subquery.
    case outer(ColumnReference)
    case call(BoundCall)
    case cast(CastExpression)
    /// Two or more operands, from left to right; the right ones are evaluated only for rows that need them.
    case and([ResolvedExpression])
    case or([ResolvedExpression])
    case not(ResolvedExpression)
    case isNull(ResolvedExpression)
    case isNotNull(ResolvedExpression)
    case conditional(Conditional)
    /// The first operand that is not null; all have one type.
    case coalesce([ResolvedExpression], type: DataType)
    case inList(ResolvedExpression, [ResolvedExpression])
    /// A field of a struct by position.
    case field(ResolvedExpression, index: Int, Field)
    /// `array[index]`, counted from 0 and an error beyond the end in ANSI mode; `map[key]`, NULL without the key.
    case element(ResolvedExpression, ResolvedExpression, type: DataType, span: SourceSpan?)
    case lambda(LambdaCall)
    case aggregate(AggregateExpression)
    case window(WindowExpression)
    case subquery(SubqueryExpression)
    /// GROUPING(a) and GROUPING_ID(a, b): stands until the grouping sets are known.
    case grouping([ResolvedExpression], isID: Bool, span: SourceSpan?)
    case check(ResolvedExpression, StoreCheck)
    /// An expression that stands for a call that is printed otherwise, such as `between(a, 1, 2)`.
    case replaced(sql: String, ResolvedExpression)
}

package struct Constant: Sendable {
    package let value: Value
    package let type: DataType
    /// How it was written, if that is not what `type` would print.
    package var text: String?
    /// Written as a literal; folded results are not.
    package var isLiteral: Bool

    package init(_ value: Value, _ type: DataType, text: String? = nil, isLiteral: Bool = false) {
        self.value = value
        self.type = type
        self.text = text
        self.isLiteral = isLiteral
    }
}

package struct ColumnReference: Sendable {
    package let id: ColumnID
    /// As the statement wrote it, for messages and result names.
    package var name: String
    package var type: DataType
    package var nullable: Bool
    /// What the column is qualified by: shown of outer columns.
    package var qualifier: [String]
    /// Where the name stands in the text.
    package var span: SourceSpan?

    package init(_ attribute: Attribute, name: String? = nil, qualifier: [String] = [], span: SourceSpan? = nil) {
        self.qualifier = qualifier
        id = attribute.id
        self.name = name ?? attribute.name
        type = attribute.type
        nullable = attribute.nullable
        self.span = span
    }
}

/// A scalar function's or operator's call.
package struct BoundCall: Sendable {
    /// The registry's name of the function.
    package let function: String
    package var arguments: [ResolvedExpression]
    package let bound: BoundScalar
    /// As Spark prints it, with the arguments before implicit casts.
    package let sql: String
    package let span: SourceSpan?
    /// The value as a column of one row, if the call is a constant.
    package var folded: Column?

    package init(function: String, arguments: [ResolvedExpression], bound: BoundScalar, sql: String, span: SourceSpan?) {
        self.function = function
        self.arguments = arguments
        self.bound = bound
        self.sql = sql
        self.span = span
    }
}

package struct CastExpression: Sendable {
    package var operand: ResolvedExpression
    package let type: DataType
    package let mode: Cast.Mode
    /// Added by type coercion: prints as its operand.
    package let isImplicit: Bool
    /// COLLATE: its collation goes before all others.
    package let isCollate: Bool
    package let span: SourceSpan?

    package init(
        _ operand: ResolvedExpression, to type: DataType, mode: Cast.Mode, isImplicit: Bool, isCollate: Bool = false, span: SourceSpan? = nil
    ) {
        self.isCollate = isCollate
        self.operand = operand
        self.type = type
        self.mode = mode
        self.isImplicit = isImplicit
        self.span = span
    }
}

/// CASE and IF; each result is evaluated only for the rows that choose it.
package struct Conditional: Sendable {
    package struct Branch: Sendable {
        package var condition: ResolvedExpression
        package var result: ResolvedExpression

        package init(_ condition: ResolvedExpression, _ result: ResolvedExpression) {
            self.condition = condition
            self.result = result
        }
    }

    package var branches: [Branch]
    /// nil: NULL.
    package var otherwise: ResolvedExpression?
    package let type: DataType
    /// Prints as `(IF(a, b, c))`.
    package let isIf: Bool

    package init(_ branches: [Branch], otherwise: ResolvedExpression?, type: DataType, isIf: Bool = false) {
        self.branches = branches
        self.otherwise = otherwise
        self.type = type
        self.isIf = isIf
    }
}

package struct AggregateExpression: Sendable {
    /// The registry's name of the function.
    package let function: String
    package var arguments: [ResolvedExpression]
    package let bound: BoundAggregate
    package let isDistinct: Bool
    package var filter: ResolvedExpression?
    package let sql: String
    package let span: SourceSpan?
    /// Distinguishes calls that print alike but differ (`IGNORE NULLS`, order within the group).
    package let variant: String
    /// For calls that sort their input: how the arguments behind the call's own are ordered.
    package let ignoresNulls: Bool

    package init(
        function: String, arguments: [ResolvedExpression], bound: BoundAggregate, isDistinct: Bool, filter: ResolvedExpression?, sql: String,
        span: SourceSpan?, variant: String = "", ignoresNulls: Bool = false
    ) {
        self.function = function
        self.arguments = arguments
        self.bound = bound
        self.isDistinct = isDistinct
        self.filter = filter
        self.sql = sql
        self.span = span
        self.variant = variant
        self.ignoresNulls = ignoresNulls
    }
}

/// A key of ORDER BY.
package struct OrderKey: Sendable {
    package var expression: ResolvedExpression
    package let ascending: Bool
    package let nullsFirst: Bool

    package init(_ expression: ResolvedExpression, ascending: Bool = true, nullsFirst: Bool? = nil) {
        self.expression = expression
        self.ascending = ascending
        self.nullsFirst = nullsFirst ?? ascending
    }

    var sql: String { "\(expression.sql) \(ascending ? "ASC" : "DESC") NULLS \(nullsFirst ? "FIRST" : "LAST")" }

    func map<E: Error>(_ body: (ResolvedExpression) throws(E) -> ResolvedExpression) throws(E) -> OrderKey {
        OrderKey(try body(expression), ascending: ascending, nullsFirst: nullsFirst)
    }
}

/// A function over a window.
package struct WindowExpression: Sendable {
    package enum Function: Sendable {
        case window(name: String, BoundWindow, arguments: [ResolvedExpression])
        case aggregate(AggregateExpression)
    }

    package var function: Function
    package var partition: [ResolvedExpression]
    package var order: [OrderKey]
    package var frame: Frame
    package let sql: String
    package let span: SourceSpan?

    package init(
        function: Function, partition: [ResolvedExpression], order: [OrderKey], frame: Frame, sql: String, span: SourceSpan?
    ) {
        self.function = function
        self.partition = partition
        self.order = order
        self.frame = frame
        self.sql = sql
        self.span = span
    }

    package enum Bound: Sendable {
        case unboundedPreceding
        case unboundedFollowing
        case currentRow
        /// Rows behind the current one; negative: before it.
        case rows(Int64)
        /// The frame's end is where the order's value is that of the current row plus (or, before it, less) the constant.
        case range(ResolvedExpression, isPreceding: Bool)
    }

    package struct Frame: Sendable {
        package let isRange: Bool
        package var start: Bound
        package var end: Bound

        package static let whole = Frame(isRange: false, start: .unboundedPreceding, end: .unboundedFollowing)
        package static let running = Frame(isRange: true, start: .unboundedPreceding, end: .currentRow)

        package init(isRange: Bool, start: Bound, end: Bound) {
            self.isRange = isRange
            self.start = start
            self.end = end
        }
    }
}

package struct SubqueryExpression: Sendable {
    package enum Kind: Sendable {
        case scalar
        case exists
        /// The values of the left side, already of the types of the query's columns.
        case membership([ResolvedExpression])
    }

    package var kind: Kind
    package var plan: LogicalPlan
    /// The enclosing query's columns that the plan uses; empty: it is evaluated once.
    package var outer: [ColumnReference]
    /// Names of those columns as often as they are used.
    package var mentions: [String] = []
    /// Aggregates that the enclosing query must compute for the plan, as the outer columns that stand for them.
    package var aggregates: [(aggregate: AggregateExpression, column: ColumnReference)] = []
    /// The body of a SQL function in the place of its call.
    var isInlined = false
    package let type: DataType
    package let nullable: Bool
    package let span: SourceSpan?

    package init(
        kind: Kind, plan: LogicalPlan, outer: [ColumnReference], type: DataType, nullable: Bool, span: SourceSpan?
    ) {
        self.kind = kind
        self.plan = plan
        self.outer = outer
        self.type = type
        self.nullable = nullable
        self.span = span
    }
}

/// A call of a function that takes lambdas.
package struct LambdaCall: Sendable {
    package let function: HigherOrderFunction
    package var arguments: [ResolvedExpression]
    package var lambdas: [Lambda]
    package let type: DataType
    package let nullable: Bool
    package let sql: String
    package let span: SourceSpan?

    package init(
        function: HigherOrderFunction, arguments: [ResolvedExpression], lambdas: [Lambda], type: DataType, nullable: Bool, sql: String,
        span: SourceSpan?
    ) {
        self.function = function
        self.arguments = arguments
        self.lambdas = lambdas
        self.type = type
        self.nullable = nullable
        self.sql = sql
        self.span = span
    }
}

package struct Lambda: Sendable {
    package let parameters: [Attribute]
    package var body: ResolvedExpression

    package init(parameters: [Attribute], body: ResolvedExpression) {
        self.parameters = parameters
        self.body = body
    }
}

package enum HigherOrderFunction: String, Sendable, CaseIterable {
    case transform, filter, exists, forall, aggregate, reduce
    case zipWith = "zip_with"
    case transformKeys = "transform_keys"
    case transformValues = "transform_values"
    case mapFilter = "map_filter"
    case mapZipWith = "map_zip_with"
    case arraySort = "array_sort"
}
