import HTTPTypes
import Testing
import Upstream

@Suite struct UpstreamClientTests {
    private func client() -> UpstreamClient { UpstreamClient(hosts: AllowedHosts(["127.0.0.1"])) }

    private func request(_ port: Int, _ path: String = "/", method: HTTPRequest.Method = .get, body: String = "") -> UpstreamRequest {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.authorization] = "Bearer t"
        return UpstreamRequest(method: method, url: "http://127.0.0.1:\(port)\(path)", headers: headers, body: Array(body.utf8))
    }

    @Test func anExchangePassesThroughUnchanged() async throws {
        let server = try TinyServer(answers: [
            "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Two: a\r\nX-Two: b\r\nConnection: close\r\nContent-Length: 7\r\n\r\n{\"a\":1}"
        ])
        let answer = try await client().forward(request(server.port, "/a%2Fb/../c?x=%20y", method: .post, body: "{\"b\":2}"))
        #expect(answer.status == 201)
        #expect(String(decoding: answer.body, as: UTF8.self) == "{\"a\":1}")
        #expect(answer.headers[.contentType] == "application/json")
        #expect(answer.headers[values: HTTPField.Name("x-two")!] == ["a", "b"])
        #expect(answer.headers[.connection] == nil)
        let heard = try #require(server.requests.first)
        #expect(heard.hasPrefix("POST /a%2Fb/../c?x=%20y HTTP/1.1\r\n"))
        #expect(heard.contains("Authorization: Bearer t\r\n"))
        #expect(heard.hasSuffix("\r\n\r\n{\"b\":2}"))
        #expect(!heard.contains("Expect:"))
    }

    @Test func methodsWithoutBodyHaveNone() async throws {
        let server = try TinyServer(answers: ["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"])
        let client = client()
        #expect(try await client.forward(request(server.port)).body.isEmpty)
        #expect(try await client.forward(request(server.port, method: .delete)).status == 204)
        #expect(server.requests.map { String($0.prefix { $0 != " " }) } == ["GET", "DELETE"])
        #expect(server.requests.allSatisfy { !$0.lowercased().contains("content-length") })
    }

    @Test func redirectsAreTheClients() async throws {
        let server = try TinyServer(answers: ["HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"])
        let answer = try await client().forward(request(server.port))
        #expect(answer.status == 302)
        #expect(answer.headers[.location] == "http://127.0.0.1:1/")
    }

    private func failure(of body: () async throws(UpstreamError) -> UpstreamResponse) async -> UpstreamError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func nobodyListens() async throws {
        let server = try TinyServer(answers: [])
        let port = server.port
        // The listening socket closes at once, for there is nothing to answer; until then a connection is reset.
        let kind = await failure { () throws(UpstreamError) in try await client().forward(request(port)) }
        #expect(kind == .unreachable || kind == .badAnswer)
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "nonsense\r\n\r\n", "",
        "HTTP/1.1 200 OK\r\nContent-Length: nan\r\n\r\n", "HTTP/1.1 200 OK\r\nX-Big: " + String(repeating: "x", count: 400_000) + "\r\n\r\n",
        "HTTP/1.1 200 OK\r\n" + (0..<9_000).map { "X-\($0): " + String(repeating: "y", count: 40) + "\r\n" }.joined() + "\r\n",
    ])
    func anUpstreamThatLiesIsNamed(_ answer: String) async throws {
        let server = try TinyServer(answers: [answer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
        let client = client()
        #expect(await failure { () throws(UpstreamError) in try await client.forward(request(server.port)) } == .badAnswer)
        // The client lives on.
        #expect(try await client.forward(request(server.port)).body == Array("ok".utf8))
    }

    @Test func otherHostsAreRefused() async {
        let client = client()
        for url in ["http://example.com/", "http://127.0.0.1@example.com/", "file:///etc/passwd", "ftp://127.0.0.1/", "http:///x", ""] {
            let request = UpstreamRequest(method: .get, url: url, headers: [:], body: [])
            #expect(await failure { () throws(UpstreamError) in try await client.forward(request) } == .notAllowed, "\(url)")
        }
    }

    @Test func aStoppedClientRefuses() async {
        let client = client()
        client.stop()
        #expect(await failure { () throws(UpstreamError) in try await client.forward(request(1)) } == .cancelled)
    }

    @Test func hostPatterns() {
        let hosts = AllowedHosts(["*.blob.core.windows.net", "host:8443"])
        #expect(hosts.allow("https://a.blob.core.windows.net/x?y"))
        #expect(!hosts.allow("https://blob.core.windows.net/x"))
        #expect(!hosts.allow("https://evilblob.core.windows.net/x"))
        #expect(hosts.allow("https://HOST:8443/"))
        #expect(!hosts.allow("https://host/"))
    }

    @Test func hopByHopHeadersStay() {
        var headers = HTTPFields()
        headers[.connection] = "close, X-Mine"
        headers[HTTPField.Name("x-mine")!] = "1"
        headers[HTTPField.Name("keep-alive")!] = "5"
        headers[.accept] = "*/*"
        #expect(Hop.strip(headers).map(\.name.canonicalName) == ["accept"])
    }
}
