import ArgumentParser
import Cassettes
import Foundation
import Logging
import Server
import Workspace

struct ReplayCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay", abstract: "Answers from cassettes; a request that is not in them is a miss.")

    enum Latency: String, ExpressibleByArgument, CaseIterable { case none, recorded }

    @OptionGroup var listen: ListenOptions

    @Option(parsing: .upToNextOption, help: "Folders of cassettes, in the order in which they are asked.")
    var cassette: [String]

    @Option(help: "What answers a miss: none, or (later) simulate or upstream=URL.")
    var fallback = "none"

    @Option(help: "collapsed: equal answers in a row count once; recorded: they are all given.")
    var polls: ReplayIndex.Polls = .collapsed

    @Option(help: "none, or as long as was recorded.")
    var latency: Latency = .none

    func run() async throws {
        guard fallback == "none" else { throw CommandFailure(message: "replay: --fallback \(fallback) is not available yet") }
        let logger = LogOutput.make(level: listen.logLevel)
        var cassettes: [Cassette] = []
        for folder in cassette { cassettes.append(try CassetteCommand.read(folder)) }
        for recorded in cassettes {
            if let torn = recorded.torn { logger.warning("\(recorded.file):\(torn.line): the last line is cut off; it is left out") }
        }
        let warehouse = Self.warehouseID(cassettes)
        let backend = ReplayBackend(cassettes, polls: polls, waitsAsRecorded: latency == .recorded)
        let token = listen.token
        try await ServerRun.run(
            backend: backend, listen: listen,
            compartments: try ServerRun.compartments(listen, seed: listen.seed ?? 0, clock: RealClock()), logger: logger
        ) { host in
            [("DATABRICKS_HOST", host), ("DATABRICKS_TOKEN", token)] + (warehouse.map { [("DATABRICKS_WAREHOUSE_ID", $0)] } ?? [])
        }
        if backend.misses > 0 {
            throw CommandFailure(message: "\(backend.misses) request\(backend.misses == 1 ? "" : "s") had no recorded answer", status: 2)
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
