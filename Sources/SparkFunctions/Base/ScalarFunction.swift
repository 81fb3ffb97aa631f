package import Columnar
package import SparkErrors

/// Computes a batch. Columns have the types of `BoundScalar.argumentTypes` and `rowCount` rows each.
package typealias ScalarKernel = @Sendable (_ arguments: [Column], _ rowCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column

/// A SQL scalar function or operator (operators are named by their symbol).
package struct ScalarFunction: Sendable {
    package typealias Bind = @Sendable (_ call: Call, _ context: EvaluationContext) throws(SQLError) -> BoundScalar

    package let name: String
    package let aliases: [String]
    package let group: FunctionGroup
    /// The Spark version that brought it.
    package let since: String
    package let usage: String
    package let examples: [Example]
    package let syntax: CallSyntax
    private let bindBody: Bind

    package init(
        _ name: String, aliases: [String] = [], group: FunctionGroup, since: String = "1.0.0", usage: String, examples: [Example] = [],
        syntax: CallSyntax = .call, bind: @escaping Bind
    ) {
        self.name = name
        self.aliases = aliases
        self.group = group
        self.since = since
        self.usage = usage
        self.examples = examples
        self.syntax = syntax
        self.bindBody = bind
    }

    /// Chooses the types and the kernel of a call. `name` is what the statement calls it by (an alias shows in messages and column names).
    package func bind(_ arguments: [ArgumentInfo], _ context: EvaluationContext, calledAs name: String? = nil) throws(SQLError) -> BoundScalar {
        let name = name?.lowercased() ?? self.name
        let call = Call(name: name, sql: sql(arguments.map(\.sql), calledAs: name), arguments: arguments)
        let isCollated = arguments.contains(where: \.type.hasCollation)
        if isCollated, CollationRules.plainOnly.contains(self.name) { throw call.unexpectedType(0, "\"STRING\"") }
        let bound = try bindBody(call, context)
        return isCollated ? CollationRules.applied(to: bound, of: self.name, call) : bound
    }

    /// The call as Spark prints it, for generated column names and messages.
    package func sql(_ arguments: [String], calledAs name: String? = nil) -> String {
        syntax.sql(name?.lowercased() ?? self.name, arguments)
    }
}

/// A call to bind.
package struct Call: Sendable {
    package let name: String
    package let sql: String
    package let arguments: [ArgumentInfo]

    package init(name: String, sql: String, arguments: [ArgumentInfo]) {
        self.name = name
        self.sql = sql
        self.arguments = arguments
    }

    var types: [DataType] { arguments.map(\.type) }
    var count: Int { arguments.count }
    var anyNullable: Bool { arguments.contains(where: \.nullable) }
}

/// A call with its types settled.
package struct BoundScalar: Sendable {
    /// The caller casts each argument to these (by `Cast`, in the session's mode).
    package let argumentTypes: [DataType]
    package let returnType: DataType
    package let nullable: Bool
    /// False: not to be folded, nor evaluated once for several places.
    package let deterministic: Bool
    /// As Spark prints the call where its types change that: `date_add(d, 1)` for `d + 1`; nil: as `ScalarFunction.sql` gives it.
    package let sql: String?
    private let kernel: ScalarKernel
    private let constants: ConstantArguments

    /// Whether the kernel reads columns of one row as constants.
    enum ConstantArguments: Sendable { case expanded, passed }

    init(
        _ argumentTypes: [DataType], returns returnType: DataType, nullable: Bool, deterministic: Bool = true, sql: String? = nil,
        constants: ConstantArguments = .expanded, kernel: @escaping ScalarKernel
    ) {
        self.sql = sql
        self.argumentTypes = argumentTypes
        self.returnType = returnType
        self.nullable = nullable
        self.deterministic = deterministic
        self.constants = constants
        self.kernel = kernel
    }

    /// The same, printed in another way.
    func shown(as sql: String?) -> BoundScalar {
        BoundScalar(
            argumentTypes, returns: returnType, nullable: nullable, deterministic: deterministic, sql: sql, constants: constants, kernel: kernel)
    }

    /// The same with strings of another collation in the result and, if it is given, computed in another way. `kernel` makes columns of
    /// `returnType` with strings of the default collation.
    func collated(as type: DataType, argumentTypes types: [DataType]? = nil, by other: ScalarKernel? = nil) -> BoundScalar {
        let kernel = other ?? self.kernel
        return BoundScalar(
            types ?? argumentTypes, returns: type, nullable: nullable, deterministic: deterministic, sql: sql,
            constants: other == nil ? constants : .expanded
        ) { (arguments, rowCount, context) throws(SQLError) in try kernel(arguments, rowCount, context).retyped(type) }
    }

    /// The same with a regular expression as its second argument that has no regard to case.
    func withCaselessPattern() -> BoundScalar {
        let kernel = kernel
        return BoundScalar(
            argumentTypes, returns: returnType, nullable: nullable, deterministic: deterministic, sql: sql, constants: .expanded
        ) { (arguments, rowCount, context) throws(SQLError) in
            guard arguments.count > 1 else { return try kernel(arguments, rowCount, context) }
            var changed = arguments
            changed[1] = try Rows.map(arguments[1], to: .text) { (pattern: ByteSlice) throws(SQLError) -> [UInt8]? in
                pattern.isEmpty ? [] : Array("(?i)".utf8) + pattern
            }
            do throws(SQLError) {
                return try kernel(changed, rowCount, context)
            } catch {
                // Errors show the pattern as it was written.
                _ = try kernel(arguments, rowCount, context)
                throw error
            }
        }
    }

    /// The same for a call whose two arguments stand the other way round.
    func reversed() -> BoundScalar {
        let kernel = kernel
        return BoundScalar(
            argumentTypes.reversed(), returns: returnType, nullable: nullable, deterministic: deterministic, sql: sql, constants: constants
        ) { (arguments, rowCount, context) throws(SQLError) in try kernel(arguments.reversed(), rowCount, context) }
    }

    /// The result for a batch of `rowCount` rows. An argument that is the same for every row may be given as a column of one row.
    package func evaluate(_ arguments: [Column], rowCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        var arguments = arguments
        if constants == .expanded, arguments.contains(where: { $0.count != rowCount }) {
            arguments = try arguments.map { (column) throws(SQLError) in try column.expanded(to: rowCount) }
        }
        guard let monitor = context.monitor else { return try kernel(arguments, rowCount, context) }
        return try monitor.run { () throws(SQLError) in try kernel(arguments, rowCount, context) }
    }
}

extension Column {
    /// The single row, repeated.
    package func expanded(to rowCount: Int) throws(SQLError) -> Column {
        if count == rowCount { return self }
        return count == 1 ? try gather([Int32](repeating: 0, count: rowCount)) : Column(repeating: .null, type: type, count: rowCount)
    }
}

/// The chapter of the documentation in which a function stands.
package enum FunctionGroup: String, Sendable, CaseIterable {
    case operators, conditional, string, math, datetime, array, map, structure, json, url, hash, bitwise, conversion, predicate, misc, sketch, csv,
        xml, variant, aggregate,
        window
}

/// A call and its answer as text, as the statement execution API shows it (`NULL` for null). Every example is a test.
package struct Example: Sendable {
    /// An expression, without SELECT.
    package let sql: String
    package let result: String

    package init(_ sql: String, _ result: String) {
        self.sql = sql
        self.result = result
    }
}

/// How a call is written, and so named in results.
package enum CallSyntax: Sendable {
    /// `name(a, b)` by the name that the statement used.
    case call
    /// `NAME(a, b)` by this name, whichever was used.
    case named(String)
    /// `(a + b)`.
    case infix(String)
    /// `(- a)`.
    case prefix(String)
    /// `a LIKE b`: as infix, without parentheses.
    case predicate(String)
    case custom(@Sendable (_ name: String, _ arguments: [String]) -> String)

    func sql(_ name: String, _ arguments: [String]) -> String {
        switch self {
        case .infix(let symbol) where arguments.count == 2: return "(\(arguments[0]) \(symbol) \(arguments[1]))"
        case .prefix(let symbol) where arguments.count == 1: return "(\(symbol) \(arguments[0]))"
        case .predicate(let symbol) where arguments.count == 2: return "\(arguments[0]) \(symbol) \(arguments[1])"
        case .custom(let render): return render(name, arguments)
        case .named(let fixed): return "\(fixed)(\(arguments.joined(separator: ", ")))"
        default: return "\(name)(\(arguments.joined(separator: ", ")))"
        }
    }
}
