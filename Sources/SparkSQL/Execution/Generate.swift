import Columnar
import SparkErrors
import SparkFunctions

/// A generator's rows behind those of its input.
final class GenerateOperator: Operator {
    private let child: any Operator
    private let generator: Generator
    private let arguments: [any Evaluator]
    private let isOuter: Bool
    private let types: [DataType]
    private let state: ExecutionState
    private var pending: BatchingOperator?
    /// The input cut small: STACK can make a million rows of one.
    private var input: BatchingOperator?

    init(
        _ child: any Operator, _ generator: Generator, _ arguments: [any Evaluator], isOuter: Bool, types: [DataType], _ state: ExecutionState
    ) {
        self.child = child
        self.generator = generator
        self.arguments = arguments
        self.isOuter = isOuter
        self.types = types
        self.state = state
    }

    func next() throws(SQLError) -> Rows? {
        while true {
            try state.check()
            if let rows = try pending?.next() { return rows }
            pending = nil
            guard let rows = try nextInput() else { return nil }
            let made = try generate(rows)
            if made.count > 0 { pending = BatchingOperator(made, size: state.limits.batchRows) }
        }
    }

    private func nextInput() throws(SQLError) -> Rows? {
        guard case .stack = generator, case .integer(let height) = try arguments[0].evaluate(.one, state.context).value(at: 0) else {
            return try child.next()
        }
        if let rows = try input?.next() { return rows }
        guard let rows = try child.next() else { return nil }
        let made = BatchingOperator(rows, size: max(1, (1 << 20) / max(1, Int(height))))
        input = made
        return try made.next() ?? Rows(rows.columns, count: 0)
    }

    private func generate(_ rows: Rows) throws(SQLError) -> Rows {
        switch generator {
        case .explode, .posexplode: return try explode(rows, withPosition: generator == .posexplode)
        case .inline: return try inline(rows)
        case .stack: return try stack(rows)
        case .jsonTuple:
            var columns = rows.columns
            for argument in arguments { columns.append(try argument.column(rows, state.context)) }
            return Rows(columns, count: rows.count)
        case .variantExplode:
            let entries = try VariantColumn.entries(try arguments[0].column(rows, state.context))
            guard case .list(let list) = entries.values else { return alone(rows) }
            return try inline(rows, list)
        }
    }

    /// Of each output row, the input row, the element, and its place; -1 and nil for a row that an outer generator keeps.
    private func picks(_ list: ListArray, count: Int) throws(SQLError) -> (owners: [Int32], elements: [Int32], positions: [Int32?]) {
        var owners: [Int32] = []
        var elements: [Int32] = []
        var positions: [Int32?] = []
        for row in 0..<count {
            let range = list.validity?[row] ?? true ? list.range(row) : 0..<0
            if range.isEmpty, isOuter {
                owners.append(Int32(truncatingIfNeeded: row))
                elements.append(-1)
                positions.append(nil)
            }
            for element in range {
                owners.append(Int32(truncatingIfNeeded: row))
                elements.append(Int32(truncatingIfNeeded: element))
                positions.append(Int32(truncatingIfNeeded: element - range.lowerBound))
            }
        }
        try state.check()
        return (owners, elements, positions)
    }

    private func list(_ rows: Rows) throws(SQLError) -> (ListArray, isMap: Bool)? {
        let column = try arguments[0].column(rows, state.context)
        guard case .list(let list) = column.values else { return nil }
        if case .map = column.type { return (list, true) }
        return (list, false)
    }

    private func alone(_ rows: Rows) -> Rows {
        guard isOuter else { return Rows([], count: 0) }
        return Rows(rows.columns + types.map { .nulls($0, count: rows.count) }, count: rows.count)
    }

    private func explode(_ rows: Rows, withPosition: Bool) throws(SQLError) -> Rows {
        guard let (list, isMap) = try list(rows) else { return alone(rows) }
        let (owners, elements, positions) = try picks(list, count: rows.count)
        var columns = try rows.take(owners).columns
        if withPosition { columns.append(Column(.int, of: positions.map { $0.map { .integer(Int64($0)) } ?? .null })) }
        if isMap, case .structure(let entries) = list.child.values, entries.children.count == 2 {
            columns.append(try entries.children[0].gather(elements))
            columns.append(try entries.children[1].gather(elements))
        } else {
            columns.append(try list.child.gather(elements))
        }
        return typed(columns, count: owners.count)
    }

    private func inline(_ rows: Rows) throws(SQLError) -> Rows {
        guard let (list, _) = try list(rows) else { return alone(rows) }
        return try inline(rows, list)
    }

    private func inline(_ rows: Rows, _ list: ListArray) throws(SQLError) -> Rows {
        guard case .structure(let structs) = list.child.values else { return alone(rows) }
        let (owners, elements, _) = try picks(list, count: rows.count)
        var columns = try rows.take(owners).columns
        for child in structs.children {
            columns.append(try (structs.validity.map { child.nullWhereNot($0) } ?? child).gather(elements))
        }
        return typed(columns, count: owners.count)
    }

    /// `stack(n, …)`: the values by rows.
    private func stack(_ rows: Rows) throws(SQLError) -> Rows {
        let width = types.count
        var cells: [Column] = []
        for argument in arguments.dropFirst() { cells.append(try argument.column(rows, state.context)) }
        guard case .integer(let number) = try arguments[0].evaluate(.one, state.context).value(at: 0), width > 0 else { return Rows([], count: 0) }
        let height = Int(number)
        var owners: [Int32] = []
        owners.reserveCapacity(rows.count * height)
        for row in 0..<rows.count { for _ in 0..<height { owners.append(Int32(truncatingIfNeeded: row)) } }
        var columns = try rows.take(owners).columns
        for column in 0..<width {
            let parts = (0..<height).map { line -> Column in
                let cell = line * width + column
                return cells.indices.contains(cell) ? cells[cell].with(type: types[column]) : .nulls(types[column], count: rows.count)
            }
            let all = try Column.joined(parts, type: types[column])
            var picks: [Int32] = []
            picks.reserveCapacity(owners.count)
            for row in 0..<rows.count { for line in 0..<height { picks.append(Int32(truncatingIfNeeded: line * rows.count + row)) } }
            columns.append(try all.gather(picks))
        }
        return Rows(columns, count: owners.count)
    }

    private func typed(_ columns: [Column], count: Int) -> Rows {
        var columns = columns
        let first = columns.count - types.count
        for (index, type) in types.enumerated() where columns[first + index].type != type {
            columns[first + index] = columns[first + index].isVoid ? .nulls(type, count: count) : columns[first + index].with(type: type)
        }
        return Rows(columns, count: count)
    }
}
