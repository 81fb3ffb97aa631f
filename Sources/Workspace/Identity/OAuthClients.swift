/// Which workspaces have which OAuth clients, and which one gave out which secret.
struct OAuthClients: Sendable {
    /// By application id in lower case; the workspaces in the order in which they came to have it.
    private var owners: [String: [Int]] = [:]
    /// By the secret's SHA-256 in hexadecimal.
    private var givers: [String: Int] = [:]
    private var names: [Int: Set<String>] = [:]
    private var secrets: [Int: Set<String>] = [:]

    var count: Int { owners.count + givers.count }

    func workspaces(of client: String) -> [Int] { owners[client.lowercased()] ?? [] }
    func workspace(ofSecret hash: String) -> Int? { givers[hash] }

    mutating func add(_ client: String, _ workspace: Int) {
        let client = client.lowercased()
        if names[workspace, default: []].insert(client).inserted { owners[client, default: []].append(workspace) }
    }

    mutating func add(secret hash: String, _ workspace: Int) {
        guard givers[hash] == nil else { return }
        givers[hash] = workspace
        secrets[workspace, default: []].insert(hash)
    }

    mutating func forget(_ workspace: Int) {
        for hash in secrets.removeValue(forKey: workspace) ?? [] { givers[hash] = nil }
        for client in names.removeValue(forKey: workspace) ?? [] {
            owners[client]?.removeAll { $0 == workspace }
            if owners[client]?.isEmpty == true { owners[client] = nil }
        }
    }
}
