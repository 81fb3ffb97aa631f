import Columnar
import SparkErrors
import SparkFunctions

/// Functions that take lambdas. A body is evaluated over all elements of all rows at once: the input's columns, repeated as often as the row
/// has elements, with the parameters behind them.
final class LambdaEvaluator: Evaluator {
    let call: LambdaCall
    let arguments: [any Evaluator]
    let bodies: [any Evaluator]
    /// Columns of the input; parameters come behind.
    private let width: Int
    private let state: ExecutionState?
    let inputs: [Int]
    let isSafe = false

    init(_ call: LambdaCall, _ arguments: [any Evaluator], _ bodies: [any Evaluator], width: Int, _ state: ExecutionState?) {
        self.call = call
        self.arguments = arguments
        self.bodies = bodies
        self.width = width
        self.state = state
        var inputs: Set<Int> = []
        for argument in arguments { inputs.formUnion(argument.inputs) }
        for body in bodies { inputs.formUnion(body.inputs.filter { $0 < width }) }
        self.inputs = inputs.sorted()
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        switch call.function {
        case .transform, .filter, .exists, .forall: return try overArray(rows, context)
        case .aggregate, .reduce: return try fold(rows, context)
        case .zipWith: return try zip(rows, context)
        case .transformKeys, .transformValues, .mapFilter: return try overMap(rows, context)
        case .mapZipWith: return try zipMaps(rows, context)
        case .arraySort: return try sort(rows, context)
        }
    }

    // MARK: Helpers

    /// Elements whose values are computed in one go.
    private static let bite = 1 << 16

    /// The body's values for rows `owners` of the input, with these parameters: in bites, as each copies what it reads of the input.
    func body(
        _ rows: Rows, index: Int = 0, owners: [Int32], _ parameters: [Column], _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        if owners.count <= Self.bite { return try inParts(rows, index, owners, parameters, context) }
        var parts: [Column] = []
        for start in stride(from: 0, to: owners.count, by: Self.bite) {
            let range = start..<min(start + Self.bite, owners.count)
            parts.append(try inParts(rows, index, Array(owners[range]), parameters.map { $0.slice(range) }, context))
        }
        return try Column.joined(parts, type: parts.first { !$0.isVoid }?.type ?? call.lambdas[index].body.type)
    }

    /// Halves what would take too much memory.
    private func inParts(
        _ rows: Rows, _ index: Int, _ owners: [Int32], _ parameters: [Column], _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        do throws(SQLError) {
            return try whole(rows, index, owners, parameters, context)
        } catch {
            guard error.isOfMemory, owners.count > 1 else { throw error }
            let middle = owners.count / 2
            var halves: [Column] = []
            for range in [0..<middle, middle..<owners.count] {
                halves.append(try inParts(rows, index, Array(owners[range]), parameters.map { $0.slice(range) }, context))
            }
            return try Column.joined(halves, type: halves.first { !$0.isVoid }?.type ?? call.lambdas[index].body.type)
        }
    }

    private func whole(
        _ rows: Rows, _ index: Int, _ owners: [Int32], _ parameters: [Column], _ context: EvaluationContext
    ) throws(SQLError) -> Column {
        try context.monitor?.check()
        let body = bodies[index]
        let needed = body.inputs.filter { $0 < rows.columns.count }
        var inner = try rows.take(owners, needed: needed)
        while inner.columns.count < width { inner.columns.append(Column(.void, .void(owners.count))) }
        inner.columns += parameters.prefix(call.lambdas[index].parameters.count)
        return try body.column(inner, context)
    }

