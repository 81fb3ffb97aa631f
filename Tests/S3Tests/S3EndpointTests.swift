import S3
import Storage
import Testing

/// Hostile bodies and names: an error of S3's, never a crash, and nothing is written outside of the grant.
@Suite struct S3EndpointTests {
    private static let key = StorageKey(secret: "test")
    private static let now: Int64 = 1_767_225_600_000
    private let store = MemoryStore(now: { 1 })

    private func send(
        _ method: String, _ path: String, query: [(name: String, value: String)] = [], headers: [(name: String, value: String)] = [],
        _ body: [UInt8] = []
    ) async throws -> S3Response {
        let credential = Self.key.issue(
            StorageGrant(workspaceID: 1, path: "lake/raw", writes: true, expires: Self.now + 1000, principal: "p"))
        let link = SignatureV4.presign(
            method, base: "http://h", path: path, query: query, credential, nowMillis: Self.now, seconds: 60)
        let parts = link.dropFirst("http://h".count).split(separator: "?", maxSplits: 1)
        let request = S3Request(method: method, path: String(parts[0]), query: String(parts[1]), headers: headers + [("host", "h")])
        let verified = try SignatureV4.verify(request, Self.key, nowMillis: Self.now, clockMillis: nil)
        return try await S3Endpoint(store: store, newUploadID: { "ab12" }).respond(to: request, verified, Payload(body))
    }

    private func code(_ work: () async throws -> S3Response) async -> String {
        do {
            return "\(try await work().status)"
        } catch let error as S3Error {
            return error.code
        } catch {
            return "\(error)"
        }
    }

    @Test func namesThatTheStoreCannotHold() async {
        for path in ["lake/raw/../x", "lake/raw//x", "lake/raw/./x", ".uploads/raw", "lake/raw/" + String(repeating: "n", count: 2000)] {
            #expect(await code { try await send("PUT", path, [1]) } == "InvalidArgument", "\(path.prefix(30))")
        }
        for path in ["lake/rawer", "other/raw", "lake/x"] { #expect(await code { try await send("PUT", path, [1]) } == "AccessDenied") }
        #expect(store.count == 0)
    }

    @Test func directoriesOfClientsAreMarkers() async throws {
        #expect(try await send("PUT", "lake/raw/d/").status == 200)
        #expect(try store.exists("lake/raw/d/" + ObjectPath.directoryMarker))
        let list = try await send("GET", "lake", query: [("list-type", "2"), ("prefix", "raw/")])
        guard case .bytes(let xml) = list.body else { return #expect(Bool(false)) }
        #expect(String(decoding: xml, as: UTF8.self).contains("<Key>raw/d/</Key>"))
    }

    @Test func partsMustBeThere() async throws {
        #expect(try await send("POST", "lake/raw/m", query: [("uploads", "")]).status == 200)
        let id = ("uploadId", "ab12")
        let part = try await send("PUT", "lake/raw/m", query: [("partNumber", "1"), id], [1, 2, 3])
        let etag = part.headers.first { $0.name == "etag" }?.value ?? ""
        func complete(_ parts: String) async -> String {
            await code {
                try await send(
                    "POST", "lake/raw/m", query: [id], Array("<CompleteMultipartUpload>\(parts)</CompleteMultipartUpload>".utf8))
            }
        }
        let good = "<Part><PartNumber>1</PartNumber><ETag>\(etag.replacing("\"", with: "&quot;"))</ETag></Part>"
        #expect(await complete("<Part><PartNumber>1</PartNumber><ETag>x</ETag></Part>") == "InvalidPart")
        #expect(await complete("<Part><PartNumber>2</PartNumber><ETag>x</ETag></Part>") == "InvalidPart")
        #expect(await complete(good + good) == "InvalidPartOrder")
        #expect(await complete("") == "MalformedXML")
        #expect(await code { try await send("PUT", "lake/raw/other", query: [("partNumber", "1"), id], [1]) } == "NoSuchUpload")
        #expect(await complete(good) == "200")
        #expect(try store.get("lake/raw/m") == [1, 2, 3])
        #expect(store.count == 1)
        #expect(await complete(good) == "NoSuchUpload")
    }

    @Test func hostileBodies() async {
        var random = SplitMix(seed: 11)
        let xml = Array("<Delete><Object><Key>raw/a&amp;b</Key></Object><Quiet>true</Quiet></Delete>".utf8)
        let chunked = Array("5\r\nhello\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n".utf8)
        let kinds = ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-X"]
        for _ in 0..<1500 {
            let delete = await code { try await send("POST", "lake", query: [("delete", "")], random.spoiled(xml)) }
            #expect(["200", "MalformedXML"].contains(delete), "\(delete)")
            let kind = kinds[Int(random.next() % 3)]
            let put = await code {
                try await send("PUT", "lake/raw/x", headers: [("x-amz-content-sha256", kind)], random.spoiled(chunked))
            }
            #expect(["200", "IncompleteBody", "EntityTooLarge", "AccessDenied", "NotImplemented"].contains(put), "\(put)")
        }
    }

    /// Headers and queries made of pieces of real ones.
    @Test func hostileSignatures() {
        var random = SplitMix(seed: 12)
        let pieces = [
            "AWS4-HMAC-SHA256", " ", "Credential=", "AK/20260101/us/s3/aws4_request", ",", "SignedHeaders=host", ";", "Signature=", "00", "=", "/",
            "X-Amz-Algorithm=", "&", "X-Amz-Expires=", "-1", "999999999999999999999", "%", "%zz", "X-Amz-Date=20260101T000000Z", "\u{0}",
            "X-Amz-Credential=", "X-Amz-Signature=ab", "X-Amz-SignedHeaders=host", "X-Amz-Security-Token=61.62",
        ]
        for _ in 0..<3000 {
            let text = (0..<Int(random.next() % 12)).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }.joined()
            let isHeader = random.next() % 2 == 0
            let request = S3Request(
                method: "GET", path: "/a/b", query: isHeader ? "" : text,
                headers: (isHeader ? [("authorization", text), ("x-amz-date", "20260101T000000Z")] : []) + [("host", "h")])
            #expect(throws: S3Error.self) { try SignatureV4.verify(request, Self.key, nowMillis: Self.now, clockMillis: nil) }
        }
    }
}

/// A seeded generator for fuzzing.
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }

    /// The bytes with some changed, taken out, doubled or cut off.
    mutating func spoiled(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int(next() % 4) where !bytes.isEmpty {
            let place = Int(next() % UInt64(bytes.count))
            switch next() % 5 {
            case 0: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1: bytes.remove(at: place)
            case 2: bytes.insert(bytes[place], at: place)
            case 3: bytes.removeLast(bytes.count - place)
            default: bytes.insert(contentsOf: bytes[place...].prefix(20), at: place)
            }
        }
        return bytes
    }
}
