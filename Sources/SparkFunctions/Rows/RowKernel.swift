import Columnar
import SparkErrors

/// A kernel that is told the type it must return, with the usual loops ready made.
struct RowKernel: Sendable {
    typealias Run = @Sendable (_ arguments: [Column], _ type: DataType, _ rowCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column

    let run: Run

    init(_ run: @escaping Run) { self.run = run }

    /// No arguments: one value for all rows.
    static func constant(_ value: @escaping @Sendable (EvaluationContext) -> Value) -> RowKernel {
        RowKernel { (_, type, rowCount, context) throws(SQLError) in try Column.repeated(value(context), type: type, count: rowCount) }
    }

    static func unary<A: Cell, R: Cell>(_ body: @escaping @Sendable (A) throws(SQLError) -> R?) -> RowKernel {
        RowKernel { (arguments, type, _, _) throws(SQLError) in try Rows.map(arguments[0], to: type, body) }
    }

    static func binary<A: Cell, B: Cell, R: Cell>(_ body: @escaping @Sendable (A, B) throws(SQLError) -> R?) -> RowKernel {
        RowKernel { (arguments, type, _, _) throws(SQLError) in try Rows.map(arguments[0], arguments[1], to: type, body) }
    }

    static func ternary<A: Cell, B: Cell, C: Cell, R: Cell>(_ body: @escaping @Sendable (A, B, C) throws(SQLError) -> R?) -> RowKernel {
        RowKernel { (arguments, type, _, _) throws(SQLError) in try Rows.map(arguments[0], arguments[1], arguments[2], to: type, body) }
    }

    /// The same with the session at hand.
    static func unaryIn<A: Cell, R: Cell>(_ body: @escaping @Sendable (A, EvaluationContext) throws(SQLError) -> R?) -> RowKernel {
        RowKernel { (arguments, type, _, context) throws(SQLError) in
            try Rows.map(arguments[0], to: type) { (a: A) throws(SQLError) -> R? in try body(a, context) }
        }
    }

    static func binaryIn<A: Cell, B: Cell, R: Cell>(_ body: @escaping @Sendable (A, B, EvaluationContext) throws(SQLError) -> R?) -> RowKernel {
        RowKernel { (arguments, type, _, context) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], to: type) { (a: A, b: B) throws(SQLError) -> R? in try body(a, b, context) }
        }
    }

    static func ternaryIn<A: Cell, B: Cell, C: Cell, R: Cell>(
        _ body: @escaping @Sendable (A, B, C, EvaluationContext) throws(SQLError) -> R?
    ) -> RowKernel {
        RowKernel { (arguments, type, _, context) throws(SQLError) in
            try Rows.map(arguments[0], arguments[1], arguments[2], to: type) { (a: A, b: B, c: C) throws(SQLError) -> R? in
                try body(a, b, c, context)
            }
        }
    }
}
