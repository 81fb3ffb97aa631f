import Foundation
import JSON
import Synchronization

/// Runs the Python of tasks on this machine (`serve --python`), with the workspace's address and a token of the run's user in the environment.
package final class LocalPython: Sendable {
    private static let longestText = 5 << 20

    /// The interpreter, and what stands before the file.
    let command: [String]
    private let host = Mutex("")

    package init(command: [String]) { self.command = command }

    /// Where the server listens.
    package func listening(at url: String) { host.withLock { $0 = url } }

    func run(_ work: PythonWork, _ text: String, token: String, _ process: LocalProcess) async throws -> SQLOutcome {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-python-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        func place(_ name: String) -> String { folder.appendingPathComponent(name).path }
        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        try write("bootstrap.py", PythonBootstrap.text)
        try write("task.json", Self.description(work, text))
        let environment = try environment(folder, token: token, result: "result.json")
        let status = try await process.run(
            command + [place("bootstrap.py")], environment: environment, output: place("output"), errors: place("errors"))
        let printed = Self.text(place("output"))
        guard let bytes = FileManager.default.contents(atPath: place("result.json")), let result = try? JSONValue(parsing: [UInt8](bytes)) else {
            let how = status < 0 ? "was ended by the signal \(-status)" : "ended with the status \(status)"
            return SQLOutcome(
                error: "The Python process \(how).",
                output: JSONObject([
                    ("logs", .string(printed.text)), ("logs_truncated", .bool(printed.isCut)),
                    ("error_trace", .string(Self.text(place("errors")).text)),
                ]))
        }
        return Self.outcome(result, printed)
    }

    /// An interpreter for the commands that come by `input`, until it ends.
    func serve(_ process: LocalProcess, input: Int32, token: String, begun: () -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("dbxsim-python-\(UUID().uuidString)")
        func place(_ name: String) -> String { folder.appendingPathComponent(name).path }
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment: [String]
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(PythonBootstrap.commands.utf8).write(to: folder.appendingPathComponent("bootstrap.py"))
            try Data(#"{"path": "/command", "values": {}}"#.utf8).write(to: folder.appendingPathComponent("task.json"))
            environment = try self.environment(folder, token: token, result: "output")
        } catch {
            begun()
            throw error
        }
        _ = try await process.run(
            command + [place("bootstrap.py")], environment: environment, output: place("output"), errors: place("errors"), input: input,
            begun: begun)
    }

    private func environment(_ folder: URL, token: String, result: String) throws -> [String] {
        func place(_ name: String) -> String { folder.appendingPathComponent(name).path }
        let own = place("work")
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("DATABRICKS_") }
        environment["DATABRICKS_HOST"] = host.withLock { $0 }
        environment["DATABRICKS_TOKEN"] = token
        environment["DBXSIM_TASK"] = place("task.json")
        environment["DBXSIM_FOLDER"] = own
        environment["DBXSIM_RESULT"] = place(result)
        environment["PYTHONIOENCODING"] = "utf-8"
        return environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    }

    private static func description(_ work: PythonWork, _ text: String) -> String {
        var object = JSONObject([
            ("run", .int(work.taskRun)), ("path", .string(work.source.path)), ("source", .string(text)), ("values", .object(work.taskValues)),
        ])
        switch work.source {
        case .notebook(_, let widgets):
            object["notebook"] = true
            object["widgets"] = .members(widgets.map { ($0.name, .string($0.value)) })
        case .file(_, let arguments): object["arguments"] = .array(arguments.map { .string($0) })
        }
        return JSONValue.object(object).text
    }

    /// The end of a file, up to 5 MB, as the service cuts it.
    private static func text(_ path: String) -> (text: String, isCut: Bool) {
        guard let file = FileHandle(forReadingAtPath: path) else { return ("", false) }
        defer { try? file.close() }
        let size = (try? file.seekToEnd()) ?? 0
        let isCut = size > UInt64(longestText)
        try? file.seek(toOffset: isCut ? size - UInt64(longestText) : 0)
        return (String(decoding: (try? file.read(upToCount: longestText)) ?? Data(), as: UTF8.self), isCut)
    }

    private static func outcome(_ result: JSONValue, _ printed: (text: String, isCut: Bool)) -> SQLOutcome {
        let secrets = (result["secrets"]?.arrayValue ?? []).compactMap(\.stringValue).filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
        func shown(_ text: String) -> String { secrets.reduce(text) { $0.replacing($1, with: "[REDACTED]") } }
        var outcome = SQLOutcome()
        outcome.output["logs"] = .string(shown(printed.text))
        outcome.output["logs_truncated"] = .bool(printed.isCut)
        if let values = result["values"]?.objectValue, !values.isEmpty { outcome.output["values"] = .object(values) }
        if let exit = result["exit"]?.stringValue {
            let text = shown(exit)
            let kept = text.utf8.count > longestText ? String(decoding: Array(text.utf8.prefix(longestText)), as: UTF8.self) : text
            outcome.output["notebook_output"] = ["result": .string(kept), "truncated": .bool(kept.utf8.count < text.utf8.count)]
        }
        if let error = result["error"]?.stringValue {
            outcome.error = shown(error)
            if let trace = result["trace"]?.stringValue { outcome.output["error_trace"] = .string(shown(trace)) }
        }
        return outcome
    }
}
