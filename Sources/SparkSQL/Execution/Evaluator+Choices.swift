import Columnar
import SparkErrors
import SparkFunctions

/// Puts a column together from pieces that were computed for some of its rows each.
struct Assembly {
    private let type: DataType
    private var pieces: [Column] = []
    private var total = 0
    /// Where each row's value lies in the pieces laid behind each other; -1: null.
    private var places: [Int32]

    init(_ type: DataType, count: Int) {
        self.type = type
        places = [Int32](repeating: -1, count: count)
    }

    /// `piece` has a row for each of `rows`, or one row for all.
    mutating func add(_ piece: Column, for rows: [Int32]) {
        if piece.count == rows.count {
            for (position, row) in rows.enumerated() { places[Int(row)] = Int32(truncatingIfNeeded: total + position) }
        } else {
            for row in rows { places[Int(row)] = Int32(truncatingIfNeeded: total) }
        }
        pieces.append(piece)
        total += piece.count
    }

    /// `piece` has a row for every row of the whole; those of `rows` are taken.
    mutating func add(whole piece: Column, for rows: [Int32]) {
        if piece.count == 1, places.count != 1 { return add(piece, for: rows) }
        for row in rows { places[Int(row)] = Int32(truncatingIfNeeded: total) + row }
        pieces.append(piece)
        total += piece.count
    }

    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if the values do not fit one column.
    consuming func finish() throws(SQLError) -> Column {
        if pieces.isEmpty { return .nulls(type, count: places.count) }
        return try Column.joined(pieces, type: type).gather(places)
    }
}

/// CASE and IF.
final class ConditionalEvaluator: Evaluator {
    private let branches: [(condition: any Evaluator, result: any Evaluator)]
    private let otherwise: (any Evaluator)?
    private let type: DataType
    let inputs: [Int]
    let isSafe: Bool

    init(_ branches: [(condition: any Evaluator, result: any Evaluator)], otherwise: (any Evaluator)?, type: DataType) {
        self.branches = branches
        self.otherwise = otherwise
        self.type = type
        let parts = branches.flatMap { [$0.condition, $0.result] } + (otherwise.map { [$0] } ?? [])
        inputs = Evaluators.inputs(parts)
        isSafe = parts.allSatisfy(\.isSafe)
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        var assembly = Assembly(type, count: rows.count)
        var open = Bitmap(repeating: true, count: rows.count)
        for branch in branches {
            if open.onesCount == 0 { break }
            let chosen: Bitmap
            if branch.condition.isSafe || open.allOnes {
                chosen = try branch.condition.booleans(rows, context).trueBits & open
            } else {
                let some = try branch.condition.booleans(rows.filter(open, needed: branch.condition.inputs), context).trueBits
                chosen = Self.scatter(some, open)
            }
            try add(branch.result, chosen, rows, context, &assembly)
            open = open.andNot(chosen)
        }
        if let otherwise { try add(otherwise, open, rows, context, &assembly) }
        return try assembly.finish()
    }

    private func add(
        _ result: any Evaluator, _ chosen: Bitmap, _ rows: Rows, _ context: EvaluationContext, _ assembly: inout Assembly
    ) throws(SQLError) {
        let positions = chosen.indices()
        if positions.isEmpty { return }
        if result.isSafe || positions.count == rows.count {
            assembly.add(whole: try result.evaluate(rows, context), for: positions)
        } else {
            assembly.add(try result.evaluate(rows.filter(chosen, needed: result.inputs), context), for: positions)
        }
    }

    /// The bits of the mask's ones, zero elsewhere.
    static func scatter(_ bits: Bitmap, _ mask: Bitmap) -> Bitmap {
        var words = [UInt64](repeating: 0, count: (mask.count + 63) / 64)
        for (position, row) in mask.indices().enumerated() where bits[position] { words[Int(row) >> 6] |= 1 << UInt64(row & 63) }
        return Bitmap(words: words, count: mask.count)
    }
}

final class CoalesceEvaluator: Evaluator {
    private let operands: [any Evaluator]
    private let type: DataType
    let inputs: [Int]
    let isSafe: Bool

