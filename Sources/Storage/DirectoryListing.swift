/// What lies directly below a prefix: objects, and the common beginnings (up to the next `/`) of those that lie deeper.
package struct DirectoryListing: Sendable {
    package enum Entry: Sendable, Hashable {
        case object(ObjectInfo)
        /// Ends with a `/`.
        case prefix(String)

        package var path: String {
            switch self {
            case .object(let info): info.path
            case .prefix(let prefix): prefix
            }
        }
    }

    /// In the order of their paths' bytes.
    package var entries: [Entry] = []
    /// Whether there are more behind the last one.
    package var isTruncated = false

    package init() {}
}

extension ObjectStore {
    /// At most `limit` entries below `prefix` behind `after`. What lies below a common beginning costs one look-up, however much it is.
    package func listDirectory(_ prefix: String, after: String? = nil, limit: Int = .max) throws(StorageError) -> DirectoryListing {
        var listing = DirectoryListing()
        // Behind every path that starts with this text.
        let last = "\u{10FFFF}"
        var position = after
        if let after, after.hasSuffix("/") { position = after + last }
        var lastPrefix = after
        while true {
            let page = try list(prefix, after: position, limit: 256)
            guard let end = page.last else { return listing }
            position = end.path
            for info in page {
                let rest = info.path.utf8.dropFirst(prefix.utf8.count)
                var entry = DirectoryListing.Entry.object(info)
                if let slash = rest.firstIndex(of: UInt8(ascii: "/")) {
                    let common = String(info.path[...slash])
                    if common == lastPrefix { continue }
                    entry = .prefix(common)
                }
                guard listing.entries.count < limit else {
                    listing.isTruncated = true
                    return listing
                }
                listing.entries.append(entry)
                if case .prefix(let common) = entry {
                    lastPrefix = common
                    // The rest of the page lies there too, or is read again.
                    position = common + last
                    break
                }
            }
            if page.count < 256, position == end.path { return listing }
        }
    }

    /// Whether an object's path starts with this text.
    package func hasAny(_ prefix: String) throws(StorageError) -> Bool { try !list(prefix, after: nil, limit: 1).isEmpty }
}
