import HTTPTypes
import JSON
import Jobs
import Workspace

/// Commands on running clusters: `/api/1.2/contexts`, `/api/1.2/commands`.
package enum CommandExecutionAPI: APIGroup {
    package static let operations = [createContext, contextStatus, destroyContext, execute, commandStatus, cancel]

    private static let contexts = "/api/1.2/contexts/"
    private static let commands = "/api/1.2/commands/"
    private static let limits =
        "SQL runs on the engine that warehouses have, Python with `serve --python` in an interpreter of this machine, without Spark; no Scala and R"

    private static let createContext = Operation("compute.command_execution.create", .post, contexts + "create", limits: limits) {
        call -> JSONValue in
        let body = try call.contractBody(.post, contexts + "create")
        let language = try language(body, "contexts.create", call)
        let cluster = try cluster(body.required("clusterId"), call)
        return ["id": .string(try call.tenant.jobs.commands.create(language, on: cluster, by: call.principal))]
    }

    private static let contextStatus = Operation("compute.command_execution.context_status", .get, contexts + "status") { call -> JSONValue in
        _ = try call.contractBody(.get, contexts + "status")
        let id = try call.query.required("contextId")
        let cluster = try cluster(call.query.required("clusterId"), call)
        return ["id": .string(id), "status": .string(try call.tenant.jobs.commands.status(of: id, on: cluster, for: call.principal))]
    }

    private static let destroyContext = Operation("compute.command_execution.destroy", .post, contexts + "destroy") { call -> Void in
        let body = try call.contractBody(.post, contexts + "destroy")
        let id = try body.required("contextId")
        try call.tenant.jobs.commands.destroy(id, on: cluster(body.required("clusterId"), call), by: call.principal)
    }

    private static let execute = Operation("compute.command_execution.execute", .post, commands + "execute", limits: limits) { call -> JSONValue in
        let body = try call.contractBody(.post, commands + "execute")
        let language = try language(body, "commands.execute", call)
        let cluster = try cluster(body.required("clusterId"), call)
        let id = try call.tenant.jobs.commands.execute(
            body["command"]?.stringValue ?? "", language, in: body.required("contextId"), on: cluster, by: call.principal)
        return ["id": .string(id)]
    }

    private static let commandStatus = Operation("compute.command_execution.command_status", .get, commands + "status") { call -> JSONValue in
        _ = try call.contractBody(.get, commands + "status")
        let id = try call.query.required("commandId")
        let cluster = try cluster(call.query.required("clusterId"), call)
        let command = try call.tenant.jobs.commands.command(id, in: call.query.required("contextId"), on: cluster, for: call.principal)
        var reply = JSONObject([("id", .string(command.id)), ("status", .string(command.status))])
        reply["results"] = command.results.map { .object($0) }
        return .object(reply)
    }

    private static let cancel = Operation("compute.command_execution.cancel", .post, commands + "cancel") { call -> Void in
        let body = try call.contractBody(.post, commands + "cancel")
        let id = try body.required("commandId")
        let cluster = try cluster(body.required("clusterId"), call)
        try call.tenant.jobs.commands.cancel(id, in: body.required("contextId"), on: cluster, by: call.principal)
    }

    /// The cluster, if it runs and the caller may attach to it. Its idle time begins anew.
    private static func cluster(_ id: String, _ call: Call) throws -> String {
        guard let cluster = try call.workspace.resources.get("cluster", id) else { throw ClusterUse.notFound(id) }
        try ClusterUse.require("CAN_ATTACH_TO", id, call)
        let state = ClusterLife(cluster.body).steps.state(at: call.workspace.environment.nowMillis)
        guard state == .running || state == .resizing else {
            call.tenant.jobs.commands.end(cluster: id)
            let name = state.rawValue.prefix(1) + state.rawValue.dropFirst().lowercased()
            throw WorkspaceError(.invalidState, "Cluster \(id) is in unexpected state \(name).")
        }
        try ClusterUse.ready(id, call)
        return id
    }

    private static func language(_ body: JSONObject, _ operation: String, _ call: Call) throws -> String {
        let language = try body.required("language")
        switch language {
        case "sql": return language
        case "python":
            guard call.tenant.jobs.commands.runsPython else {
                throw WorkspaceError(.notImplemented, "\(operation): python is not run by this server; `dbxsim serve --python python3` runs it.")
            }
            return language
        default: throw WorkspaceError(.notImplemented, "\(operation): commands in \(language) are not simulated.")
        }
    }
}
