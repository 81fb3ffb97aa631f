/// An answer of the object store's endpoint.
package struct S3Response: Sendable {
    package enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// A part of an object, to be read while it is sent.
        case object(path: String, range: Range<Int>)
    }

    package var status: Int
    package var headers: [(name: String, value: String)]
    package var body: Body

    package init(_ status: Int, headers: [(name: String, value: String)] = [], body: Body = .none) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    static func xml(_ writer: XMLWriter) -> S3Response {
        S3Response(200, headers: [("content-type", "application/xml")], body: .bytes(writer.bytes))
    }
}

/// The operations, by the names of faults and the journal.
package enum S3Operation: String, Sendable, CaseIterable {
    case listObjects = "s3.list_objects"
    case headBucket = "s3.head_bucket"
    case getBucketLocation = "s3.get_bucket_location"
    case getObject = "s3.get_object"
    case headObject = "s3.head_object"
    case putObject = "s3.put_object"
    case copyObject = "s3.copy_object"
    case deleteObject = "s3.delete_object"
    case deleteObjects = "s3.delete_objects"
    case createMultipartUpload = "s3.create_multipart_upload"
    case uploadPart = "s3.upload_part"
    case completeMultipartUpload = "s3.complete_multipart_upload"
    case abortMultipartUpload = "s3.abort_multipart_upload"
    /// What S3 has and this endpoint has not.
    case other = "s3.other"

    package init(_ request: S3Request) {
        let hasKey = !request.key.isEmpty
        switch request.method {
        case "GET" where hasKey: self = request.has("uploadId") || request.has("acl") || request.has("tagging") ? .other : .getObject
        case "GET" where request.has("location"): self = .getBucketLocation
        case "GET" where request.item("list-type") == "2" && !request.bucket.isEmpty: self = .listObjects
        case "HEAD": self = hasKey ? .headObject : .headBucket
        case "PUT" where hasKey:
            if request.has("uploadId") {
                self = request.header("x-amz-copy-source") == nil ? .uploadPart : .other
            } else if request.has("acl") || request.has("tagging") {
                self = .other
            } else {
                self = request.header("x-amz-copy-source") == nil ? .putObject : .copyObject
            }
        case "DELETE" where hasKey: self = request.has("uploadId") ? .abortMultipartUpload : .deleteObject
        case "POST" where request.has("delete") && !hasKey: self = .deleteObjects
        case "POST" where hasKey && request.has("uploads"): self = .createMultipartUpload
        case "POST" where hasKey && request.has("uploadId"): self = .completeMultipartUpload
        default: self = .other
        }
    }

    /// Method and route, as the printed page shows them.
    package var route: (method: String, path: String) {
        switch self {
        case .listObjects: ("GET", "/{bucket}?list-type=2")
        case .headBucket: ("HEAD", "/{bucket}")
        case .getBucketLocation: ("GET", "/{bucket}?location")
        case .getObject: ("GET", "/{bucket}/{key...}")
        case .headObject: ("HEAD", "/{bucket}/{key...}")
        case .putObject: ("PUT", "/{bucket}/{key...}")
        case .copyObject: ("PUT", "/{bucket}/{key...} (x-amz-copy-source)")
        case .deleteObject: ("DELETE", "/{bucket}/{key...}")
        case .deleteObjects: ("POST", "/{bucket}?delete")
        case .createMultipartUpload: ("POST", "/{bucket}/{key...}?uploads")
        case .uploadPart: ("PUT", "/{bucket}/{key...}?uploadId=&partNumber=")
        case .completeMultipartUpload: ("POST", "/{bucket}/{key...}?uploadId=")
        case .abortMultipartUpload: ("DELETE", "/{bucket}/{key...}?uploadId=")
        case .other: ("", "")
        }
    }
}
