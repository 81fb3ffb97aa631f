import Columnar
import SparkErrors

/// Reads a table's columns.
final class ScanOperator: Operator {
    private let scan: LogicalPlan.Scan
    private let reader: ScanReader
    private let state: ExecutionState
    private var source: (any BatchSource)?

    init(_ scan: LogicalPlan.Scan, _ state: ExecutionState) {
        self.scan = scan
        self.state = state
        reader = ScanReader(scan)
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        var open = if let source { source } else { try scan.open() }
        defer { source = open }
        guard let batch = try open.next() else { return nil }
        return try reader.rows(batch)
    }
}

extension LogicalPlan.Scan {
    func open() throws(SQLError) -> any BatchSource { try provider.scan(columns: columns, where: tests, atMost: atMost) }
}

/// Takes a table's batches as the scan's rows, without those that joins have no use for.
final class ScanReader {
    private struct Filter {
        let position: Int
        let keys: KeySet
        var seen = 0
        var passed = 0
    }

    private let scan: LogicalPlan.Scan
    /// nil: nothing has been read yet, and joins may not have told their keys.
    private var filters: [Filter]?

    init(_ scan: LogicalPlan.Scan) { self.scan = scan }

    func rows(_ batch: RecordBatch) throws(SQLError) -> Rows {
        guard batch.columns.count == scan.columns.count else { throw .internalFault("the table gave other columns than were asked for") }
        var columns = batch.columns
        // CHAR and VARCHAR are read as strings, and a table's own type may differ in what may be null.
        for (index, attribute) in scan.output.enumerated() where columns[index].type != attribute.type {
            columns[index] = columns[index].with(type: attribute.type)
        }
        return filtered(Rows(columns, count: batch.rowCount))
    }

    private func filtered(_ rows: Rows) -> Rows {
        if scan.keys.isEmpty { return rows }
        var filters = self.filters ?? open()
        defer { self.filters = filters }
        var mask: Bitmap?
        for index in filters.indices {
            // Where most rows pass, asking costs more than it saves.
            if filters[index].seen > 50_000, filters[index].passed > filters[index].seen / 4 * 3 { continue }
            let found = filters[index].keys.contains(rows.columns[filters[index].position])
            filters[index].seen += rows.count
            filters[index].passed += found.onesCount
            mask = mask.map { $0 & found } ?? found
        }
        return mask.map { rows.filter($0) } ?? rows
    }

    private func open() -> [Filter] {
        scan.keys.compactMap { key in
            guard let position = scan.output.firstIndex(where: { $0.id == key.column }), let keys = key.filter.keys,
                scan.output[position].type == key.filter.type
            else { return nil }
            return Filter(position: position, keys: keys)
        }
    }
}

/// `range(start, end, step)`.
final class SequenceOperator: Operator {
    private let source: LogicalPlan.SequenceSource
    private let state: ExecutionState
    private var position: Int64
    private var remaining: UInt64

    init(_ source: LogicalPlan.SequenceSource, _ state: ExecutionState) {
        self.source = source
        self.state = state
        position = source.start
        let isForward = source.step > 0
        let isEmpty = isForward ? source.start >= source.end : source.start <= source.end
        if isEmpty {
            remaining = 0
        } else {
            // The distance may be more than an Int64 holds.
            let distance = isForward ? UInt64(bitPattern: source.end &- source.start) : UInt64(bitPattern: source.start &- source.end)
            let step = source.step.magnitude
            remaining = distance / step + (distance % step == 0 ? 0 : 1)
        }
    }

    func next() throws(SQLError) -> Rows? {
        try state.check()
        guard remaining > 0 else { return nil }
        let count = Int(min(remaining, UInt64(state.limits.batchRows)))
        var values: [Int64] = []
        values.reserveCapacity(count)
        for _ in 0..<count {
            values.append(position)
            position = position &+ source.step
        }
        remaining -= UInt64(count)
        return Rows([Column(.long, .int64(PrimitiveArray(values)))], count: count)
    }
}
