import ArgumentParser
import Cassettes
import Foundation
import JSON

struct CassetteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cassette", abstract: "Looks at cassettes, checks and rewrites them, reads and writes those of other tools.",
        subcommands: [List.self, Show.self, Check.self, Format.self, Redact.self, Merge.self, Import.self, Export.self])

    static func read(_ folder: String) throws -> Cassette { try naming { () throws(CassetteError) in try CassetteReader.read(folder) } }

    /// In order; a large one takes a while.
    static func read(all folders: [String]) async throws -> [Cassette] {
        var cassettes: [Cassette] = []
        for folder in folders { cassettes.append(try await ProgressLine.show({ "reading \(folder)" }) { try read(folder) }) }
        return cassettes
    }

    /// Errors about cassettes as the program prints them: one line that says what and where.
    static func naming<T>(_ body: () throws(CassetteError) -> T) throws -> T {
        do {
            return try body()
        } catch {
            throw CommandFailure(message: error.description)
        }
    }

    static func rules(_ file: String?) throws -> RedactionRules {
        guard let file else { return RedactionRules() }
        guard let text = FileManager.default.contents(atPath: file).flatMap({ String(data: $0, encoding: .utf8) }) else {
            throw CommandFailure(message: "\(file): cannot be read")
        }
        return try naming { () throws(CassetteError) in try RedactionRules(parsing: text, file: file) }
    }

    static func write(_ bytes: some Sequence<UInt8>) { FileHandle.standardOutput.write(Data(bytes)) }

    static func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

    static func counted(_ count: Int, _ one: String) -> String { "\(count) \(one)\(count == 1 ? "" : "s")" }

    /// Columns of the terminal; nil where the output goes elsewhere.
    static var terminalWidth: Int? {
        var size = winsize()
        guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return nil }
        return Int(size.ws_col)
    }
}

extension CassetteCommand {
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the exchanges of a cassette, or the cassettes of a folder.")
        @Argument(help: "A cassette's folder, or a folder of cassettes.") var folder = "cassettes"
        @Flag(help: "One JSON object a line.") var json = false

        func run() throws {
            guard !CassetteStore.isCassette(folder) else { return try exchanges() }
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let folders = names.sorted().map { "\(folder)/\($0)" }.filter(CassetteStore.isCassette)
            guard !folders.isEmpty else { throw CommandFailure(message: "\(folder): holds no cassette") }
            var table = TextTable(["exchanges", "recorded", "cassette"], rightAligned: [0])
            for folder in folders {
                let cassette = try CassetteCommand.read(folder)
                if json {
                    let row = JSONValue.members([
                        ("cassette", .string(folder)), ("exchanges", .int(cassette.exchanges.count)),
                        ("recorded", cassette.header.recorded.map { .string($0) } ?? .null),
                    ])
                    print(row.text)
                } else {
                    table.add(["\(cassette.exchanges.count)", cassette.header.recorded ?? "-", folder])
                }
            }
            if !json { print(table.text(), terminator: "") }
        }

