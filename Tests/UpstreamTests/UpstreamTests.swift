import HTTPTypes
import TestSupport
import Testing
import Upstream

@Suite struct UpstreamTests {
    static func upstream(_ port: Int, allow: [String] = [], _ change: (inout UpstreamOptions) -> Void = { _ in }) throws -> Upstream {
        var options = UpstreamOptions()
        change(&options)
        return try Upstream(UpstreamOrigin("http://127.0.0.1:\(port)"), allowedHosts: allow, options: options)
    }

    static func failure(_ upstream: Upstream, _ request: UpstreamRequest = .init(method: "GET", path: "/")) async -> UpstreamError? {
        do {
            _ = try await upstream.forward(request)
            return nil
        } catch {
            return error
        }
    }

    /// The one answer of a server that says just this.
    static func answer(_ bytes: String, _ request: UpstreamRequest = .init(method: "GET", path: "/")) async throws -> UpstreamResponse {
        let server = try TinyServer(answers: [bytes])
        return try await upstream(server.port).forward(request)
    }

    @Test func requestsPassUntouchedButForTheHop() async throws {
        let server = try TinyServer(answers: [
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nX-Kept: a\r\nX-Kept: b\r\nX-Empty:\r\n\r\nok"
        ])
        let response = try await Self.upstream(server.port).forward(
            UpstreamRequest(
                method: "POST", path: "/a%2Fb/../c", query: "x=1&y=%20&z",
                headers: [
                    .authorization: "Bearer t", .connection: "X-Drop, keep-alive", .init("X-Drop")!: "1", .te: "trailers", .init("Host")!: "other",
                    .contentLength: "99",
                    .acceptEncoding: "gzip", .expect: "100-continue", .contentType: "application/json", .init("X-Empty")!: "", .userAgent: "agent/1",
                ], body: Array(#"{"a":1}"#.utf8)))
        #expect(
            response == .init(status: 200, headers: [.init("X-Kept")!: "a", .init("X-Kept")!: "b", .init("X-Empty")!: ""], body: Array("ok".utf8)))
        let lines = try #require(server.requests.first).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        #expect(lines.first == "POST /a%2Fb/../c?x=1&y=%20&z HTTP/1.1")
        #expect(
            Set(lines.dropFirst().dropLast(2)) == [
                "Host: 127.0.0.1:\(server.port)", "Authorization: Bearer t", "Content-Type: application/json", "X-Empty:", "User-Agent: agent/1",
                "Accept-Encoding: identity", "Content-Length: 7",
            ])
        #expect(lines.last == #"{"a":1}"#)
    }

    @Test(
        arguments: [
            ("GET", "", nil), ("DELETE", "", nil), ("DELETE", "x", "1"), ("POST", "", "0"), ("PUT", "", "0"), ("PATCH", "xy", "2"),
            ("OPTIONS", "", nil),
        ] as [(String, String, String?)])
    func methodsAndLengths(_ method: String, _ body: String, _ length: String?) async throws {
        let server = try TinyServer(answers: ["HTTP/1.1 204 No Content\r\n\r\n"])
        let response = try await Self.upstream(server.port).forward(UpstreamRequest(method: method, path: "/", body: Array(body.utf8)))
        #expect(response == .init(status: 204, headers: [:], body: []))
        let request = try #require(server.requests.first)
        #expect(request.hasPrefix("\(method) / HTTP/1.1\r\n"))
        #expect(request.contains("Content-Length: \(length ?? "")") == (length != nil))
        #expect(request.hasSuffix("\r\n\r\n" + body))
        #expect(!request.contains("Accept: ") && !request.contains("Content-Type:") && !request.contains("User-Agent:"))
    }

    @Test func answersOfManyForms() async throws {
        let head = try await Self.answer("HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", .init(method: "HEAD", path: "/f"))
        #expect(head == .init(status: 200, headers: [.contentLength: "1234"], body: []))
        let redirect = try await Self.answer("HTTP/1.1 302 Found\r\nLocation: http://elsewhere/\r\nContent-Length: 0\r\n\r\n")
        #expect(redirect == .init(status: 302, headers: [.location: "http://elsewhere/"], body: []))
        let interim = try await Self.answer("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc")
        #expect(interim == .init(status: 404, headers: [:], body: Array("abc".utf8)))
        let chunked = try await Self.answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-T\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n")
        #expect(chunked == .init(status: 200, headers: [:], body: Array("abcde".utf8)))
        let untilClose = try await Self.answer("HTTP/1.0 200 OK\r\n\r\nall of it")
        #expect(untilClose.body == Array("all of it".utf8))
        // What lies behind the announced length is not the answer's.
        let short = try await Self.answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")
        #expect(short.body == Array("abc".utf8))
        // An encoding that was not asked for is undone.
        let gzip: [UInt8] = [31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0]
        let server = try ScriptedServer { connection in
            _ = connection.request()
            connection.send(Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(gzip.count)\r\n\r\n".utf8) + gzip)
        }
        let encoded = try await Self.upstream(server.port).forward(.init(method: "GET", path: "/"))
        #expect(encoded == .init(status: 200, headers: [:], body: Array("hello".utf8)))
        server.stop()
    }

    @Test func brokenAnswersAreErrors() async throws {
        func failure(_ answer: String) async throws -> UpstreamError? {
            let server = try TinyServer(answers: [answer])
            return await Self.failure(try Self.upstream(server.port))
        }
        func isCut(_ error: UpstreamError?) -> Bool { if case .cut = error { true } else { false } }
        func isViolation(_ error: UpstreamError?) -> Bool { if case .protocolViolation = error { true } else { false } }
        #expect(isCut(try await failure("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")))
        #expect(isCut(try await failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")))
        #expect(isCut(try await failure("")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFFF\r\nab")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\nContent-Encoding: nonsense\r\nContent-Length: 3\r\n\r\nabc")))
        #expect(isViolation(try await failure("220 smtp.example.com ready\r\n")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\nBad Header: 1\r\nContent-Length: 0\r\n\r\n")))
        let huge = "X-Large: " + String(repeating: "x", count: 60_000) + "\r\n"
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\n" + String(repeating: huge, count: 5) + "Content-Length: 0\r\n\r\n")))
        #expect(isViolation(try await failure("HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 60_000) + "Content-Length: 0\r\n\r\n")))
    }

    @Test func connectionsThatCannotBeMade() async throws {
        let port = try ScriptedServer.closedPort()
        let refused = await Self.failure(try Self.upstream(port))
        #expect(refused == .refused("127.0.0.1:\(port)"))
        #expect(refused?.status == 502 && refused?.code == "UPSTREAM_UNREACHABLE")
        // The name is reserved for never existing.
        let unknown = try Upstream(
            UpstreamOrigin("http://host.invalid"),
            options: {
                var o = UpstreamOptions(); o.usesProxies = false; return o
            }())
        #expect(await Self.failure(unknown) == .unresolvedHost("host.invalid"))
        let plain = try ScriptedServer { connection in connection.send("HTTP/1.1 400 Bad Request\r\n\r\n") }
        let secure = try Upstream(UpstreamOrigin("https://127.0.0.1:\(plain.port)"))
        guard case .tls(let host, let reason) = await Self.failure(secure) else {
            Issue.record("no TLS error")
            return
        }
        #expect(host == "127.0.0.1:\(plain.port)" && !reason.isEmpty)
        plain.stop()
    }

    @Test func silenceEndsInATimeout() async throws {
        let server = try ScriptedServer { $0.waitForClose() }
        let error = await Self.failure(try Self.upstream(server.port) { $0.idleTimeout = .seconds(1) })
        #expect(error == .timedOut("127.0.0.1:\(server.port)"))
        #expect(error?.status == 504)
        server.stop()
    }

    @Test func connectionsAreKept() async throws {
        let server = try ScriptedServer { connection in
            while let request = connection.request() {
                let path = request.split(separator: " ")[1]
                connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
            }
        }
        let upstream = try Self.upstream(server.port)
        for number in 0..<10 {
            #expect(try await upstream.forward(.init(method: "GET", path: "/\(number)")).body == Array("/\(number)".utf8))
        }
        #expect(server.connections == 1)
        // Many at once each get their own answer.
        let bodies = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<60 {
                group.addTask { String(decoding: try await upstream.forward(.init(method: "GET", path: "/p\(number)")).body, as: UTF8.self) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(bodies == Set((0..<60).map { "/p\($0)" }))
        await upstream.shutdown()
        #expect(await Self.failure(upstream) == .shutDown)
        server.stop()
    }

    @Test func largeAnswersAreRefused() async throws {
        let server = try TinyServer(answers: [
            "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + String(repeating: "x", count: 1000),
            "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 1001),
        ])
        let upstream = try Self.upstream(server.port) { $0.maxResponseBytes = 1000 }
        #expect(try await upstream.forward(.init(method: "GET", path: "/")).body.count == 1000)
        #expect(await Self.failure(upstream) == .responseTooLarge(limit: 1000))
    }

    /// A body is read as it comes, in order; a reader that does not read holds the sender back.
    @Test func bodiesStream() async throws {
        let hasSentAll = Event()
        let parts = 512
        let server = try ScriptedServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(parts << 16)\r\n\r\n")
            for part in 0..<parts where !connection.send([UInt8](repeating: UInt8(truncatingIfNeeded: part), count: 1 << 16)) { return }
            hasSentAll.happen()
            connection.waitForClose()
        }
        let upstream = try Self.upstream(server.port) { $0.bufferedBytes = 64 << 10 }
        let exchange = try await upstream.open(.init(method: "GET", path: "/"))
        #expect(exchange.head.status == 200)
        // 32 MB do not fit into what sockets and the client hold.
        #expect(!hasSentAll.hasHappened)
        var received = 0
        var isInOrder = true
        for try await chunk in exchange.body {
            isInOrder =
                isInOrder && chunk.first == UInt8(truncatingIfNeeded: received >> 16)
                && chunk.last == UInt8(truncatingIfNeeded: (received + chunk.count - 1) >> 16)
            received += chunk.count
        }
        #expect(received == parts << 16)
        #expect(isInOrder)
        await hasSentAll.wait()
        server.stop()
    }

    @Test func cancelledRequestsEnd() async throws {
        let asked = Event()
        let closed = Event()
        let server = try ScriptedServer { connection in
            _ = connection.request()
            asked.happen()
            connection.waitForClose()
            closed.happen()
        }
        let upstream = try Self.upstream(server.port)
        let task = Task { await Self.failure(upstream) }
        await asked.wait()
        task.cancel()
        #expect(await task.value == .cancelled)
        // The connection does not linger.
        await closed.wait()
        server.stop()
    }

    @Test func cancelledBeforeItsStartNothingIsSent() async throws {
        let server = try ScriptedServer { connection in
            while connection.request() != nil { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }
        }
        let upstream = try Self.upstream(server.port)
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Self.failure(upstream)
        }.value
        #expect(error == .cancelled)
        #expect(server.connections == 0)
        server.stop()
    }

    @Test func unreadBodiesAreCancelled() async throws {
        let closed = Event()
        let server = try ScriptedServer { connection in
            _ = connection.request()
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nbegin")
            connection.waitForClose()
            closed.happen()
        }
        let upstream = try Self.upstream(server.port)
        do {
            let exchange = try await upstream.open(.init(method: "GET", path: "/"))
            let iterator = exchange.body.makeAsyncIterator()
            #expect(try await iterator.next() == Array("begin".utf8))
        }
        await closed.wait()
        server.stop()
    }

    @Test func shutdownFailsWhatIsUnderWay() async throws {
        let asked = Event()
        let server = try ScriptedServer { connection in
            _ = connection.request()
            asked.happen()
            connection.waitForClose()
        }
        let upstream = try Self.upstream(server.port)
        let task = Task { await Self.failure(upstream) }
        await asked.wait()
        await upstream.shutdown()
        #expect(await task.value == .shutDown)
        server.stop()
    }

    @Test func onlyAllowedHostsAndNoForeignCredentials() async throws {
        let base = try TinyServer(answers: [])
        let link = try TinyServer(answers: ["HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndata"])
        let origin = try UpstreamOrigin("http://127.0.0.1:\(link.port)")
        let request = UpstreamRequest(
            method: "GET", origin: origin, path: "/k", headers: [.authorization: "Bearer t", .cookie: "c=1", .range: "bytes=0-3"])
        #expect(await Self.failure(try Self.upstream(base.port), request) == .hostNotAllowed("127.0.0.1:\(link.port)"))
        let allowing = try Self.upstream(base.port, allow: ["*.0.0.1:\(link.port)"])
        #expect(try await allowing.forward(request).body == Array("data".utf8))
        let sent = try #require(link.requests.first)
        #expect(!sent.contains("Bearer") && !sent.contains("c=1") && sent.contains("Range: bytes=0-3"))
    }

    @Test(arguments: [
        ("GET ", "/"), ("CONNECT", "/"), ("", "/"), ("GET", "a"), ("GET", "/a b"), ("GET", "/a\r\nX: y"), ("GET", "/é"), ("GET", "/a#b"),
        ("GET", "/a?b"),
    ])
    func badRequestsAreNotSent(_ method: String, _ path: String) async throws {
        let server = try ScriptedServer { _ in }
        guard case .invalidRequest = await Self.failure(try Self.upstream(server.port), .init(method: method, path: path)) else {
            Issue.record("sent: \(method) \(path)")
            return
        }
        #expect(server.connections == 0)
        server.stop()
    }

    @Test func messagesHoldNothingOfTheRequest() async throws {
        let server = try TinyServer(answers: ["nonsense\r\n"])
        let error = await Self.failure(
            try Self.upstream(server.port),
            .init(method: "GET", path: "/secret-path", query: "sig=secret-query", headers: [.authorization: "Bearer secret-token"]))
        #expect(error != nil && error?.description.contains("secret") == false)
    }

    /// Whatever a server says is an answer or an error.
    @Test func fuzz() async throws {
        var random = SeededRandom(seed: 51)
        let pieces = [
            "HTTP/1.1 200 OK\r\n", "HTTP/1.1 ", "HTTP/2 99\r\n", "Content-Length: 3\r\n", "Content-Length: -1\r\n", "Transfer-Encoding: chunked\r\n",
            "\r\n", "3\r\nabc\r\n", "0\r\n\r\n", "X: \u{1}y\r\n", ": x\r\n", "é: ü\r\n", "ffffffffffffffffff\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
            "\n", "abc", "Location: /\r\n", " folded\r\n",
        ]
        let answers = (0..<150).map { _ in
            (0..<Int.random(in: 0...7, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
        }
        let server = try TinyServer(answers: answers.map { "HTTP/1.1 200 OK\r\n" + $0 } + answers)
        let upstream = try Self.upstream(server.port) { $0.idleTimeout = .seconds(1) }
        var outcomes: Set<Bool> = []
        for _ in 0..<300 { outcomes.insert(await Self.failure(upstream) == nil) }
        #expect(outcomes == [true, false])
    }
}
