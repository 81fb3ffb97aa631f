import API
import Workspace

/// Faults that need the simulator: the state before the last write, and another client's same request.
extension Simulator {
    func noteWrite(_ call: AdmittedCall, _ tenant: Tenant) {
        guard call.keepsEarlierState else { return earlierStates.forget(tenant.workspace) }
        do {
            try earlierStates.keep(tenant, pool)
        } catch {
            onFault("stale", error)
        }
    }

    package func earlierAnswer(_ call: AdmittedCall) async -> EarlierAnswer? {
        guard case .simulated(let operation, let parameters) = call.match, operation.access == .token,
            !operation.id.hasPrefix("sql.statements."), let tenant = call.caller.tenant
        else { return nil }
        let pasts = earlierStates.pasts(of: tenant.workspace)
        if pasts.isEmpty { return nil }
        let present = await run(operation, parameters, call, tenant)
        for past in pasts {
            let answer = await run(operation, parameters, call, past.tenant)
            if answer.status != present.status || answer.body != present.body { return EarlierAnswer(answer: answer, write: past.write) }
        }
        return nil
    }

    package func canCompete(_ call: AdmittedCall) -> Bool {
        guard case .simulated(let operation, _) = call.match else { return false }
        return FaultRefusal.competing.contains(operation.id)
    }
}
