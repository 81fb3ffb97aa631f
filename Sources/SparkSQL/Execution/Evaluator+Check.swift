import Columnar
import SparkErrors
import SparkFunctions

/// What is stored in a table passes through here.
final class CheckEvaluator: Evaluator {
    private let operand: any Evaluator
    private let check: StoreCheck
    var inputs: [Int] { operand.inputs }
    let isSafe = false

    init(_ operand: any Evaluator, _ check: StoreCheck) {
        self.operand = operand
        self.check = check
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        switch check {
        case .notNull(let error):
            let column = try operand.evaluate(rows, context)
            if rows.count > 0, column.nullCount > 0 { throw error }
            return column
        case .fieldNotNull(let path, let error):
            let column = try operand.evaluate(rows, context)
            if rows.count > 0, column.nullCount(at: path) > 0 { throw error }
            return column
        case .condition(let error):
            let result = try operand.booleans(rows, context)
            if result.falseBits.onesCount > 0 { throw error }
            return Column(.boolean, .boolean(result))
        case .overflow(let from, let name):
            do throws(SQLError) {
                return try operand.evaluate(rows, context)
            } catch {
                guard error.condition.sqlState == "22003" else { throw error }
                throw SQLError(
                    .castOverflowInTableInsert,
                    [
                        "sourceType": SQLQuote.type(from.sqlText), "targetType": SQLQuote.type(targetType), "columnName": SQLQuote.id(name),
                    ])
            }
        case .length(let limit, let pads): return try fit(try operand.evaluate(rows, context), limit, pads: pads)
        }
    }

    private var targetType: String {
        (operand as? CastEvaluator)?.typeText ?? ""
    }

    private func fit(_ column: Column, _ limit: Int, pads: Bool) throws(SQLError) -> Column {
        guard case .bytes(let array) = column.values else { return column }
        var builder = BytesBuilder(capacity: array.count)
        let blank = UInt8(ascii: " ")
        for row in 0..<array.count {
            if column.isNull(row) {
                builder.appendNull()
                continue
            }
            var bytes = Array(array[row])
            var count = bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
            while count > limit, bytes.last == blank {
                bytes.removeLast()
                count -= 1
            }
            guard count <= limit else { throw SQLError(.exceedLimitLength, ["limit": "\(limit)"]) }
            if pads, count < limit { bytes += [UInt8](repeating: blank, count: limit - count) }
            builder.append(bytes)
        }
        return Column(column.type, .bytes(builder.finish()))
    }
}
