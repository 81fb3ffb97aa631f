import Columnar
import SparkFunctions
import Warehouse

/// Rows as columns of Thrift lists (COLUMN_BASED_SET), for clients without Arrow and for the metadata calls.
struct ColumnSet {
    private let context: EvaluationContext

    init(timeZoneID: String) {
        var context = EvaluationContext()
        context.timeZone = SessionTimeZone(timeZoneID) ?? .utc
        self.context = context
    }

    /// The member `columns` of a `TRowSet`.
    func write(_ id: Int16, _ batch: RecordBatch, to writer: inout BinaryWriter) {
        writer.structures(id, batch.columns) { writer, column in write(column, to: &writer) }
    }

    /// One `TColumn`: its member says the type; what is null has the type's zero and a bit, the least significant first.
    private func write(_ column: Column, to writer: inout BinaryWriter) {
        let count = column.count
        func member(_ id: Int16, _ values: (inout BinaryWriter) -> Void) {
            writer.structure(id) { writer in
                values(&writer)
                writer.binary(2, Self.nulls(column))
            }
        }
        switch column.values {
        case .boolean(let array): member(1) { $0.bools(1, count: count) { !column.isNull($0) && array.values[$0] } }
        case .int8(let array): member(2) { $0.bytes(1, count: count) { column.isNull($0) ? 0 : array.values[$0] } }
        case .int16(let array): member(3) { $0.i16s(1, count: count) { column.isNull($0) ? 0 : array.values[$0] } }
        case .int32(let array) where column.type == .int: member(4) { $0.i32s(1, count: count) { column.isNull($0) ? 0 : array.values[$0] } }
        case .int64(let array) where column.type == .long: member(5) { $0.i64s(1, count: count) { column.isNull($0) ? 0 : array.values[$0] } }
        case .float(let array): member(6) { $0.doubles(1, count: count) { column.isNull($0) ? 0 : Double(array.values[$0]) } }
        case .double(let array): member(6) { $0.doubles(1, count: count) { column.isNull($0) ? 0 : array.values[$0] } }
        case .bytes(let array):
            member(column.type == .binary ? 8 : 7) { $0.binaries(1, count: count) { column.isNull($0) ? [] : Array(array[$0]) } }
        default:
            member(7) { writer in
                writer.binaries(1, count: count) { row in
                    column.isNull(row) ? [] : Array(NativeText.text(column.value(at: row), column.type, context).utf8)
                }
            }
        }
    }

    private static func nulls(_ column: Column) -> [UInt8] {
        guard column.nullCount > 0 else { return [] }
        var bits = [UInt8](repeating: 0, count: (column.count + 7) / 8)
        for row in 0..<column.count where column.isNull(row) { bits[row >> 3] |= 1 << UInt8(row & 7) }
        return bits
    }
}
