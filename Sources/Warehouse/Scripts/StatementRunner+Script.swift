import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax

/// SQL scripting: runs BEGIN … END. The last query's rows are the script's result.
extension StatementRunner {
    func run(_ block: CompoundBlock) throws(SQLError) -> ResultSet {
        try ScriptCheck.check(block)
        var runner = self
        let frames = ScriptFrames()
        runner.locals = frames
        let run = ScriptRun(runner, frames)
        _ = try run.block(block)
        return run.result
    }
}

/// One run of a script.
private final class ScriptRun {
    /// How a statement ends.
    private enum Flow {
        case next
        case leave(String)
        case iterate(String)
    }

    private let runner: StatementRunner
    private let frames: ScriptFrames
    private(set) var result = ResultSet.none

    init(_ runner: StatementRunner, _ frames: ScriptFrames) {
        self.runner = runner
        self.frames = frames
    }

    @discardableResult
    func block(_ block: CompoundBlock) throws(SQLError) -> Bool {
        if case .next = try self.flow(block) { return true }
        return false
    }

    private func flow(_ block: CompoundBlock) throws(SQLError) -> Flow {
        let frame = ScriptFrames.Frame(label: block.label?.text)
        frames.push(frame)
        let depth = frames.frames.count
        defer { while frames.frames.count >= depth { frames.pop() } }
        do throws(SQLError) {
            for statement in block.statements {
                let flow = try step(statement, in: frame)
                switch flow {
                case .next: continue
                case .leave(let label) where label == frame.label: return .next
                default: return flow
                }
            }
        } catch {
            guard let handler = handler(for: error, in: frame) else { throw error }
            // The handler runs where it was declared, without its own block's handlers.
            while frames.frames.count > depth { frames.pop() }
            frame.handlers = []
            let outer = frames.handled
            frames.handled = error
            defer { frames.handled = outer }
            let flow = try body(handler.body, in: frame)
            if case .leave(let label) = flow, label == frame.label { return .next }
            return flow
        }
        return .next
    }

    private func body(_ statements: [ScriptStatement], in frame: ScriptFrames.Frame) throws(SQLError) -> Flow {
        for statement in statements {
            let flow = try step(statement, in: frame)
            guard case .next = flow else { return flow }
        }
        return .next
    }

    /// A statement; what it raises goes to the nearest handler. A CONTINUE handler runs here, in its own block's scope, and the next statement
    /// follows; an EXIT handler's block catches the error itself. "No data" that nobody handles is no error.
    private func step(_ statement: ScriptStatement, in frame: ScriptFrames.Frame) throws(SQLError) -> Flow {
        do throws(SQLError) {
            return try perform(statement, in: frame)
        } catch {
            guard let found = nearestHandler(for: error) else {
                if error.condition.sqlState.hasPrefix("02") { return .next }
                throw error
            }
            if found.handler.isExit { throw error }
            let handlers = found.frame.handlers
            found.frame.handlers = []
            let outer = frames.handled
            frames.handled = error
            defer {
                found.frame.handlers = handlers
                frames.handled = outer
            }
            return try frames.within(found.frame) { () throws(SQLError) in try body(found.handler.body, in: found.frame) }
        }
    }

    private func nearestHandler(for error: SQLError) -> (frame: ScriptFrames.Frame, handler: ScriptFrames.Handler)? {
        for frame in frames.frames.reversed() {
            if let handler = handler(for: error, in: frame) { return (frame, handler) }
        }
        return nil
    }

