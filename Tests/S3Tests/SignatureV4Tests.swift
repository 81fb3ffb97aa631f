import S3
import Testing

@Suite struct SignatureV4Tests {
    private static let key = StorageKey(secret: "test")
    private static let now: Int64 = 1_767_225_600_000
    private static let credential = key.issue(
        StorageGrant(workspaceID: 7, path: "bucket/table", writes: true, expires: now + 3_600_000, principal: "a@b.c"))

    private static func request(_ method: String, link: String) -> S3Request {
        let rest = link.dropFirst("http://127.0.0.1:80".count)
        let path = rest.prefix { $0 != "?" }
        return S3Request(method: method, path: String(path), query: String(rest.dropFirst(path.count + 1)), headers: [("host", "127.0.0.1:80")])
    }

    private static func link(_ path: String = "bucket/table/a b+c.txt", seconds: Int = 60, query: [(name: String, value: String)] = []) -> String {
        SignatureV4.presign("GET", base: "http://127.0.0.1:80", path: path, query: query, credential, nowMillis: now, seconds: seconds)
    }

    private static func failure(_ request: S3Request, at time: Int64 = now, _ key: StorageKey = key) -> String? {
        do throws(S3Error) {
            _ = try SignatureV4.verify(request, key, nowMillis: time, clockMillis: nil)
            return nil
        } catch {
            return error.code
        }
    }

    @Test func linksHoldUntilTheyEnd() throws {
        let link = Self.link(query: [("partNumber", "1"), ("part", "2")])
        let request = Self.request("GET", link: link)
        #expect(request.bucket == "bucket")
        #expect(request.key == "table/a b+c.txt")
        let verified = try SignatureV4.verify(request, Self.key, nowMillis: Self.now + 59_000, clockMillis: nil)
        #expect(verified.credential.grant == Self.credential.grant)
        #expect(Self.failure(request, at: Self.now + 60_000) == "AccessDenied")
        #expect(Self.failure(request, at: Self.now + 3_600_000) == "ExpiredToken")
        #expect(Self.failure(Self.request("PUT", link: link)) == "SignatureDoesNotMatch")
        #expect(Self.failure(Self.request("GET", link: link.replacing("partNumber=1", with: "partNumber=2"))) == "SignatureDoesNotMatch")
        #expect(Self.failure(Self.request("GET", link: link.replacing("table/a", with: "table/b"))) == "SignatureDoesNotMatch")
        #expect(Self.failure(request, StorageKey(secret: "other")) == "InvalidToken")
    }

    /// Another token than the signature's is noticed, also one with a wider grant.
    @Test func tokensAreKeyed() {
        let token = Self.credential.sessionToken
        #expect(Self.key.credential(sessionToken: token) == Self.credential)
        for position in [0, 10, token.count - 1] {
            var digits = Array(token)
            digits[position] = digits[position] == "0" ? "1" : "0"
            #expect(Self.key.credential(sessionToken: String(digits)) == nil)
        }
        #expect(Self.key.credential(sessionToken: "") == nil)
        #expect(Self.key.credential(sessionToken: "..") == nil)
    }

    /// The example "GET Object" of the S3 API reference, with its own secret, gives the published signature.
    @Test func grantsCoverWhatLiesBelow() {
        let grant = Self.credential.grant
        #expect(grant.covers("bucket/table"))
        #expect(grant.covers("bucket/table/x"))
        #expect(!grant.covers("bucket/table2"))
        #expect(!grant.coversList(of: "bucket/"))
        #expect(grant.coversList(of: "bucket/table/_delta_log/"))
    }

    @Test func dates() {
        #expect(AmzDate.text(Self.now) == "20260101T000000Z")
        #expect(AmzDate.millis("20260101T000000Z") == Self.now)
        #expect(AmzDate.http(Self.now) == "Thu, 01 Jan 2026 00:00:00 GMT")
        #expect(AmzDate.millis(http: "Thu, 01 Jan 2026 00:00:00 GMT") == Self.now)
        #expect(AmzDate.iso(Self.now + 7) == "2026-01-01T00:00:00.007Z")
        #expect(AmzDate.http(951_782_400_000) == "Tue, 29 Feb 2000 00:00:00 GMT")
        for text in ["", "20261301T000000Z", "2026-01-01", "20260101T0000000", "99999999T999999Z"] { #expect(AmzDate.millis(text) == nil) }
    }

    @Test func ranges() {
        #expect(ByteRange("bytes=0-3").resolve(10) == .part(0..<4))
        #expect(ByteRange("bytes=4-").resolve(10) == .part(4..<10))
        #expect(ByteRange("bytes=-3").resolve(10) == .part(7..<10))
        #expect(ByteRange("bytes=-30").resolve(10) == .part(0..<10))
        #expect(ByteRange("bytes=8-99").resolve(10) == .part(8..<10))
        #expect(ByteRange("bytes=10-").resolve(10) == .unsatisfiable)
        #expect(ByteRange("bytes=-0").resolve(10) == .unsatisfiable)
        for text in ["bytes=5-2", "bytes=a-b", "lines=1-2", "bytes=0-1,3-4", "bytes=", "bytes=-", "bytes=9223372036854775808-"] {
            #expect(ByteRange(text).resolve(10) == .whole, "\(text)")
        }
        #expect(ByteRange("bytes=0-9223372036854775807").resolve(3) == .part(0..<3))
    }
}
