import Columnar
import SparkErrors
import SparkFunctions

extension LambdaEvaluator {
    private func entries(_ list: FlatList) throws(SQLError) -> (keys: Column, values: Column) {
        guard case .structure(let entries) = list.child.values, entries.children.count == 2 else {
            throw .internalFault("a map of \(list.child.type.sqlText)")
        }
        return (entries.children[0], entries.children[1])
    }

    private func map(_ keys: Column, _ values: Column, offsets: [Int32], validity: Bitmap?) -> Column {
        guard case .map(let keyType, let valueType, let nullable) = call.type else { return .nulls(call.type, count: offsets.count - 1) }
        let entry = DataType.mapEntry(keyType, valueType, valueContainsNull: nullable)
        let pairs = StructArray(children: [keys.with(type: keyType), values.with(type: valueType)], count: keys.count)
        return Column(call.type, .list(ListArray(offsets: offsets, child: Column(entry, .structure(pairs)), validity: validity)))
    }

    func overMap(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let list = try list(0, rows, context) else { return .nulls(call.type, count: rows.count) }
        let (keys, values) = try entries(list)
        let result = try body(rows, owners: list.owners, [keys, values], context)
        switch call.function {
        case .transformValues: return map(keys, result, offsets: list.offsets, validity: list.validity)
        case .transformKeys:
            if result.nullCount > 0 { throw SQLError(.nullMapKey, at: call.span) }
            try refuseDuplicates(result, list)
            return map(result, values, offsets: list.offsets, validity: list.validity)
        default:
            guard let keep = result.booleans?.trueBits else { throw .internalFault("map_filter() without a condition") }
            var offsets: [Int32] = [0]
            var total: Int32 = 0
            for row in 0..<list.count {
                for entry in list.range(row) where keep[entry] { total += 1 }
                offsets.append(total)
            }
            return map(keys.filter(keep), values.filter(keep), offsets: offsets, validity: list.validity)
        }
    }

    private func refuseDuplicates(_ keys: Column, _ list: FlatList) throws(SQLError) {
        var index = GroupIndexer(types: [.int, keys.type])
        let groups = index.groups(of: [Column(.int, .int32(PrimitiveArray(list.owners))), keys])
        var seen = Set<Int32>()
        for (row, group) in groups.enumerated() where !seen.insert(group).inserted {
            let key = keys.value(at: row)
            throw SQLError(
                .duplicatedMapKey,
                ["key": Cast.text(of: key, keys.type, EvaluationContext()), "mapKeyDedupPolicy": "\"spark.sql.mapKeyDedupPolicy\""],
                at: call.span)
        }
    }

    /// Every key of either map once: the left one's first.
    func zipMaps(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let left = try list(0, rows, context), let right = try list(1, rows, context) else { return .nulls(call.type, count: rows.count) }
        let (leftKeys, leftValues) = try entries(left)
        let (rightKeys, rightValues) = try entries(right)
        guard case .map(let keyType, _, _) = call.type else { return .nulls(call.type, count: rows.count) }
        var index = GroupIndexer(types: [.int, keyType])
        let leftGroups = index.groups(of: [Column(.int, .int32(PrimitiveArray(left.owners))), leftKeys.with(type: keyType)])
        let rightGroups = index.groups(of: [Column(.int, .int32(PrimitiveArray(right.owners))), rightKeys.with(type: keyType)])
        let allKeys = try Column.joined([leftKeys.with(type: keyType), rightKeys.with(type: keyType)], type: keyType)
        let validity = Kernel.combinedValidity(left.validity, right.validity)
        var offsets: [Int32] = [0]
        var owners: [Int32] = []
        var keyPicks: [Int32] = []
        var leftPicks: [Int32] = []
        var rightPicks: [Int32] = []
        for row in 0..<rows.count {
            if validity?[row] ?? true {
                var places: [Int32: Int] = [:]
                for entry in left.range(row) where places[leftGroups[entry]] == nil {
                    places[leftGroups[entry]] = owners.count
                    owners.append(Int32(truncatingIfNeeded: row))
                    keyPicks.append(Int32(truncatingIfNeeded: entry))
                    leftPicks.append(Int32(truncatingIfNeeded: entry))
                    rightPicks.append(-1)
                }
                for entry in right.range(row) {
                    if let place = places[rightGroups[entry]] {
                        if rightPicks[place] < 0 { rightPicks[place] = Int32(truncatingIfNeeded: entry) }
                        continue
                    }
                    places[rightGroups[entry]] = owners.count
                    owners.append(Int32(truncatingIfNeeded: row))
                    keyPicks.append(Int32(truncatingIfNeeded: leftKeys.count + entry))
                    leftPicks.append(-1)
                    rightPicks.append(Int32(truncatingIfNeeded: entry))
                }
            }
            offsets.append(Int32(truncatingIfNeeded: owners.count))
        }
        let keys = try allKeys.gather(keyPicks)
        let result = try body(rows, owners: owners, [keys, try leftValues.gather(leftPicks), try rightValues.gather(rightPicks)], context)
        return map(keys, result, offsets: offsets, validity: validity)
    }

