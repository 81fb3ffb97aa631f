import Testing
import Upstream

@Suite struct UpstreamOriginTests {
    @Test(arguments: [
        ("https://staging.example.com", "https://staging.example.com", 443), ("HTTPS://Staging.Example.com/", "https://staging.example.com", 443),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080", 8080), ("http://h:80", "http://h", 80), ("https://[::1]:8443", "https://[::1]:8443", 8443),
        ("https://[2001:db8::1]", "https://[2001:db8::1]", 443),
    ])
    func origins(_ text: String, _ canonical: String, _ port: Int) throws {
        let origin = try UpstreamOrigin(text)
        #expect(origin.description == canonical)
        #expect(origin.port == port)
        #expect(try UpstreamOrigin(canonical) == origin)
    }

    @Test(arguments: [
        "", "staging.example.com", "ftp://h", "file:///etc/passwd", "https://", "https:///", "https://h/path", "https://h?x", "https://h#x",
        "https://u:p@h", "https://h:0",
        "https://h:65536", "https://h:x", "https://h:", "https://a b", "https://[::1", "https://[]", "https://h\\@other", "https://h\r\nX: y",
    ])
    func noOrigins(_ text: String) {
        #expect(throws: UpstreamError.self) { try UpstreamOrigin(text) }
    }

    @Test func allowedHosts() throws {
        let hosts = try AllowedHosts(
            base: UpstreamOrigin("https://staging.example.com"), patterns: ["*.s3.*.amazonaws.com", "Exact.example.com", "other.example.com:8443"])
        for (text, isAllowed) in [
            ("https://staging.example.com", true), ("http://staging.example.com", false), ("https://staging.example.com:444", false),
            ("https://b.s3.us-east-1.amazonaws.com", true), ("https://b.s3.us-east-1.amazonaws.com:444", false),
            ("https://s3.us-east-1.amazonaws.com", false),
            ("https://b.s3.us-east-1.amazonaws.com.evil.com", false), ("https://exact.example.com", true), ("https://xexact.example.com", false),
            ("https://other.example.com", false), ("https://other.example.com:8443", true),
        ] {
            #expect(hosts.allows(try UpstreamOrigin(text)) == isAllowed, "\(text)")
        }
        for bad in ["", "h:0", "h:x", "https://h"] {
            #expect(throws: UpstreamError.self) { try AllowedHosts(base: UpstreamOrigin("https://h"), patterns: [bad]) }
        }
    }

    @Test func environmentNamesAuthorities() {
        let options = UpstreamOptions(environment: ["SSL_CERT_FILE": "/a", "SSL_CERT_DIR": "/b"])
        #expect(options.authorityFile == "/a" && options.authorityFolder == "/b")
        #expect(UpstreamOptions(environment: ["CURL_CA_BUNDLE": "/c", "SSL_CERT_FILE": "/a"]).authorityFile == "/c")
    }
}
