/// A request to the object store's endpoint, as it came.
package struct S3Request: Sendable {
    package let method: String
    /// As sent, without the query.
    package let path: String
    /// As sent, without the question mark.
    package let query: String
    /// Names in lower case.
    package let headers: [(name: String, value: String)]
    /// Query items, decoded; a plus sign is one.
    package let items: [(name: String, value: String)]

    package init(method: String, path: String, query: String, headers: [(name: String, value: String)]) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        items = query.split(separator: "&").map { part in
            let name = part.prefix { $0 != "=" }
            return (URIEncoding.decode(name), URIEncoding.decode(part.dropFirst(name.count + 1)))
        }
    }

    package func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    package func item(_ name: String) -> String? { items.first { $0.name == name }?.value }

    package func has(_ name: String) -> Bool { items.contains { $0.name == name } }

    package var bucket: String { String(URIEncoding.decode(path).dropFirst().prefix { $0 != "/" }) }

    /// Behind the bucket; empty if the bucket is meant.
    package var key: String { String(URIEncoding.decode(path).dropFirst(bucket.count + 2)) }
}

/// Percent-encoding as signatures need it: all but the unreserved characters.
package enum URIEncoding {
    package static func encode(_ text: String, keepingSlash: Bool = false) -> String {
        var encoded: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                encoded.append(byte)
            case UInt8(ascii: "/") where keepingSlash: encoded.append(byte)
            default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }

    /// Total: what is no escape stands for itself.
    package static func decode(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        guard bytes.contains(UInt8(ascii: "%")) else { return String(text) }
        var decoded: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count, let high = Hex.value(bytes[position + 1]),
                let low = Hex.value(bytes[position + 2])
            {
                decoded.append(high << 4 | low)
                position += 3
            } else {
                decoded.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
