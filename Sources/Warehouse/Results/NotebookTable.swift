import Columnar
import DeltaTable
package import JSON

/// A result as notebooks and the command API have it: `{"resultType": "table", "data": [[…]], "schema": […]}`.
///
/// Forms: outputs in published notebooks of the service. Numbers and booleans are themselves; decimals, dates, timestamps and nested values are texts,
/// the nested ones as the statements API writes them.
package enum NotebookTable {
    /// Source: the service's documentation of notebook outputs.
    package static let mostRows = 10_000
    package static let mostBytes = 2 << 20

    package static func json(_ result: ResultSet) -> JSONObject {
        let text = ResultText(timeZoneID: result.timeZoneID)
        var rows: [JSONValue] = []
        var bytes = 0
        var isCut = false
        for batch in result.batches where !isCut {
            for row in 0..<batch.rowCount {
                let cells = JSONValue.array(batch.columns.map { cell($0, row, text) })
                bytes += cells.encoded().count
                guard rows.count < mostRows, bytes <= mostBytes else {
                    isCut = true
                    break
                }
                rows.append(cells)
            }
        }
        let schema = result.schema.fields.map { field -> JSONValue in
            ["name": .string(field.name), "type": .string(DeltaTypeJSON.json(field.type).text), "metadata": "{}"]
        }
        return JSONObject([
            ("resultType", "table"), ("data", .array(rows)), ("schema", .array(schema)), ("truncated", .bool(isCut || result.truncated)),
            ("isJsonSchema", true),
        ])
    }

    private static func cell(_ column: Column, _ row: Int, _ text: ResultText) -> JSONValue {
        guard !column.isNull(row) else { return .null }
        let value = column.value(at: row)
        let written = text.text(value, column.type)
        switch column.type {
        case .boolean: return .bool(written == "true")
        case .byte, .short, .int, .long: return .number(written)
        // NaN and the infinities are no numbers in JSON.
        case .float, .double: return Double(written).map(\.isFinite) == true ? .number(written) : .string(written)
        default: return .string(written)
        }
    }
}