        private func exchanges() throws {
            let rows = CassetteTools.list(try CassetteCommand.read(folder))
            if json {
                for row in rows { print(row.json.text) }
            } else {
                print(CassetteTools.table(rows, width: CassetteCommand.terminalWidth), terminator: "")
            }
        }
    }

    struct Show: ParsableCommand {
        enum Part: String, ExpressibleByArgument, CaseIterable { case request, response }

        static let configuration = CommandConfiguration(abstract: "Prints exchanges as they went over the wire.")
        @Argument(help: "The cassette's folder.") var folder: String
        @Argument(help: "Numbers of exchanges; none: all.") var numbers: [Int] = []
        @Flag(help: "The exchanges as they stand in the cassette, one a line.") var json = false
        @Option(help: "Only this body of one exchange, byte for byte: request or response.") var body: Part?

        func run() throws {
            let cassette = try CassetteCommand.read(folder)
            let known = Set(cassette.exchanges.map(\.number))
            if let missing = numbers.first(where: { !known.contains($0) }) {
                throw CommandFailure(message: "\(cassette.file): there is no exchange \(missing); it holds \(cassette.exchanges.count)")
            }
            let wanted = Set(numbers)
            let exchanges = cassette.exchanges.filter { wanted.isEmpty || wanted.contains($0.number) }
            if let body {
                guard exchanges.count == 1, let exchange = exchanges.first else { throw ValidationError("--body needs one exchange's number") }
                return CassetteCommand.write(body == .request ? exchange.request.body.bytes : exchange.response.body.bytes)
            }
            for (index, exchange) in exchanges.enumerated() {
                if json {
                    CassetteCommand.write(CassetteFormat.line(exchange) + [0x0A])
                } else {
                    if index > 0 { print("") }
                    print(CassetteTools.show(exchange), terminator: "")
                }
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reports what is wrong, leaked secrets above all; exit status 1 for errors and warnings.")
        @Argument(help: "Folders of cassettes.") var folders: [String]
        @Flag(help: "One JSON object a line.") var json = false
        @Flag(help: "Notes fail the check too.") var strict = false

        func run() throws {
            var worst = 0
            for folder in folders {
                for finding in findings(folder) {
                    if json { print(finding.json.text) } else { print(finding.description) }
                    if finding.severity != .note || strict { worst += 1 }
                }
            }
            if worst > 0 { throw ExitCode(1) }
        }

        /// A cassette that cannot be read is a finding like others, so that those after it are checked too.
        private func findings(_ folder: String) -> [CassetteTools.Finding] {
            do throws(CassetteError) {
                let cassette = try CassetteReader.read(folder)
                return CassetteTools.check(cassette, source: try CassetteStore.source(folder), files: CassetteStore.files(folder))
            } catch {
                return [.init(severity: .error, file: error.file, line: error.line, message: error.message)]
            }
        }
    }

    struct Format: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "fmt", abstract: "Rewrites a cassette in its standard form.")
        @Argument(help: "Folders of cassettes.") var folders: [String]
        @Flag(help: "Change nothing; exit status 1 if the form is not the standard one.") var check = false

        func run() throws {
            var odd = 0
            for folder in folders {
                let cassette = try CassetteCommand.read(folder)
                let source = try CassetteCommand.naming { () throws(CassetteError) in try CassetteStore.source(folder) }
                if CassetteTools.format(cassette) == source { continue }
                odd += 1
                if check {
                    CassetteCommand.note("\(cassette.file): is not in the standard form")
                } else {
                    try CassetteCommand.naming { () throws(CassetteError) in try CassetteStore.replace(cassette, in: folder) }
                }
            }
            if check, odd > 0 { throw ExitCode(1) }
        }
    }

    struct Redact: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replaces secrets in a cassette: those that are known by their form, and those that a file names.")
        @Argument(help: "The cassette's folder.") var folder: String
        @Option(help: "A file of further secrets to replace.") var redact: String?
        @Option(help: "A folder for the result; without it the cassette itself is rewritten.") var output: String?

        func run() throws {
            let rules = try CassetteCommand.rules(redact)
            let cassette = try CassetteCommand.read(folder)
            try CassetteCommand.naming { () throws(CassetteError) in
                let redacted = try CassetteTools.redact(cassette, rules)
                if let output {
                    try CassetteStore.create(redacted, in: output)
                } else {
                    try CassetteStore.replace(redacted, in: folder)
                }
            }
        }
    }

    struct Merge: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes one cassette of several, one after the other.")
        @Argument(help: "Folders of cassettes.") var folders: [String]
        @Option(help: "The folder of the new cassette.") var output: String

        func run() throws {
            let cassettes = try folders.map(CassetteCommand.read)
            try CassetteCommand.naming { () throws(CassetteError) in
                let merged = try CassetteTools.merge(cassettes, name: output)
                try CassetteStore.create(merged, in: output)
                CassetteCommand.note("\(output): \(CassetteCommand.counted(merged.exchanges.count, "exchange"))")
            }
        }
    }
}
