package import JSON
package import Workspace

/// Pages of a list in the order of a unique key. A token says after which key the next page begins, so that objects made or dropped between two
/// pages disturb nothing else; it is opaque, and bound to the list (and its parent) that gave it.
package struct Paging: Sendable {
    /// The most items that one page may have; nil for no limit.
    package let limit: Int?
    /// The last key of the page before; nil for the first page.
    package let after: String?
    private let scope: UInt64

    /// Reads `max_results` and `page_token`. `max_results` of 0 means the server's page size, as does one that is larger; a negative one is refused.
    /// `most`: the longest page, if it is longer than the usual one. `refusesMore`: a longer one is an error instead of that.
    /// `unlimitedByDefault`: without `max_results` everything is given at once, as Unity Catalog's older lists do.
    package init(
        _ call: Call, list: String, pageSize: Int, most: Int? = nil, refusesMore: Bool = false, unlimitedByDefault: Bool = false,
        sizeName: String = "max_results", tokenName: String = "page_token"
    ) throws(WorkspaceError) {
        scope = SeededGenerator.hash(list, seed: 0)
        let asked = try call.query.int(sizeName)
        if let asked, asked < 0 { throw .invalid("Invalid value for \(sizeName): \(asked). It must not be negative.") }
        let most = most ?? pageSize
        if refusesMore, let asked, asked > most { throw .invalid("Invalid value for \(sizeName): \(asked). It must not be more than \(most).") }
        switch asked {
        case nil: limit = unlimitedByDefault ? nil : pageSize
        case 0: limit = pageSize
        case let asked?: limit = min(asked, most)
        }
        if let token = call.query.string(tokenName) {
            guard let key = PageToken.key(of: token, scope: scope) else { throw .invalid("Invalid page token: '\(token.prefix(64))'") }
            after = key
        } else {
            after = nil
        }
    }

    /// How many rows to read: one more than the page has, to know whether there is a next one.
    package var fetchLimit: Int { limit.map { $0 == Int.max ? $0 : $0 + 1 } ?? Int.max }

    /// What the page before leaves of rows that were read as a whole, in the order of their keys.
    package func rest<Row>(_ rows: [Row], key: (Row) -> String) -> [Row] {
        let keyed = rows.map { (key: key($0), row: $0) }.sorted { $0.key < $1.key }
        return (after.map { after in keyed.filter { $0.key > after } } ?? keyed).map(\.row)
    }

    /// `{"<name>": […], "next_page_token": …}` from at most `fetchLimit` rows. An empty list omits its member, as the real service does.
    package func reply<Row>(_ name: String, _ rows: [Row], key: (Row) -> String, item: (Row) -> JSONValue) -> JSONValue {
        let page = limit.map { rows.prefix($0) } ?? rows[...]
        var body = JSONObject()
        if !page.isEmpty { body[name] = .array(page.map(item)) }
        if let token = nextToken(page: page, rows: rows, key: key) { body["next_page_token"] = .string(token) }
        return .object(body)
    }

    /// Nil on the last page.
    func nextToken<Row>(page: ArraySlice<Row>, rows: [Row], key: (Row) -> String) -> String? {
        guard page.count < rows.count, let last = page.last else { return nil }
        return PageToken.make(after: key(last), scope: scope)
    }
}

/// Base64 (URL alphabet, no padding) of the list's 8-byte scope and the key.
enum PageToken {
    /// A token that is longer than this was not made here; reading it would only waste time.
    static let longest = 4096

    static func make(after key: String, scope: UInt64) -> String {
        var bytes: [UInt8] = (0..<8).map { UInt8(truncatingIfNeeded: scope >> (56 - 8 * UInt64($0))) }
        bytes.append(contentsOf: key.utf8)
        return Base64URL.encode(bytes)
    }

    static func key(of token: String, scope: UInt64) -> String? {
        guard token.utf8.count <= longest, let bytes = Base64URL.decode(token), bytes.count >= 8 else { return nil }
        guard bytes.prefix(8).reduce(0, { $0 << 8 | UInt64($1) }) == scope else { return nil }
        return String(validating: bytes.dropFirst(8), as: UTF8.self)
    }
}

/// Base64 in the alphabet of URLs, without padding.
package enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    package static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for byte in bytes {
            word = word << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(word >> bits & 63)])
            }
            word &= 0xFF
        }
        if bits > 0 { text.append(alphabet[Int(word << (6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Nil for a text that is not of this alphabet.
    package static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        var word: UInt32 = 0
        var bits: UInt32 = 0
        for character in text.utf8 {
            let value: UInt8
            switch character {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = character - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = character - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = character - UInt8(ascii: "0") + 52
            case UInt8(ascii: "-"): value = 62
            case UInt8(ascii: "_"): value = 63
            default: return nil
            }
            word = (word << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: word >> bits))
            }
        }
        return bytes
    }
}
