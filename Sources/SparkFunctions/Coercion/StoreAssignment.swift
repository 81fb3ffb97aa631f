package import Columnar

extension Coercion {
    /// Whether values of one type may be stored into a column of another by INSERT, UPDATE, MERGE and DEFAULT under the ANSI policy
    /// (`Cast.canANSIStoreAssign`): numbers among themselves, anything atomic to STRING, but never a string to a number or a number to a date.
    package static func canStoreAssign(_ from: DataType, _ to: DataType) -> Bool {
        if from == to { return true }
        switch (from, to) {
        case (.void, _): return true
        case (_, _) where from.isNumeric && to.isNumeric: return true
        case (_, _) where to.isString:
            switch from {
            case .array, .map, .structure, .variant: return false
            default: return true
            }
        case (.date, .timestamp), (.date, .timestampNTZ), (.timestamp, .date), (.timestamp, .timestampNTZ), (.timestampNTZ, .date),
            (.timestampNTZ, .timestamp):
            return true
        case (.yearMonthInterval, .yearMonthInterval), (.dayTimeInterval, .dayTimeInterval): return true
        case (.array(let a, let aNull), .array(let b, let bNull)): return canStoreAssign(a, b) && (bNull || !aNull)
        case (.map(let aKey, let aValue, let aNull), .map(let bKey, let bValue, let bNull)):
            return canStoreAssign(aKey, bKey) && canStoreAssign(aValue, bValue) && (bNull || !aNull)
        case (.structure(let a), .structure(let b)):
            return a.count == b.count && zip(a, b).allSatisfy { canStoreAssign($0.type, $1.type) && ($1.nullable || !$0.nullable) }
        default: return false
        }
    }
}
