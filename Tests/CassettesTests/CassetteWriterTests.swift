import Cassettes
import HTTPTypes
import JSON
import Testing

@Suite struct CassetteWriterTests {
    static func open(_ folder: TemporaryFolder, _ mode: RecordMode = .once, _ name: String = "") throws -> CassetteWriter {
        try CassetteWriter(
            folder: folder.path + name, mode: mode, header: .recording(at: "2026-11-20T10:00:00Z"),
            redactor: Redactor(upstreamHosts: ["up.example.com"]))
    }

    @Test func linesAreAsTheFormatSays() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder, .once, "/a/b")
        let empty = try folder.text("a/b/cassette.jsonl")
        #expect(
            empty
                == #"{"cassette":1,"recorded":"2026-11-20T10:00:00Z","upstream":"https://REDACTED","match":["method","path","query","body"],"ignore":{"body":["$.idempotency_token"]}}"#
                + "\n")
        try writer.append(
            .call(
                "POST", "/api/2.0/sql/warehouses/abc/start", operation: "sql.warehouses.start",
                headers: [.contentType: "application/json", .userAgent: "x"],
                body: "{}", responseHeaders: [.contentType: "application/json", .date: "now", .server: "databricks", .retryAfter: "3"], answer: "{}",
                milliseconds: 412))
        try writer.append(
            .call("GET", "/k", query: "a=1", host: "storage.example.com", responseHeaders: [.contentType: "text/csv"], answer: "a,b\n"))
        try writer.append(.call("GET", "/ws", answer: "{\"a\": 1}"))
        try writer.append(.call("HEAD", "/f", responseHeaders: [.contentLength: "7"], answer: ""))
        writer.finish()
        #expect(
            try folder.text("a/b/cassette.jsonl") == empty + """
                {"n":1,"operation":"sql.warehouses.start","request":{"method":"POST","path":"/api/2.0/sql/warehouses/abc/start","body":{}},"response":{"status":200,"headers":{"content-type":"application/json","retry-after":"3"},"body":{}},"ms":412}
                {"n":2,"request":{"method":"GET","path":"/k","query":"a=1","host":"storage.example.com"},"response":{"status":200,"headers":{"content-type":"text/csv"},"text":"a,b\\n"}}
                {"n":3,"request":{"method":"GET","path":"/ws"},"response":{"status":200,"headers":{"content-type":"application/json"},"text":"{\\"a\\": 1}"}}
                {"n":4,"request":{"method":"HEAD","path":"/f"},"response":{"status":200,"headers":{"content-length":"7"}}}

                """)
    }

    @Test func bodiesGoWhereTheyCanBeRead() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        let longText = String(repeating: "x,y\n", count: 400)
        let longJSON = "[" + String(repeating: "1,", count: 9000) + "1]"
        let mediumJSON = "[" + String(repeating: "1,", count: 2000) + "1]"
        let binary: [UInt8] = [0, 1, 2, 250, 10]
        try writer.append(.call(answer: longText))
        try writer.append(.call(answer: longJSON))
        try writer.append(.call(answer: mediumJSON))
        try writer.append(RawExchange(operation: nil, method: "POST", path: "/t", requestBody: binary, status: 200, responseBody: binary))
        // Zero bytes in valid UTF-8 are no text.
        try writer.append(RawExchange(operation: nil, method: "GET", path: "/z", status: 200, responseBody: [0x41, 0, 0x42]))
        writer.finish()
        let cassette = try CassetteReader.read(folder.path)
        let kinds = cassette.exchanges.map { exchange -> String in
            switch exchange.response.body {
            case .none: "none"
            case .json: "json"
            case .text: "text"
            case .file: "file"
            }
        }
        #expect(kinds == ["file", "file", "json", "file", "file"])
        #expect(
            cassette.exchanges.map { Array($0.response.body.bytes) } == [
                Array(longText.utf8), Array(longJSON.utf8), Array(mediumJSON.utf8), binary, [0x41, 0, 0x42],
            ])
        #expect(Array(cassette.exchanges[3].request.body.bytes) == binary)
        // SHA-256 of the five bytes, from sha256sum.
        #expect(try folder.read("bodies/" + BodyPolicy.name(of: binary)) == binary)
        #expect(BodyPolicy.name(of: Array("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func aSecondRecorderIsRefused() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        for mode in RecordMode.allCases {
            do {
                _ = try Self.open(folder, mode)
                Issue.record("opened twice")
            } catch {
                #expect("\(error)".contains("another recorder"))
            }
        }
        writer.finish()
        try Self.open(folder, .new).finish()
    }

    @Test func onceRefusesWhatIsRecorded() async throws {
        let folder = try TemporaryFolder()
        // A header alone is no recording yet.
        try Self.open(folder).finish()
        let writer = try Self.open(folder)
        try writer.append(.call())
        writer.finish()
        #expect(throws: CassetteError.self) { try Self.open(folder) }
        #expect(RecordMode.once.policy(cassetteHasExchanges: true) == RecordPolicy(replays: true, records: false))
        #expect(RecordMode.once.policy(cassetteHasExchanges: false) == RecordPolicy(replays: false, records: true))
        #expect(RecordMode.new.policy(cassetteHasExchanges: true) == RecordPolicy(replays: true, records: true))
        #expect(RecordMode.all.policy(cassetteHasExchanges: true) == RecordPolicy(replays: false, records: true))
    }

    @Test func newGoesOnBehindWhatIsThere() async throws {
        let folder = try TemporaryFolder()
        var writer = try Self.open(folder)
        try writer.append(.call(answer: #"{"token_value":"first"}"#))
        writer.finish()
        let before = try folder.text()
        // A crash cut off the next line.
        try folder.write(before + #"{"n":2,"reque"#, "cassette.jsonl")
        writer = try Self.open(folder, .new)
        try writer.append(.call(answer: #"{"token_value":"other"}"#))
        writer.finish()
        #expect(
            try folder.text() == before
                + #"{"n":2,"request":{"method":"GET","path":"/api/2.0/x"},"response":{"status":200,"headers":{"content-type":"application/json"},"body":{"token_value":"REDACTED_TOKEN_2"}}}"#
                + "\n")
        // A last line without its newline is whole.
        try folder.write(String(try folder.text().dropLast()), "cassette.jsonl")
        writer = try Self.open(folder, .new)
        try writer.append(.call())
        writer.finish()
        #expect(try CassetteReader.read(folder.path).exchanges.map(\.number) == [1, 2, 3])
    }

    @Test func allReplacesWithTheFirstExchange() async throws {
        let folder = try TemporaryFolder()
        var writer = try Self.open(folder)
        try writer.append(.call("GET", "/old", answer: String(repeating: "old\n", count: 600)))
        writer.finish()
        let before = try folder.everything()
        try Self.open(folder, .all).finish()
        #expect(try folder.everything() == before)
        writer = try Self.open(folder, .all)
        try writer.append(.call("GET", "/new", answer: String(repeating: "new\n", count: 600)))
        writer.finish()
        let cassette = try CassetteReader.read(folder.path)
        #expect(cassette.exchanges.map(\.request.path) == ["/new"])
        #expect(!text(try folder.everything()).contains("old"))
    }

    @Test func encodedBodiesAreRefused() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        #expect(throws: CassetteError.self) { try writer.append(.call(responseHeaders: [.contentEncoding: "gzip"])) }
        #expect(throws: CassetteError.self) { try writer.append(.call()) }
        #expect(writer.stopReason?.description.contains("gzip") == true)
        writer.finish()
        #expect(try CassetteReader.read(folder.path).exchanges.isEmpty)
    }

    @Test func nothingIsWrittenAfterTheEnd() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        writer.finish()
        writer.finish()
        #expect(throws: CassetteError.self) { try writer.append(.call()) }
    }

    /// Many exchanges at once come out as whole lines, numbered without gaps.
    @Test func concurrentExchanges() async throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 { group.addTask { _ = try? writer.append(.call("GET", "/x/\(number)")) } }
        }
        writer.finish()
        let cassette = try CassetteReader.read(folder.path)
        #expect(cassette.exchanges.map(\.number) == Array(1...200))
        #expect(Set(cassette.exchanges.map(\.request.path)).count == 200)
    }
}