    init(_ operands: [any Evaluator], type: DataType) {
        self.operands = operands
        self.type = type
        inputs = Evaluators.inputs(operands)
        isSafe = operands.allSatisfy(\.isSafe)
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        var assembly = Assembly(type, count: rows.count)
        var open = Bitmap(repeating: true, count: rows.count)
        for (index, operand) in operands.enumerated() {
            let count = open.onesCount
            if count == 0 { break }
            let isWhole = operand.isSafe || count == rows.count
            let piece = try operand.evaluate(isWhole ? rows : rows.filter(open, needed: operand.inputs), context)
            if index == 0, piece.count == rows.count, piece.nullCount == 0 { return piece.with(type: type) }
            var valid = piece.isVoid ? Bitmap(repeating: false, count: piece.count) : piece.validity ?? Bitmap(repeating: true, count: piece.count)
            let size = isWhole ? rows.count : count
            if valid.count != size { valid = Bitmap(repeating: valid.count == 1 && valid[0], count: size) }
            let chosen = isWhole ? valid & open : ConditionalEvaluator.scatter(valid, open)
            let positions = chosen.indices()
            if isWhole {
                assembly.add(whole: piece, for: positions)
            } else if piece.count == 1, count != 1 {
                assembly.add(piece, for: positions)
            } else {
                assembly.add(piece.filter(valid), for: positions)
            }
            open = open.andNot(chosen)
        }
        return try assembly.finish()
    }
}

/// `x IN (…)`: null if nothing matches and something is null.
final class InListEvaluator: Evaluator {
    private let operand: any Evaluator
    private let items: [any Evaluator]
    /// Constants of a longer list.
    private let table: JoinTable?
    private let hasNullConstant: Bool
    /// Constants one by one, of a short list.
    private let constants: [Value]
    let inputs: [Int]
    let isSafe: Bool

    init(_ operand: any Evaluator, _ items: [any Evaluator], type: DataType) throws(SQLError) {
        self.operand = operand
        var columns: [Column] = []
        var others: [any Evaluator] = []
        for item in items {
            if let constant = item as? ConstantEvaluator { columns.append(constant.column) } else { others.append(item) }
        }
        self.items = others
        hasNullConstant = columns.contains { $0.nullCount > 0 }
        let values = columns.filter { $0.nullCount == 0 }
        // A short list is compared value by value.
        let isLong = values.count > 8
        table = isLong ? JoinTable(keys: [try Column.joined(values, type: type)]) : nil
        constants = isLong ? [] : values.map { $0.value(at: 0) }
        inputs = Evaluators.inputs([operand] + others)
        isSafe = operand.isSafe && others.allSatisfy(\.isSafe)
    }

    func evaluate(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        let value = try operand.evaluate(rows, context)
        let count = value.count
        var result: BooleanArray
        if let table {
            result = BooleanArray(table.probe([value]).matches, validity: value.validity)
        } else {
            result = BooleanArray(Bitmap(repeating: false, count: count))
            for (index, constant) in constants.enumerated() {
                let part = Kernel.compare(.equal, value, constant)
                result = index == 0 ? part : Kernel.or(result, part)
            }
            if constants.isEmpty, let validity = value.validity { result = BooleanArray(result.values, validity: validity) }
        }
        if hasNullConstant {
            let null = BooleanArray(Bitmap(repeating: false, count: count), validity: Bitmap(repeating: false, count: count))
            result = Kernel.or(result, null)
        }
        guard !items.isEmpty else { return Column(.boolean, .boolean(result)) }
        let whole = try value.expanded(to: rows.count)
        if result.count != rows.count { result = try Column(.boolean, .boolean(result)).expanded(to: rows.count).booleans ?? result }
        for item in items {
            // An item is computed only for rows that have found no match yet.
            let open = ~result.trueBits
            if open.onesCount == 0 { break }
            if item.isSafe || open.allOnes {
                result = Kernel.or(result, Kernel.compare(.equal, whole, try item.column(rows, context)))
            } else {
                let some = rows.filter(open, needed: item.inputs)
                let part = Kernel.compare(.equal, whole.filter(open), try item.column(some, context))
                var assembly = Assembly(.boolean, count: rows.count)
                assembly.add(Column(.boolean, .boolean(part)), for: open.indices())
                result = Kernel.or(result, try assembly.finish().booleans ?? part)
            }
        }
        return Column(.boolean, .boolean(result))
    }
}
