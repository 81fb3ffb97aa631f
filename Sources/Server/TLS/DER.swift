import API

/// Values in ASN.1's distinguished encoding (X.690), as far as certificates need them. A value is its bytes, tag and length included.
enum DER {
    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        var bytes = [tag]
        if content.count < 128 {
            bytes.append(UInt8(content.count))
        } else {
            var digits: [UInt8] = []
            var count = content.count
            while count > 0 {
                digits.insert(UInt8(count & 255), at: 0)
                count >>= 8
            }
            bytes.append(0x80 | UInt8(digits.count))
            bytes += digits
        }
        return bytes + content
    }

    static func sequence(_ items: [[UInt8]]) -> [UInt8] { tagged(0x30, Array(items.joined())) }
    static func set(_ items: [[UInt8]]) -> [UInt8] { tagged(0x31, Array(items.joined())) }
    static func octets(_ bytes: [UInt8]) -> [UInt8] { tagged(0x04, bytes) }
    static func text(_ text: String) -> [UInt8] { tagged(0x0C, Array(text.utf8)) }
    static let yes: [UInt8] = [0x01, 0x01, 0xFF]

    /// Of a number whose bytes are given, the highest first, and that is not negative.
    static func integer(_ magnitude: [UInt8]) -> [UInt8] {
        let digits = Array(magnitude.drop { $0 == 0 })
        return tagged(0x02, (digits.first ?? 0x80) >= 0x80 ? [0] + digits : digits)
    }

    static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] { tagged(0x03, [unused] + bytes) }

    /// A member with a number in place of its own tag, around a whole value or in place of it.
    static func explicit(_ number: UInt8, _ value: [UInt8]) -> [UInt8] { tagged(0xA0 | number, value) }
    static func implicit(_ number: UInt8, _ content: [UInt8]) -> [UInt8] { tagged(0x80 | number, content) }

    static func oid(_ arcs: [UInt]) -> [UInt8] {
        guard arcs.count >= 2 else { return tagged(0x06, []) }
        var bytes: [UInt8] = []
        for arc in [arcs[0] * 40 + arcs[1]] + arcs.dropFirst(2) {
            var digits = [UInt8(arc & 127)]
            var rest = arc >> 7
            while rest > 0 {
                digits.insert(UInt8(rest & 127) | 0x80, at: 0)
                rest >>= 7
            }
            bytes += digits
        }
        return tagged(0x06, bytes)
    }

    /// From 1950 to 2049 with two digits for the year, otherwise with four (RFC 5280, 4.1.2.5).
    static func time(_ seconds: Int64) -> [UInt8] {
        let text = RFC3339.text(millis: seconds * 1_000)
        let digits = text.utf8.filter { $0 >= 0x30 && $0 <= 0x39 } + [UInt8(ascii: "Z")]
        let isShort = (1950..<2050).contains(Int(text.prefix(4)) ?? 0)
        return tagged(isShort ? 0x17 : 0x18, Array(digits.dropFirst(isShort ? 2 : 0)))
    }
}
