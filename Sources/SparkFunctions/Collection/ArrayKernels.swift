import Columnar
import SparkErrors

/// Loops over the list layout that several functions share.
enum ArrayKernels {
    static func lists(_ column: Column) throws(SQLError) -> ListArray {
        switch column.values {
        case .list(let lists): return lists
        case .void(let count):
            return ListArray(
                offsets: [Int32](repeating: 0, count: count + 1), child: .nulls(.void, count: 0),
                validity: count == 0 ? nil : Bitmap(repeating: false, count: count))
        default: throw .internalFault("a list was wanted, not \(column.type.sqlText)")
        }
    }

    /// New lists of rows of `child`, picked by index (-1 is null); `rows[i]` nil makes the list null.
    static func pick(_ child: Column, _ type: DataType, _ count: Int, _ rows: (Int) throws(SQLError) -> [Int32]?) throws(SQLError) -> Column {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(count + 1)
        var indices: [Int32] = []
        var validity = BitmapBuilder()
        for row in 0..<count {
            let picked = try rows(row)
            validity.append(picked != nil)
            if let picked { indices.append(contentsOf: picked) }
            if row & 63 == 63 || (picked?.count ?? 0) > 1024 {
                try ExecutionMonitor.check()
                if indices.count > Limits.batchBytes / 8, row > 0 { throw ExecutionMonitor.exhausted(8 * indices.count, of: Limits.batchBytes) }
            }
            if indices.count > Int(Int32.max) { throw .tooLong(Int(Int32.max)) }
            offsets.append(Int32(truncatingIfNeeded: indices.count))
        }
        return Column(type, .list(ListArray(offsets: offsets, child: try child.gather(indices), validity: validity.finishValidity())))
    }

    /// The arrays of each row one behind the other.
    static func concat(_ arguments: [Column], _ type: DataType, _ rowCount: Int) throws(SQLError) -> Column {
        guard case .array(let element, _) = type else { throw .internalFault("concat of \(type.sqlText)") }
        var parts: [ListArray] = []
        for argument in arguments { parts.append(try lists(argument)) }
        let validity = Kernel.combinedValidity(arguments)
        var bases: [Int32] = []
        var base: Int32 = 0
        for part in parts {
            bases.append(base)
            base += Int32(truncatingIfNeeded: part.child.count)
        }
        let child = try Column.joined(parts.map { $0.child.with(type: element) }, type: element)
        return try pick(child, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
            if let validity, !validity[row] { return nil }
            var picked: [Int32] = []
            for (part, base) in zip(parts, bases) { picked.append(contentsOf: (part.offsets[row] + base)..<(part.offsets[row + 1] + base)) }
            return picked
        }
    }
}
