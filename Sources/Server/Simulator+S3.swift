import API
import S3
import Warehouse
import Workspace

extension Simulator {
    /// The workspace and the principal of a signed request to the object store.
    func admitSigned(_ request: ServedRequest) -> Admission {
        let signed = ObjectStoreAPI.request(request.method, request.path, request.query, request.headers, baseURL: request.baseURL)
        let token = signed.header("x-amz-security-token") ?? signed.item("X-Amz-Security-Token")
        // Each workspace has a key of its own.
        let room = token.flatMap { StorageKey.workspaceID(claimedBy: $0) }.flatMap { self.room($0) }
        do throws(S3Error) {
            guard let room = room ?? self.room(compartments.main.id) else { throw .accessDenied }
            let clock = room.compartment.clock
            let verified = try SignatureV4.verify(
                signed, room.tenant.sql.storageKey, nowMillis: clock.nowMillis, clockMillis: clock is RealClock ? clock.nowMillis : nil)
            let grant = verified.credential.grant
            return .admitted(
                Caller(
                    name: grant.principal, tenant: room.tenant,
                    principal: Principal(id: "", userName: grant.principal, displayName: grant.principal, isAdmin: false),
                    compartment: room.compartment))
        } catch {
            return .refused(Answer(ObjectStoreAPI.refusal(error, path: request.path, requestID: "")), in: room?.compartment)
        }
    }
}
