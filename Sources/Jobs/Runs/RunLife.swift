package import JSON

/// How far a run, or one attempt at a task, is. `phase` and `result` are the API's `state`; `status` follows from them.
package struct RunLife: Sendable, Hashable {
    package enum Phase: String, Sendable, Hashable {
        case queued = "QUEUED"
        case pending = "PENDING"
        case blocked = "BLOCKED"
        case running = "RUNNING"
        case waitingForRetry = "WAITING_FOR_RETRY"
        case terminating = "TERMINATING"
        case terminated = "TERMINATED"
        case skipped = "SKIPPED"
        case internalError = "INTERNAL_ERROR"

        package var isFinal: Bool { self == .terminated || self == .skipped || self == .internalError }

        /// The state's name in `status`.
        var status: String {
            switch self {
            case .waitingForRetry: "WAITING"
            case .skipped, .internalError: "TERMINATED"
            default: rawValue
            }
        }
    }

    package enum Result: String, Sendable, Hashable {
        case success = "SUCCESS"
        case successWithFailures = "SUCCESS_WITH_FAILURES"
        case failed = "FAILED"
        case timedOut = "TIMEDOUT"
        case canceled = "CANCELED"
        case maximumConcurrentRuns = "MAXIMUM_CONCURRENT_RUNS_REACHED"
        case excluded = "EXCLUDED"
        case upstreamFailed = "UPSTREAM_FAILED"
        case upstreamCanceled = "UPSTREAM_CANCELED"
        case disabled = "DISABLED"

        /// Counts as a failure to those who wait for it.
        var isFailure: Bool { self == .failed || self == .timedOut || self == .upstreamFailed || self == .maximumConcurrentRuns }
        var isCancellation: Bool { self == .canceled || self == .upstreamCanceled }
        var isSuccess: Bool { self == .success || self == .successWithFailures }
    }

    /// `termination_details.code`, where the result alone does not say it.
    package enum Code: String, Sendable, Hashable {
        case runExecutionError = "RUN_EXECUTION_ERROR"
        case resourceNotFound = "RESOURCE_NOT_FOUND"
        case invalidRunConfiguration = "INVALID_RUN_CONFIGURATION"
        case featureDisabled = "FEATURE_DISABLED"
        case internalError = "INTERNAL_ERROR"
        case maxQueueSize = "MAX_JOB_QUEUE_SIZE_EXCEEDED"
        case canceled = "CANCELED"
        case userCanceled = "USER_CANCELED"
    }

    package var phase: Phase
    package var result: Result?
    package var message = ""
    package var code: Code?
    /// Milliseconds since 1970-01-01 UTC.
    package var start: Int64
    package var running: Int64?
    package var end: Int64?

    package init(_ phase: Phase, at start: Int64) {
        self.phase = phase
        self.start = start
    }

    package mutating func finish(_ result: Result, at now: Int64, code: Code? = nil, message: String = "", phase: Phase = .terminated) {
        self.phase = phase
        self.result = result
        self.code = code
        self.message = message
        end = max(now, start)
    }

    /// `state` of the API.
    package var stateJSON: JSONValue {
        var state = JSONObject([("life_cycle_state", .string(phase.rawValue))])
        if let result { state["result_state"] = .string(result.rawValue) }
        if phase == .queued { state["queue_reason"] = .string(message) }
        state["state_message"] = .string(phase == .queued ? "" : message)
        state["user_cancelled_or_timedout"] = .bool(result == .canceled || result == .timedOut)
        return .object(state)
    }

    /// `status` of the API.
    package var statusJSON: JSONValue {
        var status = JSONObject([("state", .string(phase.status))])
        if phase == .queued { status["queue_details"] = ["code": "MAX_CONCURRENT_RUNS_REACHED", "message": .string(message)] }
        if phase.isFinal {
            let (code, type) = termination
            status["termination_details"] = ["code": .string(code), "type": .string(type), "message": .string(message)]
        }
        return .object(status)
    }

    package var terminationCode: String { termination.code }

    private var termination: (code: String, type: String) {
        switch result {
        case .success, nil: return phase == .internalError ? ("INTERNAL_ERROR", "INTERNAL_ERROR") : ("SUCCESS", "SUCCESS")
        case .successWithFailures: return ("SUCCESS_WITH_FAILURES", "SUCCESS")
        case .failed:
            let code = code ?? .runExecutionError
            return (code.rawValue, code == .internalError ? "INTERNAL_ERROR" : "CLIENT_ERROR")
        case .timedOut: return ("CANCELED", "CLIENT_ERROR")
        case .canceled: return (code?.rawValue ?? "USER_CANCELED", "CLIENT_ERROR")
        case .maximumConcurrentRuns: return (code?.rawValue ?? "MAX_CONCURRENT_RUNS_EXCEEDED", "CLIENT_ERROR")
        case .excluded: return ("SKIPPED", "SUCCESS")
        case .upstreamFailed, .upstreamCanceled: return ("SKIPPED", "CLIENT_ERROR")
        case .disabled: return ("DISABLED", "SUCCESS")
        }
    }
}

extension RunLife {
    /// For the store.
    func write(to object: inout JSONObject) {
        object["phase"] = .string(phase.rawValue)
        if let result { object["result"] = .string(result.rawValue) }
        if !message.isEmpty { object["message"] = .string(message) }
        if let code { object["code"] = .string(code.rawValue) }
        object["start"] = .int(start)
        if let running { object["running"] = .int(running) }
        if let end { object["end"] = .int(end) }
    }

    init?(_ object: JSONObject) {
        guard let phase = object["phase"]?.stringValue.flatMap(Phase.init), let start = object["start"]?.intValue else { return nil }
        self.init(phase, at: Int64(start))
        result = object["result"]?.stringValue.flatMap(Result.init)
        message = object["message"]?.stringValue ?? ""
        code = object["code"]?.stringValue.flatMap(Code.init)
        running = object["running"]?.intValue.map(Int64.init)
        end = object["end"]?.intValue.map(Int64.init)
    }
}
