/// What a binary body is, by its first bytes.
enum BodyKind {
    private static let magics: [(start: [UInt8], name: String)] = [
        ([0xFF, 0xFF, 0xFF, 0xFF], "Arrow stream"), (Array("ARROW1".utf8), "Arrow file"), (Array("PAR1".utf8), "Parquet"),
        ([0x1F, 0x8B], "gzip"), ([0x04, 0x22, 0x4D, 0x18], "LZ4 frame"), ([0x28, 0xB5, 0x2F, 0xFD], "Zstandard"),
        ([0x50, 0x4B, 0x03, 0x04], "ZIP archive"), ([0x89, 0x50, 0x4E, 0x47], "PNG image"), ([0xFF, 0xD8, 0xFF], "JPEG image"),
        (Array("%PDF".utf8), "PDF"), (Array("Obj\u{1}".utf8), "Avro"), (Array("ORC".utf8), "ORC"), (Array("SQLite format 3".utf8), "SQLite"),
    ]

    static func describe(_ bytes: [UInt8]) -> String {
        if let thrift = thrift(bytes) { return thrift }
        for (start, name) in magics where bytes.starts(with: start) { return name }
        return "binary"
    }

    /// Thrift's strict binary protocol: version 1 and the message's type, the name's length, the name.
    private static func thrift(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 8, bytes[0] == 0x80, bytes[1] == 0x01, bytes[2] == 0, (1...4).contains(bytes[3]) else { return nil }
        let length = bytes[4..<8].reduce(0) { $0 << 8 | Int($1) }
        guard (1...64).contains(length), bytes.count >= 8 + length else { return nil }
        let name = bytes[8..<(8 + length)]
        guard name.allSatisfy({ SecretShapes.isBase64URL($0) }) else { return nil }
        return "Thrift \(["call", "reply", "exception", "one-way call"][Int(bytes[3]) - 1]) \(String(decoding: name, as: UTF8.self))"
    }
}
