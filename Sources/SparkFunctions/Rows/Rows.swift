import Columnar
import SparkErrors

/// Row-by-row loops. A row with a null argument gives null without calling the body, and so does a body that returns nil.
enum Rows {
    static func make<R: Cell>(
        _ type: DataType, _ count: Int, validity: Bitmap? = nil, _ body: (Int) throws(SQLError) -> R?
    ) throws(SQLError) -> Column {
        var sink = R.sink(capacity: count)
        var failed = false
        var bits = [UInt64](repeating: 0, count: (count + 63) / 64)
        let monitor = ExecutionMonitor.current
        let isBytes = R.self is any BytesCell.Type
        let limit = monitor?.batchBytes ?? Int.max
        for row in 0..<count {
            if let monitor {
                // Any row may be a long one.
                if monitor.isCancelled || row & 63 == 63 { try monitor.check() }
                if isBytes, row & 7 == 7, let size = (sink as? BytesSink)?.bytes.count, size > limit {
                    throw ExecutionMonitor.exhausted(size, of: limit)
                }
            }
            if let validity, !validity[row] {
                R.appendFiller(to: &sink)
                failed = true
            } else if let value = try body(row) {
                R.append(value, to: &sink)
                bits[row >> 6] |= 1 << UInt64(row & 63)
            } else {
                R.appendFiller(to: &sink)
                failed = true
            }
        }
        // A search that was stopped short has found nothing that could be used.
        try monitor?.check()
        if let bytes = sink as? BytesSink, bytes.overflowed { throw .tooLong(Int(Int32.max)) }
        return Column(type, R.finish(sink, as: type, validity: failed ? Bitmap(words: bits, count: count) : nil))
    }

    static func map<A: Cell, R: Cell>(
        _ a: Column, to type: DataType, _ body: (A) throws(SQLError) -> R?
    ) throws(SQLError) -> Column {
        guard let source = A.source(a) else { return try layoutMismatch([a], type) }
        return try make(type, a.count, validity: a.validity) { (row) throws(SQLError) -> R? in try body(A.read(source, row)) }
    }

    static func map<A: Cell, B: Cell, R: Cell>(
        _ a: Column, _ b: Column, to type: DataType, _ body: (A, B) throws(SQLError) -> R?
    ) throws(SQLError) -> Column {
        guard let left = A.source(a), let right = B.source(b) else { return try layoutMismatch([a, b], type) }
        return try make(type, a.count, validity: Kernel.combinedValidity(a.validity, b.validity)) { (row) throws(SQLError) -> R? in
            try body(A.read(left, row), B.read(right, row))
        }
    }

    static func map<A: Cell, B: Cell, C: Cell, R: Cell>(
        _ a: Column, _ b: Column, _ c: Column, to type: DataType, _ body: (A, B, C) throws(SQLError) -> R?
    ) throws(SQLError) -> Column {
        guard let one = A.source(a), let two = B.source(b), let three = C.source(c) else { return try layoutMismatch([a, b, c], type) }
        return try make(type, a.count, validity: Kernel.combinedValidity([a, b, c])) { (row) throws(SQLError) -> R? in
            try body(A.read(one, row), B.read(two, row), C.read(three, row))
        }
    }

    static func map<A: Cell, B: Cell, C: Cell, D: Cell, R: Cell>(
        _ a: Column, _ b: Column, _ c: Column, _ d: Column, to type: DataType, _ body: (A, B, C, D) throws(SQLError) -> R?
    ) throws(SQLError) -> Column {
        guard let one = A.source(a), let two = B.source(b), let three = C.source(c), let four = D.source(d) else {
            return try layoutMismatch([a, b, c, d], type)
        }
        return try make(type, a.count, validity: Kernel.combinedValidity([a, b, c, d])) { (row) throws(SQLError) -> R? in
            try body(A.read(one, row), B.read(two, row), C.read(three, row), D.read(four, row))
        }
    }

    /// A `void` argument makes the whole result null; any other layout than the one bound is the caller's fault.
    private static func layoutMismatch(_ columns: [Column], _ type: DataType) throws(SQLError) -> Column {
        for column in columns { if case .void(let count) = column.values { return .nulls(type, count: count) } }
        throw .internalFault("a kernel was given columns of the types \(columns.map(\.type.sqlText).joined(separator: ", "))")
    }
}
