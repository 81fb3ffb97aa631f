import Logging
import Server
import Workspace

/// A simulated workspace in memory that is asked within the process: beside a recording, or to be compared with one.
struct SimulatedWorkspace {
    let simulator: Simulator
    let pipeline: Pipeline

    init(token: String, seed: UInt64, logger: Logger) throws {
        do {
            let compartments = try Compartments(scenarios: [], seed: seed, defaultSeed: seed, clock: RealClock(), id: Simulator.mainID)
            simulator = try Simulator(.init(token: token), compartments: compartments) { operation, error in
                logger.error("operation failed", metadata: ["operation": "\(operation)", "error": "\(error)"])
            }
            pipeline = Pipeline(backend: simulator, compartments: compartments, adminToken: token)
        } catch {
            throw CommandFailure(message: "the simulated workspace cannot be made: \(error)")
        }
    }
}
