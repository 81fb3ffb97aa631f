import Columnar
import DeltaTable
package import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
package import Workspace

/// A function as the REST API describes it: made into the statement that SQL would have been given.
package struct FunctionDraft: Sendable {
    package struct Parameter: Sendable {
        package let name: String
        /// As SQL writes it
        package let type: String
        package let defaultValue: String?
        package let comment: String?

        package init(name: String, type: String, defaultValue: String?, comment: String?) {
            self.name = name
            self.type = type
            self.defaultValue = defaultValue
            self.comment = comment
        }
    }

    package let name: ObjectName
    package let comment: String?
    package let parameters: [Parameter]?
    /// A type, or `TABLE_TYPE` with the columns beside it
    package let returns: String
    package let columns: [Parameter]?
    package let isExternal: Bool
    package let language: String?
    package let definition: String
    package let isDeterministic: Bool
    package let dataAccess: String
    package let properties: String?

    package init(
        name: ObjectName, comment: String?, parameters: [Parameter]?, returns: String, columns: [Parameter]?, isExternal: Bool, language: String?,
        definition: String, isDeterministic: Bool, dataAccess: String, properties: String?
    ) {
        self.name = name
        self.comment = comment
        self.parameters = parameters
        self.returns = returns
        self.columns = columns
        self.isExternal = isExternal
        self.language = language
        self.definition = definition
        self.isDeterministic = isDeterministic
        self.dataAccess = dataAccess
        self.properties = properties
    }

    var statement: String {
        func list(_ parameters: [Parameter]) -> String {
            parameters.map { parameter in
                var text = "\(SQLQuote.id([parameter.name])) \(parameter.type)"
                if let value = parameter.defaultValue, !value.isEmpty { text += " DEFAULT \(value)" }
                if let comment = parameter.comment, !comment.isEmpty { text += " COMMENT \(Self.literal(comment))" }
                return text
            }.joined(separator: ", ")
        }
        var words = "CREATE FUNCTION \(SQLQuote.id(name.parts))(\(list(parameters ?? []))) RETURNS "
        let isTable = returns.uppercased().hasPrefix("TABLE")
        words += isTable ? "TABLE (\(list(columns ?? [])))" : returns
        if isExternal { words += " LANGUAGE \(language ?? "PYTHON")" }
        if !isDeterministic { words += " NOT DETERMINISTIC" }
        if let comment, !comment.isEmpty { words += " COMMENT \(Self.literal(comment))" }
        return words + (isExternal ? " AS $$\(definition)$$" : " RETURN \(definition)")
    }

    private static func literal(_ text: String) -> String {
        "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
}

extension SQLService {
    /// Creates the function that a draft describes; what SQL would refuse is `INVALID_PARAMETER_VALUE`.
    package func createFunction(_ draft: FunctionDraft, by principal: Principal) throws -> FunctionInfo {
        let text = draft.statement
        do {
            // The draft's texts are pieces of a statement: together they must be one function, and no more.
            guard case .createFunction(let create) = try Parser.parse(text).kind, case .name(let name) = create.name, name.names == draft.name.parts,
                create.parameters.count == draft.parameters?.count ?? 0
            else { throw WorkspaceError.invalid("The function's parts do not make one CREATE FUNCTION statement.") }
            let function = SQLFunction(
                name: draft.name.parts, definition: create, text: text, catalog: draft.name.catalog, schema: draft.name.schema,
                readsData: draft.dataAccess == "READS_SQL_DATA")
            for parameter in create.parameters { _ = try DataType(parameter.type) }
            var spec = FunctionSpec(draft.name, definition: text)
            spec.details = function.details
            spec.comment = draft.comment
            return try workspace.functions.create(spec, replaces: false, by: principal)
        } catch let error as SQLError {
            throw WorkspaceError.invalid("CreateFunction: \(error.text)")
        }
    }

    /// The members of the API's function object that its definition gives.
    package func members(of info: FunctionInfo) throws -> JSONObject {
        do {
            return try SQLFunction(info).members
        } catch {
            return JSONObject([("routine_body", "SQL"), ("routine_definition", .string(info.definition))])
        }
    }
}

extension SQLFunction {
    /// What stands behind RETURN or AS.
    var bodyText: String? {
        switch definition.body {
        case .expression(let expression): expression.span.text(in: text)
        case .query(let query): query.span.text(in: text)
        case .external(let body), .className(let body): body
        }
    }

    fileprivate var members: JSONObject {
        get throws(SQLError) {
            let isExternal = if case .external = definition.body { true } else { false }
            var object = JSONObject()
            object["input_params"] = ["parameters": .array(try Self.list(definition.parameters, text, kind: "PARAM"))]
            switch definition.returns {
            case .table(let columns):
                object["data_type"] = "TABLE_TYPE"
                object["full_data_type"] = .string(
                    "("
                        + (try columns.map { (column) throws(SQLError) in "\(column.name.text) \(try DataType(column.type).simpleText)" }
                            .joined(separator: ", ")) + ")")
                object["return_params"] = ["parameters": .array(try Self.list(columns, text, kind: "COLUMN"))]
            case .type(let type):
                let type = try DataType(type)
                object["data_type"] = .string(TableColumns.typeName(type))
                object["full_data_type"] = .string(type.sqlText)
            case .derived: break
            }
            object["routine_body"] = isExternal ? "EXTERNAL" : "SQL"
            object["routine_definition"] = .string(bodyText ?? "")
            if let language = definition.language, isExternal { object["external_language"] = .string(language) }
            object["parameter_style"] = "S"
            object["is_deterministic"] = .bool(definition.isDeterministic ?? true)
            object["sql_data_access"] = isExternal ? "NO_SQL" : readsData ? "READS_SQL_DATA" : "CONTAINS_SQL"
            object["is_null_call"] = true
            object["security_type"] = "DEFINER"
            object["specific_name"] = .string(name.last ?? "")
            return object
        }
    }

    private static func list(_ parameters: [CreateFunction.Parameter], _ text: String, kind: String) throws(SQLError) -> [JSONValue] {
        var list: [JSONValue] = []
        for (position, parameter) in parameters.enumerated() {
            let type = try DataType(parameter.type)
            guard let column = TableColumns.list(TableSchema(Schema([Field(parameter.name.text, type)])), partitionColumns: []).all.first else {
                continue
            }
            var object = column.json.objectValue ?? JSONObject()
            object["position"] = .int(position)
            object["nullable"] = nil
            object["parameter_mode"] = "IN"
            object["parameter_type"] = .string(kind)
            if let value = parameter.defaultValue?.span.text(in: text) { object["parameter_default"] = .string(value) }
            if let comment = parameter.comment { object["comment"] = .string(comment) }
            list.append(.object(object))
        }
        return list
    }
}
