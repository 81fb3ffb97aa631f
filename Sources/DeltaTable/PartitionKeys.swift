import Columnar

/// The distinct combinations of partition columns' values among some rows, as text, in order of first appearance.
struct PartitionKeys {
    /// For each row the position of its combination in `values`.
    private(set) var codes: [Int32]
    private(set) var values: [[String?]]

    init(_ columns: [Column], rowCount: Int) {
        codes = [Int32](repeating: 0, count: rowCount)
        values = [[]]
        for column in columns {
            let texts = Self.texts(column)
            var combinations: [UInt64: Int32] = [:]
            var combined: [[String?]] = []
            var last: (pair: UInt64, code: Int32)?
            for row in codes.indices {
                let pair = UInt64(UInt32(bitPattern: codes[row])) << 32 | UInt64(UInt32(bitPattern: texts.codes[row]))
                // Neighbours are often alike.
                if let last, last.pair == pair {
                    codes[row] = last.code
                    continue
                }
                let code: Int32
                if let known = combinations[pair] {
                    code = known
                } else {
                    code = Int32(truncatingIfNeeded: combined.count)
                    combinations[pair] = code
                    combined.append(values[Int(codes[row])] + [texts.texts[Int(texts.codes[row])]])
                }
                last = (pair, code)
                codes[row] = code
            }
            values = combined
        }
    }

    private static func texts(_ column: Column) -> (codes: [Int32], texts: [String?]) {
        switch column.values {
        case .int8(let array): return integers(array, column)
        case .int16(let array): return integers(array, column)
        case .int32(let array): return integers(array, column)
        case .int64(let array): return integers(array, column)
        default: return encode(column, nulls: nil, count: column.count) { column.value(at: $0) }
        }
    }

    private static func integers<T: FixedWidthInteger & BitwiseCopyable & Sendable>(_ array: PrimitiveArray<T>, _ column: Column) -> (
        codes: [Int32], texts: [String?]
    ) {
        encode(column, nulls: array.validity, count: array.count) { array.values[$0] }
    }

    private static func encode<Key: Hashable>(_ column: Column, nulls validity: Bitmap?, count: Int, key: (Int) -> Key) -> (
        codes: [Int32], texts: [String?]
    ) {
        var codes: [Int32] = []
        var texts: [String?] = []
        var known: [Key: Int32] = [:]
        // Values may differ and have one text: null and the empty string, or two NaNs.
        var knownTexts: [String?: Int32] = [:]
        func code(_ text: String?) -> Int32 {
            if let code = knownTexts[text] { return code }
            knownTexts[text] = Int32(truncatingIfNeeded: texts.count)
            texts.append(text)
            return Int32(truncatingIfNeeded: texts.count - 1)
        }
        codes.reserveCapacity(count)
        for row in 0..<count {
            if let validity, !validity[row] {
                codes.append(code(nil))
                continue
            }
            let key = key(row)
            if let found = known[key] {
                codes.append(found)
            } else {
                let new = code(PartitionText.text(of: column.value(at: row), column.type))
                known[key] = new
                codes.append(new)
            }
        }
        return (codes, texts)
    }
}
