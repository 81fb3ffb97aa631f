/// The head of a message in Thrift's binary protocol, of which only the call's name is of interest.
///
/// Strict: a version word 0x8001 with the message's type, then the name. Old form: the name, then the type (thrift, doc/specs/thrift-binary-protocol.md).
package enum ThriftMessage {
    private static let maxNameBytes = 64

    /// The call's name, such as `ExecuteStatement`; nil if the bytes are no call.
    package static func name(of body: some RandomAccessCollection<UInt8>) -> String? {
        let bytes = Array(body.prefix(2 * 4 + maxNameBytes + 1))
        guard let first = word(bytes, 0) else { return nil }
        if first >> 16 == 0x8001 {
            guard isCall(UInt8(truncatingIfNeeded: first)), let length = word(bytes, 4) else { return nil }
            return name(bytes, at: 8, length)
        }
        guard let name = name(bytes, at: 4, first), bytes.count > 4 + name.utf8.count, isCall(bytes[4 + name.utf8.count]) else { return nil }
        return name
    }

    /// CALL and ONEWAY.
    private static func isCall(_ type: UInt8) -> Bool { type == 1 || type == 4 }

    private static func name(_ bytes: [UInt8], at start: Int, _ length: UInt32) -> String? {
        guard length > 0, length <= maxNameBytes, start + Int(length) <= bytes.count else { return nil }
        let name = bytes[start..<(start + Int(length))]
        let isName = name.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "_"):
                true
            default: false
            }
        }
        return isName ? String(decoding: name, as: UTF8.self) : nil
    }

    private static func word(_ bytes: [UInt8], _ start: Int) -> UInt32? {
        guard start + 4 <= bytes.count else { return nil }
        return bytes[start..<(start + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
