/// One value of a column, for literals, results' text and paths where speed does not matter. Its type is known from beside it.
package indirect enum Value: Sendable, Hashable {
    case null
    case boolean(Bool)
    /// All whole-number layouts: integers, dates, timestamps, intervals.
    case integer(Int64)
    /// A decimal's unscaled digits.
    case decimal(Int128)
    case float(Float)
    case double(Double)
    case string(String)
    case binary([UInt8])
    case list([Value])
    /// Entries in order, each a structure of key and value.
    case map([MapEntry])
    case structure([Value])

    package struct MapEntry: Sendable, Hashable {
        package let key: Value
        package let value: Value

        package init(_ key: Value, _ value: Value) {
            self.key = key
            self.value = value
        }
    }

    package var isNull: Bool { self == .null }
}

extension Column {
    /// The value at a position; `index` must be in range.
    package func value(at index: Int) -> Value {
        if isNull(index) { return .null }
        switch values {
        case .void: return .null
        case .boolean(let array): return .boolean(array.values[index])
        case .int8(let array): return .integer(Int64(array.values[index]))
        case .int16(let array): return .integer(Int64(array.values[index]))
        case .int32(let array): return .integer(Int64(array.values[index]))
        case .int64(let array):
            if case .decimal = type { return .decimal(Int128(array.values[index])) }
            return .integer(array.values[index])
        case .int128(let array): return .decimal(array.values[index])
        case .float(let array): return .float(array.values[index])
        case .double(let array): return .double(array.values[index])
        case .bytes(let array):
            if case .binary = type { return .binary(Array(array[index])) }
            return .string(array.string(at: index))
        case .list(let array):
            let range = array.range(index)
            if case .map = type, case .structure(let entries) = array.child.values {
                return .map(range.map { .init(entries.children[0].value(at: $0), entries.children[1].value(at: $0)) })
            }
            return .list(range.map { array.child.value(at: $0) })
        case .structure(let array): return .structure(array.children.map { $0.value(at: index) })
        }
    }
}
