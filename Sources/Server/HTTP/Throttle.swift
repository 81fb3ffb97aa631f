/// The pace of a body that a fault holds back.
enum Throttle {
    /// Writes a body in slices. `pausesAtEnd`: more of it follows, so that small parts are held back, too.
    static func send(_ body: [UInt8], bytesPerSecond rate: Int, pausesAtEnd: Bool, _ write: ([UInt8]) async throws -> Void) async throws {
        let slice = max(1, rate / 10)
        var start = 0
        while start < body.count {
            let end = start + min(slice, body.count - start)
            try await write(Array(body[start..<end]))
            start = end
            // The wait is what was asked for: a tenth of a second's bytes, ten times a second of the connection's time.
            if start < body.count || pausesAtEnd { try await Task.sleep(for: .milliseconds(100)) }
        }
    }
}
