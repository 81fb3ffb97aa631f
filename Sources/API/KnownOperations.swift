package import HTTPTypes

/// An operation that the real service has, whether it is simulated or not.
package struct KnownOperation: Sendable, Hashable {
    package let id: String
    package let method: HTTPRequest.Method
    package let path: String

    package init(id: String, method: HTTPRequest.Method, path: String) {
        self.id = id
        self.method = method
        self.path = path
    }
}

/// Every operation of the real service that is publicly known. What of it is not simulated is refused by its name.
///
/// An id is `area.resource.action` (the rule is in scripts/known_operations.py); faults, the journal and cassettes use it, and a simulated operation
/// has the id of its route here. Paths are written as `RoutePattern` reads them.
package enum KnownOperations {
    /// What a request is matched against: the operations under their newest paths, then the same ones under their older prefixes.
    package static let all: [KnownOperation] = current + olderRoutes(of: current)

    /// Each operation under its newest path: the published SDK's by id, then those that the SDK does not list.
    package static let current: [KnownOperation] = {
        var operations: [KnownOperation] = []
        operations.reserveCapacity(1_600)
        parse(published, into: &operations)
        parse(unlisted, into: &operations)
        return operations
    }()

    /// Prefixes under which the service answers too, because older clients use them.
    package static let olderPrefixes: [(current: String, older: String)] = [
        ("/api/2.2/jobs/", "/api/2.1/jobs/"),
        ("/api/2.2/jobs/", "/api/2.0/jobs/"),
        ("/api/2.1/clusters/", "/api/2.0/clusters/"),
        ("/api/2.1/unity-catalog/", "/api/2.0/unity-catalog/"),
        ("/api/2.0/unity-catalog/", "/api/2.1/unity-catalog/"),
        ("/api/2.0/sql/warehouses", "/api/2.0/sql/endpoints"),
    ]

    /// The same operations where they have an older path, under the same ids.
    package static func olderRoutes(of operations: [KnownOperation]) -> [KnownOperation] {
        operations.flatMap { operation in
            olderPaths(of: operation.path).map { KnownOperation(id: operation.id, method: operation.method, path: $0) }
        }
    }

    package static func olderPaths(of path: String) -> [String] {
        olderPrefixes.compactMap { current, older in
            path.utf8.starts(with: current.utf8) ? older + path.dropFirst(current.count) : nil
        }
    }

    /// Reads lines of id, method and path with one space between them; a line that is not so is left out (a test finds it).
    static func parse(_ list: StaticString, into operations: inout [KnownOperation]) {
        list.withUTF8Buffer { bytes in
            for line in bytes.split(separator: UInt8(ascii: "\n")) {
                let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
                guard parts.count == 3, let method = method(parts[1]) else { continue }
                operations.append(
                    KnownOperation(
                        id: String(decoding: parts[0], as: UTF8.self), method: method, path: String(decoding: parts[2], as: UTF8.self)))
            }
        }
    }

    private static func method(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> HTTPRequest.Method? {
        // The first two letters tell the six apart.
        guard name.count > 2 else { return nil }
        return switch (name[name.startIndex], name[name.startIndex + 1]) {
        case (UInt8(ascii: "G"), _): .get
        case (UInt8(ascii: "P"), UInt8(ascii: "O")): .post
        case (UInt8(ascii: "P"), UInt8(ascii: "U")): .put
        case (UInt8(ascii: "P"), UInt8(ascii: "A")): .patch
        case (UInt8(ascii: "D"), _): .delete
        case (UInt8(ascii: "H"), _): .head
        default: nil
        }
    }
}
