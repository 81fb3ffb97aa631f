import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// Functions and their parameters.
extension InformationSchema {
    private struct Routine {
        let info: FunctionInfo
        let function: SQLFunction
    }

    private func allRoutines() throws -> [Routine] {
        try schemaInfos().flatMap { schema in
            try workspace.functions.list(in: SchemaName(catalog: schema.catalog, schema: schema.name), by: principal).compactMap { info in
                try service.function(info.name).map { Routine(info: info, function: $0) }
            }
        }
    }

    static let routines = Relation(
        fields: texts(
            "specific_catalog specific_schema specific_name routine_catalog routine_schema routine_name routine_type data_type? full_data_type?")
            + typeFields
            + texts(
                """
                routine_body routine_definition? external_name? external_language? parameter_style is_deterministic sql_data_access is_null_call \
                sql_path? security_type comment?
                """) + traces
    ) { view in
        try view.allRoutines().map { routine in
            let (info, definition) = (routine.info, routine.function.definition)
            var row = names(info.name) + names(info.name) + [.string("FUNCTION")]
            switch definition.returns {
            case .table: row += [.string("TABLE"), .string("TABLE")] + typeValues(nil)
            case .type(let type):
                let type = try DataType(type)
                row += [.string(simpleName(type)), .string(type.sqlText)] + typeValues(type)
            case .derived: row += [.null, .null] + typeValues(nil)
            }
            row += [.string("SQL"), text(view.body(routine.function)), .null, .null, .string("SQL"), yes(definition.isDeterministic ?? true)]
            row += [
                .string(routine.function.readsData ? "READS SQL DATA" : "CONTAINS SQL"), yes(true), .null, .string("DEFINER"), text(info.comment),
            ]
            return row + traces(info.createdAt, info.createdBy, info.createdAt, info.createdBy)
        }
    }

    static let parameters = Relation(
        fields: texts("specific_catalog specific_schema specific_name") + [Field("ordinal_position", .int, nullable: false)]
            + texts("parameter_mode is_result as_locator parameter_name? data_type full_data_type") + typeFields
            + texts("parameter_default? comment?")
    ) { view in
        try view.allRoutines().flatMap { routine in
            try routine.function.definition.parameters.enumerated().map { position, parameter -> [Value] in
                let type = try DataType(parameter.type)
                let written = parameter.defaultValue.flatMap { $0.span.text(in: routine.function.text) }
                let row = names(routine.info.name) + [number(position), .string("IN"), yes(false), yes(false), .string(parameter.name.text)]
                return row + [.string(simpleName(type)), .string(type.sqlText)] + typeValues(type) + [text(written), text(parameter.comment)]
            }
        }
    }

    private static func simpleName(_ type: DataType) -> String {
        let text = type.sqlText
        return String(text.prefix { $0 != "(" && $0 != "<" })
    }

    /// What stands behind RETURN.
    private func body(_ function: SQLFunction) -> String? {
        switch function.definition.body {
        case .expression(let expression): expression.span.text(in: function.text)
        case .query(let query): query.span.text(in: function.text)
        case .external, .className: nil
        }
    }
}
