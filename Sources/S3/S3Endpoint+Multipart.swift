package import Storage

/// Multipart uploads. Parts are objects of their own, under a bucket that no client can name, until they are put together.
extension S3Endpoint {
    private static let uploadsPrefix = ".uploads"
    private static let minPart = 5 << 20
    private static let maxParts = 10_000

    struct Upload {
        let path: String
        let prefix: String
        let id: String

        func part(_ number: Int) -> String {
            let digits = String(number)
            return prefix + "part-" + String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        }
    }

    /// Begins an upload of parts to an object; its id.
    package func beginUpload(to path: String) throws(StorageError) -> String {
        let id = newUploadID()
        try store.put("\(Self.uploadsPrefix)/\(id)/key", Array(path.utf8))
        return id
    }

    /// Puts the parts together, in ascending order of their numbers.
    package func completeUpload(_ id: String, to path: String, parts: [(number: Int, etag: String)], ifAbsent: Bool) throws {
        let upload = try upload(id, path)
        for (part, next) in zip(parts, parts.dropFirst()) where part.number >= next.number { throw S3Error.invalidPartOrder }
        var sources: [String] = []
        for (position, part) in parts.enumerated() {
            let source = upload.part(part.number)
            guard let info = try store.info(source) else { throw S3Error.invalidPart }
            let tag = try etag(source)
            guard part.etag == tag || "\"\(part.etag)\"" == tag else { throw S3Error.invalidPart }
            if position < parts.count - 1, info.size < Self.minPart { throw S3Error.entityTooSmall }
            sources.append(source)
        }
        guard try store.concatenate(sources, to: path, ifAbsent: ifAbsent) else { throw S3Error.precondition }
        try store.deleteAll(upload.prefix)
    }

    func createUpload(_ request: S3Request, _ grant: StorageGrant) throws -> S3Response {
        let id = try beginUpload(to: path(request, grant, writes: true))
        var writer = XMLWriter()
        writer.open("InitiateMultipartUploadResult", namespace: true)
        writer.element("Bucket", request.bucket)
        writer.element("Key", request.key)
        writer.element("UploadId", id)
        writer.close("InitiateMultipartUploadResult")
        return .xml(writer)
    }

    /// The upload that a request names; it must be of the request's key.
    func upload(_ request: S3Request, _ grant: StorageGrant) throws -> Upload {
        try upload(request.item("uploadId") ?? "", path(request, grant, writes: true))
    }

    private func upload(_ id: String, _ path: String) throws -> Upload {
        guard !id.isEmpty, id.utf8.count <= 64, id.utf8.allSatisfy({ Hex.value($0) != nil }) else { throw S3Error.noSuchUpload }
        let upload = Upload(path: path, prefix: "\(Self.uploadsPrefix)/\(id)/", id: id)
        do throws(StorageError) {
            guard try store.get(upload.prefix + "key") == Array(path.utf8) else { throw .notFound(path) }
        } catch {
            throw S3Error.noSuchUpload
        }
        return upload
    }

    func uploadPart(_ request: S3Request, _ verified: SignatureV4.Verified, _ payload: Payload) async throws -> S3Response {
        let upload = try upload(request, verified.credential.grant)
        guard let number = request.item("partNumber").flatMap({ Int($0) }), (1...Self.maxParts).contains(number) else {
            throw S3Error.invalidArgument("Part number must be an integer between 1 and 10000, inclusive")
        }
        let staged = try store.beginUpload()
        defer { staged.cancel() }
        var size = 0
        try await payload.read(request, verified) { part in
            size += part.count
            guard size <= Self.maxObject else { throw S3Error.entityTooLarge }
            try staged.append(part)
        }
        _ = try staged.commit(upload.part(number), ifAbsent: false)
        return S3Response(200, headers: [("etag", try etag(upload.part(number)))])
    }

    func completeUpload(_ request: S3Request, _ verified: SignatureV4.Verified, _ payload: Payload) async throws -> S3Response {
        let upload = try upload(request, verified.credential.grant)
        let root = try XMLElement(parsing: try await payload.whole(request, verified, limit: Self.maxBody))
        let listed = root.all("Part")
        guard root.name == "CompleteMultipartUpload", !listed.isEmpty, listed.count <= Self.maxParts else { throw S3Error.malformedXML }
        var parts: [(number: Int, etag: String)] = []
        for part in listed {
            guard let number = part.first("PartNumber").flatMap({ Int($0.text) }), (1...Self.maxParts).contains(number),
                let etag = part.first("ETag")?.text
            else { throw S3Error.malformedXML }
            parts.append((number, etag))
        }
        try completeUpload(upload.id, to: upload.path, parts: parts, ifAbsent: request.header("if-none-match") == "*")
        var writer = XMLWriter()
        writer.open("CompleteMultipartUploadResult", namespace: true)
        writer.element("Location", "/\(request.bucket)/\(request.key)")
        writer.element("Bucket", request.bucket)
        writer.element("Key", request.key)
        writer.element("ETag", try etag(upload.path))
        writer.close("CompleteMultipartUploadResult")
        return .xml(writer)
    }
}
