import Columnar
import JSON
import SparkErrors
import Warehouse

/// The answers about a statement. Members have the order of the real service, and none is ever null.
enum StatementReply {
    static func pending(_ id: String) -> Reply {
        var writer = JSONWriter(capacity: 128)
        writer.beginObject()
        writer.member("statement_id", id)
        writer.name("status")
        writer.beginObject()
        writer.member("state", Statement.State.pending.rawValue)
        writer.endObject()
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }

    static func reply(_ statement: Statement) -> Reply {
        let status = statement.status
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("statement_id", statement.id)
        writer.name("status")
        writer.beginObject()
        writer.member("state", status.state.rawValue)
        if let error = status.error {
            writer.name("error")
            writer.beginObject()
            writer.member("error_code", "BAD_REQUEST")
            writer.member("message", error.message)
            writer.endObject()
            writer.member("sql_state", error.condition.sqlState)
        }
        writer.endObject()
        if let result = status.result {
            writer.name("manifest")
            write(manifest: result, to: &writer)
            writer.name("result")
            write(result: result, to: &writer)
        }
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }

    static func chunk(_ result: ResultSet) -> Reply {
        var writer = JSONWriter(capacity: 1024)
        write(result: result, to: &writer)
        return Reply(body: .encoded(writer.finish()))
    }

    private static func write(manifest result: ResultSet, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("format", "JSON_ARRAY")
        writer.name("schema")
        writer.beginObject()
        writer.member("column_count", result.schema.count)
        if result.schema.count > 0 {
            writer.name("columns")
            writer.beginArray()
            for (position, field) in result.schema.fields.enumerated() { write(column: field, at: position, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        let hasRows = result.rowCount > 0
        writer.member("total_chunk_count", hasRows ? 1 : 0)
        if hasRows {
            writer.name("chunks")
            writer.beginArray()
            writer.beginObject()
            writer.member("chunk_index", 0)
            writer.member("row_offset", 0)
            writer.member("row_count", result.rowCount)
            writer.endObject()
            writer.endArray()
        }
        writer.member("total_row_count", result.rowCount)
        if !hasRows { writer.member("total_byte_count", 0) }
        writer.member("truncated", result.truncated)
        writer.endObject()
    }

    private static func write(column field: Field, at position: Int, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("name", field.name)
        writer.member("type_text", typeText(field.type))
        writer.member("type_name", typeName(field.type))
        writer.member("position", position)
        switch field.type {
        case .decimal(let type):
            writer.member("type_precision", type.precision)
            writer.member("type_scale", type.scale)
        case .yearMonthInterval, .dayTimeInterval:
            writer.member("type_interval_type", String(field.type.sqlText.dropFirst("INTERVAL ".count)))
        default: break
        }
        writer.endObject()
    }

    /// The length of a CHAR or VARCHAR column is not shown.
    private static func typeText(_ type: DataType) -> String {
        switch type {
        case .char, .varchar, .string: "STRING"
        default: type.sqlText
        }
    }

    private static func typeName(_ type: DataType) -> String {
        switch type {
        case .void: "NULL"
        case .byte: "BYTE"
        case .short: "SHORT"
        case .int: "INT"
        case .long: "LONG"
        case .decimal: "DECIMAL"
        case .string, .char, .varchar: "STRING"
        case .yearMonthInterval, .dayTimeInterval: "INTERVAL"
        case .array: "ARRAY"
        case .map: "MAP"
        case .structure: "STRUCT"
        case .variant: "VARIANT"
        case .boolean, .float, .double, .binary, .date, .timestamp, .timestampNTZ: type.sqlText
        }
    }

    private static func write(result: ResultSet, to writer: inout JSONWriter) {
        writer.beginObject()
        if result.rowCount > 0 {
            writer.member("chunk_index", 0)
            writer.member("row_offset", 0)
            writer.member("row_count", result.rowCount)
            writer.name("data_array")
            writer.beginArray()
            let text = ResultText(timeZoneID: result.timeZoneID)
            for batch in result.batches { text.write(batch, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
    }
}
