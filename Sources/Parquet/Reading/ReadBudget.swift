import Synchronization

/// Bytes that all columns of one reading may take together: runs and dictionaries let a file of a few bytes stand for any number of values.
final class ReadBudget: Sendable {
    private let left: Atomic<Int>

    init(_ bytes: Int) { left = Atomic(bytes) }

    /// Throws `.tooLarge` when they are used up.
    func take(_ bytes: Int) throws(ParquetError) {
        if left.load(ordering: .relaxed) >= bytes, left.subtract(bytes, ordering: .relaxed).newValue >= 0 { return }
        // Nothing more is begun.
        left.store(0, ordering: .relaxed)
        throw .tooLarge("the columns of a row group")
    }
}

extension LeafColumn {
    /// Bytes that a value takes at least, null or not.
    var valueSize: Int {
        let levels = maxRepetition > 0 || maxDefinition > 1 ? 2 : 0
        return switch physicalType {
        case .boolean: levels + 1
        case .int32, .float, .byteArray: levels + 4
        case .int64, .double, .int96: levels + 8
        case .fixedLenByteArray: levels + max(typeLength, 4)
        }
    }
}

extension PhysicalValues {
    /// Of strings and other values of no fixed size.
    var stringBytes: Int { if case .byteArray(_, let bytes) = self { bytes.count } else { 0 } }
}
