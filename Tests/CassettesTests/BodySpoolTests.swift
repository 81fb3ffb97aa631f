import Cassettes
import Foundation
import HTTPTypes
import TestSupport
import Testing

@Suite struct BodySpoolTests {
    static let token = "dapi" + String(repeating: "0123456789abcdef", count: 2)

    private func record(_ folder: TemporaryFolder, _ parts: [[UInt8]], rules: RedactionRules = RedactionRules()) async throws -> [UInt8] {
        let writer = try CassetteWriter(
            folder: folder.path, mode: .all, header: CassetteHeader(), redactor: Redactor(rules, upstreamHosts: ["staging.example.com"]))
        var limits = BodySpool.Limits()
        (limits.heldText, limits.heldBinary, limits.window) = (200_000, 100_000, 50_000)
        let spool = writer.spool(
            "answer of GET", operation: nil, path: "/f", headers: [.authorization: "Bearer " + Self.token], limits: limits)
        for part in parts { try await spool.append(part) }
        var raw = RawExchange.call("GET", "/f", headers: [.authorization: "Bearer " + Self.token], answer: "")
        switch try await spool.finish() {
        case .memory(let bytes): raw.responseBody = bytes
        case .file(let file): raw.responseFile = file
        }
        try writer.append(raw)
        writer.finish()
        return Array(try CassetteReader.read(folder.path).exchanges[0].response.body.bytes)
    }

    /// However a body comes, what is stored is the same, and where secrets stand makes no difference.
    @Test func textsAreScrubbedInWindows() async throws {
        var random = SeededRandom(seed: 5)
        var text = "["
        var secrets: [String] = []
        while text.utf8.count < 600_000 {
            let secret = "secret-\(secrets.count)-\(random.next())"
            secrets.append(secret)
            text +=
                #"{"client_secret": "\#(secret)", "host": "https://staging.example.com/x", "pad": "\#(String(repeating: "y", count: Int(random.next() % 30_000)))"},"#
        }
        text += "null]"
        let bytes = Array(text.utf8)
        var parts: [[UInt8]] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + 1 + Int(random.next() % 70_000))
            parts.append(Array(bytes[start..<end]))
            start = end
        }
        let folder = try TemporaryFolder()
        let stored = try await record(folder, parts)
        let storedText = String(decoding: stored, as: UTF8.self)
        var expected = text.replacing("staging.example.com", with: "REDACTED")
        for (index, secret) in secrets.enumerated() { expected = expected.replacing(secret, with: "REDACTED_SECRET_\(index + 1)") }
        let isAsExpected = storedText == expected
        #expect(isAsExpected)
        // Under the name of what is stored, and without leftovers.
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/bodies")
        #expect(names == [BodyPolicy.name(of: stored)])
    }

    @Test func binariesKeepTheirLength() async throws {
        var random = SeededRandom(seed: 6)
        var bytes = (0..<400_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        let places = [0, 50_000 - 10, 114_000, 228_500 - 65_536, bytes.count - Self.token.utf8.count]
        for place in places { bytes.replaceSubrange(place..<(place + Self.token.utf8.count), with: Self.token.utf8) }
        let folder = try TemporaryFolder()
        let stored = try await record(folder, [Array(bytes[..<100]), Array(bytes[100...])])
        var expected = bytes
        let word = Array(("REDACTED_TOKEN_1" + String(repeating: "_", count: 20)).utf8)
        for place in places { expected.replaceSubrange(place..<(place + word.count), with: word) }
        let isAsExpected = stored == expected
        #expect(isAsExpected)
    }

    /// A secret that is recognised at the end of a body may not stand at its beginning.
    @Test func secretsThatAreKnownTooLateEndTheRecording() async throws {
        let value = "opaque-value-0123456789"
        let padding = String(repeating: "z", count: 250_000)
        let folder = try TemporaryFolder()
        await #expect(throws: CassetteError.self) {
            _ = try await record(folder, [Array(#"{"a": "\#(value)", "pad": "\#(padding)", "client_secret": "\#(value)"}"#.utf8)])
        }
        #expect(try folder.everything().firstRange(of: Array(value.utf8)) == nil)
    }

    @Test func whatIsAbandonedIsRemoved() async throws {
        let folder = try TemporaryFolder()
        try folder.write("left by a crash", "bodies/.part-1-1")
        let writer = try CassetteWriter(folder: folder.path, mode: .all, header: CassetteHeader(), redactor: Redactor())
        do {
            let spool = writer.spool("answer of GET", operation: nil, path: "/f", headers: [:])
            try await spool.append([UInt8](repeating: 0, count: 3 << 20))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/bodies").count == 1)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/bodies").isEmpty)
        writer.finish()
    }
}
