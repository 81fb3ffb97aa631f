import API
import ArgumentParser
import Cassettes
import Foundation
import HTTPTypes
import JSON
import Server

extension CassetteCommand {
    struct Import: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Makes a cassette of HTTP archives (HAR), of WireMock's mappings or of VCR's cassettes.",
            discussion: """
                Everything goes through the redactor. What a cassette cannot represent is named with its file and place, and nothing is written; with
                --skip-unsupported it is left out and listed.
                """)
        @Argument(help: "Files, or folders of WireMock with mappings and __files.") var files: [String]
        @Option(help: "The folder of the new cassette.") var output: String
        @Option(help: "har, wiremock or vcr; without it told by the files.") var format: CassetteImport.Format?
        @Option(help: "The recorded service's host; without it the one that most API requests went to.") var upstream: String?
        @Option(help: "A file of further secrets to replace.") var redact: String?
        @Flag(help: "Leave out what cannot be represented.") var skipUnsupported = false

        func run() throws {
            var options = CassetteImport.Options()
            options.format = format
            options.upstream = upstream
            options.rules = try CassetteCommand.rules(redact)
            let index = OperationIndex(simulated: APIGroups.all, known: KnownOperations.all)
            options.operation = { method, path in HTTPRequest.Method(method).flatMap { index.match($0, path).operationID } }
            let result = try CassetteCommand.naming { [options] () throws(CassetteError) in
                try CassetteImport.read(files, name: output, options)
            }
            for note in result.notes { CassetteCommand.note("note: \(note)") }
            for problem in result.problems { CassetteCommand.note("\(skipUnsupported ? "skipped" : "error"): \(problem)") }
            if !skipUnsupported, !result.problems.isEmpty {
                let count = CassetteCommand.counted(result.problems.count, "exchange")
                throw CommandFailure(message: "\(count) cannot be represented; nothing was written (--skip-unsupported leaves them out)")
            }
            guard !result.cassette.exchanges.isEmpty else { throw CommandFailure(message: "there is nothing to import") }
            try CassetteCommand.naming { () throws(CassetteError) in try CassetteStore.create(result.cassette, in: output) }
            CassetteCommand.note("\(output): \(CassetteCommand.counted(result.cassette.exchanges.count, "exchange"))")
        }
    }

    struct Export: ParsableCommand {
        enum Format: String, ExpressibleByArgument, CaseIterable { case har }

        static let configuration = CommandConfiguration(abstract: "Prints a cassette in another tool's format.")
        @Argument(help: "The cassette's folder.") var folder: String
        @Option(help: "har: an HTTP archive, version 1.2.") var format: Format
        @Option(help: "A file for it; without it standard output.") var output: String?

        func run() throws {
            let text = HARExport.document(try CassetteCommand.read(folder), version: Version.text).prettyText + "\n"
            guard let output else { return CassetteCommand.write(text.utf8) }
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: output), options: .atomic)
            } catch {
                throw CommandFailure(message: "\(output): cannot be written")
            }
        }
    }
}

extension CassetteImport.Format: ExpressibleByArgument {}
