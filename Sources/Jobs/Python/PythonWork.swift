import JSON
import Warehouse
import Workspace

/// A file or notebook in Python that a task runs.
struct PythonWork: Sendable {
    enum Source: Sendable {
        case notebook(path: String, widgets: [(name: String, value: String)])
        case file(path: String, arguments: [String])

        var path: String {
            switch self {
            case .notebook(let path, _), .file(let path, _): path
            }
        }
    }

    let taskRun: Int
    let source: Source
    let runAs: String
    /// The values that the run's tasks have set, by their keys.
    let taskValues: JSONObject
}

extension RunEngine {
    /// Hands out what a task runs in Python; false if it runs none that is known here. Time goes on meanwhile, also on a virtual clock: the process
    /// asks the server about it.
    func beginPython(_ run: ActiveRun, _ id: Int, _ kind: TaskKind, _ body: JSONObject) -> Bool {
        guard runsPython, body["source"]?.stringValue != "GIT" else { return false }
        let source: PythonWork.Source
        if kind == .sparkPython, let path = body["python_file"]?.stringValue {
            source = .file(path: path, arguments: (body["parameters"]?.arrayValue ?? []).map(\.bareText))
        } else if kind == .notebook, let path = body["notebook_path"]?.stringValue, isPythonNotebook(path) {
            let widgets = (body["base_parameters"]?.objectValue?.members ?? []).map { ($0.name, $0.value.bareText) }
            source = .notebook(path: path, widgets: widgets)
        } else {
            return false
        }
        begun(run, id)
        watching.insert(id)
        var values = JSONObject()
        for attempt in run.attempts where attempt.iteration == nil {
            if let set = attempt.output?["values"] { values[attempt.key] = set }
        }
        effects.append(.python(PythonWork(taskRun: id, source: source, runAs: run.run.runAs, taskValues: values)))
        return true
    }
}

extension JobsService {
    func execute(_ work: PythonWork, _ process: LocalProcess) async -> SQLOutcome {
        let path = work.source.path
        do {
            guard let python else { return SQLOutcome(error: "Python is not run by this server.", code: .internalError) }
            guard let principal = try workspace.principal(named: work.runAs) ?? workspace.administrator() else {
                return SQLOutcome(error: "The user \(work.runAs) does not exist", code: .resourceNotFound)
            }
            guard let text = try text(of: work.source, by: principal) else {
                return SQLOutcome(error: "The file \(path) does not exist", code: .resourceNotFound)
            }
            let token = try workspace.tokens.create(
                for: Int(principal.id) ?? 0, by: principal, comment: "of a task's process", lifetime: 7 * 86_400)
            defer { try? workspace.tokens.delete(token.info.id) }
            return try await python.run(work, text, token: token.value, process)
        } catch let failure as LocalProcess.Failure {
            return SQLOutcome(error: failure.message, code: .internalError)
        } catch let error as WorkspaceError {
            return SQLOutcome(error: error.message, code: error.code == .permissionDenied ? .resourceNotFound : .internalError)
        } catch {
            return SQLOutcome(error: "The file \(path) could not be run.", code: .internalError)
        }
    }

    private func text(of source: PythonWork.Source, by principal: Principal) throws -> String? {
        switch source {
        case .notebook(let path, _): try sources(path)
        case .file(let path, _):
            path.hasPrefix("/Volumes/") || path.contains(":/") ? try sql.fileText(path, by: principal) : try sources(path)
        }
    }
}
