import Columnar
import SparkErrors
import SparkFunctions

/// An aggregate function over the frames of sorted rows.
struct WindowAggregation {
    let bound: BoundAggregate
    let arguments: [Column]
    let rows: WindowRows
    let state: ExecutionState

    /// The whole partition is every row's frame.
    func whole() throws(SQLError) -> Column {
        var groups = [Int32](repeating: 0, count: rows.count)
        var partition: Int32 = 0
        rows.forEachPartition { range in
            for row in range { groups[row] = partition }
            partition += 1
        }
        var accumulator = bound.make()
        try accumulator.update(arguments, groups: groups, groupCount: Int(partition), state.context)
        return try accumulator.finish(groupCount: Int(partition), state.context).gather(groups)
    }

    /// From the partition's start to the current row, or to the last row equal to it in the order.
    func running(byPeers: Bool) throws(SQLError) -> Column {
        let steps = byPeers ? rows.peers : (0...rows.count).map { Int32(truncatingIfNeeded: $0) }
        // Steps of each partition, as positions in `steps`.
        var ranges: [Range<Int>] = []
        var step = 0
        for index in 0..<max(0, rows.partitions.count - 1) {
            let first = step
            while step < steps.count - 1, steps[step] < rows.partitions[index + 1] { step += 1 }
            ranges.append(first..<step)
        }
        let longest = ranges.reduce(0) { max($0, $1.count) }
        if longest * ranges.count <= 4 * rows.count + 1024 { return try sideBySide(steps, ranges, longest) }
        return try oneByOne(steps, ranges)
    }

    /// Partitions are groups of one accumulator; each round adds one step of every partition.
    private func sideBySide(_ steps: [Int32], _ ranges: [Range<Int>], _ longest: Int) throws(SQLError) -> Column {
        var accumulator = bound.make()
        var places = [Int32](repeating: 0, count: rows.count)
        var pieces: [Column] = []
        var total: Int32 = 0
        for round in 0..<longest {
            if round & 1023 == 0 { try state.check() }
            var picks: [Int32] = []
            var groups: [Int32] = []
            for (partition, range) in ranges.enumerated() where round < range.count {
                let step = range.lowerBound + round
                for row in steps[step]..<steps[step + 1] {
                    picks.append(row)
                    groups.append(Int32(truncatingIfNeeded: partition))
                    places[Int(row)] = total + Int32(truncatingIfNeeded: partition)
                }
            }
            try accumulator.update(
                arguments.map { (column) throws(SQLError) in try column.gather(picks) }, groups: groups, groupCount: ranges.count, state.context)
            pieces.append(try accumulator.finish(groupCount: ranges.count, state.context))
            total += Int32(truncatingIfNeeded: ranges.count)
        }
        return try Column.joined(pieces, type: bound.returnType).gather(places)
    }

    private func oneByOne(_ steps: [Int32], _ ranges: [Range<Int>]) throws(SQLError) -> Column {
        var places = [Int32](repeating: 0, count: rows.count)
        var pieces: [Column] = []
        for range in ranges {
            var accumulator = bound.make()
            for step in range {
                if step & 1023 == 0 { try state.check() }
                let some = Int(steps[step])..<Int(steps[step + 1])
                let groups = [Int32](repeating: 0, count: some.count)
                try accumulator.update(arguments.map { $0.slice(some) }, groups: groups, groupCount: 1, state.context)
                for row in some { places[row] = Int32(truncatingIfNeeded: pieces.count) }
                pieces.append(try accumulator.finish(groupCount: 1, state.context))
            }
        }
        return try Column.joined(pieces, type: bound.returnType).gather(places)
    }

    /// Any frames: each row is a group that is given the rows of its frame.
    func sliding(_ starts: [Int32], _ ends: [Int32]) throws(SQLError) -> Column {
        let chunk = 1 << 18
        var pieces: [Column] = []
        var row = 0
        while row < rows.count {
            try state.check()
            var accumulator = bound.make()
            var groups: [Int32] = []
            var picks: [Int32] = []
            let first = row
            func flush(_ count: Int) throws(SQLError) {
                try accumulator.update(
                    arguments.map { (column) throws(SQLError) in try column.gather(picks) }, groups: groups, groupCount: count, state.context)
                picks.removeAll(keepingCapacity: true)
                groups.removeAll(keepingCapacity: true)
            }
            while row < rows.count, row - first < 1 << 16 {
                let group = Int32(truncatingIfNeeded: row - first)
                var position = starts[row]
                while position < ends[row] {
                    picks.append(position)
                    groups.append(group)
                    position += 1
                    if picks.count == chunk {
                        try state.check()
                        try flush(row - first + 1)
                    }
                }
                row += 1
            }
            try flush(row - first)
            pieces.append(try accumulator.finish(groupCount: row - first, state.context))
        }
        return try Column.joined(pieces, type: bound.returnType)
    }
}
