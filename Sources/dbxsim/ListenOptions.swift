import ArgumentParser
import Logging
import Server

/// What all listening commands share.
struct ListenOptions: ParsableArguments {
    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one.")
    var port = 8080

    @Option(help: "The admin token; also the key to the control API.")
    var token = "dapi-dbxsim"

    @Option(help: "A file of faults and expectations; may be repeated.")
    var scenario: [String] = []

    @Option(help: "The seed of ids, secrets and fault draws.")
    var seed: UInt64?

    @Option(help: "trace, debug, info, notice, warning, error or critical.", transform: parseLogLevel)
    var logLevel = Logger.Level.info

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes a number from 0 to 65535") }
        guard !token.isEmpty else { throw ValidationError("--token must not be empty") }
    }
}

private func parseLogLevel(_ name: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: name) else { throw ValidationError("there is no log level '\(name)'") }
    return level
}
