/// The character sets of `encode` and `decode`.
enum Charset: String, CaseIterable {
    case iso88591 = "ISO-8859-1"
    case ascii = "US-ASCII"
    case utf16 = "UTF-16"
    case utf16BE = "UTF-16BE"
    case utf16LE = "UTF-16LE"
    case utf32 = "UTF-32"
    case utf8 = "UTF-8"

    /// By name without regard to case.
    init?(name: String) { self.init(rawValue: name.uppercased()) }

    /// nil if a character is not in the set.
    func encode(_ text: String) -> [UInt8]? {
        switch self {
        case .utf8: return Array(text.utf8)
        case .ascii, .iso88591:
            var bytes: [UInt8] = []
            for scalar in text.unicodeScalars {
                guard scalar.value < (self == .ascii ? 128 : 256) else { return nil }
                bytes.append(UInt8(scalar.value))
            }
            return bytes
        case .utf16: return text.isEmpty ? [] : [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        case .utf16BE: return text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
        case .utf16LE: return text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
        case .utf32: return text.unicodeScalars.flatMap { scalar in (0..<4).map { UInt8(truncatingIfNeeded: scalar.value >> UInt32(24 - 8 * $0)) } }
        }
    }

    /// nil if the bytes are malformed.
    func decode(_ bytes: ByteSlice) -> String? {
        switch self {
        case .utf8: return String(validating: bytes, as: UTF8.self)
        case .ascii: return bytes.allSatisfy { $0 < 128 } ? String(decoding: bytes, as: UTF8.self) : nil
        case .iso88591: return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
        case .utf16, .utf16BE, .utf16LE:
            guard bytes.count.isMultiple(of: 2) else { return nil }
            var little = self == .utf16LE
            var units: [UInt16] = []
            var rest = bytes
            if self == .utf16, bytes.count >= 2 {
                if rest.starts(with: [0xFF, 0xFE]) { little = true }
                if rest.starts(with: [0xFF, 0xFE]) || rest.starts(with: [0xFE, 0xFF]) { rest = rest.dropFirst(2) }
            }
            while rest.count >= 2, let first = rest.popFirst(), let second = rest.popFirst() {
                units.append(little ? UInt16(second) << 8 | UInt16(first) : UInt16(first) << 8 | UInt16(second))
            }
            return String(validating: units, as: UTF16.self)
        case .utf32:
            guard bytes.count.isMultiple(of: 4) else { return nil }
            var view = String.UnicodeScalarView()
            var rest = bytes
            while rest.count >= 4 {
                let value = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                rest = rest.dropFirst(4)
                guard let scalar = Unicode.Scalar(value) else { return nil }
                view.append(scalar)
            }
            return String(view)
        }
    }
}
