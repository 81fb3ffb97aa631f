import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax

enum SessionVariables {
    static let path = ["system", "session"]

    /// Whether the qualifier before a variable's name is the session's: none, `session` or `system.session`.
    static func isSession(_ qualifier: some Collection<String>) -> Bool {
        let words = qualifier.map { $0.lowercased() }
        return words.isEmpty || words == ["session"] || words == path
    }
}

/// DECLARE, SET VARIABLE and DROP VARIABLE.
extension StatementRunner {
    func declare(_ declare: DeclareVariable) throws(SQLError) -> ResultSet {
        let type = try declare.type.map { (type) throws(SQLError) in try DataType(type) }
        var value: TypedValue
        if let written = declare.defaultValue {
            value = try initialValue(
                written, type,
                of: SessionVariables.path + (try declare.names.first.map { (name) throws(SQLError) in try parts(name) }?.suffix(1) ?? []))
        } else {
            value = TypedValue(.null, type ?? .void)
        }
        if let type { value = TypedValue(value.value, type) }
        var names: [String] = []
        for reference in declare.names {
            let parts = try parts(reference)
            guard let name = parts.last, SessionVariables.isSession(parts.dropLast()) else { throw unresolvedVariable(parts, lowercased: true) }
            if names.contains(where: { $0.lowercased() == name.lowercased() }) {
                throw SQLError(.duplicateVariableNameInsideDeclare, ["variableName": SQLQuote.id(name)], at: reference.span)
            }
            names.append(name)
        }
        let current = session.current
        for name in names where !declare.orReplace && current.variables[name.lowercased()] != nil {
            throw SQLError(.variableAlreadyExists, ["variableName": SQLQuote.id(SessionVariables.path + [name.lowercased()])])
        }
        let made = value
        session.update { state in
            for name in names { state.variables[name.lowercased()] = SQLVariable(name: name.lowercased(), value: made) }
        }
        return .none
    }

    /// A variable's DEFAULT: it may look at everything but tables.
    func initialValue(_ written: SparkSyntax.Expression, _ type: DataType?, of variable: [String]) throws(SQLError) -> TypedValue {
        let parameters = [
            "statement": "DECLARE VARIABLE", "colName": SQLQuote.id(variable), "defaultValue": written.span.text(in: text) ?? "",
        ]
        return try value(
            of: written, as: type,
            subqueryError: SQLError(.invalidDefaultValueSubqueryExpression, parameters, at: written.span, phase: .analysis))
    }

    func dropVariable(_ reference: NameReference, ifExists: Bool) throws(SQLError) -> ResultSet {
        let parts = try parts(reference)
        guard let name = parts.last, SessionVariables.isSession(parts.dropLast()) else { throw unresolvedVariable(parts, lowercased: true) }
        let key = name.lowercased()
        guard session.current.variables[key] != nil else {
            if ifExists { return .none }
            throw SQLError(.variableNotFound, ["variableName": SQLQuote.id(SessionVariables.path + [key])], at: reference.span)
        }
        session.update { $0.variables[key] = nil }
        return .none
    }

    /// `SET VAR a = 1, b = DEFAULT`: all values are computed before the first is stored.
    func assign(_ assignments: [Assignment]) throws(SQLError) -> ResultSet {
        let targets = try targets(assignments.map(\.target))
        var values: [TypedValue] = []
        for (assignment, target) in zip(assignments, targets) {
            if case .name(let word) = assignment.value.kind, word.isWord("DEFAULT") {
                values.append(target.defaultValue)
            } else {
                values.append(try value(of: assignment.value, as: target.value.type))
            }
        }
        store(values, in: targets)
        return .none
    }

    /// `SET VAR (a, b) = (SELECT …)`: one row; NULLs for none.
    func assign(_ query: Query, to names: [MultipartIdentifier]) throws(SQLError) -> ResultSet {
        let targets = try targets(names)
        let plan = try QueryEngine.analyze(query, catalog: catalog, parameters: try parameters(), context: context)
        try assign(try collect(plan), to: targets)
        return .none
    }

