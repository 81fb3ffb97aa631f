package import SparkErrors

/// `[IGNORE NULLS]`: what a function call may carry beside its arguments.
package struct FunctionCall: Sendable {
    package enum NullTreatment: String, Sendable { case ignore = "IGNORE NULLS", respect = "RESPECT NULLS" }

    package let name: NameReference
    package let arguments: [Argument]
    package let isDistinct: Bool
    /// `WITHIN GROUP (ORDER BY …)`; empty without.
    package let withinGroup: [SortItem]
    package let filter: Expression?
    package let nullTreatment: NullTreatment?
    package let over: WindowReference?

    package init(
        name: NameReference, arguments: [Argument], isDistinct: Bool = false, withinGroup: [SortItem] = [], filter: Expression? = nil,
        nullTreatment: NullTreatment? = nil, over: WindowReference? = nil
    ) {
        self.name = name
        self.arguments = arguments
        self.isDistinct = isDistinct
        self.withinGroup = withinGroup
        self.filter = filter
        self.nullTreatment = nullTreatment
        self.over = over
    }

    package struct Argument: Sendable {
        /// `name => value`.
        package let name: Identifier?
        package let value: Expression

        package init(name: Identifier? = nil, value: Expression) {
            self.name = name
            self.value = value
        }
    }
}

/// An item of a SELECT list, of `struct(…)`, `(…, …)` and PIVOT's aggregates.
package struct NamedExpression: Sendable {
    package let expression: Expression
    /// None, one, or several for a generator: `explode(m) AS (k, v)`.
    package let aliases: [Identifier]
    package let span: SourceSpan

    package init(expression: Expression, aliases: [Identifier], span: SourceSpan) {
        self.expression = expression
        self.aliases = aliases
        self.span = span
    }

    /// The alias, if there is just one.
    package var alias: Identifier? { aliases.count == 1 ? aliases.first : nil }
}

package struct SortItem: Sendable {
    package enum NullOrder: String, Sendable { case first = "NULLS FIRST", last = "NULLS LAST" }

    package let expression: Expression
    package let isDescending: Bool
    /// As written; without it nulls are first for ASC and last for DESC.
    package let nulls: NullOrder?
    package let span: SourceSpan

    package init(expression: Expression, isDescending: Bool = false, nulls: NullOrder? = nil, span: SourceSpan) {
        self.expression = expression
        self.isDescending = isDescending
        self.nulls = nulls
        self.span = span
    }
}

/// What follows OVER, or a name in the WINDOW clause.
package enum WindowReference: Sendable {
    /// `OVER w` and `OVER (w)`.
    case named(Identifier)
    case inline(WindowSpecification)
}

package struct WindowSpecification: Sendable {
    package let partitionBy: [Expression]
    package let orderBy: [SortItem]
    package let frame: WindowFrame?
    package let span: SourceSpan

    package init(partitionBy: [Expression], orderBy: [SortItem], frame: WindowFrame?, span: SourceSpan) {
        self.partitionBy = partitionBy
        self.orderBy = orderBy
        self.frame = frame
        self.span = span
    }
}

package struct WindowFrame: Sendable {
    package enum Units: String, Sendable { case rows = "ROWS", range = "RANGE" }
    package enum Bound: Sendable {
        case unboundedPreceding
        case unboundedFollowing
        case currentRow
        case preceding(Expression)
        case following(Expression)
    }

    package let units: Units
    package let start: Bound
    /// CURRENT ROW if the frame is written without BETWEEN.
    package let end: Bound
    package let span: SourceSpan

    package init(units: Units, start: Bound, end: Bound, span: SourceSpan) {
        self.units = units
        self.start = start
        self.end = end
        self.span = span
    }
}

/// `WINDOW name AS (…)`.
package struct NamedWindow: Sendable {
    package let name: Identifier
    package let window: WindowReference

    package init(name: Identifier, window: WindowReference) {
        self.name = name
        self.window = window
    }
}