    private func perform(_ statement: ScriptStatement, in frame: ScriptFrames.Frame) throws(SQLError) -> Flow {
        try runner.statement.cancellation.check()
        frames.step()
        switch statement {
        case .statement(let inner):
            try run(inner, in: frame)
            return .next
        case .block(let block): return try flow(block)
        case .ifElse(let branches, let otherwise):
            for branch in branches where try isTrue(branch.condition) { return try body(branch.body, in: frame) }
            return try body(otherwise ?? [], in: frame)
        case .caseWhen(let operand, let branches, let otherwise):
            for branch in branches {
                let matches: Bool
                if let operand {
                    let comparison = Expression(.binary(.equal, operand, branch.condition), span: operand.span)
                    matches = try isTrue(comparison)
                } else {
                    matches = try isTrue(branch.condition)
                }
                if matches { return try body(branch.body, in: frame) }
            }
            return try body(otherwise ?? [], in: frame)
        case .whileLoop(let label, let condition, let statements):
            while try isTrue(condition) {
                if let flow = try round(statements, label, frame) { return flow }
            }
            return .next
        case .repeatLoop(let label, let statements, let condition):
            repeat {
                if let flow = try round(statements, label, frame) { return flow }
            } while try !isTrue(condition)
            return .next
        case .loop(let label, let statements):
            while true {
                if let flow = try round(statements, label, frame) { return flow }
            }
        case .forLoop(let label, let variable, let query, let statements):
            return try forLoop(label, variable, query, statements)
        case .leave(let label): return .leave(label.text.lowercased())
        case .iterate(let label): return .iterate(label.text.lowercased())
        case .declareCondition(let name, let state):
            frame.conditions[name.text.lowercased()] = state ?? "45000"
            return .next
        case .declareHandler(let isExit, let conditions, let body):
            frame.handlers.append(.init(isExit: isExit, conditions: conditions, body: body))
            return .next
        case .declareCursor(let name, let query):
            frame.cursors[name.text.lowercased()] = .init(name: name.text, query: query)
            return .next
        case .openCursor(let name, let using):
            try runner.open(name, using: using)
            return .next
        case .fetch(let name, let targets):
            try runner.fetch(name, into: targets)
            return .next
        case .closeCursor(let name):
            try runner.close(name)
            return .next
        case .signal(let signal): throw try raised(signal)
        case .getDiagnostics(_, let assignments):
            try diagnostics(assignments)
            return .next
        }
    }

    /// A loop's round; not nil: the loop is over.
    private func round(_ statements: [ScriptStatement], _ label: Identifier?, _ frame: ScriptFrames.Frame) throws(SQLError) -> Flow? {
        try runner.statement.cancellation.check()
        let flow = try body(statements, in: frame)
        let own = label?.text.lowercased()
        switch flow {
        case .next: return nil
        case .iterate(let target) where target == own: return nil
        case .leave(let target) where target == own: return .next
        default: return flow
        }
    }

    private func forLoop(
        _ label: Identifier?, _ variable: Identifier?, _ query: Query, _ statements: [ScriptStatement]
    ) throws(SQLError) -> Flow {
        let rows = try runner.select(query)
        let fields = rows.schema.fields
        for batch in rows.batches {
            for row in 0..<batch.rowCount {
                let frame = ScriptFrames.Frame(label: variable?.text, isForLoop: true)
                for (index, field) in fields.enumerated() where batch.columns.indices.contains(index) {
                    let value = TypedValue(batch.columns[index].value(at: row), field.type)
                    frame.variables[field.name.lowercased()] = SQLVariable(name: field.name, value: value)
                }
                frames.push(frame)
                defer { frames.pop() }
                if let flow = try round(statements, label, frame) { return flow }
            }
        }
        return .next
    }

    private func run(_ statement: SparkSyntax.Statement, in frame: ScriptFrames.Frame) throws(SQLError) {
        switch statement.kind {
        case .declareVariable(let declare): try self.declare(declare, in: frame)
        case .dropVariable: throw SQLError(.unsupportedFeatureSqlScriptingDropTemporaryVariable, at: statement.span)
        case .query(let query): result = try runner.select(query, limit: runner.rowLimit)
        default:
            let answer = try runner.execute(statement)
            // Counts of changed rows are no result of a script.
            if !answer.schema.fields.isEmpty, !statement.kind.changesRows { result = answer }
        }
    }

    private func declare(_ declare: DeclareVariable, in frame: ScriptFrames.Frame) throws(SQLError) {
        let type = try declare.type.map { (type) throws(SQLError) in try DataType(type) }
        var value = TypedValue(.null, type ?? .void)
        if let written = declare.defaultValue {
            let name = try declare.names.first.map { (name) throws(SQLError) in try runner.parts(name) } ?? []
            value = try runner.initialValue(written, type, of: ["local"] + name.suffix(1))
        }
        if let type { value = TypedValue(value.value, type) }
        for reference in declare.names {
            guard let name = try runner.parts(reference).last else { continue }
            if frame.variables[name.lowercased()] != nil {
                throw SQLError(.variableAlreadyExists, ["variableName": SQLQuote.id(name)], at: reference.span)
            }
            frame.variables[name.lowercased()] = SQLVariable(name: name.lowercased(), value: value)
        }
    }