    /// A query's only row to variables.
    func assign(_ result: ResultSet, to targets: [VariableTarget]) throws(SQLError) {
        guard result.schema.fields.count == targets.count else {
            throw SQLError(
                .assignmentArityMismatch, ["numTarget": "\(targets.count)", "numExpr": "\(result.schema.fields.count)"])
        }
        guard result.rowCount <= 1 else { throw SQLError(.rowSubqueryTooManyRows) }
        var values: [TypedValue] = []
        for (index, target) in targets.enumerated() {
            guard let batch = result.batches.first, batch.columns.indices.contains(index) else {
                values.append(TypedValue(.null, target.value.type))
                continue
            }
            values.append(
                try QueryEngine.cast(TypedValue(batch.columns[index].value(at: 0), batch.columns[index].type), to: target.value.type, context))
        }
        store(values, in: targets)
    }

    /// A variable that is to be given a value.
    struct VariableTarget {
        let name: String
        /// The script's block that it belongs to; nil: the session.
        let frame: ScriptFrames.Frame?
        let value: TypedValue
        let defaultValue: TypedValue
    }

    func targets(_ names: [MultipartIdentifier]) throws(SQLError) -> [VariableTarget] {
        var targets: [VariableTarget] = []
        for written in names {
            let target = try self.target(written)
            if targets.contains(where: { $0.name == target.name && $0.frame === target.frame }) {
                throw SQLError(.duplicateAssignments, ["nameList": SQLQuote.id(written.last)], at: written.span)
            }
            targets.append(target)
        }
        return targets
    }

    private func target(_ written: MultipartIdentifier) throws(SQLError) -> VariableTarget {
        let names = written.names
        if let (frame, variable) = try locals?.find(names) {
            if frame.isForLoop { throw SQLError(.unsupportedFeatureSetVariableUsingSet, ["variableName": SQLQuote.id(names)], at: written.span) }
            return VariableTarget(name: variable.name.lowercased(), frame: frame, value: variable.value, defaultValue: variable.defaultValue)
        }
        guard let name = names.last, SessionVariables.isSession(names.dropLast()), let variable = session.current.variables[name.lowercased()] else {
            throw unresolvedVariable(names, lowercased: false)
        }
        return VariableTarget(name: name.lowercased(), frame: nil, value: variable.value, defaultValue: variable.defaultValue)
    }

    private func store(_ values: [TypedValue], in targets: [VariableTarget]) {
        for (target, value) in zip(targets, values) {
            let value = TypedValue(value.value, target.value.type)
            if let frame = target.frame {
                frame.variables[target.name]?.value = value
            } else {
                session.update { $0.variables[target.name]?.value = value }
            }
        }
    }

    func store(_ value: Value, in target: VariableTarget) { store([TypedValue(value, target.value.type)], in: [target]) }

    private func unresolvedVariable(_ name: [String], lowercased: Bool) -> SQLError {
        SQLError(
            .unresolvedVariable,
            ["variableName": SQLQuote.id(name), "searchPath": lowercased ? "`system`.`session`" : "`SYSTEM`.`SESSION`"])
    }

    /// An expression's value outside of a query; `type`: what it is cast to.
    func value(
        of expression: SparkSyntax.Expression, as type: DataType? = nil, subqueryError: SQLError? = nil
    ) throws(SQLError) -> TypedValue {
        let plan = try QueryEngine.analyze(
            expression, as: type, catalog: catalog, parameters: try parameters(), context: context, subqueryError: subqueryError)
        let result = try collect(plan)
        guard let batch = result.batches.first, let column = batch.columns.first, batch.rowCount > 0 else {
            return TypedValue(.null, plan.schema.fields.first?.type ?? .void)
        }
        return TypedValue(column.value(at: 0), column.type)
    }
}
