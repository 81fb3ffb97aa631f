package import SparkErrors

/// An expression as written, before names are resolved. Parentheses leave no node; the span of an inner node does not include them.
package struct Expression: Sendable {
    package let kind: Kind
    package let span: SourceSpan
    /// Nodes on the longest way down. The parser keeps it under `Parser.maximumHeight`, so that recursion over the tree is safe.
    package let height: Int

    package init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
        self.height = kind.childHeight + 1
    }

    package indirect enum Kind: Sendable {
        case literal(Literal)
        /// `a`, `a.b`, `t.c.field`: a column, field path, variable or parameterless function; the analyser decides.
        case name(MultipartIdentifier)
        /// `*`, `t.*`, `* EXCEPT (a, b.c)`; also the argument of `count(*)`.
        case star(Star)
        /// `:name`, name without the colon.
        case namedParameter(String)
        /// `?`, counted from 0 over the statement.
        case positionalParameter(Int)

        case unary(UnaryOperator, Expression)
        /// Chains of AND and of OR are balanced trees, as in Spark.
        case binary(BinaryOperator, Expression, Expression)
        /// `IS [NOT] NULL`, `IS [NOT] TRUE`, …
        case isTest(IsTest, Expression, isNegated: Bool)
        /// `IS [NOT] DISTINCT FROM`.
        case isDistinct(Expression, Expression, isNegated: Bool)
        case between(Expression, low: Expression, high: Expression, isNegated: Bool)
        case inList(Expression, [Expression], isNegated: Bool)
        /// The left side is a `.row` for several columns.
        case inQuery(Expression, Query, isNegated: Bool)
        case like(Like)
        case exists(Query)
        case scalarSubquery(Query)

        case caseWhen(Case)
        case cast(Cast)
        /// `base.field` where the base is not a plain name, as in `f(x).y` or `a[0].b`.
        case field(Expression, Identifier)
        /// `base[index]`.
        case element(Expression, index: Expression)
        /// Databricks' `column:path`, `column:a.b[0]['c']`.
        case semiStructured(Expression, path: [PathStep])
        case collate(Expression, MultipartIdentifier)
        /// `(a, b AS c)`.
        case row([NamedExpression])
        /// `struct(a AS x, b)`.
        case structure([NamedExpression])
        case function(FunctionCall)
        /// `EXTRACT(field FROM source)`, the field's text as written.
        case extract(field: String, source: Expression)
        /// `TRIM([side] [characters] FROM source)`; plain `trim(a)` is a function call.
        case trim(TrimSide?, characters: Expression?, source: Expression)
        /// `dateadd(DAY, n, t)`, `timestampdiff(HOUR, a, b)`: the function's name as written, the unit in upper case.
        case unitFunction(name: Identifier, unit: String, [Expression])
        /// `x -> …`, `(x, y) -> …`.
        case lambda([Identifier], Expression)
        /// `current_date`, `current_timestamp`, `current_user`, `user`, `session_user`, `current_time`, `localtimestamp` without
        /// parentheses; the name as written.
        case currentLike(Identifier)
        /// `IDENTIFIER(expression)` in the place of a column; `suffix` as in `NameReference`.
        case computedName(Expression, suffix: [Identifier])
        /// `DEFAULT` as a value in INSERT … VALUES, UPDATE and MERGE is a `.name` with the one part `DEFAULT`.
    }

    package struct Star: Sendable {
        package let qualifier: MultipartIdentifier?
        package let except: [MultipartIdentifier]

        package init(qualifier: MultipartIdentifier?, except: [MultipartIdentifier]) {
            self.qualifier = qualifier
            self.except = except
        }
    }

    package struct Case: Sendable {
        /// `CASE operand WHEN …`.
        package let operand: Expression?
        package let branches: [(condition: Expression, result: Expression)]
        package let otherwise: Expression?

        package init(operand: Expression?, branches: [(condition: Expression, result: Expression)], otherwise: Expression?) {
            self.operand = operand
            self.branches = branches
            self.otherwise = otherwise
        }
    }

    package struct Cast: Sendable {
        package enum Form: Sendable { case cast, tryCast, doubleColon, tryDoubleColon }

        package let form: Form
        package let operand: Expression
        package let type: TypeName

        package init(form: Form, operand: Expression, type: TypeName) {
            self.form = form
            self.operand = operand
            self.type = type
        }
    }

    package struct Like: Sendable {
        package enum Form: String, Sendable { case like = "LIKE", ilike = "ILIKE", rlike = "RLIKE" }
        /// `LIKE pattern` or `LIKE ANY|SOME|ALL (patterns)`.
        package enum Quantifier: String, Sendable { case any = "ANY", some = "SOME", all = "ALL" }

        package let form: Form
        package let operand: Expression
        package let quantifier: Quantifier?
        /// One without a quantifier, one or more with.
        package let patterns: [Expression]
        /// One character.
        package let escape: String?
        package let isNegated: Bool

        package init(
            form: Form, operand: Expression, quantifier: Quantifier?, patterns: [Expression], escape: String?, isNegated: Bool
        ) {
            self.form = form
            self.operand = operand
            self.quantifier = quantifier
            self.patterns = patterns
            self.escape = escape
            self.isNegated = isNegated
        }
    }

    package enum PathStep: Sendable {
        /// `.name` or `['name']`; a quoted step is matched with regard to case.
        case field(String, isQuoted: Bool)
        case index(Int)
        /// `[*]`.
        case wildcard
    }

    package enum TrimSide: String, Sendable { case both = "BOTH", leading = "LEADING", trailing = "TRAILING" }
    package enum IsTest: String, Sendable { case null = "NULL", isTrue = "TRUE", isFalse = "FALSE", unknown = "UNKNOWN" }
}
