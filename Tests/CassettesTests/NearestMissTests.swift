import Cassettes
import JSON
import Testing

@Suite struct NearestMissTests {
    static func miss(_ index: ReplayIndex, _ method: String, _ path: String, query: String = "", body: String = "") throws -> NearestMiss {
        switch index.next(ReplayRequest(method: method, path: path, query: query, body: Array(body.utf8))) {
        case .miss(let miss): return miss
        case .hit: throw Unexpected()
        }
    }

    struct Unexpected: Error {}

    @Test func theNearestRequestIsNamed() throws {
        let index = ReplayIndex([
            try cassette([
                line(1, "GET", "/api/2.0/preview/scim/v2/Me", answer: "1"), line(2, "GET", "/api/2.1/unity-catalog/catalogs/main", answer: "2"),
                line(3, "POST", "/api/2.1/unity-catalog/catalogs", body: #"{"name":"c","options":{"a":[1,2]}}"#, answer: "3"),
                line(4, "GET", "/api/2.1/unity-catalog/tables", query: "schema_name=s&max_results=5", answer: "4"),
            ])
        ])
        let path = try Self.miss(index, "GET", "/api/2.1/unity-catalog/catalogs/mian")
        #expect(path.nearest == "GET /api/2.1/unity-catalog/catalogs/main")
        #expect(path.place == "c/cassette.jsonl:3")
        #expect(path.differences.map(\.field) == ["path segment 5"])
        #expect(
            path.message
                == "No answer to GET /api/2.1/unity-catalog/catalogs/mian is recorded. Nearest is GET /api/2.1/unity-catalog/catalogs/main at "
                + "c/cassette.jsonl:3; it differs in path segment 5: recorded main, asked mian."
        )
        #expect(path.body["error_code"] == "CASSETTE_MISS")
        #expect(path.body["details"]?[0]?["metadata"]?["nearest"] == "GET /api/2.1/unity-catalog/catalogs/main")

        let body = try Self.miss(index, "POST", "/api/2.1/unity-catalog/catalogs", body: #"{"name":"d","options":{"a":[1,3]},"comment":"x"}"#)
        #expect(
            body.differences.map(\.description) == [
                #"body $.name: recorded "c", asked "d""#, "body $.options.a[1]: recorded 2, asked 3",
                #"body $.comment: recorded without it, asked "x""#,
            ])
        let query = try Self.miss(index, "GET", "/api/2.1/unity-catalog/tables", query: "max_results=6&omit=true&schema_name=s")
        #expect(query.differences.map(\.description) == ["query max_results: recorded 5, asked 6", "query omit: recorded without it, asked true"])
        #expect(
            try Self.miss(index, "DELETE", "/api/2.0/preview/scim/v2/Me").differences.map(\.description) == ["method: recorded GET, asked DELETE"])
        #expect(try Self.miss(index, "POST", "/api/2.1/unity-catalog/catalogs", body: "text").differences.map(\.field) == ["body"])
    }

    @Test func exhaustedChainsSaySo() throws {
        let index = ReplayIndex([try cassette([line(1, "POST", "/s", answer: "1"), line(2, "POST", "/s", answer: "2")])])
        _ = index.next(ReplayRequest(method: "POST", path: "/s"))
        _ = index.next(ReplayRequest(method: "POST", path: "/s"))
        let miss = try Self.miss(index, "POST", "/s")
        #expect(miss.exhausted == 2)
        #expect(miss.message == "All 2 recorded answers to POST /s have been given; the last stands at c/cassette.jsonl:3.")
    }

    @Test func nothingIsRecorded() throws {
        let miss = try Self.miss(ReplayIndex([try cassette([])]), "GET", "/x")
        #expect(miss.message == "No answer to GET /x is recorded: the cassette is empty.")
        #expect(try Self.miss(ReplayIndex([]), "GET", "/x").nearest == nil)
    }

    @Test func secretsAreNotShown() throws {
        let index = ReplayIndex([try cassette([line(1, "POST", "/s", query: "a=1", body: #"{"password":"REDACTED_PASSWORD_1","x":1}"#, answer: "1")])]
        )
        let miss = try Self.miss(
            index, "POST", "/s", query: "token=client-token&a=2", body: #"{"password":"client-password","x":"dapi\#(RedactorTests.hex32)"}"#)
        for secret in ["client-token", "client-password", RedactorTests.hex32] { #expect(!miss.body.text.contains(secret)) }
        #expect(miss.differences.map(\.field) == ["query a", "query token", "body $.x"])
    }
}
