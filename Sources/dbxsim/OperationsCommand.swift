import API
import ArgumentParser
import JSON

struct OperationsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "operations", abstract: "Lists every operation of the real service and says which are simulated.")

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Only the simulated ones.")
    var simulated = false

    func run() throws {
        let rows = OperationTable.rows.filter { $0.isSimulated || !simulated }
        if json {
            print(OperationTable.json(rows).prettyText)
        } else {
            print(OperationTable.text(rows))
        }
    }
}
