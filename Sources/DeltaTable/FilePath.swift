/// Data files' paths in the log.
enum FilePath {
    /// The object that a log's path means: percent-decoded, below the table's location. nil for a place outside of it.
    static func object(_ path: String, in location: String) -> String? {
        let decoded = percentDecoded(path)
        let prefix = location.isEmpty ? "" : location + "/"
        if !prefix.isEmpty, decoded.utf8.starts(with: prefix.utf8) { return decoded }
        return isAbsolute(decoded) ? nil : prefix + decoded
    }

    /// The object that `scheme://object` names, percent-decoded; nil for another form and for one that leads upwards.
    static func absoluteObject(_ path: String) -> String? {
        let decoded = percentDecoded(path)
        guard isAbsolute(decoded), let scheme = decoded.firstRange(of: "://") else { return nil }
        let object = String(decoded[scheme.upperBound...])
        return object.split(separator: "/", omittingEmptySubsequences: false).contains { $0 == ".." || $0 == "." || $0.isEmpty } ? nil : object
    }

    /// Starts with a slash or, as RFC 3986 writes it, with a scheme and a path that does.
    private static func isAbsolute(_ path: String) -> Bool {
        let text = path.utf8
        guard text.first != UInt8(ascii: "/") else { return true }
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")), colon != text.startIndex,
            text[text.index(after: colon)...].first == UInt8(ascii: "/")
        else { return false }
        return text[..<colon].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
    }

    /// Percent signs without two hexadecimal digits behind them stand for themselves.
    static func percentDecoded(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count, let high = hex(bytes[position + 1]),
                let low = hex(bytes[position + 2])
            {
                result.append(high << 4 | low)
                position += 3
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// For a path in the log: all but unreserved characters, `/`, `=` and a few that paths may have is encoded (RFC 3986).
    static func percentEncoded(_ text: String) -> String {
        escaped(text) { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): false
            default: !"-._~/=$&+,@!:'()*;".utf8.contains(byte)
            }
        }
    }

    /// The directory of a partition: `day=2026-01-01/kind=a%2Fb/`, escaped as Hive does. It has no meaning to readers.
    static func partitionDirectory(_ values: PartitionValues) -> String {
        values.entries.map { entry in
            let value = entry.value.map(hiveEscaped) ?? "__HIVE_DEFAULT_PARTITION__"
            return "\(hiveEscaped(entry.column))=\(value)/"
        }.joined()
    }

    private static func hiveEscaped(_ text: String) -> String {
        let result = escaped(text) { byte in byte < 0x20 || byte == 0x7F || "\"#%'*/:=?\\{[]^".utf8.contains(byte) }
        // A part of a path may not be dots alone.
        return result.utf8.allSatisfy { $0 == UInt8(ascii: ".") } ? result.utf8.map { _ in "%2E" }.joined() : result
    }

    private static func escaped(_ text: String, _ mustEscape: (UInt8) -> Bool) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        for byte in text.utf8 {
            if mustEscape(byte) {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
