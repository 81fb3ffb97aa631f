import ArgumentParser
import Cassettes
import Faults
import Foundation
import Logging
import Server
import Upstream
import Workspace

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Answers from cassettes; a request that is not in them is a miss.")

    enum Latency: String, ExpressibleByArgument, CaseIterable { case none, recorded }

    @OptionGroup var listen: ListenOptions

    @Option(parsing: .upToNextOption, help: "Folders of cassettes, in the order in which they are asked.")
    var cassette: [String]

    @Option(help: "What answers a request that is not recorded: none, simulate, or upstream=URL.")
    var fallback = "none"

    @Option(help: "With --fallback upstream: a further host that links in answers may lead to; *.example.com stands for all below.")
    var allowHost: [String] = []

    @Option(help: "collapsed: equal answers in a row count once; recorded: they are all given.")
    var polls: ReplayIndex.Polls = .collapsed

    @Option(help: "none, or as long as was recorded.")
    var latency: Latency = .none

    func run() async throws {
        let logger = LogOutput.make(level: listen.logLevel)
        let cassettes = try await CassetteCommand.read(all: cassette)
        for recorded in cassettes {
            if let torn = recorded.torn { logger.warning("\(recorded.file):\(torn.line): the last line is cut off; it is left out") }
        }
        let warehouse = Self.warehouseID(cassettes)
        let compartments = try ServerRun.compartments(listen, seed: listen.seed ?? 0, clock: RealClock(), mode: .replay)
        let backend = ReplayBackend(
            cassettes, polls: polls, waitsAsRecorded: latency == .recorded, fallback: try makeFallback(warehouse, logger),
            compartments: compartments, warehouseID: warehouse)
        let token = listen.token
        try await ServerRun.run(
            backend: backend, listen: listen, compartments: compartments, logger: logger
        ) { host in
            [("DATABRICKS_HOST", host), ("DATABRICKS_TOKEN", token)] + (warehouse.map { [("DATABRICKS_WAREHOUSE_ID", $0)] } ?? [])
        }
        if let report = backend.misses.report { throw CommandFailure(message: report, status: 2) }
    }

    private func makeFallback(_ warehouse: String?, _ logger: Logger) throws -> (any ReplayFallback)? {
        switch fallback {
        case "none": return nil
        case "simulate":
            let workspace = try SimulatedWorkspace(token: listen.token, seed: listen.seed ?? 0, logger: logger)
            return SimulatorFallback(workspace.simulator, workspace.pipeline, token: listen.token, recordedWarehouse: warehouse)
        case _ where fallback.hasPrefix("upstream="):
            do {
                return UpstreamFallback(
                    try Upstream(
                        UpstreamOrigin(String(fallback.dropFirst("upstream=".count))), allowedHosts: allowHost,
                        options: UpstreamOptions(environment: ProcessInfo.processInfo.environment)))
            } catch {
                throw ValidationError("--fallback upstream: \(error)")
            }
        default: throw ValidationError("--fallback takes none, simulate or upstream=URL")
        }
    }

    /// The first warehouse that a recorded path names.
    private static func warehouseID(_ cassettes: [Cassette]) -> String? {
        for exchange in cassettes.flatMap(\.exchanges) {
            let parts = exchange.request.path.split(separator: "/")
            if let place = parts.firstIndex(of: "warehouses"), parts.indices.contains(place + 1) { return String(parts[place + 1]) }
        }
        return nil
    }
}

extension ReplayIndex.Polls: ExpressibleByArgument {}
