import ArgumentParser
import Faults
import Foundation
import Jobs
import Logging
import Server
import Upstream
import Workspace

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "serve", abstract: "Starts a simulated workspace.")

    enum Clock: String, ExpressibleByArgument, CaseIterable { case real, virtual }

    @OptionGroup var listen: ListenOptions

    @Option(help: "Keep everything in this directory; without it all is in memory and gone at exit.")
    var dataDir: String?

    @Option(help: "The workspace's clock: the system's, or one that the control API moves.")
    var clock: Clock = .real

    @Option(help: "How long OAuth tokens are valid, such as 1h.")
    var oauthTtl = "1h"

    @Flag(help: "Refuse requests with fields or values that the API does not know.")
    var strict = false

    @Option(
        help: """
            Run the Python of jobs and of commands on clusters by this command, such as python3; without it runs are simulated, commands refused.
            """)
    var python: String?

    @Flag(help: "Send the webhooks of jobs and of the model registry that go to loopback addresses.")
    var webhooks = false

    @OptionGroup var tls: TLSOptions

    func run() async throws {
        guard let lifetime = DurationText.parse(oauthTtl), lifetime >= .seconds(1) else {
            throw ValidationError("--oauth-ttl takes a duration of at least one second, such as 1h")
        }
        let words = python.map { $0.split(separator: " ").map(String.init) }
        guard words?.isEmpty != true else { throw ValidationError("--python takes a command, such as python3") }
        let localPython = words.map { LocalPython(command: $0) }
        let logger = LogOutput.make(level: listen.logLevel)
        let seed = listen.seed ?? UInt64.random(in: 0..<1 << 53)
        let virtualClock = clock == .virtual ? VirtualClock() : nil
        let compartments = try ServerRun.compartments(listen, seed: seed, clock: virtualClock ?? RealClock(), id: Simulator.mainID, mode: .serve)
        var options = Simulator.Options(
            token: listen.token, oauthLifetimeSeconds: Int(lifetime.components.seconds), dataDirectory: dataDir, isStrict: strict,
            python: localPython,
            webhooks: webhooks ? Webhooks { logger.warning("a webhook was not delivered", metadata: ["error": "\($0)"]) } : nil)
        options.outside = UpstreamOptions(environment: ProcessInfo.processInfo.environment)
        let simulator: Simulator
        do {
            simulator = try Simulator(options, compartments: compartments) { operation, error in
                logger.error("operation failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
            }
        } catch {
            throw CommandFailure(message: "serve: \(dataDir.map { $0 + ": " } ?? "")\(error)")
        }
        let token = listen.token
        defer { simulator.stopProcesses() }
        let tls = try self.tls.make(host: listen.host, dataDirectory: dataDir)
        try await ServerRun.run(backend: simulator, listen: listen, tls: tls, compartments: compartments, logger: logger) { host in
            localPython?.listening(at: host)
            return [("DATABRICKS_HOST", host), ("DATABRICKS_TOKEN", token), ("DATABRICKS_WAREHOUSE_ID", simulator.starterWarehouseID)]
        }
    }
}
