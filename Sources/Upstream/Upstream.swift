import HTTPTypes

/// Forwards requests to the recorded service over libcurl: HTTP/1.1 and 2, certificates verified, connections kept, no redirects followed.
package final class Upstream: Sendable {
    package let base: UpstreamOrigin
    private let allowed: AllowedHosts
    private let options: UpstreamOptions
    private let driver: CurlDriver

    /// `allowedHosts`: patterns of further hosts that requests may name as their origin.
    package init(_ base: UpstreamOrigin, allowedHosts: [String] = [], options: UpstreamOptions = UpstreamOptions()) throws(UpstreamError) {
        self.base = base
        self.options = options
        allowed = try AllowedHosts(base: base, patterns: allowedHosts)
        driver = try CurlDriver()
    }

    deinit { driver.stop() }

    /// Whether requests to a host are forwarded.
    package func allows(_ origin: UpstreamOrigin) -> Bool { allowed.allows(origin) }

    /// The whole answer; one of more than `limit` bytes, or else of `maxResponseBytes`, is an error.
    package func forward(_ request: UpstreamRequest, limit: Int? = nil) async throws(UpstreamError) -> UpstreamResponse {
        let limit = limit ?? options.maxResponseBytes
        let exchange = try await open(request)
        var body: [UInt8] = []
        let iterator = exchange.body.makeAsyncIterator()
        while let chunk = try await iterator.next() {
            guard body.count + chunk.count <= limit else { throw .responseTooLarge(limit: limit) }
            if body.isEmpty {
                body = chunk
            } else {
                body += chunk
            }
        }
        return UpstreamResponse(status: exchange.head.status, headers: exchange.head.headers, body: body)
    }

    /// Status and headers as soon as they are there, and the body in parts. With `holding`, as many bytes of a body are waited for together with
    /// them, unless `isStream` says of the head that the body is to be passed on as it comes. A body that is not read to its end is cancelled when the last
    /// reference to it goes. `onStart` is given what cancels the exchange at any time, from any thread.
    package func open(
        _ request: UpstreamRequest, holding: Int = 0, isStream: @escaping @Sendable (UpstreamResponseHead) -> Bool = { _ in true },
        onStart: ((_ cancel: @escaping @Sendable () -> Void) -> Void)? = nil
    ) async throws(UpstreamError) -> UpstreamExchange {
        let prepared: Transfer.Request
        do {
            prepared = try self.prepared(request)
        } catch {
            request.upload?.close()
            throw error
        }
        let transfer = Transfer(prepared, options)
        // The transfer closes the upload when it ends, and with that this reference to itself goes.
        request.upload?.attach { [driver] in driver.resume(transfer) }
        let body = UpstreamBody(transfer, driver)
        onStart? { [driver] in driver.cancel(transfer) }
        let head = await withTaskCancellationHandler {
            driver.start(transfer)
            return await transfer.head(Transfer.Wanted(bytes: holding, isStream: isStream)) { driver.resume(transfer) }
        } onCancel: {
            driver.cancel(transfer)
        }
        let found = try head.get()
        guard holding > 0 else { return UpstreamExchange(head: found, body: body) }
        let (beginning, hasEnded) = transfer.beginning { driver.resume(transfer) }
        return UpstreamExchange(head: found, beginning: beginning, hasEnded: hasEnded, body: body)
    }

    /// Ends all exchanges and the thread.
    package func shutdown() async {
        driver.stop()
        await driver.waitUntilStopped()
    }

    private func prepared(_ request: UpstreamRequest) throws(UpstreamError) -> Transfer.Request {
        let origin = request.origin ?? base
        guard allowed.allows(origin) else { throw .hostNotAllowed(origin.authority) }
        guard HTTPRequest.Method(rawValue: request.method) != nil, request.method != "CONNECT" else {
            throw .invalidRequest("the method is not valid")
        }
        let target = request.path + (request.query.map { "?\($0)" } ?? "")
        guard request.path.hasPrefix("/"), !request.path.contains("?") else { throw .invalidRequest("the path does not begin with a slash") }
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
            throw .invalidRequest("the path or the query holds characters that must be escaped")
        }
        return Transfer.Request(
            url: origin.description + target, method: request.method,
            headerLines: HopByHop.requestLines(request.headers, toOtherHost: origin != base), body: request.body,
            upload: request.upload, host: origin.authority, isLoopback: origin.isLoopback)
    }
}

/// An answer whose body is still coming.
package struct UpstreamExchange: Sendable {
    package let head: UpstreamResponseHead
    /// What was held of the body, and whether that is all.
    package var beginning: [UInt8] = []
    package var hasEnded = false
    /// What follows.
    package let body: UpstreamBody
}

/// The parts of a body as they come. A reader that is slow slows the connection down. To be read once.
package struct UpstreamBody: AsyncSequence, Sendable {
    package typealias Element = [UInt8]
    package typealias Failure = UpstreamError

    /// Cancels what nobody can read any more.
    fileprivate final class Owner: Sendable {
        let transfer: Transfer
        let driver: CurlDriver

        init(_ transfer: Transfer, _ driver: CurlDriver) {
            self.transfer = transfer
            self.driver = driver
        }

        deinit {
            if !transfer.hasEnded { driver.cancel(transfer) }
        }
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private let owner: Owner

        fileprivate init(_ owner: Owner) { self.owner = owner }

        package func next() async throws(UpstreamError) -> [UInt8]? {
            let owner = owner
            let result = await withTaskCancellationHandler {
                await owner.transfer.chunk { owner.driver.resume(owner.transfer) }
            } onCancel: {
                owner.driver.cancel(owner.transfer)
            }
            return try result.get()
        }

        package func next(isolation actor: isolated (any Actor)?) async throws(UpstreamError) -> [UInt8]? { try await next() }
    }

    private let owner: Owner

    init(_ transfer: Transfer, _ driver: CurlDriver) { owner = Owner(transfer, driver) }

    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(owner) }
}
