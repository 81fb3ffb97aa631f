import Columnar
import SparkErrors

/// CHAR and VARCHAR inside arrays, maps and structs: what is written is padded or checked, as Spark's `CharVarcharCodegenUtils` does. Columns that are
/// CHAR or VARCHAR themselves have passed the engine's own check.
enum CharVarchar {
    static func stored(_ batch: RecordBatch) throws(SQLError) -> RecordBatch {
        var columns = batch.columns
        for (index, field) in batch.schema.fields.enumerated() where columns.indices.contains(index) && hasLengths(field.type) {
            switch field.type {
            case .char, .varchar: break
            default: columns[index] = try stored(columns[index].with(type: field.type))
            }
        }
        return RecordBatch(schema: batch.schema, columns: columns, rowCount: batch.rowCount)
    }

    /// The column as a table stores it. Throws where a text is longer than its type allows, other than by spaces at its end.
    static func stored(_ column: Column) throws(SQLError) -> Column {
        switch (column.values, column.type) {
        case (.bytes(let array), .char(let length)): return Column(column.type, .bytes(try fit(array, length, pads: true)))
        case (.bytes(let array), .varchar(let length)): return Column(column.type, .bytes(try fit(array, length, pads: false)))
        case (.list(let array), .array(let element, _)) where hasLengths(element):
            return list(array, column.type, try stored(array.child.with(type: element)))
        case (.list(let array), .map(let key, let value, _)) where hasLengths(key) || hasLengths(value):
            return list(array, column.type, try stored(array.child.with(type: column.type.listChildType ?? array.child.type)))
        case (.structure(let array), .structure(let fields)) where fields.contains(where: { hasLengths($0.type) }):
            var children: [Column] = []
            for (child, field) in zip(array.children, fields) { children.append(try stored(child.with(type: field.type))) }
            return Column(column.type, .structure(StructArray(children: children, validity: array.validity, count: array.count)))
        default: return column
        }
    }

    private static func list(_ array: ListArray, _ type: DataType, _ child: Column) -> Column {
        Column(type, .list(ListArray(offsets: array.offsets, child: child, validity: array.validity)))
    }

    private static func hasLengths(_ type: DataType) -> Bool {
        switch type {
        case .char, .varchar: true
        case .array(let element, _): hasLengths(element)
        case .map(let key, let value, _): hasLengths(key) || hasLengths(value)
        case .structure(let fields): fields.contains { hasLengths($0.type) }
        default: false
        }
    }

    private static func fit(_ array: BytesArray, _ length: Int, pads: Bool) throws(SQLError) -> BytesArray {
        let tooLong = SQLError(.exceedLimitLength, ["limit": String(length)])
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(array.count + 1)
        var bytes: [UInt8] = []
        for row in 0..<array.count {
            if array.validity?[row] ?? true {
                let text = array[row]
                // Characters are code points: bytes that do not continue one.
                let count = text.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
                if count > length {
                    let tail = text.suffix(count - length)
                    guard tail.count == count - length, tail.allSatisfy({ $0 == UInt8(ascii: " ") }) else {
                        throw tooLong
                    }
                    bytes += text.dropLast(count - length)
                } else {
                    guard bytes.count + text.count + (pads ? length - count : 0) <= Int(Int32.max) else { throw tooLong }
                    bytes += text
                    if pads { bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: length - count)) }
                }
            }
            offsets.append(Int32(truncatingIfNeeded: bytes.count))
        }
        return BytesArray(offsets: offsets, bytes: bytes, validity: array.validity)
    }
}
