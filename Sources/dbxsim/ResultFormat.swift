import ArgumentParser
import JSON

/// How the rows of a statement are printed. Statements without a result print nothing, a table of no columns.
enum ResultFormat: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json

    func text(_ result: StatementClient.Result) -> String {
        guard !result.columns.isEmpty else { return self == .json ? "[]\n" : "" }
        return switch self {
        case .table: Self.table(result)
        case .csv: Self.csv(result)
        case .json: Self.json(result)
        }
    }

    private static let numeric: Set<String> = ["BYTE", "SHORT", "INT", "LONG", "FLOAT", "DOUBLE", "DECIMAL"]

    // MARK: Table

    private static func table(_ result: StatementClient.Result) -> String {
        let isNumeric = result.columns.map { numeric.contains($0.type) }
        let head = result.columns.map { cell($0.name) }
        let rows = result.rows.map { row in head.indices.map { $0 < row.count ? row[$0].map(cell) ?? "NULL" : "" } }
        let widths = head.indices.map { index in rows.reduce(width(head[index])) { max($0, width($1[index])) } }
        func line(_ cells: [String], aligned: Bool) -> String {
            let padded = cells.indices.map { index in
                let blanks = String(repeating: " ", count: widths[index] - width(cells[index]))
                return aligned && isNumeric[index] ? blanks + cells[index] : cells[index] + blanks
            }
            let text = padded.joined(separator: " | ")
            return String(text.reversed().drop { $0 == " " }.reversed()) + "\n"
        }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-+-") + "\n"
        let count = "(\(rows.count) row\(rows.count == 1 ? "" : "s"))\n"
        return line(head, aligned: false) + rule + rows.map { line($0, aligned: true) }.joined() + count
    }

    /// One line, without what would move the terminal's cursor.
    private static func cell(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": shown += "\\n"
            case "\r": shown += "\\r"
            case "\t": shown += "\\t"
            case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value): shown += "\u{FFFD}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// In terminal columns: East Asian wide characters and emoji take two.
    private static func width(_ text: String) -> Int {
        text.reduce(0) { sum, character in
            let value = character.unicodeScalars.first?.value ?? 0
            let isWide =
                (0x1100...0x115F).contains(value) || (0x2E80...0xA4CF).contains(value) || (0xAC00...0xD7A3).contains(value)
                || (0xF900...0xFAFF).contains(value) || (0xFE30...0xFE6F).contains(value) || (0xFF00...0xFF60).contains(value)
                || (0x1F300...0x1FAFF).contains(value) || (0x20000...0x3FFFD).contains(value)
            return sum + (isWide ? 2 : 1)
        }
    }

    // MARK: CSV (RFC 4180, lines end with a line feed); NULL is an empty field, an empty text a quoted one

    private static func csv(_ result: StatementClient.Result) -> String {
        func field(_ text: String?) -> String {
            guard let text else { return "" }
            let needsQuotes = text.isEmpty || text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
            return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
        }
        let lines = [result.columns.map(\.name)] + result.rows
        return lines.map { $0.map(field).joined(separator: ",") + "\n" }.joined()
    }

    // MARK: JSON: a list of objects, a row a line

    private static func json(_ result: StatementClient.Result) -> String {
        let rows = result.rows.map { row in
            JSONValue.object(JSONObject(zip(result.columns, row).map { ($0.name, value($1, $0.type)) })).text
        }
        return rows.isEmpty ? "[]\n" : "[\n" + rows.joined(separator: ",\n") + "\n]\n"
    }

    private static func value(_ text: String?, _ type: String) -> JSONValue {
        guard let text else { return .null }
        if type == "BOOLEAN", text == "true" || text == "false" { return .bool(text == "true") }
        // NaN and Infinity are no JSON numbers and stay texts.
        if numeric.contains(type), case .number(let digits)? = try? JSONValue(parsing: text) { return .number(digits) }
        return .string(text)
    }
}
