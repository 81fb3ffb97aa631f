import ArgumentParser
import Cassettes
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

    @Flag(help: "Write the same ids in every recording.")
    var stableIds = false

    func run() async throws {
        if stableIds { throw CommandFailure(message: "record: --stable-ids is not available yet") }
        let upstream: Upstream
        do {
            upstream = try Upstream(
                UpstreamOrigin(self.upstream), allowedHosts: allowHost,
                options: UpstreamOptions(environment: ProcessInfo.processInfo.environment))
        } catch {
            throw ValidationError("--upstream: \(error)")
        }
        let logger = LogOutput.make(level: listen.logLevel)
        let writer: CassetteWriter
        do {
            let rules = try CassetteCommand.rules(redact)
            let now = Date().formatted(.iso8601)
            writer = try CassetteWriter(
                folder: cassette, mode: mode, header: .recording(at: now), redactor: Redactor(rules, upstreamHosts: [upstream.base.authority]))
        } catch let error as CassetteError {
            throw CommandFailure(message: error.description)
        }
        let backend = RecordBackend(upstream: upstream, writer: writer) { reason in
            logger.error("recording has stopped: \(reason)")
        }
        try await ServerRun.run(
            backend: backend, listen: listen,
            compartments: try ServerRun.compartments(listen, seed: listen.seed ?? 0, clock: RealClock()), logger: logger
        ) { [("DATABRICKS_HOST", $0)] }
        let failure = await writer.stopReason
        await backend.finish()
        if let failure { throw CommandFailure(message: "recording stopped: \(failure.description)") }
    }
}

extension RecordMode: ExpressibleByArgument {}
