import HTTPTypes
import Server
import Testing

@Suite struct ServedRequestTests {
    private func request(_ target: String) -> ServedRequest {
        ServedRequest(method: .get, target: target, headers: [:], body: [], baseURL: "http://h")
    }

    @Test(arguments: [
        ("/a/b", "/a/b", ""), ("/a?x=1&y=2", "/a", "x=1&y=2"), ("/a?", "/a", ""), ("/a?b?c", "/a", "b?c"), ("http://host:1/a/b?c=d", "/a/b", "c=d"),
        ("http://host", "/", ""), ("/%2e%2e?%zz", "/%2e%2e", "%zz"),
    ])
    func targetIsParted(_ target: String, _ path: String, _ query: String) {
        #expect(request(target).path == path)
        #expect(request(target).query == query)
    }
}
