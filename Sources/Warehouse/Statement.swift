import DeltaTable
package import SparkErrors
package import SparkSQL
import Synchronization
package import Workspace

/// A statement's life from submission to closing. Its outcome is set once, by the worker that ran it or by a cancellation.
package final class Statement: Sendable {
    /// The API's states, by its names.
    package enum State: String, Sendable {
        case pending = "PENDING"
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case canceled = "CANCELED"
        case closed = "CLOSED"

        package var isFinal: Bool { self != .pending && self != .running }
    }

    package struct Status: Sendable {
        package var state: State
        /// The rows; those of results that are fetched by links are in `delivery` alone.
        package var result: ResultSet?
        package var delivery: ResultDelivery?
        package var error: SQLError?
        /// Why a statement failed that no error condition stands for.
        package var refusal: String?
    }

    private struct Box {
        var status = Status(state: .pending)
        var finishedMicros: Int64?
        var startedMicros: Int64?
        /// The state that the statement ended in, kept when it is closed.
        var outcome = State.pending
        var errorMessage: String?
        var rowCount = 0
        var byteCount = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
    }

    package let id: String
    package let request: StatementRequest
    package let principal: Principal
    package let submittedMicros: Int64
    /// What the warehouse lets a statement take; zero: as long as the default says.
    let timeoutSeconds: Int64
    package let cancellation = CancellationToken()
    /// What its scans have read, and what statistics have spared them.
    let scans = ScanCounters()
    private let box = Mutex(Box())

    package init(id: String, request: StatementRequest, principal: Principal, submittedMicros: Int64, timeoutSeconds: Int64 = 0) {
        self.id = id
        self.request = request
        self.principal = principal
        self.submittedMicros = submittedMicros
        self.timeoutSeconds = timeoutSeconds
    }

    package var status: Status { box.withLock { $0.status } }
    /// By the workspace's clock; nil until the statement has ended.
    package var finishedMicros: Int64? { box.withLock { $0.finishedMicros } }

    /// When a worker took the statement, by the workspace's clock.
    package var startedMicros: Int64? { box.withLock { $0.startedMicros } }
    /// The state without regard to closing.
    package var outcome: State { box.withLock { $0.outcome } }
    package var errorMessage: String? { box.withLock { $0.errorMessage } }
    /// Rows and bytes of the result, known after it is closed, too.
    package var produced: (rows: Int, bytes: Int) { box.withLock { ($0.rowCount, $0.byteCount) } }

    /// False if the statement was canceled before it began.
    func begin(atMicros now: Int64) -> Bool {
        box.withLock { box in
            guard box.status.state == .pending else { return false }
            box.status.state = .running
            box.outcome = .running
            box.startedMicros = now
            return true
        }
    }

    func succeed(_ result: ResultSet, _ delivery: ResultDelivery?, atMicros now: Int64) {
        finish(Status(state: .succeeded, result: result, delivery: delivery), now)
    }
    func refuse(_ reason: String, atMicros now: Int64) { finish(Status(state: .failed, refusal: reason), now) }
    func fail(_ error: SQLError, atMicros now: Int64) { finish(Status(state: .failed, error: error), now) }

    /// Ends the statement unless it has ended already; the worker notices by the token.
    package func cancel(atMicros now: Int64) {
        cancellation.cancel()
        finish(Status(state: .canceled), now)
    }

    /// Gives the result up; the state stays readable.
    package func close() {
        box.withLock { box in
            guard box.status.state == .succeeded else { return }
            box.status = Status(state: .closed)
        }
    }

    private func finish(_ status: Status, _ now: Int64) {
        var rows: Int?
        let waiters = box.withLock { box -> [CheckedContinuation<Void, Never>] in
            guard !box.status.state.isFinal else { return [] }
            box.status = status
            box.outcome = status.state
            box.errorMessage = status.error?.message ?? status.refusal
            box.rowCount = status.delivery?.rowCount ?? status.result?.rowCount ?? 0
            rows = box.rowCount
            box.byteCount = status.delivery?.byteCount ?? 0
            box.finishedMicros = now
            defer { box.waiters = [:] }
            return Array(box.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
        if let rows, !request.warehouseID.isEmpty {
            ServiceMetrics.shared.endedStatement(
                warehouse: request.warehouseID, status: status.state.rawValue, micros: now &- submittedMicros, rows: rows)
        }
    }

    /// Suspends until the statement has ended or the time is over. Real time: the computation, too, takes place in it.
    package func wait(atMost limit: Duration) async {
        let number = box.withLock { box -> Int? in
            guard !box.status.state.isFinal else { return nil }
            box.nextWaiter += 1
            return box.nextWaiter
        }
        guard let number else { return }
        let timer = Task { [weak self] in
            try? await Task.sleep(for: limit)
            self?.release(number)
        }
        await withCheckedContinuation { continuation in
            let isOver = box.withLock { box in
                if box.status.state.isFinal || Task.isCancelled { return true }
                box.waiters[number] = continuation
                return false
            }
            if isOver { continuation.resume() }
        }
        timer.cancel()
    }

    private func release(_ number: Int) {
        box.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
}
