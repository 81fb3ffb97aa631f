import Columnar

/// Rows as CSV after RFC 4180. Values have the texts that they have in JSON_ARRAY; a null is `null` without quotes.
struct ResultCSV {
    private let text: ResultText

    init(timeZoneID: String) { text = ResultText(timeZoneID: timeZoneID) }

    /// `header`: the first chunk has a row of names.
    func encode(_ batches: [RecordBatch], header: Schema?) -> [UInt8] {
        var bytes: [UInt8] = []
        if let header { Self.append(row: header.fields.map(\.name), to: &bytes) }
        for batch in batches {
            for row in 0..<batch.rowCount {
                Self.append(
                    row: batch.columns.map { $0.isNull(row) ? nil : text.text($0.value(at: row), $0.type) }, to: &bytes)
            }
        }
        return bytes
    }

    static func append(row: [String?], to bytes: inout [UInt8]) {
        for (position, value) in row.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let value else {
                bytes += "null".utf8
                continue
            }
            guard value.utf8.contains(where: needsQuotes) else {
                bytes += value.utf8
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in value.utf8 {
                if byte == UInt8(ascii: "\"") { bytes.append(byte) }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes += [13, 10]
    }

    private static func needsQuotes(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 10 || byte == 13
    }
}
