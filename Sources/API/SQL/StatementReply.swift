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

    static func reply(_ statement: Statement, links: ResultLinks) -> Reply {
        let status = statement.status
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        writer.member("statement_id", statement.id)
        write(status: status, to: &writer)
        if let delivery = status.delivery {
            writer.name("manifest")
            write(manifest: delivery, to: &writer)
            writer.name("result")
            if delivery.chunks.isEmpty {
                writer.beginObject()
                writer.endObject()
            } else {
                write(chunk: 0, of: delivery, links, to: &writer)
            }
        }
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }

    /// The answer to `?dry_run=true`, an addition of this program's: that of a statement, without an id, since none has run, and without rows.
    static func validated(_ statement: Statement) -> Reply {
        let status = statement.status
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.member("dry_run", true)
        write(status: status, to: &writer)
        if let delivery = status.delivery {
            writer.name("manifest")
            write(manifest: delivery, to: &writer)
        }
        writer.endObject()
        return Reply(body: .encoded(writer.finish()))
    }

    private static func write(status: Statement.Status, to writer: inout JSONWriter) {
        writer.name("status")
        writer.beginObject()
        writer.member("state", status.state.rawValue)
        if let message = status.error?.message ?? status.refusal {
            writer.name("error")
            writer.beginObject()
            writer.member("error_code", "BAD_REQUEST")
            writer.member("message", message)
            writer.endObject()
            if let error = status.error { writer.member("sql_state", error.condition.sqlState) }
        }
        writer.endObject()
    }

    /// A chunk by itself; the index must be one of the delivery's.
    static func chunk(_ index: Int, of delivery: ResultDelivery, links: ResultLinks) -> Reply {
        var writer = JSONWriter(capacity: 1024)
        write(chunk: index, of: delivery, links, to: &writer)
        return Reply(body: .encoded(writer.finish()))
    }

    private static func write(manifest delivery: ResultDelivery, to writer: inout JSONWriter) {
        let isInline = delivery.form.disposition == .inline
        writer.beginObject()
        writer.member("format", delivery.form.format.rawValue)
        writer.name("schema")
        writer.beginObject()
        writer.member("column_count", delivery.schema.count)
        if delivery.schema.count > 0 {
            writer.name("columns")
            writer.beginArray()
            for (position, field) in delivery.schema.fields.enumerated() { write(column: field, at: position, to: &writer) }
            writer.endArray()
        }
        writer.endObject()
        writer.member("total_chunk_count", delivery.chunks.count)
        if !delivery.chunks.isEmpty {
            writer.name("chunks")
            writer.beginArray()
            for (index, chunk) in delivery.chunks.enumerated() {
                writer.beginObject()
                write(place: chunk, index, to: &writer)
                if !isInline { writer.member("byte_count", chunk.byteCount) }
                writer.endObject()
            }
            writer.endArray()
        }
        writer.member("total_row_count", delivery.rowCount)
        if !isInline || delivery.chunks.isEmpty { writer.member("total_byte_count", isInline ? 0 : delivery.byteCount) }
        writer.member("truncated", delivery.truncated)
        if delivery.form.isCompressed { writer.member("result_compression", "LZ4_FRAME") }
        // Drivers look for it (databricks-sql-connector, backend/sea/models/base.py).
        if delivery.isVolumeOperation { writer.member("is_volume_operation", true) }
        writer.endObject()
    }

    private static func write(place chunk: ResultChunk, _ index: Int, to writer: inout JSONWriter) {
        writer.member("chunk_index", index)
        writer.member("row_offset", chunk.rowOffset)
        writer.member("row_count", chunk.rowCount)
    }

    private static func write(chunk index: Int, of delivery: ResultDelivery, _ links: ResultLinks, to writer: inout JSONWriter) {
        let chunk = delivery.chunks[index]
        let isLink = delivery.form.disposition != .inline && !delivery.isAttached
        writer.beginObject()
        if isLink {
            writer.name("external_links")
            writer.beginArray()
            writer.beginObject()
        }
        write(place: chunk, index, to: &writer)
        if delivery.form.disposition != .inline { writer.member("byte_count", chunk.body.count) }
        if index + 1 < delivery.chunks.count {
            writer.member("next_chunk_index", index + 1)
            writer.member("next_chunk_internal_link", "/api/2.0/sql/statements/\(links.statementID)/result/chunks/\(index + 1)")
        }
        if isLink {
            let link = links.link(chunk: index)
            writer.member("external_link", link.url)
            writer.member("expiration", link.expiration)
            writer.endObject()
            writer.endArray()
        } else if delivery.isAttached {
            writer.member("attachment", Base64.encode(chunk.body))
        } else {
            writer.name("data_array")
            writer.raw(chunk.body)
        }
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
        case .char, .varchar: "STRING"
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
}
