package import Columnar
package import SparkErrors

/// A SQL aggregate function. DISTINCT, FILTER and frames are the engine's: it feeds the rows that count.
package struct AggregateFunction: Sendable {
    package typealias Bind = @Sendable (_ call: AggregateCall, _ context: EvaluationContext) throws(SQLError) -> BoundAggregate

    package let name: String
    package let aliases: [String]
    package let since: String
    package let usage: String
    /// Over `VALUES` tables: `sum(col) FROM VALUES (1), (2) AS tab(col)`.
    package let examples: [Example]
    package let syntax: CallSyntax
    private let bindBody: Bind

    package init(
        _ name: String, aliases: [String] = [], since: String = "1.0.0", usage: String, examples: [Example] = [], syntax: CallSyntax = .call,
        bind: @escaping Bind
    ) {
        self.name = name
        self.aliases = aliases
        self.since = since
        self.usage = usage
        self.examples = examples
        self.syntax = syntax
        self.bindBody = bind
    }

    package func bind(
        _ arguments: [ArgumentInfo], _ context: EvaluationContext, calledAs name: String? = nil, distinct: Bool = false, ignoreNulls: Bool = false,
        withinGroup: [AggregateOrder] = []
    ) throws(SQLError) -> BoundAggregate {
        let name = name?.lowercased() ?? self.name
        return try bindBody(
            AggregateCall(
                name: name, sql: sql(arguments.map(\.sql), calledAs: name), arguments: arguments, distinct: distinct, ignoreNulls: ignoreNulls,
                withinGroup: withinGroup), context)
    }

    package func sql(_ arguments: [String], calledAs name: String? = nil) -> String { syntax.sql(name?.lowercased() ?? self.name, arguments) }
}

/// A key of `WITHIN GROUP (ORDER BY …)`.
package struct AggregateOrder: Sendable {
    package let argument: ArgumentInfo
    package let ascending: Bool
    package let nullsFirst: Bool

    package init(_ argument: ArgumentInfo, ascending: Bool = true, nullsFirst: Bool = true) {
        self.argument = argument
        self.ascending = ascending
        self.nullsFirst = nullsFirst
    }
}

package struct AggregateCall: Sendable {
    package let name: String
    package let sql: String
    package let arguments: [ArgumentInfo]
    package let distinct: Bool
    package let ignoreNulls: Bool
    package let withinGroup: [AggregateOrder]
}

package struct BoundAggregate: Sendable {
    /// What `update` is given, in order: the call's arguments, then the keys of WITHIN GROUP; the caller casts to these types.
    package let argumentTypes: [DataType]
    package let returnType: DataType
    /// False for count and its kin, which answer without rows.
    package let nullable: Bool
    /// False: the result may depend on the order of rows (`first`, `collect_list`).
    package let orderInsensitive: Bool
    package let make: @Sendable () -> any GroupedAccumulator

    package init(
        _ argumentTypes: [DataType], returns returnType: DataType, nullable: Bool = true, orderInsensitive: Bool = true,
        make: @escaping @Sendable () -> any GroupedAccumulator
    ) {
        self.argumentTypes = argumentTypes
        self.returnType = returnType
        self.nullable = nullable
        self.orderInsensitive = orderInsensitive
        self.make = make
    }
}

/// The states of one aggregate for all groups of a GROUP BY, numbered densely from 0.
package protocol GroupedAccumulator: Sendable {
    /// Takes a batch in row order; row `i` belongs to group `groups[i] < groupCount`. `groupCount` never falls from call to call.
    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError)

    /// Takes in an accumulator of the same aggregate over rows behind this one's: its group `g` is this one's `groups[g] < groupCount`.
    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError)

    /// A row per group. Changes nothing: updates may follow, and another finish.
    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column
}