    /// The argument as lists with offsets from zero, without elements under null rows; nil if it is NULL throughout.
    func list(_ index: Int, _ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> FlatList? {
        let column = try arguments[index].column(rows, context)
        guard case .list(let array) = column.values else { return nil }
        return try FlatList(array)
    }

    /// Lists laid out afresh: every element belongs to a row, in order.
    struct FlatList {
        let child: Column
        let offsets: [Int32]
        let validity: Bitmap?
        let owners: [Int32]

        init(_ array: ListArray) throws(SQLError) {
            var offsets: [Int32] = [0]
            offsets.reserveCapacity(array.count + 1)
            var owners: [Int32] = []
            var picks: [Int32] = []
            var isPlain = true
            for row in 0..<array.count {
                if array.range(row).count > 1024 || row & 1023 == 1023 { try ExecutionMonitor.check() }
                if array.validity?[row] ?? true {
                    for element in array.range(row) {
                        if element != picks.count { isPlain = false }
                        picks.append(Int32(truncatingIfNeeded: element))
                        owners.append(Int32(truncatingIfNeeded: row))
                    }
                }
                offsets.append(Int32(truncatingIfNeeded: picks.count))
            }
            child = isPlain && picks.count == array.child.count ? array.child : array.child.take(picks)
            self.offsets = offsets
            self.owners = owners
            validity = array.validity
        }

        var count: Int { offsets.count - 1 }

        func range(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

        /// The place of each element within its row.
        var positions: Column {
            var values: [Int32] = []
            values.reserveCapacity(owners.count)
            for row in 0..<count { for position in range(row).indices { values.append(Int32(truncatingIfNeeded: position - Int(offsets[row]))) } }
            return Column(.int, .int32(PrimitiveArray(values)))
        }
    }

    // MARK: Arrays

    private func overArray(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let list = try list(0, rows, context) else { return .nulls(call.type, count: rows.count) }
        var parameters = [list.child]
        if call.lambdas[0].parameters.count > 1 { parameters.append(list.positions) }
        let result = try body(rows, owners: list.owners, parameters, context)
        switch call.function {
        case .transform:
            let element: DataType = if case .array(let element, _) = call.type { element } else { result.type }
            return Column(call.type, .list(ListArray(offsets: list.offsets, child: result.with(type: element), validity: list.validity)))
        case .filter:
            guard let keep = result.booleans?.trueBits else { throw .internalFault("filter() without a condition") }
            return kept(list, keep)
        default: return quantified(list, result, isExists: call.function == .exists)
        }
    }

    private func kept(_ list: FlatList, _ keep: Bitmap) -> Column {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(list.count + 1)
        var total: Int32 = 0
        for row in 0..<list.count {
            for element in list.range(row) where keep[element] { total += 1 }
            offsets.append(total)
        }
        return Column(call.type, .list(ListArray(offsets: offsets, child: list.child.filter(keep), validity: list.validity)))
    }

    /// EXISTS and FORALL with three truth values.
    private func quantified(_ list: FlatList, _ result: Column, isExists: Bool) -> Column {
        let values = result.booleans
        let decisive = isExists ? values?.trueBits : values?.falseBits
        var bits = BitmapBuilder()
        var validity = BitmapBuilder()
        for row in 0..<list.count {
            guard list.validity?[row] ?? true else {
                bits.append(false)
                validity.append(false)
                continue
            }
            var isDecided = false
            var sawNull = false
            for element in list.range(row) {
                if decisive?[element] ?? false { isDecided = true } else if result.isNull(element) { sawNull = true }
            }
            bits.append(isDecided == isExists)
            validity.append(isDecided || !sawNull)
        }
        return Column(.boolean, .boolean(BooleanArray(bits.finish(), validity: validity.finishValidity())))
    }

    private func fold(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let list = try list(0, rows, context) else { return .nulls(call.type, count: rows.count) }
        var state = try arguments[1].column(rows, context)
        let stateType = call.lambdas[0].body.type
        let longest = (0..<list.count).reduce(0) { max($0, list.range($1).count) }
        for step in 0..<longest {
            if step & 63 == 63 { try ExecutionMonitor.check() }
            // One more element of each row that has one.
            let active = (0..<list.count).filter { list.range($0).count > step }.map { Int32(truncatingIfNeeded: $0) }
            let elements = try list.child.gather(active.map { list.offsets[Int($0)] + Int32(truncatingIfNeeded: step) })
            let next = try body(rows, owners: active, [state.take(active), elements], context)
            if active.count == list.count {
                state = next.with(type: stateType)
            } else {
                var assembly = Assembly(stateType, count: rows.count)
                assembly.add(whole: state, for: (0..<rows.count).map { Int32(truncatingIfNeeded: $0) })
                assembly.add(next, for: active)
                state = try assembly.finish()
            }
        }
        let all = (0..<rows.count).map { Int32(truncatingIfNeeded: $0) }
        let result = try body(rows, index: 1, owners: all, [state], context)
        guard let validity = list.validity else { return result.with(type: call.type) }
        return result.with(type: call.type).nullWhereNot(validity)
    }

    private func zip(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let left = try list(0, rows, context), let right = try list(1, rows, context) else { return .nulls(call.type, count: rows.count) }
        var offsets: [Int32] = [0]
        var owners: [Int32] = []
        var leftPicks: [Int32] = []
        var rightPicks: [Int32] = []
        let validity = Kernel.combinedValidity(left.validity, right.validity)
        for row in 0..<rows.count {
            if validity?[row] ?? true {
                let (a, b) = (left.range(row), right.range(row))
                for position in 0..<max(a.count, b.count) {
                    owners.append(Int32(truncatingIfNeeded: row))
                    leftPicks.append(position < a.count ? Int32(truncatingIfNeeded: a.lowerBound + position) : -1)
                    rightPicks.append(position < b.count ? Int32(truncatingIfNeeded: b.lowerBound + position) : -1)
                }
            }
            offsets.append(Int32(truncatingIfNeeded: owners.count))
        }
        let result = try body(rows, owners: owners, [try left.child.gather(leftPicks), try right.child.gather(rightPicks)], context)
        return Column(call.type, .list(ListArray(offsets: offsets, child: result, validity: validity)))
    }
}
