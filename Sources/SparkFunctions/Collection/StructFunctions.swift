import Columnar
import SparkErrors

extension ScalarFunction {
    private static func structure(_ fields: [Field], _ types: [DataType], values: @escaping @Sendable ([Column]) -> [Column]) -> BoundScalar {
        let type = DataType.structure(fields)
        return BoundScalar(types, returns: type, nullable: false) { (arguments, rowCount, _) throws(SQLError) in
            Column(type, .structure(StructArray(children: values(arguments), count: rowCount)))
        }
    }

    static let structOf = ScalarFunction(
        "struct", group: .structure, since: "1.4.0",
        usage: "struct(expr, …) - A struct of the arguments; fields are named after columns and aliases, others col1, col2, ….",
        examples: [Example("struct(1, 2, 'a')", "{\"col1\":1,\"col2\":2,\"col3\":\"a\"}")]
    ) { (call, _) throws(SQLError) in
        let fields = call.arguments.enumerated().map { Field($1.name ?? "col\($0 + 1)", $1.type, nullable: $1.nullable) }
        return structure(fields, call.types) { $0 }
    }

    static let namedStruct = ScalarFunction(
        "named_struct", group: .structure, since: "1.5.0", usage: "named_struct(name1, val1, …) - A struct with named fields.",
        examples: [Example("named_struct('a', 1, 'b', 2)", "{\"a\":1,\"b\":2}")]
    ) { (call, context) throws(SQLError) in
        if !call.count.isMultiple(of: 2) { throw call.wrongCount("2n (n > 0)") }
        var fields: [Field] = []
        var wrong: [String] = []
        for index in stride(from: 0, to: call.count, by: 2) {
            guard call.arguments[index].type.isString, case .string(let name)? = call.arguments[index].constant else {
                wrong.append(SQLQuote.expr(call.arguments[index].sql))
                continue
            }
            fields.append(Field(name, call.arguments[index + 1].type, nullable: call.arguments[index + 1].nullable))
        }
        guard wrong.isEmpty else {
            throw call.mismatch(
                .datatypeMismatchCreateNamedStructWithoutFoldableString, ["inputExprs": "[" + wrong.joined(separator: ", ") + "]"])
        }
        return structure(fields, call.types) { arguments in stride(from: 1, to: arguments.count, by: 2).map { arguments[$0] } }
    }
}

let structFunctions: [ScalarFunction] = [.structOf, .namedStruct]
