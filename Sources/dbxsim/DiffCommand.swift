import ArgumentParser
import Cassettes
import Foundation
import JSON
import Logging
import Server
import Synchronization
import Upstream

struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Plays recorded requests and reports where the answers differ; exit status 1 if any do.")

    @Option(parsing: .upToNextOption, help: "Folders of cassettes; each is played from a start state of its own.")
    var cassette: [String]

    @Option(help: "simulator, or the URL of a service.")
    var against = "simulator"

    @Option(help: "The service's token; else DATABRICKS_TOKEN.")
    var token: String?

    @Option(help: "The warehouse that stands for recorded ones; else DATABRICKS_WAREHOUSE_ID, or the simulator's.")
    var warehouse: String?

    @Option(help: "The simulator's seed.")
    var seed: UInt64 = 0

    @Option(help: "A JSON path that is left out of the bodies of answers, such as $.manifest.total_byte_count; may be repeated.")
    var ignore: [String] = []

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let ignored = try ignore.map { text in
            do {
                return try JSONPath(text)
            } catch {
                throw ValidationError("--ignore \(text): \(error)")
            }
        }
        let cassettes = try await CassetteCommand.read(all: cassette)
        let total = cassettes.reduce(0) { $0 + $1.exchanges.count }
        let done = Counter()
        let report = try await ProgressLine.show({ "\(done.value) of \(total) exchanges" }) { try await play(cassettes, ignored, done) }
        print(json ? report.json.text : report.text)
        if !report.isEqual { throw ExitCode(1) }
    }

    private func play(_ cassettes: [Cassette], _ ignored: [JSONPath], _ done: Counter) async throws -> DiffReport {
        let environment = ProcessInfo.processInfo.environment
        var report = DiffReport()
        for recorded in cassettes {
            let target: any DiffTarget
            var warehouse = warehouse
            if against == "simulator" {
                let workspace = try SimulatedWorkspace(token: "dapi-dbxsim", seed: seed, logger: LogOutput.make(level: .warning))
                warehouse = warehouse ?? workspace.simulator.starterWarehouseID
                target = SimulatedTarget(workspace: workspace, token: "dapi-dbxsim")
            } else {
                warehouse = warehouse ?? environment["DATABRICKS_WAREHOUSE_ID"]
                do {
                    target = try RemoteTarget(against, token: token ?? environment["DATABRICKS_TOKEN"] ?? "dapi-dbxsim")
                } catch {
                    throw ValidationError("--against: \(error)")
                }
            }
            var player = DiffPlayer(recorded, target, DiffSession(recorded.header, ignoring: ignored, warehouse: warehouse))
            await player.play(into: &report) { done.step() }
        }
        return report
    }
}

/// Plays one cassette in order.
struct DiffPlayer {
    private let cassette: Cassette
    private let target: any DiffTarget
    private var session: DiffSession

    /// How long a live answer that is under way is waited for.
    private static let patience = Duration.seconds(120)

    init(_ cassette: Cassette, _ target: any DiffTarget, _ session: DiffSession) {
        self.cassette = cassette
        self.target = target
        self.session = session
    }

    mutating func play(into report: inout DiffReport, step: () -> Void) async {
        for (index, role) in DiffSession.roles(cassette).enumerated() {
            defer { step() }
            let exchange = cassette.exchanges[index]
            switch role {
            case .earlierPoll: report.addEarlierPoll()
            case .unread(let reason): report.addNotCompared(reason)
            case .play:
                guard let request = session.request(for: exchange) else {
                    report.addNotCompared("behind links that are not in the answers")
                    continue
                }
                if DiffSession.isUncompared(exchange) {
                    report.addNotCompared("binary result\(exchange.request.host == nil ? "" : "s behind links")")
                }
                let differences = await differences(exchange, request)
                report.add(
                    .init(
                        operation: exchange.operation ?? "\(request.method) \(exchange.request.path)", place: cassette.place(of: index),
                        request: "\(request.method) \(request.path)", differences: differences))
            }
        }
    }

    private mutating func differences(_ exchange: Exchange, _ request: DiffRequest) async -> [AnswerDifference] {
        do throws(DiffTargetError) {
            var answer = try await target.send(request)
            let clock = ContinuousClock()
            let end = clock.now + Self.patience
            var pause = Duration.milliseconds(5)
            while session.isToBeAwaited(exchange, answer), let poll = session.poll(after: request, answer), clock.now < end {
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(2))
                answer = try await target.send(poll)
            }
            return session.compare(exchange, answer)
        } catch {
            return [AnswerDifference(.failure, live: error.description)]
        }
    }
}

private final class Counter: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .relaxed) }

    func step() { count.add(1, ordering: .relaxed) }
}
