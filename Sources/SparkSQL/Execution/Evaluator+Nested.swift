import Columnar
import SparkErrors
import SparkFunctions

/// A struct's field; of an array of structs, the array of their fields.
final class FieldEvaluator: Evaluator {
    private let operand: any Evaluator
    private let index: Int
    private let type: DataType
    var inputs: [Int] { operand.inputs }
    var isSafe: Bool { operand.isSafe }

    init(_ operand: any Evaluator, index: Int, type: DataType) {
        self.operand = operand
        self.index = index
        self.type = type
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try operand.evaluate(rows, context)
        switch column.values {
        case .structure(let array): return try field(array)
        case .list(let list):
            guard case .structure(let array) = list.child.values else { throw .internalFault("a field of \(column.type.sqlText)") }
            let child = try field(array)
            let elements: DataType = if case .array(let element, _) = type { element } else { child.type }
            return Column(type, .list(ListArray(offsets: list.offsets, child: child.with(type: elements), validity: list.validity)))
        default: return .nulls(type, count: column.count)
        }
    }

    private func field(_ array: StructArray) throws(SQLError) -> Column {
        guard array.children.indices.contains(index) else { throw .internalFault("field \(index) is missing") }
        let child = array.children[index]
        guard let validity = array.validity else { return child }
        return child.nullWhereNot(validity)
    }
}

/// `array[index]` and `map[key]`.
final class ElementEvaluator: Evaluator {
    private let base: any Evaluator
    private let key: any Evaluator
    private let type: DataType
    private let span: SourceSpan?
    let inputs: [Int]
    let isSafe = false

    init(_ base: any Evaluator, _ key: any Evaluator, type: DataType, span: SourceSpan?) {
        self.base = base
        self.key = key
        self.type = type
        self.span = span
        inputs = Evaluators.inputs([base, key])
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let column = try base.column(rows, context)
        let keys = try key.column(rows, context)
        guard case .list(let list) = column.values else { return .nulls(type, count: rows.count) }
        if case .map = column.type { return try value(of: keys, in: list) }
        return try element(keys, list, context)
    }

    private func element(_ keys: Column, _ list: ListArray, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard case .int32(let positions) = keys.values else { return .nulls(type, count: list.count) }
        var picks = [Int32](repeating: -1, count: list.count)
        for row in 0..<list.count where (list.validity?[row] ?? true) && (positions.validity?[row] ?? true) {
            let range = list.range(row)
            let position = Int(positions.values[row])
            if position >= 0, position < range.count {
                picks[row] = Int32(truncatingIfNeeded: range.lowerBound + position)
            } else if context.ansi {
                throw SQLError(
                    .invalidArrayIndex,
                    ["indexValue": "\(position)", "arraySize": "\(range.count)", "ansiConfig": "\"spark.sql.ansi.enabled\""], at: span)
            }
        }
        return try list.child.gather(picks).with(type: type)
    }

    private func value(of keys: Column, in list: ListArray) throws(SQLError) -> Column {
        guard case .structure(let entries) = list.child.values, entries.children.count == 2 else { return .nulls(type, count: list.count) }
        // Every entry against the key of its row.
        var owners = [Int32](repeating: -1, count: entries.count)
        for row in 0..<list.count { for entry in list.range(row) { owners[entry] = Int32(truncatingIfNeeded: row) } }
        let same = Kernel.compare(.equal, entries.children[0], try keys.gather(owners)).trueBits
        var picks = [Int32](repeating: -1, count: list.count)
        for row in 0..<list.count where (list.validity?[row] ?? true) {
            for entry in list.range(row) where same[entry] {
                picks[row] = Int32(truncatingIfNeeded: entry)
                break
            }
        }
        return try entries.children[1].gather(picks).with(type: type)
    }
}
