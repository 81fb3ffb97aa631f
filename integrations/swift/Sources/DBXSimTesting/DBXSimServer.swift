import Foundation
import Synchronization

/// A dbxsim server: one that runs already, or one that was started here and ends with the process.
public final class DBXSimServer: Sendable {
    public let host: URL
    public let token: String
    private let client: ControlClient

    /// A running server with its admin token.
    public init(host: URL, token: String = DBXSimServer.defaultToken) {
        self.host = host
        self.token = token
        client = ControlClient(host: host, token: token)
    }

    public static let defaultToken = ProcessInfo.processInfo.environment["DBXSIM_TOKEN"] ?? "dapi-dbxsim"

    /// The server for all tests of the process: that of `DBXSIM_URL`, or else one that is started when it is first asked for, from the program at `DBXSIM`
    /// or `dbxsim` on the path, with the words of `DBXSIM_ARGS` as further options.
    public static func shared() throws -> DBXSimServer { try sharedResult.get() }

    private static let sharedResult = Result<DBXSimServer, any Error> {
        let environment = ProcessInfo.processInfo.environment
        if let text = environment["DBXSIM_URL"], let url = URL(string: text) { return DBXSimServer(host: url) }
        let options = (environment["DBXSIM_ARGS"] ?? "").split(separator: " ").map(String.init)
        return try start(program: environment["DBXSIM"] ?? "dbxsim", options: options)
    }

    /// Starts a server on a free port.
    public static func start(program: String, options: [String] = []) throws -> DBXSimServer {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program, "serve", "--port", "0", "--token", defaultToken, "--log-level", "warning"] + options
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        EndAtExit.add(process.processIdentifier)
        // The ready lines come when the server can answer.
        var text = ""
        while !text.contains("\n") {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else {
                throw DBXSimError(status: 0, message: "'\(program)' did not start; put dbxsim on the path or its place in DBXSIM")
            }
            text += String(decoding: data, as: UTF8.self)
        }
        guard let line = text.split(separator: "\n").first, let place = line.range(of: "listening on "),
            let url = URL(string: String(line[place.upperBound...]))
        else { throw DBXSimError(status: 0, message: "not dbxsim's ready line: \(text)") }
        return DBXSimServer(host: url)
    }

    /// A fresh workspace, or a copy of a snapshot of the main one.
    public func makeWorkspace(_ name: String, seed: Int? = nil, snapshot: String? = nil) async throws -> DBXSimWorkspace {
        var order: [String: any Encodable & Sendable] = ["name": name]
        if let seed { order["seed"] = seed }
        if let snapshot { order["snapshot"] = snapshot }
        let made = try await client.call("POST", "workspaces", ControlClient.json(order), as: DBXSimWorkspace.Made.self)
        return DBXSimWorkspace(host: host, made)
    }
}

/// Ends the servers that were started here when the process ends.
private enum EndAtExit {
    private static let processes = Mutex<[pid_t]>([])

    static func add(_ process: pid_t) {
        let isFirst = processes.withLock { processes in
            processes.append(process)
            return processes.count == 1
        }
        if isFirst { atexit { EndAtExit.processes.withLock { $0 }.forEach { kill($0, SIGTERM) } } }
    }
}
