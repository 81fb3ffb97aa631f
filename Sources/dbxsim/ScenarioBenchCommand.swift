import API
import ArgumentParser
import Faults
import HTTPTypes

/// What rules cost the requests that they let pass, without a network in between.
struct ScenarioBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures what the rules of scenario files cost a request, in microseconds.")

    @Argument(help: "Scenario files, each measured by itself.")
    var files: [String]

    @Option(help: "How many different requests are asked about.")
    var requests = 2000

    func validate() throws {
        guard (1...1_000_000).contains(requests) else { throw ValidationError("--requests takes a number from 1 to 1000000") }
    }

    func run() throws {
        let events = Self.events(requests)
        let clock = ContinuousClock()
        for file in files {
            let scenario = try ScenarioFile.read(file)
            let plan = try FaultPlan(scenarios: [scenario], now: .zero)
            // The first round meets the paths for the first time; the later ones are the steady state.
            var rounds: [Double] = []
            for _ in 0..<12 {
                let begun = clock.now
                for event in events {
                    var event = event
                    _ = plan.decide(event, now: .seconds(1))
                    event.phase = .afterHandler
                    _ = plan.decide(event, now: .seconds(1))
                }
                let elapsed = (clock.now - begun).components
                rounds.append((Double(elapsed.seconds) * 1e6 + Double(elapsed.attoseconds) / 1e12) / Double(events.count))
            }
            let steady = rounds.dropFirst(2).sorted()
            print("\(file): \(scenario.faults.count) rules, \(Self.text(steady[steady.count / 2])) us a request (\(Self.text(rounds[0])) at first)")
        }
    }

    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }

    /// Requests to the simulated operations in turn; every id in a path is new.
    private static func events(_ count: Int) -> [FaultEvent] {
        let operations = APIGroups.all
        var number: UInt64 = 0
        return (0..<count).map { index in
            let operation = operations[index % operations.count]
            var path = ""
            var isParameter = false
            for character in operation.path {
                if character == "{" {
                    isParameter = true
                    number = number &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    path += String(number, radix: 16)
                } else if character == "}" {
                    isParameter = false
                } else if !isParameter {
                    path.append(character)
                }
            }
            var body = ""
            if operation.method == .post || operation.method == .patch || operation.method == .put {
                body =
                    operation.id == "sql.statements.execute"
                    ? #"{"warehouse_id":"e468aeb4eb43e78a","statement":"SELECT id, name FROM main.default.orders WHERE id = \#(index)","wait_timeout":"30s"}"#
                    : #"{"name":"object-\#(index)","catalog_name":"main","comment":"made by a test"}"#
            }
            return FaultEvent(
                phase: .beforeHandler, operation: operation.id, method: operation.method.rawValue, path: path, principal: "admin@example.com",
                headers: [
                    .userAgent: "databricks-sdk-py/0.156.0 python/3.11.2 os/linux auth/pat", .accept: "application/json",
                    .authorization: "Bearer dapi-dbxsim", .acceptEncoding: "gzip, deflate",
                ], body: Array(body.utf8))
        }
    }
}
