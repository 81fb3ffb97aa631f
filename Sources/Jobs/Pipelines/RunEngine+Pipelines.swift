import JSON
import Synchronization
import Workspace

/// The update that a pipeline task begins.
struct PipelineWork: Sendable {
    let taskRun: Int
    let pipelineID: String
    let options: JSONObject
}

extension RunEngine {
    /// Hands the update out; the task ends as it does. One of a continuous pipeline ends when it is stopped, and time goes on meanwhile.
    func beginPipeline(_ run: ActiveRun, _ id: Int, _ body: JSONObject) {
        begun(run, id)
        let pipeline = body["pipeline_id"]?.bareText ?? ""
        if isContinuousPipeline(pipeline) { watching.insert(id) } else { working.insert(id) }
        var options = JSONObject()
        for name in ["full_refresh", "full_refresh_selection", "refresh_selection"] where body[name] != nil { options[name] = body[name] }
        if let asked = run.run.overriding["pipeline_params"]?["full_refresh"] { options["full_refresh"] = asked }
        effects.append(.pipeline(PipelineWork(taskRun: id, pipelineID: pipeline, options: options)))
    }
}

extension JobsService {
    /// Begins the update and waits for its end.
    func execute(_ work: PipelineWork) async -> SQLOutcome {
        do {
            var update = try pipelines.start(work.pipelineID, work.options, cause: "JOB_TASK")
            while true {
                let current = update
                let isStopped = pipelineWorks.withLock { works in
                    let isStopped = works[work.taskRun]?.isStopped ?? false
                    works[work.taskRun] = (work.pipelineID, current, isStopped)
                    return isStopped
                }
                if isStopped { try await pipelines.stop(work.pipelineID, update: current) }
                let (state, message, retry) = await pipelines.end(of: current, work.pipelineID)
                guard state != "COMPLETED" else { return SQLOutcome() }
                if let retry, retry.isPending {
                    // Time goes on until it is there.
                    try mark(work.taskRun, isWaiting: true)
                    retry.whenTaken { [weak self] in _ = try? self?.mark(work.taskRun, isWaiting: false) }
                    if pipelineWorks.withLock({ $0[work.taskRun]?.isStopped ?? false }) { retry.giveUp() }
                    if let next = await retry.update() {
                        update = next
                        continue
                    }
                }
                return SQLOutcome(
                    error: "Update \(current) of the pipeline \(work.pipelineID) is \(state)." + (message.isEmpty ? "" : " " + message))
            }
        } catch let error as WorkspaceError {
            return SQLOutcome(error: error.message, code: error.code == .resourceDoesNotExist ? .resourceNotFound : .invalidRunConfiguration)
        } catch {
            return SQLOutcome(error: "The update could not be begun.", code: .internalError)
        }
    }
}
