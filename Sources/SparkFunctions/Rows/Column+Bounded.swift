package import Columnar
package import SparkErrors

// A column of strings or lists holds at most 2^31 - 1 bytes or elements; `take` and `concat` trap beyond. Whatever repeats or lays together rows that
// came from outside goes through these.
extension Column {
    /// As `take`.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if the rows do not fit one column.
    package func gather(_ indices: [Int32]) throws(SQLError) -> Column {
        // No row is longer than all of them together.
        let (most, overflow) = byteSize.multipliedReportingOverflow(by: indices.count)
        let limit = Limits.batchBytes
        if !overflow, most <= limit { return take(indices) }
        guard indices.count <= limit / 4, canTake(indices, limit: min(limit, Int(Int32.max))) else { throw Self.tooLarge(most) }
        return take(indices)
    }

    /// As `concat`.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if the parts do not fit one column.
    package static func joined(_ parts: [Column], type: DataType) throws(SQLError) -> Column {
        guard canConcat(parts) else { throw tooLarge(parts.reduce(0) { $0 + $1.byteSize }) }
        try ExecutionMonitor.check()
        return concat(parts, type: type)
    }

    /// As `select`.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if both columns together do not fit one.
    package static func selected(_ mask: Bitmap, then: Column, otherwise: Column, type: DataType) throws(SQLError) -> Column {
        guard canConcat([then, otherwise]) else { throw tooLarge(then.byteSize + otherwise.byteSize) }
        return select(mask, then: then, otherwise: otherwise, type: type)
    }

    /// As `init(repeating:)`.
    /// - Throws: UNABLE_TO_ACQUIRE_MEMORY if the rows do not fit one column.
    package static func repeated(_ value: Value, type: DataType, count: Int) throws(SQLError) -> Column {
        try Column(type, of: [value]).expanded(to: count)
    }

    private static func tooLarge(_ bytes: Int) -> SQLError {
        SQLError(.unableToAcquireMemory, ["requestedBytes": "\(bytes)", "receivedBytes": "\(Int32.max)"])
    }
}