    // MARK: array_sort with a comparator

    /// Merge sort of all rows side by side, so that each round compares many pairs with one evaluation.
    func sort(_ rows: Rows, _ context: EvaluationContext) throws(SQLError) -> Column {
        guard let list = try list(0, rows, context) else { return .nulls(call.type, count: rows.count) }
        var order = list.child.count == 0 ? [] : (0..<list.child.count).map { Int32(truncatingIfNeeded: $0) }
        let longest = (0..<list.count).reduce(0) { max($0, list.range($1).count) }
        var width = 1
        while width < longest {
            order = try merge(order, list, width, rows, context)
            width *= 2
        }
        return Column(call.type, .list(ListArray(offsets: list.offsets, child: try list.child.gather(order), validity: list.validity)))
    }

    /// Two neighbouring runs on their way into one.
    private struct Merge {
        let owner: Int32
        var left: Range<Int>
        var right: Range<Int>
        var output: Int
    }

    private func merge(
        _ order: [Int32], _ list: FlatList, _ width: Int, _ rows: Rows, _ context: EvaluationContext
    ) throws(SQLError) -> [Int32] {
        var result = order
        var open: [Merge] = []
        for row in 0..<list.count {
            let range = list.range(row)
            var start = range.lowerBound
            while start + width < range.upperBound {
                let middle = start + width
                let end = min(middle + width, range.upperBound)
                open.append(Merge(owner: Int32(truncatingIfNeeded: row), left: start..<middle, right: middle..<end, output: start))
                start = end
            }
        }
        while !open.isEmpty {
            let left = try list.child.gather(open.map { order[$0.left.lowerBound] })
            let right = try list.child.gather(open.map { order[$0.right.lowerBound] })
            // The later one is asked about first, as Java's sort does: that shows where a comparator contradicts itself.
            let compared = try body(rows, owners: open.map(\.owner), [right, left], context)
            if let index = open.indices.first(where: { compared.isNull($0) }) {
                // Spark names the first one twice.
                let value = right.isNull(index) ? "null" : Cast.text(of: right.value(at: index), right.type, context)
                throw SQLError(.comparatorReturnsNull, ["firstValue": value, "secondValue": value], at: call.span)
            }
            guard case .int32(let signs) = compared.values else { throw .internalFault("a comparator of \(compared.type.sqlText)") }
            var next: [Merge] = []
            for (index, var step) in open.enumerated() {
                if signs.values[index] >= 0 {
                    result[step.output] = order[step.left.lowerBound]
                    step.left = (step.left.lowerBound + 1)..<step.left.upperBound
                } else {
                    result[step.output] = order[step.right.lowerBound]
                    step.right = (step.right.lowerBound + 1)..<step.right.upperBound
                }
                step.output += 1
                if !step.left.isEmpty, !step.right.isEmpty {
                    next.append(step)
                    continue
                }
                for position in step.left.isEmpty ? step.right : step.left {
                    result[step.output] = order[position]
                    step.output += 1
                }
            }
            open = next
        }
        return result
    }
}
