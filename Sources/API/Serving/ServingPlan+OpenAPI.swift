import JSON
import Workspace

extension ServingPlan {
    /// The look-up's request and answer as an OpenAPI 3.1 document: records by the keys that must be given, answers with all that is looked up.
    func openAPI(_ name: String, url: String) -> JSONValue {
        var inputs = JSONObject()
        var outputs = JSONObject()
        for step in steps {
            switch step {
            case .lookup(let lookup):
                for (input, key) in lookup.inputs where outputs[input] == nil { inputs[input] = lookup.schema(ofColumn: key.name) }
                for output in lookup.outputs { outputs[output.name] = lookup.schema(ofColumn: lookup.rows.columns[output.place]) }
            case .function(let evaluation):
                // Any scalar will do: functions cast what they are given.
                for argument in evaluation.arguments where outputs[argument] == nil && inputs[argument] == nil { inputs[argument] = [:] }
                outputs[evaluation.output] = [:]
            }
        }
        let names = JSONValue.array(inputs.names.map { .string($0) })
        var shown = inputs
        for (name, schema) in outputs.members { shown[name] = schema }
        for name in excluded { shown[name] = nil }
        let records = Self.object(["dataframe_records": Self.list(Self.object(inputs, required: names))], required: ["dataframe_records"])
        let rows = Self.object(
            ["columns": Self.list(["type": "string", "enum": names]), "data": Self.list(Self.list([:]))], required: ["columns", "data"])
        let split = Self.object(["dataframe_split": rows], required: ["dataframe_split"])
        let answer = Self.object(["outputs": Self.list(Self.object(shown, required: nil))], required: nil)
        let success: JSONValue = ["description": "Successful operation", "content": Self.content(answer)]
        let post: JSONValue = [
            "requestBody": ["required": true, "content": Self.content(["oneOf": [records, split]])], "responses": ["200": success],
        ]
        return [
            "openapi": "3.1.0", "info": ["title": .string(name), "version": "1"], "servers": [["url": .string(url)]],
            "paths": ["/invocations": ["post": post]],
        ]
    }

    private static func object(_ properties: JSONValue, required: JSONValue?) -> JSONValue {
        var object = JSONObject([("type", "object"), ("properties", properties)])
        object["required"] = required
        return .object(object)
    }

    private static func object(_ properties: JSONObject, required: JSONValue?) -> JSONValue { object(.object(properties), required: required) }

    private static func list(_ items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    private static func content(_ schema: JSONValue) -> JSONValue { ["application/json": ["schema": schema]] }
}

extension ServingPlan.Lookup {
    /// The column's type as OpenAPI names it; without restriction where that is not known.
    fileprivate func schema(ofColumn name: String) -> JSONValue {
        guard let column = source?.columns.all.first(where: { $0.name.lowercased() == name.lowercased() }) else { return [:] }
        return switch column.typeName {
        case "BYTE", "SHORT", "INT": ["type": "integer", "format": "int32"]
        case "LONG": ["type": "integer", "format": "int64"]
        case "FLOAT": ["type": "number", "format": "float"]
        case "DOUBLE": ["type": "number", "format": "double"]
        case "DECIMAL": ["type": "number"]
        case "BOOLEAN": ["type": "boolean"]
        case "STRING", "CHAR", "VARCHAR": ["type": "string"]
        case "DATE": ["type": "string", "format": "date"]
        case "TIMESTAMP": ["type": "string", "format": "date-time"]
        case "ARRAY": ["type": "array", "items": [:]]
        case "STRUCT", "MAP": ["type": "object"]
        default: [:]
        }
    }
}
