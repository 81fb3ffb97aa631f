package import Storage

/// S3's operations over an object store: what is a bucket there is the first part of a path here.
package struct S3Endpoint: Sendable {
    static let maxObject = 5 << 30
    static let maxBody = 4 << 20

    let store: any ObjectStore
    let newUploadID: @Sendable () -> String

    /// `newUploadID` gives hexadecimal digits that nobody can guess.
    package init(store: any ObjectStore, newUploadID: @escaping @Sendable () -> String) {
        self.store = store
        self.newUploadID = newUploadID
    }

    /// Answers a request whose signature holds. Throws `S3Error` alone, but for what reading the body throws.
    package func respond(to request: S3Request, _ verified: SignatureV4.Verified, _ payload: Payload) async throws -> S3Response {
        let grant = verified.credential.grant
        do {
            switch S3Operation(request) {
            case .headBucket:
                try mayKnow(request.bucket, grant)
                return S3Response(200, headers: [("x-amz-bucket-region", SignatureV4.region)])
            case .getBucketLocation:
                try mayKnow(request.bucket, grant)
                var writer = XMLWriter()
                writer.open("LocationConstraint", namespace: true)
                writer.close("LocationConstraint")
                return .xml(writer)
            case .listObjects: return try list(request, grant)
            case .getObject, .headObject: return try get(request, grant)
            case .putObject: return try await put(request, verified, payload)
            case .copyObject: return try copy(request, grant)
            case .deleteObject:
                try store.delete(path(request, grant, writes: true))
                return S3Response(204)
            case .deleteObjects: return try await deleteAll(request, verified, payload)
            case .createMultipartUpload: return try createUpload(request, grant)
            case .uploadPart: return try await uploadPart(request, verified, payload)
            case .completeMultipartUpload: return try await completeUpload(request, verified, payload)
            case .abortMultipartUpload:
                let upload = try upload(request, grant)
                try store.deleteAll(upload.prefix)
                return S3Response(204)
            case .other: throw S3Error.notImplemented("\(request.method) \(request.query.prefix(64))")
            }
        } catch let error as StorageError {
            switch error {
            case .notFound: throw S3Error.noSuchKey
            case .invalidPath: throw S3Error.invalidArgument("This store cannot hold a key of that name.")
            case .system: throw S3Error.internalError
            }
        }
    }

    // MARK: Paths

    /// The store's path of a key; one that ends with a slash, as clients make for a directory, is the directory's marker.
    static func path(bucket: String, key: String) throws(S3Error) -> String {
        let path = key.hasSuffix("/") ? "\(bucket)/\(key)\(ObjectPath.directoryMarker)" : "\(bucket)/\(key)"
        guard !bucket.hasPrefix("."), ObjectPath.isValid(path), path.utf8.count <= 1100 else {
            throw .invalidArgument("This store cannot hold a key of that name.")
        }
        return path
    }

    static func key(_ path: String, bucket: String) -> String {
        let key = path.dropFirst(bucket.count + 1)
        return String(key.hasSuffix("/" + ObjectPath.directoryMarker) ? key.dropLast(ObjectPath.directoryMarker.count) : key)
    }

    func path(_ request: S3Request, _ grant: StorageGrant, writes: Bool) throws(S3Error) -> String {
        let path = try Self.path(bucket: request.bucket, key: request.key)
        guard grant.covers(path), grant.writes || !writes else { throw .accessDenied }
        return path
    }

    private func mayKnow(_ bucket: String, _ grant: StorageGrant) throws(S3Error) {
        guard grant.path == bucket || grant.path.hasPrefix(bucket + "/"), !bucket.isEmpty else { throw .accessDenied }
    }

    func etag(_ path: String) throws(StorageError) -> String { "\"\(try store.identity(path)?.tag ?? "")\"" }

    // MARK: Reading

    private func get(_ request: S3Request, _ grant: StorageGrant) throws -> S3Response {
        let path = try path(request, grant, writes: false)
        guard let info = try store.info(path) else { throw S3Error.noSuchKey }
        let tag = try etag(path)
        var headers: [(name: String, value: String)] = [
            ("accept-ranges", "bytes"), ("etag", tag), ("last-modified", AmzDate.http(info.modified)), ("content-type", "binary/octet-stream"),
        ]
        if let match = request.header("if-match"), !Self.matches(match, tag) { throw S3Error.precondition }
        if let since = request.header("if-unmodified-since").flatMap({ AmzDate.millis(http: $0) }), info.modified / 1000 > since / 1000 {
            throw S3Error.precondition
        }
        if let match = request.header("if-none-match"), Self.matches(match, tag) { return S3Response(304, headers: headers) }
        var range = 0..<info.size
        var status = 200
        if let text = request.header("range") {
            switch ByteRange(text).resolve(info.size) {
            case .whole: break
            case .part(let part):
                range = part
                status = 206
                headers.append(("content-range", "bytes \(part.lowerBound)-\(part.upperBound - 1)/\(info.size)"))
            case .unsatisfiable: throw S3Error.invalidRange
            }
        }
        headers.append(("content-length", String(range.count)))
        return S3Response(status, headers: headers, body: request.method == "HEAD" ? .none : .object(path: path, range: range))
    }

    private static func matches(_ list: String, _ tag: String) -> Bool {
        list.split(separator: ",").contains { entry in
            let entry = entry.drop { $0 == " " }
            return entry == "*" || entry == tag || "\"\(entry)\"" == tag
        }
    }

    private func list(_ request: S3Request, _ grant: StorageGrant) throws -> S3Response {
        let bucket = request.bucket
        let prefix = request.item("prefix") ?? ""
        guard grant.coversList(of: prefix.hasSuffix("/") ? "\(bucket)/\(prefix.dropLast())" : "\(bucket)/\(prefix)") else {
            throw S3Error.accessDenied
        }
        guard let size = Int(request.item("max-keys") ?? "1000"), size >= 0 else { throw S3Error.invalidArgument("max-keys must be a number.") }
        let limit = min(size, 1000)
        var after = request.item("start-after").flatMap { $0.isEmpty ? nil : "\(bucket)/\($0)" }
        if let token = request.item("continuation-token") {
            guard let bytes = Hex.decode(token) else { throw S3Error.invalidArgument("The continuation token provided is incorrect") }
            after = "\(bucket)/" + String(decoding: bytes, as: UTF8.self)
        }
        var listing = DirectoryListing()
        switch request.item("delimiter") ?? "" {
        case "/": listing = limit == 0 ? listing : try store.listDirectory("\(bucket)/\(prefix)", after: after, limit: limit)
        case "":
            let found = try store.list("\(bucket)/\(prefix)", after: after, limit: limit + 1)
            listing.entries = found.prefix(limit).map { .object($0) }
            listing.isTruncated = found.count > limit && limit > 0
        default: throw S3Error.notImplemented("a delimiter other than /")
        }
        let encode: (String) -> String = request.item("encoding-type") == "url" ? { URIEncoding.encode($0, keepingSlash: true) } : { $0 }
        var writer = XMLWriter()
        writer.open("ListBucketResult", namespace: true)
        writer.element("Name", bucket)
        writer.element("Prefix", encode(prefix))
        if let delimiter = request.item("delimiter"), !delimiter.isEmpty { writer.element("Delimiter", delimiter) }
        writer.element("MaxKeys", String(limit))
        if request.item("encoding-type") == "url" { writer.element("EncodingType", "url") }
        writer.element("KeyCount", String(listing.entries.count))
        writer.element("IsTruncated", listing.isTruncated ? "true" : "false")
        if let token = request.item("continuation-token") { writer.element("ContinuationToken", token) }
        if listing.isTruncated, let last = listing.entries.last {
            writer.element("NextContinuationToken", Hex.encode(last.path.dropFirst(bucket.count + 1).utf8))
        }
        for case .object(let info) in listing.entries {
            writer.open("Contents")
            writer.element("Key", encode(Self.key(info.path, bucket: bucket)))
            writer.element("LastModified", AmzDate.iso(info.modified))
            writer.element("ETag", try etag(info.path))
            writer.element("Size", String(info.size))
            writer.element("StorageClass", "STANDARD")
            writer.close("Contents")
        }
        for case .prefix(let path) in listing.entries {
            writer.open("CommonPrefixes")
            writer.element("Prefix", encode(String(path.dropFirst(bucket.count + 1))))
            writer.close("CommonPrefixes")
        }
        writer.close("ListBucketResult")
        return .xml(writer)
    }

    // MARK: Writing

    private func put(_ request: S3Request, _ verified: SignatureV4.Verified, _ payload: Payload) async throws -> S3Response {
        let path = try path(request, verified.credential.grant, writes: true)
        if request.header("if-match") != nil { throw S3Error.notImplemented("If-Match of a PUT") }
        if let condition = request.header("if-none-match"), condition != "*" { throw S3Error.notImplemented("If-None-Match other than *") }
        let ifAbsent = request.header("if-none-match") != nil
        if ifAbsent, try store.exists(path) { throw S3Error.precondition }
        let upload = try store.beginUpload()
        defer { upload.cancel() }
        var size = 0
        try await payload.read(request, verified) { part in
            size += part.count
            guard size <= Self.maxObject else { throw S3Error.entityTooLarge }
            try upload.append(part)
        }
        guard try upload.commit(path, ifAbsent: ifAbsent) else { throw S3Error.precondition }
        return S3Response(200, headers: [("etag", try etag(path)), ("x-amz-server-side-encryption", "AES256")])
    }

    private func copy(_ request: S3Request, _ grant: StorageGrant) throws -> S3Response {
        let target = try path(request, grant, writes: true)
        let source = URIEncoding.decode((request.header("x-amz-copy-source") ?? "").prefix { $0 != "?" })
        let trimmed = source.hasPrefix("/") ? String(source.dropFirst()) : source
        let bucket = String(trimmed.prefix { $0 != "/" })
        let path = try Self.path(bucket: bucket, key: String(trimmed.dropFirst(bucket.count + 1)))
        guard grant.covers(path) else { throw S3Error.accessDenied }
        let ifAbsent = request.header("if-none-match") == "*"
        guard try store.concatenate([path], to: target, ifAbsent: ifAbsent) else { throw S3Error.precondition }
        var writer = XMLWriter()
        writer.open("CopyObjectResult", namespace: true)
        writer.element("LastModified", AmzDate.iso(try store.info(target)?.modified ?? 0))
        writer.element("ETag", try etag(target))
        writer.close("CopyObjectResult")
        return .xml(writer)
    }

    private func deleteAll(_ request: S3Request, _ verified: SignatureV4.Verified, _ payload: Payload) async throws -> S3Response {
        let root = try XMLElement(parsing: try await payload.whole(request, verified, limit: Self.maxBody))
        let keys = root.all("Object").compactMap { $0.first("Key")?.text }
        guard root.name == "Delete", !keys.isEmpty, keys.count <= 1000 else { throw S3Error.malformedXML }
        let isQuiet = root.first("Quiet")?.text.lowercased() == "true"
        var writer = XMLWriter()
        writer.open("DeleteResult", namespace: true)
        for key in keys {
            do throws(S3Error) {
                let path = try Self.path(bucket: request.bucket, key: key)
                guard verified.credential.grant.covers(path), verified.credential.grant.writes else { throw .accessDenied }
                do throws(StorageError) { try store.delete(path) } catch { throw .internalError }
                if isQuiet { continue }
                writer.open("Deleted")
                writer.element("Key", key)
                writer.close("Deleted")
            } catch {
                writer.open("Error")
                writer.element("Key", key)
                writer.element("Code", error.code)
                writer.element("Message", error.message)
                writer.close("Error")
            }
        }
        writer.close("DeleteResult")
        return .xml(writer)
    }
}
