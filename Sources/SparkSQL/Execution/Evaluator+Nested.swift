import Columnar
import SparkErrors
import SparkFunctions

/// Access to arrays and maps, and functions that take lambdas.
extension Evaluator {
    /// `array[index]` (from 0; out of range is an error in ANSI mode) and `map[key]` (null if there is none).
    func element(
        _ base: ResolvedExpression, _ key: ResolvedExpression, _ type: DataType, _ span: SourceSpan?, _ chunk: Chunk
    ) throws(SQLError) -> Column {
        let container = try column(base, chunk)
        let keys = try column(key, chunk)
        guard case .list(let array) = container.values else { return Column.nulls(type, count: chunk.rowCount) }
        var indices = [Int32](repeating: -1, count: chunk.rowCount)
        if case .map = container.type {
            guard case .structure(let entries) = array.child.values, entries.children.count == 2 else {
                return Column.nulls(type, count: chunk.rowCount)
            }
            for row in 0..<chunk.rowCount where !container.isNull(row) && !keys.isNull(row) {
                let wanted = keys.value(at: row)
                // The last entry wins, as in Spark's own search from the front over deduplicated keys there is but one.
                if let found = array.range(row).first(where: { entries.children[0].value(at: $0) == wanted }) {
                    indices[row] = Int32(truncatingIfNeeded: found)
                }
            }
            return entries.children[1].take(indices)
        }
        for row in 0..<chunk.rowCount where !container.isNull(row) {
            guard case .integer(let index) = keys.value(at: row) else { continue }
            let range = array.range(row)
            guard index >= 0, index < range.count else {
                guard state.context.ansi else { continue }
                throw SQLError(
                    .invalidArrayIndex, ["indexValue": String(index), "arraySize": String(range.count)], at: span)
            }
            indices[row] = Int32(truncatingIfNeeded: range.lowerBound + Int(index))
        }
        return array.child.take(indices)
    }

    func lambda(_ call: LambdaCall, _ chunk: Chunk) throws(SQLError) -> Column {
        switch call.function {
        case .transform, .filter, .exists, .forall: return try overElements(call, chunk)
        default: throw .unsupported("The function \(call.function.rawValue)", at: call.span)
        }
    }

    /// Functions of one array and a lambda over (element[, index]): all elements of the batch are evaluated at once.
    private func overElements(_ call: LambdaCall, _ chunk: Chunk) throws(SQLError) -> Column {
        guard let argument = call.arguments.first, let lambda = call.lambdas.first else {
            throw .unsupported("The function \(call.function.rawValue)", at: call.span)
        }
        let container = try column(argument, chunk)
        guard case .list(let array) = container.values else { return Column.nulls(call.type, count: chunk.rowCount) }
        var owners: [Int32] = []
        var elements: [Int32] = []
        var indices: [Int32] = []
        var offsets: [Int32] = [0]
        for row in 0..<chunk.rowCount {
            if !container.isNull(row) {
                for (index, element) in array.range(row).enumerated() {
                    owners.append(Int32(truncatingIfNeeded: row))
                    elements.append(Int32(truncatingIfNeeded: element))
                    indices.append(Int32(truncatingIfNeeded: index))
                }
            }
            offsets.append(Int32(truncatingIfNeeded: elements.count))
        }
        var inner = chunk.take(owners)
        let values = array.child.take(elements)
        inner.columns.append(values)
        if lambda.parameters.count > 1 { inner.columns.append(Column(.int, .int32(PrimitiveArray(indices)))) }
        let body = with(lambda.parameters, behind: chunk.columns.count)
        if call.function == .transform {
            let mapped = try body.column(lambda.body, inner)
            return Column(call.type, .list(ListArray(offsets: offsets, child: mapped, validity: container.validity)))
        }
        let tests = try body.boolean(lambda.body, inner)
        if call.function == .filter {
            let kept = tests.trueBits
            var ends: [Int32] = [0]
            var total: Int32 = 0
            for row in 0..<chunk.rowCount {
                for element in Int(offsets[row])..<Int(offsets[row + 1]) where kept[element] { total += 1 }
                ends.append(total)
            }
            return Column(call.type, .list(ListArray(offsets: ends, child: values.filter(kept), validity: container.validity)))
        }
        return quantified(call.function == .exists, tests, offsets, container)
    }

    /// `exists` and `forall` by three-valued logic.
    private func quantified(_ isExists: Bool, _ tests: BooleanArray, _ offsets: [Int32], _ container: Column) -> Column {
        var values: [Value] = []
        for row in 0..<container.count {
            guard !container.isNull(row) else {
                values.append(.null)
                continue
            }
            var sawNull = false
            var decided = false
            for element in Int(offsets[row])..<Int(offsets[row + 1]) {
                if let validity = tests.validity, !validity[element] {
                    sawNull = true
                } else if tests.values[element] == isExists {
                    decided = true
                    break
                }
            }
            values.append(decided ? .boolean(isExists) : sawNull ? .null : .boolean(!isExists))
        }
        return Column(.boolean, of: values)
    }
}
