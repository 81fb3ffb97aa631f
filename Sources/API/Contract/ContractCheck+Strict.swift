package import HTTPTypes
import JSON
package import Workspace

extension ContractCheck {
    /// Why a strict server refuses a call: what is unknown in it, the first thing first; nil if everything is known, or the contract is silent.
    package static func refusal(of operation: Operation, _ call: Call) -> WorkspaceError? {
        guard let endpoint = Contract.endpoint(operation.method, operation.path) else { return nil }
        let check = ContractCheck(endpoint, query: call.query, body: json(call.headers, call.body, endpoint))
        return check.findings.first { $0.isUnknown }?.error
    }

    /// The places in a request that the contract does not know, by the id of its operation.
    package static func unknown(operation id: String?, query: String, headers: HTTPFields, body: [UInt8]) -> [String] {
        guard let id, let operation = routes[id], let endpoint = Contract.endpoint(operation.method, operation.path) else { return [] }
        return ContractCheck(endpoint, query: QueryItems(query), body: json(headers, body, endpoint)).findings.filter(\.isUnknown).map(\.place)
    }

    private static let routes: [String: Operation] = Dictionary(APIGroups.all.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })

    /// A body that is a JSON object or array.
    private static func json(_ headers: HTTPFields, _ body: [UInt8], _ endpoint: Contract.Endpoint) -> JSONValue? {
        if case .opaque = endpoint.body { return nil }
        if let type = headers[.contentType]?.lowercased(), type.hasPrefix("multipart/") || type.hasPrefix("application/x-www-form") { return nil }
        return body.isEmpty ? nil : try? JSONValue(parsing: body)
    }
}