    private func isTrue(_ condition: SparkSyntax.Expression) throws(SQLError) -> Bool {
        let value: TypedValue
        do throws(SQLError) {
            value = try runner.value(of: condition)
        } catch {
            guard case .scalarSubquery = condition.kind, error.condition == .scalarSubqueryTooManyRows else { throw error }
            let shown = condition.span.text(in: runner.text)?.uppercased() ?? ""
            throw SQLError(.invalidBooleanStatement, ["invalidStatement": shown], at: condition.span)
        }
        switch value.value {
        case .boolean(let bit): return bit
        case .null where value.type == .boolean: return false
        default:
            throw SQLError(.invalidBooleanStatement, ["invalidStatement": condition.span.text(in: runner.text) ?? ""], at: condition.span)
        }
    }

    // MARK: Handlers

    /// The handler of a block for an error: one for the condition, then for the SQLSTATE, then the general ones.
    private func handler(for error: SQLError, in frame: ScriptFrames.Frame) -> ScriptFrames.Handler? {
        if error.condition == .operationCanceled || error.condition == .queryExecutionTimeoutExceeded { return nil }
        let state = error.condition.sqlState
        let family = error.condition.name.split(separator: ".").first.map(String.init) ?? ""
        func rank(_ condition: ScriptStatement.HandlerCondition) -> Int? {
            switch condition {
            case .condition(let name):
                let text = name.names.joined(separator: ".").uppercased()
                if text == error.condition.name { return 0 }
                if text == family { return 1 }
                if let declared = frames.condition(text), declared == state { return 1 }
                return nil
            case .sqlState(let text): return text.uppercased() == state ? 2 : nil
            case .notFound: return state.hasPrefix("02") ? 3 : nil
            case .sqlException: return state.hasPrefix("00") || state.hasPrefix("01") || state.hasPrefix("02") ? nil : 3
            }
        }
        var best: (rank: Int, handler: ScriptFrames.Handler)?
        for handler in frame.handlers {
            for condition in handler.conditions {
                if let rank = rank(condition), rank < best?.rank ?? .max { best = (rank, handler) }
            }
        }
        return best?.handler
    }

    private func raised(_ signal: ScriptStatement.Signal) throws(SQLError) -> SQLError {
        if signal.isResignal, let handled = frames.handled, signal.condition == nil, signal.sqlState == nil { return handled }
        var message = ""
        if let written = signal.message, case .string(let text) = try runner.value(of: written, as: .text).value { message = text }
        if let name = signal.condition {
            let text = name.names.joined(separator: ".").uppercased()
            if let state = frames.condition(text) {
                return SQLError(ErrorCondition(text, state, "<message>"), ["message": message], phase: .execution)
            }
            guard let known = ErrorCondition.all.first(where: { $0.name == text }) else {
                return SQLError(.invalidHandlerDeclarationConditionNotFound, ["condition": SQLQuote.id(text)], at: name.span)
            }
            var arguments: [String: String] = [:]
            if let written = signal.arguments, case .map(let entries) = try runner.value(of: written).value {
                for entry in entries {
                    if case .string(let key) = entry.key, case .string(let value) = entry.value { arguments[key] = value }
                }
            }
            return SQLError(known, arguments, phase: .execution)
        }
        let condition = ErrorCondition("USER_RAISED_EXCEPTION", signal.sqlState ?? "45000", "<message>")
        return SQLError(condition, ["message": message], phase: .execution)
    }

    /// GET DIAGNOSTICS CONDITION 1 v = MESSAGE_TEXT, …
    private func diagnostics(_ assignments: [Assignment]) throws(SQLError) {
        guard let error = frames.handled else { throw .notSimulated("GET DIAGNOSTICS outside of a handler") }
        let targets = try runner.targets(assignments.map(\.target))
        for (assignment, target) in zip(assignments, targets) {
            guard case .name(let name) = assignment.value.kind else { throw .notSimulated("this item of GET DIAGNOSTICS", at: assignment.value.span) }
            let value: Value
            switch name.last.uppercased() {
            case "MESSAGE_TEXT": value = .string(error.message)
            case "RETURNED_SQLSTATE": value = .string(error.condition.sqlState)
            case "CONDITION_IDENTIFIER": value = .string(error.condition.name)
            case "LINE_NUMBER": value = .null
            case "MESSAGE_ARGUMENTS":
                value = .map(error.parameters.sorted { $0.key < $1.key }.map { Value.MapEntry(.string($0.key), .string($0.value)) })
            default: throw .notSimulated("the item \(name.last) of GET DIAGNOSTICS", at: name.span)
            }
            runner.store(value, in: target)
        }
    }
}

extension SparkSyntax.Statement.Kind {
    fileprivate var changesRows: Bool {
        switch self {
        case .insert, .update, .delete, .merge, .createTable: true
        default: false
        }
    }
}
