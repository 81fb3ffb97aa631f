package import SparkErrors

/// `[WITH …] body [ORDER BY …] [LIMIT …] [OFFSET …]`.
package struct Query: Sendable {
    package let with: With?
    package let body: QueryBody
    package let organization: Organization
    package let span: SourceSpan
    package let height: Int

    package init(with: With?, body: QueryBody, organization: Organization, span: SourceSpan) {
        self.with = with
        self.body = body
        self.organization = organization
        self.span = span
        height = max(with?.height ?? 0, body.height, organization.height) + 1
    }

    /// Clauses that act on the whole body.
    package struct Organization: Sendable {
        /// `ORDER BY ALL` is one item whose expression is the name `ALL` (`Query.isOrderedByAll`).
        package var orderBy: [SortItem] = []
        package var clusterBy: [Expression] = []
        package var distributeBy: [Expression] = []
        package var sortBy: [SortItem] = []
        package var windows: [NamedWindow] = []
        package var limit: Limit?
        package var offset: Expression?

        package init() {}

        package var isEmpty: Bool {
            orderBy.isEmpty && clusterBy.isEmpty && distributeBy.isEmpty && sortBy.isEmpty && windows.isEmpty && limit == nil
                && offset == nil
        }
    }

    package enum Limit: Sendable {
        case all
        case count(Expression)
    }

    package var isOrderedByAll: Bool {
        guard organization.orderBy.count == 1, case .name(let name)? = organization.orderBy.first?.expression.kind else { return false }
        return name.isWord("ALL")
    }
}

package struct With: Sendable {
    package let isRecursive: Bool
    package let queries: [CommonTableExpression]

    package init(isRecursive: Bool, queries: [CommonTableExpression]) {
        self.isRecursive = isRecursive
        self.queries = queries
    }
}

package struct CommonTableExpression: Sendable {
    package let name: Identifier
    package let columns: [Identifier]
    /// `MAX RECURSION LEVEL n`.
    package let maximumRecursion: Expression?
    package let query: Query
    package let span: SourceSpan

    package init(name: Identifier, columns: [Identifier], maximumRecursion: Expression?, query: Query, span: SourceSpan) {
        self.name = name
        self.columns = columns
        self.maximumRecursion = maximumRecursion
        self.query = query
        self.span = span
    }
}

package indirect enum QueryBody: Sendable {
    case select(Select)
    case setOperation(SetOperation)
    /// `TABLE t`.
    case table(NameReference, span: SourceSpan)
    case values(InlineTable, TableAlias?)
    /// `(query)`.
    case parenthesized(Query)
    /// `FROM t |> WHERE …`.
    case pipe(QueryBody, PipeOperator)
}

package struct SetOperation: Sendable {
    package enum Kind: String, Sendable { case union = "UNION", intersect = "INTERSECT", except = "EXCEPT" }

    package let kind: Kind
    /// ALL; without it duplicates go.
    package let isAll: Bool
    /// UNION BY NAME.
    package let isByName: Bool
    package let left: QueryBody
    package let right: QueryBody
    package let span: SourceSpan
    package let height: Int

    package init(kind: Kind, isAll: Bool, isByName: Bool, left: QueryBody, right: QueryBody, span: SourceSpan) {
        self.kind = kind
        self.isAll = isAll
        self.isByName = isByName
        self.left = left
        self.right = right
        self.span = span
        // A chain's left sides are walked in a loop: they do not add to the height.
        let isChain = if case .setOperation = left { true } else { false }
        height = max(isChain ? left.height : left.height + 1, right.height + 1)
    }
}

package struct Select: Sendable {
    package var isDistinct = false
    /// Empty in pipe syntax (`FROM t`) alone: then every column of `from`.
    package var items: [NamedExpression] = []
    /// A comma list is a left-deep tree of `.join` with `isComma`; LATERAL VIEW, PIVOT and UNPIVOT wrap their source.
    package var from: Relation?
    package var filter: Expression?
    package var groupBy: GroupBy?
    package var having: Expression?
    package var qualify: Expression?
    package var windows: [NamedWindow] = []
    package var span: SourceSpan
    /// Set by the parser when all clauses are in.
    package internal(set) var height = 1

    package init(span: SourceSpan) {
        self.span = span
    }
}

package struct GroupBy: Sendable {
    package indirect enum Element: Sendable {
        case expression(Expression)
        case rollup([[Expression]])
        case cube([[Expression]])
        /// Sets may hold sets, ROLLUP and CUBE; `.set` is a parenthesised list, maybe empty.
        case groupingSets([Element])
        case set([Expression])
    }

    package let elements: [Element]
    /// `GROUP BY keys GROUPING SETS (…)`: columns that are grouped even where no set has them.
    package let keys: [Expression]
    package let span: SourceSpan

    package init(elements: [Element], keys: [Expression] = [], span: SourceSpan) {
        self.elements = elements
        self.keys = keys
        self.span = span
    }

    /// `GROUP BY ALL`.
    package var isAll: Bool {
        guard elements.count == 1, case .expression(let expression)? = elements.first, case .name(let name) = expression.kind else {
            return false
        }
        return name.isWord("ALL")
    }
}

/// A step behind `|>`.
package struct PipeOperator: Sendable {
    package indirect enum Kind: Sendable {
        case select(isDistinct: Bool, [NamedExpression], windows: [NamedWindow])
        case extend([NamedExpression])
        case set([(column: Identifier, value: Expression)])
        case drop([Identifier])
        case alias(Identifier, columns: [Identifier])
        case filter(Expression)
        case aggregate([NamedExpression], groupBy: PipeGroupBy?)
        /// The right side; its left is the step's input, see `Join.left` (`.pipeInput`).
        case relation(Relation)
        case setOperation(SetOperation.Kind, isAll: Bool, isByName: Bool, QueryBody)
        case organize(Query.Organization)
    }

    package let kind: Kind
    package let span: SourceSpan
    package let height: Int

    package init(kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
        height = kind.height + 1
    }
}

/// GROUP BY of `|> AGGREGATE`: items may carry aliases. Otherwise as `GroupBy`.
package struct PipeGroupBy: Sendable {
    package let elements: [(element: GroupBy.Element, alias: Identifier?)]
    package let span: SourceSpan

    package init(elements: [(element: GroupBy.Element, alias: Identifier?)], span: SourceSpan) {
        self.elements = elements
        self.span = span
    }
}
