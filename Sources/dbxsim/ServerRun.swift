import Faults
import Foundation
import Logging
import NIOCore
import Server
import ServiceLifecycle
import UnixSignals
import Workspace

/// What `serve`, `record` and `replay` have in common: listening, the ready lines, the end.
enum ServerRun {
    /// The compartments with the scenarios that the options name; `id` is the main workspace's.
    static func compartments(
        _ listen: ListenOptions, seed: UInt64, clock: any WorkspaceClock, id: Int = 0, mode: FaultMode
    ) throws -> Compartments {
        do {
            let scenarios = try listen.scenario.map(ScenarioFile.read)
            return try Compartments(scenarios: scenarios, seed: listen.seed, defaultSeed: seed, clock: clock, id: id, mode: mode)
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure(message: "\(error)")
        }
    }

    /// `exports` gives the variables of the ready lines for the host's URL.
    static func run(
        backend: any Backend, listen: ListenOptions, tls: (tls: ServerTLS, advice: String)? = nil, compartments: Compartments, logger: Logger,
        exports: @escaping @Sendable (_ host: String) -> [(name: String, value: String)]
    ) async throws {
        let seed = compartments.main.seed
        for warning in compartments.warnings { logger.warning("\(warning)") }
        let pipeline = Pipeline(backend: backend, compartments: compartments, adminToken: listen.token)
        let listener = Listener(host: listen.host, port: listen.port, pipeline: pipeline, tls: tls?.tls) { port in
            let shown = listen.host.contains(":") ? "[\(listen.host)]" : listen.host
            let host = "\(tls == nil ? "http" : "https")://\(shown):\(port)"
            var lines = "dbxsim \(Version.text) listening on \(host)\n"
            for (name, value) in exports(host) { lines += "export \(name)=\(value)\n" }
            lines += tls?.advice ?? ""
            FileHandle.standardOutput.write(Data(lines.utf8))
            logger.info("seed \(seed)")
        }
        var configuration = ServiceGroupConfiguration(
            services: [listener], gracefulShutdownSignals: [.sigterm, .sigint], logger: LogOutput.silent)
        configuration.maximumGracefulShutdownDuration = .seconds(4)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw CommandFailure(
                message: "cannot listen on \(listen.host):\(listen.port): \(String(cString: strerror(error.errnoCode)).lowercased())")
        }
    }
}

/// Logs go to standard error; standard output is for the ready lines.
enum LogOutput {
    static func make(level: Logger.Level) -> Logger {
        var logger = Logger(label: "dbxsim", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = level
        return logger
    }

    static let silent = Logger(label: "dbxsim.lifecycle") { _ in SwiftLogNoOpLogHandler() }
}
