import Columnar
import SparkErrors
import SparkFunctions

/// Expressions that evaluate an operand only for the rows that need it, so that `CASE WHEN x <> 0 THEN 1 / x END` never divides by zero.
extension Evaluator {
    /// AND and OR: a row is decided by the first operand that settles it; nulls stay open to the end.
    func connective(_ operands: [ResolvedExpression], _ chunk: Chunk, isAnd: Bool) throws(SQLError) -> Column {
        var result: BooleanArray?
        for operand in operands {
            guard let current = result else {
                result = try boolean(operand, chunk)
                continue
            }
            // Decided: false for AND, true for OR.
            let settled = isAnd ? Kernel.not(current).trueBits : current.trueBits
            let open = chunk.rowCount - settled.onesCount
            if open == 0 { break }
            let next: BooleanArray
            if open == chunk.rowCount {
                next = try boolean(operand, chunk)
            } else {
                let mask = ~settled
                let part = try column(operand, chunk.filter(mask))
                guard case .boolean(let array) = part.take(Self.positions(of: mask)).values else { continue }
                next = array
            }
            result = isAnd ? Kernel.and(current, next) : Kernel.or(current, next)
        }
        return Column(.boolean, .boolean(result ?? BooleanArray(Bitmap(repeating: isAnd, count: chunk.rowCount))))
    }

    /// For each row its place among the mask's ones; -1 where the mask is zero.
    static func positions(of mask: Bitmap) -> [Int32] {
        var positions = [Int32](repeating: -1, count: mask.count)
        for (place, row) in mask.indices().enumerated() { positions[Int(row)] = Int32(truncatingIfNeeded: place) }
        return positions
    }

    func choose(_ conditional: Conditional, _ chunk: Chunk) throws(SQLError) -> Column {
        var parts: [Column] = []
        var offset: Int32 = 0
        var places = [Int32](repeating: -1, count: chunk.rowCount)
        var open = Bitmap(repeating: true, count: chunk.rowCount)

        func put(_ rows: Bitmap, _ expression: ResolvedExpression) throws(SQLError) {
            let count = rows.onesCount
            guard count > 0 else { return }
            let values = try column(expression, count == chunk.rowCount ? chunk : chunk.filter(rows))
            for (place, row) in rows.indices().enumerated() { places[Int(row)] = offset + Int32(truncatingIfNeeded: place) }
            offset += Int32(truncatingIfNeeded: count)
            parts.append(values.with(type: conditional.type))
        }

        for branch in conditional.branches {
            let count = open.onesCount
            if count == 0 { break }
            let chosen: Bitmap
            if count == chunk.rowCount {
                chosen = try matches(branch.condition, chunk)
            } else {
                let within = try matches(branch.condition, chunk.filter(open))
                let rows = open.indices()
                var words = [UInt64](repeating: 0, count: (chunk.rowCount + 63) / 64)
                for place in within.indices() {
                    let row = Int(rows[Int(place)])
                    words[row >> 6] |= 1 << UInt64(row & 63)
                }
                chosen = Bitmap(words: words, count: chunk.rowCount)
            }
            try put(chosen, branch.result)
            open = open.andNot(chosen)
        }
        if let otherwise = conditional.otherwise { try put(open, otherwise) }
        if parts.isEmpty { return Column.nulls(conditional.type, count: chunk.rowCount) }
        return Column.concat(parts, type: conditional.type).take(places)
    }

    func coalesce(_ operands: [ResolvedExpression], _ type: DataType, _ chunk: Chunk) throws(SQLError) -> Column {
        var result: Column?
        for operand in operands {
            guard let current = result else {
                result = try column(operand, chunk).with(type: type)
                continue
            }
            guard let validity = current.validity, !validity.allOnes else { break }
            let missing = ~validity
            let part = try column(operand, chunk.filter(missing)).with(type: type)
            let places = Self.positions(of: missing)
            var indices = [Int32](repeating: 0, count: chunk.rowCount)
            let offset = Int32(truncatingIfNeeded: chunk.rowCount)
            for row in 0..<chunk.rowCount { indices[row] = places[row] < 0 ? Int32(truncatingIfNeeded: row) : offset + places[row] }
            result = Column.concat([current, part], type: type).take(indices)
        }
        return result ?? Column.nulls(type, count: chunk.rowCount)
    }

    /// True if an item is equal; else null if the operand or an item is null; else false.
    func inList(_ operand: ResolvedExpression, _ items: [ResolvedExpression], _ chunk: Chunk) throws(SQLError) -> Column {
        let value = try column(operand, chunk)
        var result = BooleanArray(Bitmap(repeating: false, count: chunk.rowCount), validity: value.validity)
        for item in items {
            let equal: BooleanArray
            if case .constant(let constant) = item {
                if constant.value.isNull {
                    equal = BooleanArray(
                        Bitmap(repeating: false, count: chunk.rowCount), validity: Bitmap(repeating: false, count: chunk.rowCount))
                } else {
                    equal = Kernel.compare(.equal, value, constant.value)
                }
            } else {
                equal = Kernel.compare(.equal, value, try column(item, chunk))
            }
            result = Kernel.or(result, equal)
        }
        return Column(.boolean, .boolean(result))
    }
}
