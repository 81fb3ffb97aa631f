package import S3
package import Workspace

/// Credentials and links for the object store's own endpoint.
extension SQLService {
    /// As the service's: temporary credentials end after an hour.
    package static let credentialSeconds: Int64 = 3600

    /// What lets a client reach the objects at a location, until it ends.
    package func credential(
        for object: String, writes: Bool, by principal: Principal, seconds: Int64 = credentialSeconds, share: String = ""
    ) -> StorageCredential {
        storageKey.issue(
            StorageGrant(
                workspaceID: workspace.id, path: object, writes: writes, expires: workspace.environment.nowMillis &+ seconds &* 1000,
                principal: principal.userName, share: share))
    }

    /// A link to one object that needs no other credential. `base` is scheme and host by which clients reach the server.
    package func link(
        _ method: String, to object: String, query: [(name: String, value: String)] = [], base: String, seconds: Int, by principal: Principal
    ) -> String {
        SignatureV4.presign(
            method, base: base, path: object, query: query,
            credential(for: object, writes: method != "GET" && method != "HEAD", by: principal, seconds: Int64(seconds)),
            nowMillis: workspace.environment.nowMillis, seconds: seconds)
    }

    /// `s3://bucket/a/b` is `bucket/a/b` in the object store.
    package static func objectPath(_ location: String) -> String { TableStore.objectPath(location) }

    package var endpoint: S3Endpoint {
        let ids = workspace.environment.ids
        return S3Endpoint(store: objects) { ids.secretHex(byteCount: 16) }
    }
}
