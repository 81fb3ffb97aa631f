import Columnar
import JSON
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE FUNCTION and DROP FUNCTION.
extension StatementRunner {
    func createFunction(_ create: CreateFunction, _ text: String) throws(SQLError) -> ResultSet {
        if let language = create.language, language != "SQL" { throw .notSimulated("functions in \(language)") }
        let name = try functionName(create)
        try checkLists(create, name)
        let existing = try existingFunction(name)
        if existing != nil, !create.orReplace {
            if create.ifNotExists { return .none }
            throw SQLError(
                .routineAlreadyExists,
                ["routineName": SQLQuote.id(name), "newRoutineType": "routine", "existingRoutineType": "routine"], at: create.name.span)
        }
        let state = session.current
        let draft = SQLFunction(name: name, definition: create, text: text, catalog: state.catalog, schema: state.schema, readsData: false)
        let bridge = catalog
        _ = try QueryEngine.analyze(try draft.function(), catalog: bridge, context: context)
        let used = bridge.used
        if !create.isTemporary, let object = used.temporary.first {
            throw SQLError(
                .invalidTempObjReference,
                ["obj": "FUNCTION", "objName": SQLQuote.id(name), "tempObj": object.kind, "tempObjName": SQLQuote.id(object.name)])
        }
        if used.functions.contains(name.map { $0.lowercased() }) {
            throw SQLError(.cyclicFunctionReference, ["path": name.joined(separator: ".")])
        }
        if create.dataAccess == "CONTAINS SQL", used.readsData { throw SQLError(.invalidSqlFunctionDataAccess) }
        let function = SQLFunction(
            name: name, definition: create, text: text, catalog: state.catalog, schema: state.schema,
            readsData: used.readsData || create.dataAccess == "READS SQL DATA")
        guard let full = ObjectName(parts: name) else {
            session.update { $0.functions[name[0].lowercased()] = function }
            return .none
        }
        var spec = FunctionSpec(full, definition: text)
        spec.details = function.details
        spec.comment = create.comment
        let final = spec
        _ = try onCatalog(name) { try workspace.functions.create(final, replaces: create.orReplace, by: principal) }
        return .none
    }

    private func functionName(_ create: CreateFunction) throws(SQLError) -> [String] {
        if create.isTemporary {
            let parts = try parts(create.name)
            guard parts.count == 1 else {
                throw SQLError(
                    .invalidSqlSyntaxCreateTempFuncWithDatabase, ["database": SQLQuote.id(Array(parts.dropLast()))], at: create.name.span)
            }
            return parts
        }
        return try objectName(create.name).parts
    }

    private func existingFunction(_ name: [String]) throws(SQLError) -> SQLFunction? {
        guard let full = ObjectName(parts: name) else { return session.current.functions[name[0].lowercased()] }
        return try service.function(full)
    }

    private func checkLists(_ create: CreateFunction, _ name: [String]) throws(SQLError) {
        let routine = name.last ?? ""
        let repeated = Self.repeated(create.parameters.map(\.name.text))
        if !repeated.isEmpty {
            throw SQLError(
                .duplicateRoutineParameterNames,
                ["routineName": SQLQuote.id(routine), "names": repeated.map { SQLQuote.id($0) }.joined(separator: ", ")])
        }
        var last: CreateFunction.Parameter?
        for parameter in create.parameters {
            if let last, parameter.defaultValue == nil {
                throw SQLError(
                    .userDefinedFunctionsNotAValidDefaultParameterPosition,
                    ["functionName": routine, "parameterName": last.name.text, "nextParameterName": parameter.name.text])
            }
            if parameter.defaultValue != nil { last = parameter }
            try Self.refuseLengths(parameter.type)
        }
        switch create.returns {
        case .derived: break
        case .type(let type): try Self.refuseLengths(type)
        case .table(let columns):
            let repeated = Self.repeated(columns.map(\.name.text))
            if !repeated.isEmpty {
                throw SQLError(
                    .duplicateRoutineReturnsColumns,
                    ["routineName": SQLQuote.id(routine), "columns": repeated.map { SQLQuote.id($0) }.joined(separator: ", ")])
            }
            for column in columns { try Self.refuseLengths(column.type) }
        }
    }

    private static func repeated(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        var result: [String] = []
        for name in names.map({ $0.lowercased() }) where !seen.insert(name).inserted && !result.contains(name) { result.append(name) }
        return result
    }

    /// CHAR(n) and VARCHAR(n) are types of columns only.
    private static func refuseLengths(_ type: TypeName) throws(SQLError) {
        switch type.kind {
        case .char, .varchar: throw SQLError(.unsupportedCharOrVarcharAsString, at: type.span)
        case .array(let element): try refuseLengths(element)
        case .map(let key, let value):
            try refuseLengths(key)
            try refuseLengths(value)
        case .structure(let fields): for field in fields { try refuseLengths(field.type) }
        default: break
        }
    }

    func dropFunction(_ drop: Drop) throws(SQLError) -> ResultSet {
        let parts = try parts(drop.name)
        if drop.kind == .temporaryFunction {
            guard parts.count == 1 else {
                throw SQLError(
                    .invalidSqlSyntaxMultiPartName, ["statement": "DROP TEMPORARY FUNCTION", "name": SQLQuote.id(parts)],
                    at: drop.name.span)
            }
            let key = parts[0].lowercased()
            guard session.current.functions[key] != nil else {
                if drop.ifExists { return .none }
                throw SQLError(.routineNotFound, ["routineName": SQLQuote.id(parts)], at: drop.name.span)
            }
            session.update { $0.functions[key] = nil }
            return .none
        }
        let name = try objectName(drop.name)
        guard try service.function(name) != nil else {
            if parts.count == 1, FunctionRegistry.builtin.contains(parts[0].lowercased()) {
                throw SQLError(
                    .forbiddenOperation,
                    ["statement": "DROP", "objectType": "FUNCTION", "objectName": SQLQuote.id(parts)], at: drop.name.span)
            }
            if drop.ifExists { return .none }
            throw SQLError(.routineNotFound, ["routineName": SQLQuote.id(name.parts)], at: drop.name.span)
        }
        try onCatalog(name.parts) { try workspace.functions.delete(name, by: principal) }
        return .none
    }
}

extension ObjectName {
    /// Nil unless there are three parts.
    init?(parts: [String]) {
        guard parts.count == 3 else { return nil }
        self.init(catalog: parts[0], schema: parts[1], name: parts[2])
    }
}

extension SQLFunction {
    /// What the catalog keeps beside the text.
    var details: String {
        JSONValue.members([
            ("current_catalog", .string(catalog)), ("current_schema", .string(schema)), ("reads_data", .bool(readsData)),
        ]).text
    }

    /// A function of a schema, as the catalog remembers it.
    init(_ info: FunctionInfo) throws(SQLError) {
        guard case .createFunction(let definition) = try Parser.parse(info.definition).kind else {
            throw SQLError(.internalError, ["message": "The function \(info.name) holds no definition."])
        }
        let json = info.details.flatMap { try? JSONValue(parsing: Array($0.utf8)) }
        self.init(
            name: info.name.parts, definition: definition, text: info.definition, catalog: json?["current_catalog"]?.stringValue ?? info.name.catalog,
            schema: json?["current_schema"]?.stringValue ?? info.name.schema, readsData: json?["reads_data"]?.boolValue ?? false)
    }
}

extension SQLService {
    func function(_ name: ObjectName) throws(SQLError) -> SQLFunction? {
        guard let info = try onCatalog(name.parts, { try workspace.functions.find(name) }) else { return nil }
        return try SQLFunction(info)
    }
}
