/// A body that is read in parts as it comes: once, by one task at a time.
package struct BodyStream: Sendable {
    /// In bytes, if it is known before the end.
    package let length: Int?
    private let read: @Sendable () async throws -> [UInt8]?

    /// `read` gives the next part, nil at the end, and throws if the end will never come.
    package init(length: Int?, read: @escaping @Sendable () async throws -> [UInt8]?) {
        self.length = length
        self.read = read
    }

    package func next() async throws -> [UInt8]? { try await read() }
}
