import Columnar
import SparkErrors

extension ScalarFunction {
    static let urlEncode = ScalarFunction(
        "url_encode", Signature([.string], returns: .text), group: .url, since: "3.4.0",
        usage: "url_encode(str) - The string as application/x-www-form-urlencoded.",
        examples: [
            Example("url_encode('https://spark.apache.org/a b')", "https%3A%2F%2Fspark.apache.org%2Fa+b"), Example("url_encode('é*')", "%C3%A9*"),
        ],
        kernel: .unary { (text: ByteSlice) -> [UInt8]? in
            var result: [UInt8] = []
            for byte in text {
                switch byte {
                case 48...57, 65...90, 97...122, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "_"): result.append(byte)
                case 32: result.append(UInt8(ascii: "+"))
                default: result += [UInt8(ascii: "%")] + HexText.upperBytes([byte])
                }
            }
            return result
        })

    private static func decoded(_ text: ByteSlice) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%") {
                guard rest.count >= 2, let digits = HexText.bytes(rest.prefix(2)) else { return nil }
                result += digits
                rest = rest.dropFirst(2)
            } else {
                result.append(byte == UInt8(ascii: "+") ? 32 : byte)
            }
        }
        return Array(String(decoding: result, as: UTF8.self).utf8)
    }

    static let urlDecode = ScalarFunction(
        "url_decode", Signature([.string], returns: .text), group: .url, since: "3.4.0", usage: "url_decode(str) - What url_encode was given.",
        examples: [Example("url_decode('https%3A%2F%2Fspark.apache.org+x')", "https://spark.apache.org x")],
        kernel: .unary { (text: ByteSlice) throws(SQLError) -> [UInt8]? in
            if let bytes = decoded(text) { return bytes }
            throw SQLError(.cannotDecodeUrl, ["url": String(decoding: text, as: UTF8.self)])
        })
    static let tryUrlDecode = ScalarFunction(
        "try_url_decode", Signature([.string], returns: .text), group: .url, since: "4.0.0",
        usage: "try_url_decode(str) - As url_decode, but NULL where that fails.",
        examples: [Example("try_url_decode('a%20b')", "a b"), Example("try_url_decode('%xx')", "NULL")], nulls: .always,
        kernel: .unary { (text: ByteSlice) in decoded(text) })

    private static func parsing(_ name: String, attempt: Bool, since: String, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.string, .string, .string], optional: 1, returns: .text), group: .url, since: since, usage: usage, examples: examples,
            nulls: .always,
            kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
                if arguments.count == 2 {
                    return try Rows.map(arguments[0], arguments[1], to: type) { (url: String, part: String) throws(SQLError) -> String? in
                        try parsed(url, attempt)?.part(part)
                    }
                }
                return try Rows.map(arguments[0], arguments[1], arguments[2], to: type) {
                    (url: String, part: String, key: String) throws(SQLError) -> String? in
                    guard part == "QUERY", let query = try parsed(url, attempt)?.query else { return nil }
                    let subject = JavaRegex.Subject(query)
                    return JavaRegex.compile("(&|^)" + key + "=([^&]*)")?.firstMatch(subject)?.group(2, subject)
                }
            })
    }

    private static func parsed(_ url: String, _ attempt: Bool) throws(SQLError) -> URLParts? {
        if let parts = URLParts(url) { return parts }
        if attempt { return nil }
        throw SQLError(.invalidUrl, ["url": url])
    }

    static let parseUrl = parsing(
        "parse_url", attempt: false, since: "2.0.0",
        usage:
            "parse_url(url, part[, key]) - A part of a URL: HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO; with a key, that of the query.",
        examples: [
            Example("parse_url('http://spark.apache.org/path?query=1', 'HOST')", "spark.apache.org"),
            Example("parse_url('http://h/path?query=1', 'QUERY', 'query')", "1"),
            Example("parse_url('http://u:p@h:80/path?query=1#ref', 'FILE')", "/path?query=1"),
            Example("parse_url('http://u:p@h:80/p', 'USERINFO')", "u:p"),
            Example("parse_url('http://h/p', 'REF')", "NULL"),
        ])
    static let tryParseUrl = parsing(
        "try_parse_url", attempt: true, since: "4.0.0", usage: "try_parse_url(url, part[, key]) - As parse_url, but NULL where that fails.",
        examples: [Example("try_parse_url('inva lid://h/p', 'HOST')", "NULL"), Example("try_parse_url('http://h/p', 'PATH')", "/p")])
}

/// The parts of a URI (RFC 2396, as `java.net.URI` reads them), raw.
struct URLParts {
    var scheme: String?
    var authority: String?
    var path: String?
    var query: String?
    var fragment: String?

    init?(_ text: String) {
        let legal = Set("-_.!~*'();/?:@&=+$,%#[]".utf8)
        var bytes = Array(text.utf8)
        guard
            bytes.allSatisfy({ byte in
                byte >= 128 || legal.contains(byte) || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            })
        else {
            return nil
        }
        func string(_ slice: ArraySlice<UInt8>) -> String { String(decoding: slice, as: UTF8.self) }
        if let mark = bytes.firstIndex(of: UInt8(ascii: "#")) {
            fragment = string(bytes[(mark + 1)...])
            bytes = Array(bytes[..<mark])
        }
        let schemeEnd = bytes.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }.firstIndex(of: UInt8(ascii: ":"))
        if let schemeEnd {
            guard let first = bytes.first, (65...90).contains(first) || (97...122).contains(first) else { return nil }
            scheme = string(bytes[..<schemeEnd])
            bytes = Array(bytes[(schemeEnd + 1)...])
            if bytes.isEmpty { return nil }
            // `mailto:a` has no parts.
            if bytes[0] != UInt8(ascii: "/") { return }
        }
        if let mark = bytes.firstIndex(of: UInt8(ascii: "?")) {
            query = string(bytes[(mark + 1)...])
            bytes = Array(bytes[..<mark])
        }
        if bytes.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) {
            let rest = bytes[2...]
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            if end > 2 { authority = string(rest[..<end]) }
            bytes = Array(rest[end...])
        }
        path = string(bytes[...])
    }

    private var userInfo: String? { authority.flatMap { text in text.lastIndex(of: "@").map { String(text[..<$0]) } } }

    private var host: String? {
        guard var rest = authority else { return nil }
        if let at = rest.lastIndex(of: "@") { rest = String(rest[rest.index(after: at)...]) }
        if rest.hasPrefix("["), let close = rest.firstIndex(of: "]") { return String(rest[...close]) }
        if let colon = rest.lastIndex(of: ":") {
            guard rest[rest.index(after: colon)...].allSatisfy(\.isNumber) else { return nil }
            rest = String(rest[..<colon])
        }
        return rest
    }

    func part(_ name: String) -> String? {
        switch name {
        case "HOST": host
        case "PATH": path
        case "QUERY": query
        case "REF": fragment
        case "PROTOCOL": scheme
        case "FILE": path.map { path in query.map { "\(path)?\($0)" } ?? path }
        case "AUTHORITY": authority
        case "USERINFO": userInfo
        default: nil
        }
    }
}

let urlFunctions: [ScalarFunction] = [.urlEncode, .urlDecode, .tryUrlDecode, .parseUrl, .tryParseUrl]
