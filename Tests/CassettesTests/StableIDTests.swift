import Cassettes
import HTTPTypes
import JSON
import TestSupport
import Testing

/// Ids that a service makes up are written under names that do not change from recording to recording.
@Suite struct StableIDTests {
    private static func open(_ folder: TemporaryFolder, _ mode: RecordMode = .once, _ name: String = "") throws -> CassetteWriter {
        try CassetteWriter(
            folder: folder.path + name, mode: mode, header: .recording(at: "2026-11-20T10:00:00Z"), redactor: Redactor(), stableIDs: true)
    }

    /// One run of a client against a service that makes up these ids.
    private static func calls(job: String, run: String, statement: String, warehouse: String, cluster: String, given: String) -> [RawExchange] {
        [
            .call("GET", "/api/2.0/sql/warehouses/\(given)", answer: #"{"id":"\#(given)","name":"mine"}"#),
            .call("POST", "/api/2.1/jobs/create", body: #"{"name":"a 123456789012"}"#, answer: #"{"job_id":\#(job)}"#),
            .call("POST", "/api/2.1/jobs/run-now", body: #"{"job_id":\#(job)}"#, answer: #"{"run_id":\#(run),"number_in_job":\#(run)}"#),
            .call(
                "GET", "/api/2.1/jobs/runs/get", query: "run_id=\(run)",
                answer: #"{"run_id":\#(run),"run_page_url":"https://h/#job/\#(job)/run/\#(run)"}"#),
            .call("POST", "/api/2.0/sql/warehouses", answer: #"{"id":"\#(warehouse)"}"#),
            .call("POST", "/api/2.0/sql/statements", body: #"{"warehouse_id":"\#(warehouse)"}"#, answer: #"{"statement_id":"\#(statement)"}"#),
            .call("GET", "/api/2.0/sql/statements/\(statement)/result/chunks/0", answer: #"{"next":"x-\#(statement)-1","ids":["\#(cluster)"]}"#),
            .call(
                "GET", "/api/2.1/clusters/get", query: "cluster_id=\(cluster)",
                responseHeaders: [.contentType: "text/plain", .location: "/c/\(cluster)"], answer: "see \(cluster)."),
        ]
    }

    private static let first = calls(
        job: "880412345678901", run: "1024512345678901", statement: "01ef9c5a-1b2c-1d3e-8f4a-5b6c7d8e9f01", warehouse: "8f3e2d1c0b9a7f6e",
        cluster: "0923-164208-meows279", given: "4b9b953939869799")
    private static let second = calls(
        job: "771198765432109", run: "9914598765432109", statement: "01f00000-ffff-1eee-8ddd-ccccbbbbaaaa", warehouse: "00112233445566ff",
        cluster: "1130-101112-abcd1234", given: "4b9b953939869799")

    @Test func twoRecordingsReadTheSame() throws {
        let folder = try TemporaryFolder()
        for (name, calls) in [("/a", Self.first), ("/b", Self.second)] {
            let writer = try Self.open(folder, .once, name)
            for call in calls { try writer.append(call) }
            writer.finish()
        }
        let text = try folder.text("a/cassette.jsonl")
        let other = try folder.text("b/cassette.jsonl")
        #expect(text == other)
        let lines = text.split(separator: "\n")
        try #require(lines.count == 9)
        // What the client knew by itself stays, and so does what is no id.
        #expect(lines[1].contains("/api/2.0/sql/warehouses/4b9b953939869799") && lines[1].contains(#""id":"4b9b953939869799""#))
        #expect(lines[2].contains(#"{"name":"a 123456789012"}"#) && lines[2].contains(#""body":{"job_id":100000000000001}"#))
        #expect(lines[3].contains(#""body":{"job_id":100000000000001}"#))
        #expect(lines[3].contains(#"{"run_id":1000000000000002,"number_in_job":1000000000000002}"#))
        #expect(lines[4].contains(#""query":"run_id=1000000000000002""#) && lines[4].contains("#job/100000000000001/run/1000000000000002"))
        #expect(lines[5].contains(#"{"id":"aaaaaaaaaa000003"}"#))
        #expect(lines[6].contains(#"{"warehouse_id":"aaaaaaaaaa000003"}"#))
        #expect(lines[7].contains("/statements/00000000-0000-4000-8000-000000000004/result/chunks/0"))
        #expect(lines[7].contains(#"{"next":"x-00000000-0000-4000-8000-000000000004-1","ids":["0101-000000-00000005"]}"#))
        #expect(lines[8].contains("cluster_id=0101-000000-00000005") && lines[8].contains(#""location":"/c/0101-000000-00000005""#))
        #expect(lines[8].contains("see 0101-000000-00000005."))
    }

    @Test func aRecordingThatGoesOnGivesNoWordTwice() throws {
        let folder = try TemporaryFolder()
        for calls in [Self.first, Self.second] {
            let writer = try Self.open(folder, calls[1].responseBody == Self.first[1].responseBody ? .once : .new)
            for call in calls { try writer.append(call) }
            writer.finish()
        }
        let lines = try folder.text().split(separator: "\n")
        try #require(lines.count == 17)
        #expect(lines[10].contains(#"{"job_id":100000000000006}"#))
        #expect(lines[13].contains(#"{"id":"aaaaaaaaaa000008"}"#))
    }

    @Test func bodiesInFilesAreNamedByWhatTheyHold() throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        let id = "01ef9c5a-1b2c-1d3e-8f4a-5b6c7d8e9f01"
        try writer.append(.call(answer: #"{"id":"\#(id)","rows":["\#(String(repeating: "x ", count: 10_000))"]}"#))
        // Binary messages count their bytes: as many stand there afterwards.
        try writer.append(RawExchange(operation: nil, method: "GET", path: "/b", status: 200, responseBody: [0, 36] + Array(id.utf8) + [0]))
        writer.finish()
        let exchanges = try CassetteReader.read(folder.path).exchanges
        try #require(exchanges.count == 2)
        let stable = "00000000-0000-4000-8000-000000000001"
        #expect(String(decoding: exchanges[0].response.body.bytes, as: UTF8.self).hasPrefix(#"{"id":"\#(stable)","#))
        #expect(Array(exchanges[1].response.body.bytes) == [0, 36] + Array(stable.utf8) + [0])
        #expect(!String(decoding: try folder.everything(), as: UTF8.self).contains(id))
    }

    @Test func nonsenseIsPassedOn() throws {
        let folder = try TemporaryFolder()
        let writer = try Self.open(folder)
        var random = SeededRandom(seed: 31)
        let pieces = ["-", "\"", "01ef9c5a", "-1b2c", "id", "\":", "9", "123456789012345", "{", "}", "a", "0923-164208-meows279", " ", "é"]
        for _ in 0..<400 {
            let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            let stored = try writer.append(.call("POST", "/x", body: text, answer: text))
            // A request has named all of it before.
            #expect(Array(stored.response.body.bytes) == Array(text.utf8))
        }
    }
}
