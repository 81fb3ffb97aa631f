import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax

/// A session's temporary view.
struct TemporaryView: Sendable {
    /// As written when it was made.
    let name: String
    let query: Query
    let columns: [Field]
    let catalog: String
    let schema: String
    let text: String
    let comment: String?
    var collation = DefaultCollation.none

    var relation: CatalogRelation {
        .view(query, name: [name], columns: columns, catalog: catalog, schema: schema, text: text, collation: collation.applied)
    }
}

/// A variable of a session or script.
struct SQLVariable: Sendable {
    let name: String
    var value: TypedValue
    let defaultValue: TypedValue

    init(name: String, value: TypedValue) {
        self.name = name
        self.value = value
        defaultValue = value
    }
}

/// A SQL function, temporary or of a schema.
struct SQLFunction: Sendable {
    /// One part: temporary.
    let name: [String]
    let definition: CreateFunction
    let text: String
    /// Where names in the body are looked up.
    let catalog: String
    let schema: String
    /// Whether running it reads tables or views.
    let readsData: Bool

    /// As the engine takes it. Throws what is wrong with the types in it.
    func function() throws(SQLError) -> CatalogFunction {
        var parameters: [CatalogFunction.Parameter] = []
        for parameter in definition.parameters {
            parameters.append(.init(name: parameter.name.text, type: try DataType(parameter.type), defaultValue: parameter.defaultValue))
        }
        let body: CatalogFunction.Body
        switch definition.body {
        case .expression(let expression): body = .expression(expression)
        case .query(let query): body = .query(query)
        case .external, .className: throw .notSimulated("functions in other languages than SQL")
        }
        let result: CatalogFunction.Result
        switch definition.returns {
        case .derived: result = .scalar(nil)
        case .type(let type): result = .scalar(try DataType(type))
        case .table(let columns):
            var fields: [Field] = []
            for column in columns { fields.append(Field(column.name.text, try DataType(column.type), comment: column.comment)) }
            result = .table(fields)
        }
        return CatalogFunction(name: name, parameters: parameters, body: body, result: result, catalog: catalog, schema: schema)
    }
}
