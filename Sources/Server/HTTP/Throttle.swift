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
            // The fault is this wait: a tenth of a second's bytes ten times a second. It is of real time, whatever the workspace's clock is, since the
            // client measures it; no thread is held, and it ends with the connection's task.
            if start < body.count || pausesAtEnd { try await Task.sleep(for: .milliseconds(100)) }
        }
    }
}
