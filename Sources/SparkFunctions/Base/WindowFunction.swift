package import Columnar
package import SparkErrors

/// A function that exists only over a window, or that is faster computed over one than as an aggregate (`first_value`).
package struct WindowFunction: Sendable {
    package typealias Bind = @Sendable (_ call: AggregateCall, _ context: EvaluationContext) throws(SQLError) -> BoundWindow

    package let name: String
    package let aliases: [String]
    package let since: String
    package let usage: String
    package let examples: [Example]
    private let bindBody: Bind

    package init(
        _ name: String, aliases: [String] = [], since: String = "2.0.0", usage: String, examples: [Example] = [], bind: @escaping Bind
    ) {
        self.name = name
        self.aliases = aliases
        self.since = since
        self.usage = usage
        self.examples = examples
        self.bindBody = bind
    }

    package func bind(
        _ arguments: [ArgumentInfo], _ context: EvaluationContext, calledAs name: String? = nil, ignoreNulls: Bool = false
    ) throws(SQLError) -> BoundWindow {
        let name = name?.lowercased() ?? self.name
        let sql = "\(name)(\(arguments.map(\.sql).joined(separator: ", ")))"
        return try bindBody(
            AggregateCall(name: name, sql: sql, arguments: arguments, distinct: false, ignoreNulls: ignoreNulls, withinGroup: []), context)
    }
}

package struct BoundWindow: Sendable {
    package let argumentTypes: [DataType]
    package let returnType: DataType
    package let nullable: Bool
    /// Which of `WindowInput`'s parts the kernel reads.
    package let frame: FrameUse
    package let kernel: @Sendable (_ input: WindowInput, _ context: EvaluationContext) throws(SQLError) -> Column

    package enum FrameUse: Sendable {
        /// Fixed by the function (ranking, lag, lead): a frame in the statement is an error, an ORDER BY is needed.
        case fixed
        /// The window's frame: `frameStarts` and `frameEnds` must be filled.
        case given
    }
}

/// All rows of a window operator, ordered by partition and then by the window's order.
package struct WindowInput: Sendable {
    package var rowCount: Int
    package var arguments: [Column]
    /// First row of each partition, and `rowCount` at the end.
    package var partitions: [Int32]
    /// First row of each group of rows equal in the window's order, and `rowCount` at the end; a partition's start is always in it.
    package var peers: [Int32]
    /// Per row, the rows of its frame as `start..<end`; empty if start ≥ end.
    package var frameStarts: [Int32]
    package var frameEnds: [Int32]

    package init(
        rowCount: Int, arguments: [Column], partitions: [Int32], peers: [Int32], frameStarts: [Int32] = [], frameEnds: [Int32] = []
    ) {
        self.rowCount = rowCount
        self.arguments = arguments
        self.partitions = partitions
        self.peers = peers
        self.frameStarts = frameStarts
        self.frameEnds = frameEnds
    }
}
