import Crypto

/// AWS Signature Version 4, checked and made (S3 API reference, "Authenticating Requests").
package enum SignatureV4 {
    static let algorithm = "AWS4-HMAC-SHA256"
    static let region = "us-west-2"

    /// A request whose signature holds.
    package struct Verified: Sendable {
        package let credential: StorageCredential
        /// What checks a body that comes in signed chunks; nil for other bodies.
        let chunks: ChunkSigner?
    }

    /// `nowMillis` is the time by which credentials and links end; `clockMillis` that which a client's own clock must be near, nil for no check.
    package static func verify(
        _ request: S3Request, _ key: StorageKey, nowMillis: Int64, clockMillis: Int64?
    ) throws(S3Error) -> Verified {
        let signed: Signed
        if let text = request.header("authorization") { signed = try Signed(header: text, request) } else { signed = try Signed(query: request) }
        guard let token = signed.token, let credential = key.credential(sessionToken: token) else {
            throw signed.token == nil ? .invalidAccessKey : .invalidToken
        }
        guard credential.accessKeyID == signed.accessKeyID else { throw .invalidAccessKey }
        guard let date = AmzDate.millis(signed.date), signed.date.hasPrefix(signed.scopeDate) else {
            throw signed.isQuery ? .malformedQuery : .malformedAuthorization
        }
        let key = signingKey(credential.secretAccessKey, signed)
        let canonical = try canonicalRequest(request, signed)
        let expected = sign(canonical, date: signed.date, scope: signed.scope, key)
        guard let given = Hex.decode(signed.signature), Constant.equal(given, expected) else { throw .signature }
        guard credential.grant.expires > nowMillis else { throw .expiredToken }
        if let expires = signed.expires {
            guard date &+ expires &* 1000 > nowMillis else { throw .requestExpired }
        } else if let clockMillis, abs(date &- clockMillis) > 900_000 {
            throw .skewed
        }
        let isChunked = signed.payload.hasPrefix("STREAMING-AWS4-HMAC-SHA256-PAYLOAD")
        return Verified(
            credential: credential,
            chunks: isChunked ? ChunkSigner(key: key, date: signed.date, scope: signed.scope, seed: Hex.encode(expected)) : nil)
    }

    /// A link that works without headers until it ends.
    package static func presign(
        _ method: String, base: String, path: String, query: [(name: String, value: String)] = [], _ credential: StorageCredential,
        nowMillis: Int64, seconds: Int
    ) -> String {
        LinkSigner(method, base: base, query: query, credential, nowMillis: nowMillis, seconds: seconds).link(to: path)
    }

    /// Makes links that differ in their paths alone: a share of many files asks for thousands at once.
    package struct LinkSigner: Sendable {
        private let method: String
        private let base: String
        private let query: String
        /// What is signed behind the path and the query.
        private let ending: String
        private let date: String
        private let scope: String
        private let key: SymmetricKey

        package init(
            _ method: String, base: String, query: [(name: String, value: String)] = [], _ credential: StorageCredential, nowMillis: Int64,
            seconds: Int
        ) {
            self.method = method
            self.base = base
            date = AmzDate.text(nowMillis)
            let scopeDate = String(date.prefix(8))
            scope = "\(scopeDate)/\(region)/s3/aws4_request"
            let items =
                query + [
                    ("X-Amz-Algorithm", algorithm), ("X-Amz-Credential", "\(credential.accessKeyID)/\(scope)"), ("X-Amz-Date", date),
                    ("X-Amz-Expires", String(seconds)), ("X-Amz-Security-Token", credential.sessionToken), ("X-Amz-SignedHeaders", "host"),
                ]
            self.query = encoded(items).joined(separator: "&")
            let host = base.firstRange(of: "://").map { String(base[$0.upperBound...]) } ?? base
            ending = "\nhost:\(host)\n\nhost\nUNSIGNED-PAYLOAD"
            key = signingKey(
                credential.secretAccessKey, Signed(accessKeyID: credential.accessKeyID, scopeDate: scopeDate, region: region, date: date))
        }

        package func link(to path: String) -> String {
            let uri = "/" + URIEncoding.encode(path, keepingSlash: true)
            let signature = sign("\(method)\n\(uri)\n\(query)\(ending)", date: date, scope: scope, key)
            return "\(base)\(uri)?\(query)&X-Amz-Signature=\(Hex.encode(signature))"
        }
    }

    // MARK: Parts

    /// What a request says of its signature, in the header or in the query.
    struct Signed {
        var accessKeyID: String
        var scopeDate: String
        var region: String
        var service = "s3"
        var date: String
        var headers: [String] = []
        var signature = ""
        var token: String?
        /// Seconds; of links alone.
        var expires: Int64?
        var payload = "UNSIGNED-PAYLOAD"

        var isQuery: Bool { expires != nil }
        var scope: String { "\(scopeDate)/\(region)/\(service)/aws4_request" }

        init(accessKeyID: String, scopeDate: String, region: String, date: String) {
            self.accessKeyID = accessKeyID
            self.scopeDate = scopeDate
            self.region = region
            self.date = date
        }

        private init?(scope: String, date: String) {
            let parts = scope.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 5, parts[4] == "aws4_request" else { return nil }
            self.init(accessKeyID: String(parts[0]), scopeDate: String(parts[1]), region: String(parts[2]), date: date)
            service = String(parts[3])
        }

        init(header: String, _ request: S3Request) throws(S3Error) {
            guard header.hasPrefix(SignatureV4.algorithm) else { throw .malformedAuthorization }
            var fields: [Substring: String] = [:]
            for part in header.dropFirst(SignatureV4.algorithm.count).split(separator: ",") {
                let trimmed = part.drop { $0 == " " }
                let name = trimmed.prefix { $0 != "=" }
                fields[name] = String(trimmed.dropFirst(name.count + 1).prefix { $0 != " " })
            }
            guard let scope = fields["Credential"], let headers = fields["SignedHeaders"], let signature = fields["Signature"],
                let date = request.header("x-amz-date"), var signed = Signed(scope: scope, date: date)
            else { throw .malformedAuthorization }
            signed.headers = headers.split(separator: ";").map { $0.lowercased() }
            // A host that is not signed would let a request be sent elsewhere.
            guard signed.headers.contains("host") else { throw .malformedAuthorization }
            signed.signature = signature
            signed.token = request.header("x-amz-security-token")
            signed.payload = request.header("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD"
            self = signed
        }

        init(query request: S3Request) throws(S3Error) {
            guard request.has("X-Amz-Signature") || request.has("X-Amz-Algorithm") else { throw .accessDenied }
            guard let scope = request.item("X-Amz-Credential"), let date = request.item("X-Amz-Date"),
                let expires = request.item("X-Amz-Expires").flatMap({ Int64($0) }), (0...604_800).contains(expires),
                let signature = request.item("X-Amz-Signature"), let headers = request.item("X-Amz-SignedHeaders"),
                var signed = Signed(scope: scope, date: date)
            else { throw .malformedQuery }
            signed.headers = headers.split(separator: ";").map { $0.lowercased() }
            guard signed.headers.contains("host") else { throw .malformedQuery }
            signed.signature = signature
            signed.expires = expires
            signed.token = request.item("X-Amz-Security-Token")
            self = signed
        }
    }

    private static func canonicalRequest(_ request: S3Request, _ signed: Signed) throws(S3Error) -> String {
        let query = encoded(request.items.filter { !signed.isQuery || $0.name != "X-Amz-Signature" }).joined(separator: "&")
        var headers = ""
        for name in signed.headers.sorted() {
            let values = request.headers.filter { $0.name == name }.map { trimmed($0.value) }
            headers += name + ":" + values.joined(separator: ",") + "\n"
        }
        let path = URIEncoding.encode(URIEncoding.decode(request.path), keepingSlash: true)
        return [
            request.method, path, query, headers, signed.headers.sorted().joined(separator: ";"), signed.payload,
        ].joined(separator: "\n")
    }

    /// Without white space around, and with one blank where there are several.
    private static func trimmed(_ value: String) -> String { value.split(separator: " ").joined(separator: " ") }

    /// `name=value`, in the order of encoded names and values.
    private static func encoded(_ items: [(name: String, value: String)]) -> [String] {
        let pairs = items.map { (name: Array(URIEncoding.encode($0.name).utf8), value: Array(URIEncoding.encode($0.value).utf8)) }
        return pairs.sorted { left, right in
            left.name == right.name ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }.map { String(decoding: $0.name + [UInt8(ascii: "=")] + $0.value, as: UTF8.self) }
    }

    private static func signingKey(_ secret: String, _ signed: Signed) -> SymmetricKey {
        var key = SymmetricKey(data: Array("AWS4\(secret)".utf8))
        for part in [signed.scopeDate, signed.region, signed.service, "aws4_request"] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
        return key
    }

    private static func sign(_ canonical: String, date: String, scope: String, _ key: SymmetricKey) -> [UInt8] {
        let text = [algorithm, date, scope, Hex.encode(SHA256.hash(data: Array(canonical.utf8)))].joined(separator: "\n")
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }
}

/// The chain of signatures of a body in chunks: each is over its chunk and the signature before.
struct ChunkSigner: Sendable {
    let key: SymmetricKey
    let date: String
    let scope: String
    /// The signature of the request.
    let seed: String

    func signature(after previous: String, _ chunk: [UInt8]) -> [UInt8] {
        sign("AWS4-HMAC-SHA256-PAYLOAD", [previous, Hex.encode(SHA256.hash(data: [UInt8]())), Hex.encode(SHA256.hash(data: chunk))])
    }

    /// Of the headers behind the last chunk, each `name:value\n`.
    func trailer(after previous: String, _ headers: String) -> [UInt8] {
        sign("AWS4-HMAC-SHA256-TRAILER", [previous, Hex.encode(SHA256.hash(data: Array(headers.utf8)))])
    }

    private func sign(_ algorithm: String, _ rest: [String]) -> [UInt8] {
        let text = ([algorithm, date, scope] + rest).joined(separator: "\n")
        return Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
    }
}

/// `20260101T000000Z`, and times as XML and headers have them.
package enum AmzDate {
    package static func text(_ millis: Int64) -> String {
        let (y, m, d, s) = civil(millis)
        return "\(pad(y, 4))\(pad(m))\(pad(d))T\(pad(s / 3600))\(pad(s / 60 % 60))\(pad(s % 60))Z"
    }

    /// `2026-01-01T00:00:00.000Z`
    package static func iso(_ millis: Int64) -> String {
        let (y, m, d, s) = civil(millis)
        let fraction = Int(((millis % 1000) + 1000) % 1000)
        return "\(pad(y, 4))-\(pad(m))-\(pad(d))T\(pad(s / 3600)):\(pad(s / 60 % 60)):\(pad(s % 60)).\(pad(fraction, 3))Z"
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Thu, 01 Jan 2026 00:00:00 GMT` (RFC 9110)
    package static func http(_ millis: Int64) -> String {
        let (y, m, d, s) = civil(millis)
        let day = floorDiv(floorDiv(millis, 1000), 86_400)
        return
            "\(days[Int(((day % 7) + 7) % 7)]), \(pad(d)) \(months[(m - 1) % 12]) \(pad(y, 4)) \(pad(s / 3600)):\(pad(s / 60 % 60)):\(pad(s % 60)) GMT"
    }

    /// Nil for a text that is no date of that form.
    package static func millis(_ text: String) -> Int64? {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        guard let y = number(0..<4), let m = number(4..<6), let d = number(6..<8), let h = number(9..<11), let n = number(11..<13),
            let s = number(13..<15), (1...12).contains(m), (1...31).contains(d), h < 24, n < 60, s < 61
        else { return nil }
        return (days(y, m, d) * 86_400 + Int64(h * 3600 + n * 60 + s)) * 1000
    }

    /// A date as `http` writes it; nil for others.
    package static func millis(http text: String) -> Int64? {
        let parts = text.split(separator: " ")
        guard parts.count == 6, parts[5] == "GMT", let d = Int(parts[1]), let m = months.firstIndex(of: String(parts[2])), let y = Int(parts[3]),
            (0...9999).contains(y), (1...31).contains(d)
        else { return nil }
        let clock = parts[4].split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0..<61).contains(clock[2]) else { return nil }
        return (days(y, m + 1, d) * 86_400 + Int64(clock[0] * 3600 + clock[1] * 60 + clock[2])) * 1000
    }

    private static func pad(_ number: Int, _ width: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private static func floorDiv(_ a: Int64, _ b: Int64) -> Int64 { a >= 0 ? a / b : -((-a &+ b - 1) / b) }

    /// Days since 1970 (proleptic Gregorian).
    private static func days(_ y: Int, _ m: Int, _ d: Int) -> Int64 {
        let y = m <= 2 ? y - 1 : y
        let era = (y >= 0 ? y : y - 399) / 400
        let yoe = y - era * 400
        let doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1
        return Int64(era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468)
    }

    private static func civil(_ millis: Int64) -> (Int, Int, Int, Int) {
        // Years of four digits alone.
        let seconds = min(max(floorDiv(millis, 1000), -62_135_596_800), 253_402_300_799)
        let day = floorDiv(seconds, 86_400)
        let z = Int(day) + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let doe = z - era * 146_097
        let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365
        let doy = doe - (365 * yoe + yoe / 4 - yoe / 100)
        let mp = (5 * doy + 2) / 153
        let m = mp < 10 ? mp + 3 : mp - 9
        return (yoe + era * 400 + (m <= 2 ? 1 : 0), m, doy - (153 * mp + 2) / 5 + 1, Int(seconds - day * 86_400))
    }
}
