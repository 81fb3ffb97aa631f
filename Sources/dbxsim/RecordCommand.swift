import ArgumentParser
import Cassettes
import Faults
import Foundation
import Logging
import Server
import Upstream
import Workspace

struct RecordCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Forwards to a real workspace and records the exchanges in a cassette.")

    @OptionGroup var listen: ListenOptions

    @Option(help: "The workspace to record: https://staging.example.com")
    var upstream: String

    @Option(help: "The cassette's folder.")
    var cassette: String

    @Option(help: "once: a new cassette; new: append to one; all: begin it anew.")
    var mode: RecordMode = .once

    @Option(help: "A host besides the upstream that links in answers may lead to; *.example.com stands for all below.")
    var allowHost: [String] = []

    @Option(help: "A file of further secrets to replace.")
    var redact: String?

    @Flag(help: "Record exchanges that got no answer as well, with the error that the client was told.")
    var recordFailures = false

    @Option(help: "How long the upstream may be silent before a request ends with 504, such as 5m.")
    var idleTimeout = "5m"

    @Option(help: "How long a connection to the upstream may take, such as 10s.")
    var connectTimeout = "10s"

    @Flag(help: "Write ids that the service makes up under names that are the same in every recording.")
    var stableIds = false

    func run() async throws {
        var options = UpstreamOptions(environment: ProcessInfo.processInfo.environment)
        options.idleTimeout = try Self.timeout(idleTimeout, "--idle-timeout")
        options.connectTimeout = try Self.timeout(connectTimeout, "--connect-timeout")
        let upstream: Upstream
        do {
            upstream = try Upstream(UpstreamOrigin(self.upstream), allowedHosts: allowHost, options: options)
        } catch {
            throw ValidationError("--upstream: \(error)")
        }
        let logger = LogOutput.make(level: listen.logLevel)
        let writer: CassetteWriter
        do {
            let rules = try CassetteCommand.rules(redact)
            let now = Date().formatted(.iso8601)
            writer = try CassetteWriter(
                folder: cassette, mode: mode, header: .recording(at: now), redactor: Redactor(rules, upstreamHosts: [upstream.base.authority]),
                stableIDs: stableIds)
        } catch let error as CassetteError {
            throw CommandFailure(message: error.description)
        }
        let backend = RecordBackend(upstream: upstream, writer: writer, recordsFailures: recordFailures) { reason in
            logger.error("recording has stopped: \(reason)")
        }
        try await ProgressLine.show({ Self.line(backend.progress) }) {
            try await ServerRun.run(
                backend: backend, listen: listen,
                compartments: try ServerRun.compartments(listen, seed: listen.seed ?? 0, clock: RealClock(), mode: .record), logger: logger
            ) { [("DATABRICKS_HOST", $0)] }
        }
        let failure = writer.stopReason
        await backend.finish()
        if let failure { throw CommandFailure(message: "recording stopped: \(failure.description)") }
    }

    private static func timeout(_ text: String, _ option: String) throws -> Duration {
        guard let duration = DurationText.parse(text), duration >= .seconds(1) else {
            throw ValidationError("\(option) takes a duration of at least one second, such as 30s")
        }
        return duration
    }

    private static func line(_ progress: RecordBackend.Progress) -> String {
        var line = "recorded \(progress.exchanges) exchange\(progress.exchanges == 1 ? "" : "s")"
        if progress.bytes >= 100_000 { line += String(format: ", %.1f MB", Double(progress.bytes) / 1e6) }
        if progress.underWay > 0 { line += ", \(progress.underWay) under way" }
        if progress.failures > 0 { line += ", \(progress.failures) failed" }
        return line
    }
}

extension RecordMode: ExpressibleByArgument {}
