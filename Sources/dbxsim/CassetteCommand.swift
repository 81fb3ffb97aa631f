import ArgumentParser
import Cassettes
import Foundation

struct CassetteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cassette", abstract: "Looks at cassettes.", subcommands: [List.self, Show.self, Check.self, Format.self])

    static func read(_ folder: String) throws -> Cassette {
        do {
            return try CassetteReader.read(folder)
        } catch {
            throw CommandFailure(message: error.description)
        }
    }

    static func source(_ folder: String) -> [UInt8] {
        FileManager.default.contents(atPath: folder + "/" + CassetteFormat.fileName).map { Array($0) } ?? []
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Lists the exchanges, one a line.")
        @Argument(help: "The cassette's folder.") var folder: String

        func run() throws {
            for row in CassetteTools.list(try CassetteCommand.read(folder)) {
                print("\(row.number)\t\(row.status)\t\(row.method)\t\(row.target)\t\(row.bytes)\t\(row.operation ?? "-")")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Prints exchanges as they went over the wire.")
        @Argument(help: "The cassette's folder.") var folder: String
        @Argument(help: "Numbers of exchanges; none: all.") var numbers: [Int] = []

        func run() throws {
            for exchange in try CassetteCommand.read(folder).exchanges where numbers.isEmpty || numbers.contains(exchange.number) {
                print(CassetteTools.show(exchange))
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Reports what is wrong, leaked secrets above all; exit status 1 if anything is.")
        @Argument(help: "Folders of cassettes.") var folders: [String]

        func run() throws {
            var isFine = true
            for folder in folders {
                let names = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + CassetteFormat.bodiesFolder)) ?? []
                let findings = CassetteTools.check(
                    try CassetteCommand.read(folder), source: CassetteCommand.source(folder), bodyFiles: names.sorted())
                for finding in findings { print(finding.description) }
                if !findings.isEmpty { isFine = false }
            }
            if !isFine { throw ExitCode(1) }
        }
    }

    struct Format: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "fmt", abstract: "Rewrites a cassette in its standard form.")
        @Argument(help: "The cassette's folder.") var folder: String
        @Flag(help: "Change nothing; exit status 1 if the form is not the standard one.") var check = false

        func run() throws {
            let formatted = CassetteTools.format(try CassetteCommand.read(folder))
            let source = CassetteCommand.source(folder)
            if formatted == source { return }
            if check { throw CommandFailure(message: "\(folder)/\(CassetteFormat.fileName): is not in the standard form") }
            do {
                try Data(formatted).write(to: URL(fileURLWithPath: folder + "/" + CassetteFormat.fileName), options: .atomic)
            } catch {
                throw CommandFailure(message: "\(folder)/\(CassetteFormat.fileName): cannot be written")
            }
        }
    }
}
