package import SparkErrors

/// Something that a FROM clause reads.
package struct Relation: Sendable {
    package let kind: Kind
    package let alias: TableAlias?
    package let sample: Sample?
    /// LATERAL: may see the columns of what stands to its left.
    package let isLateral: Bool
    package let span: SourceSpan
    package let height: Int

    package init(_ kind: Kind, alias: TableAlias? = nil, sample: Sample? = nil, isLateral: Bool = false, span: SourceSpan) {
        self.kind = kind
        self.alias = alias
        self.sample = sample
        self.isLateral = isLateral
        self.span = span
        height = kind.height + 1
    }

    package indirect enum Kind: Sendable {
        case table(TableReference)
        case subquery(Query)
        case values(InlineTable)
        /// `range(10)`, `explode(…)`, `read_files(…)`.
        case function(TableFunction)
        case join(Join)
        case parenthesized(Relation)
        /// `source LATERAL VIEW [OUTER] generator(…) alias AS columns`.
        case lateralView(LateralView)
        case pivot(Pivot)
        case unpivot(Unpivot)
        /// The rows that come through `|>`; only as the innermost source in `PipeOperator.Kind.relation`.
        case pipeInput
    }
}

package struct TableAlias: Sendable {
    package let name: Identifier
    package let columns: [Identifier]

    package init(name: Identifier, columns: [Identifier]) {
        self.name = name
        self.columns = columns
    }
}

package struct TableReference: Sendable {
    package let name: NameReference
    package let timeTravel: TimeTravelClause?
    /// `WITH (key = value)`.
    package let options: [Property]
    /// `STREAM(name)`: what was appended since it was last read.
    package let isStream: Bool

    package init(name: NameReference, timeTravel: TimeTravelClause? = nil, options: [Property] = [], isStream: Bool = false) {
        self.name = name
        self.timeTravel = timeTravel
        self.options = options
        self.isStream = isStream
    }
}

/// `VERSION AS OF 3`, `TIMESTAMP AS OF '…'`, `@v3`, `@20240101000000000`.
package enum TimeTravelClause: Sendable {
    /// As written: a number or a string's text.
    case version(String)
    case timestamp(Expression)
    /// `yyyyMMddHHmmssSSS` behind `@`.
    case timestampDigits(String)
}

/// `VALUES (1, 'a'), (2, 'b')`: one-column rows may stand without parentheses.
package struct InlineTable: Sendable {
    package let rows: [[Expression]]
    package let span: SourceSpan

    package init(rows: [[Expression]], span: SourceSpan) {
        self.rows = rows
        self.span = span
    }
}

package struct TableFunction: Sendable {
    package enum Argument: Sendable {
        case expression(name: Identifier?, Expression)
        /// `TABLE(t)`, `TABLE(SELECT …)` with its partitioning.
        case table(name: Identifier?, TableArgument)
    }

    package struct TableArgument: Sendable {
        package enum Source: Sendable {
            case table(NameReference)
            case query(Query)
        }

        package let source: Source
        package let partitionBy: [Expression]
        package let withSinglePartition: Bool
        package let orderBy: [SortItem]

        package init(source: Source, partitionBy: [Expression], withSinglePartition: Bool, orderBy: [SortItem]) {
            self.source = source
            self.partitionBy = partitionBy
            self.withSinglePartition = withSinglePartition
            self.orderBy = orderBy
        }
    }

    package let name: NameReference
    package let arguments: [Argument]

    package init(name: NameReference, arguments: [Argument]) {
        self.name = name
        self.arguments = arguments
    }
}

package struct Join: Sendable {
    package enum Kind: String, Sendable {
        case inner = "INNER"
        case cross = "CROSS"
        case left = "LEFT OUTER"
        case right = "RIGHT OUTER"
        case full = "FULL OUTER"
        case leftSemi = "LEFT SEMI"
        case leftAnti = "LEFT ANTI"
    }

    package enum Criteria: Sendable {
        case none
        case on(Expression)
        case using([Identifier])
        case natural
    }

    package let kind: Kind
    /// Written as a comma between relations.
    package let isComma: Bool
    package let left: Relation
    package let right: Relation
    package let criteria: Criteria

    package init(kind: Kind, isComma: Bool = false, left: Relation, right: Relation, criteria: Criteria) {
        self.kind = kind
        self.isComma = isComma
        self.left = left
        self.right = right
        self.criteria = criteria
    }
}

package struct LateralView: Sendable {
    package let source: Relation
    package let isOuter: Bool
    package let function: MultipartIdentifier
    package let arguments: [Expression]
    package let table: Identifier
    package let columns: [Identifier]

    package init(
        source: Relation, isOuter: Bool, function: MultipartIdentifier, arguments: [Expression], table: Identifier, columns: [Identifier]
    ) {
        self.source = source
        self.isOuter = isOuter
        self.function = function
        self.arguments = arguments
        self.table = table
        self.columns = columns
    }
}

package struct Pivot: Sendable {
    package let source: Relation
    package let aggregates: [NamedExpression]
    /// FOR: one column or several.
    package let columns: [MultipartIdentifier]
    /// IN: constants, or `.row`s of them, with aliases.
    package let values: [NamedExpression]

    package init(source: Relation, aggregates: [NamedExpression], columns: [MultipartIdentifier], values: [NamedExpression]) {
        self.source = source
        self.aggregates = aggregates
        self.columns = columns
        self.values = values
    }
}

package struct Unpivot: Sendable {
    package let source: Relation
    package let includesNulls: Bool
    package let valueColumns: [Identifier]
    package let nameColumn: Identifier
    /// One name a set for a single value column; the alias names the set in the result.
    package let columnSets: [(columns: [MultipartIdentifier], alias: Identifier?)]

    package init(
        source: Relation, includesNulls: Bool, valueColumns: [Identifier], nameColumn: Identifier,
        columnSets: [(columns: [MultipartIdentifier], alias: Identifier?)]
    ) {
        self.source = source
        self.includesNulls = includesNulls
        self.valueColumns = valueColumns
        self.nameColumn = nameColumn
        self.columnSets = columnSets
    }
}

/// TABLESAMPLE.
package struct Sample: Sendable {
    package enum Method: Sendable {
        /// Percent as written, e.g. "12.5" or "-1".
        case percent(String)
        case rows(Expression)
        case bucket(numerator: Int, denominator: Int)
        case bytes(Expression)
    }

    package let method: Method
    package let seed: Int64?
    package let span: SourceSpan

    package init(method: Method, seed: Int64?, span: SourceSpan) {
        self.method = method
        self.seed = seed
        self.span = span
    }
}

/// `key = value` in OPTIONS, TBLPROPERTIES and the like.
package struct Property: Sendable {
    /// Parts of a dotted key joined by dots.
    package let key: String
    /// A string's text, or a number or boolean as written; nil if only the key stands.
    package let value: String?
    /// Where OPTIONS allows an expression, the expression.
    package let expression: Expression?

    package init(key: String, value: String?, expression: Expression? = nil) {
        self.key = key
        self.value = value
        self.expression = expression
    }
}
