import Columnar
import JSON
import SparkErrors

extension ScalarFunction {
    /// A kernel that makes a variant, or nothing, of each row.
    private static func variants(_ rowCount: Int, _ validity: Bitmap?, _ body: (Int) throws(SQLError) -> VariantNode?) throws(SQLError) -> Column {
        var nodes: [VariantNode?] = []
        nodes.reserveCapacity(rowCount)
        for row in 0..<rowCount { nodes.append(validity?[row] ?? true ? try body(row) : nil) }
        return VariantColumn.make(nodes)
    }

    private static func parsing(_ name: String, attempt: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .json, since: "4.0.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(1...1)
            guard call.arguments[0].type.isString || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"STRING\"") }
            return BoundScalar([.text], returns: .variant, nullable: attempt || call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
                guard let texts = ByteSlice.source(arguments[0]) else { return .nulls(.variant, count: rowCount) }
                return try variants(rowCount, arguments[0].validity) { (row) throws(SQLError) -> VariantNode? in
                    if let json = try? JSONValue(parsing: texts[row], maxDepth: LenientJSON.maxDepth), !DuplicateNames.found(in: texts[row], json) {
                        return VariantNode(json)
                    }
                    if attempt { return nil }
                    throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": texts.string(at: row), "failFastMode": "FAILFAST"])
                }
            }
        }
    }

    static let parseJSON = parsing(
        "parse_json", attempt: false, usage: "parse_json(jsonStr) - A VARIANT from JSON.",
        examples: [
            Example("to_json(parse_json('{\"a\":1,\"b\":0.80}'))", "{\"a\":1,\"b\":0.8}"),
            Example("CAST(parse_json('[1, 2e3]') AS STRING)", "[1,2000.0]"),
        ])
    static let tryParseJSON = parsing(
        "try_parse_json", attempt: true, usage: "try_parse_json(jsonStr) - As parse_json, but NULL where that fails.",
        examples: [Example("try_parse_json('{\"a\":1,')", "NULL"), Example("CAST(try_parse_json('1') AS INT)", "1")])

    private static func getting(_ name: String, attempt: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, group: .json, since: "4.0.0", usage: usage, examples: examples,
            syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(2).joined(separator: ", ")))" }
        ) { (call, context) throws(SQLError) in
            try call.checkCount(2...3)
            guard call.arguments[0].type == .variant || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"VARIANT\"") }
            guard call.arguments[1].type.isString || call.arguments[1].type == .void else { throw call.unexpectedType(1, "\"STRING\"") }
            var type = DataType.variant
            if call.count == 3 {
                guard case .string(let text)? = call.arguments[2].constant else {
                    throw SQLError(.invalidSchemaNonStringLiteral, ["inputSchema": SQLQuote.expr(call.arguments[2].sql)], phase: .analysis)
                }
                do throws(DDLParser.Failure) { type = try DDLParser.parse(text) } catch {
                    throw SQLError(.unsupportedDatatype, ["typeName": SQLQuote.type(text)], phase: .analysis)
                }
            }
            let result = type
            let types = [DataType.variant, .text] + (call.count == 3 ? [.text] : [])
            return BoundScalar(types, returns: result, nullable: true) { (arguments, rowCount, context) throws(SQLError) in
                guard let source = VariantColumn(arguments[0]), let paths = ByteSlice.source(arguments[1]) else {
                    return .nulls(result, count: rowCount)
                }
                let validity = Kernel.combinedValidity(arguments[0].validity, arguments[1].validity)
                var known: (text: String, path: VariantPath)?
                return try Rows.make(result, rowCount, validity: validity) { (row) throws(SQLError) -> Value? in
                    let text = paths.string(at: row)
                    let path: VariantPath
                    if let known, known.text == text {
                        path = known.path
                    } else {
                        guard let made = VariantPath(text) else {
                            throw SQLError(.invalidVariantGetPath, ["path": text, "functionName": SQLQuote.id(name)])
                        }
                        path = made
                        known = (text, made)
                    }
                    guard let node = source.node(row) else { throw SQLError(.malformedVariant) }
                    guard let found = path.find(in: node) else { return nil }
                    if let value = found.value(as: result, context) { return value.isNull ? nil : value }
                    if attempt { return nil }
                    throw SQLError.variantCast(found, result, context)
                }
            }
        }
    }

    static let variantGet = getting(
        "variant_get", attempt: false, usage: "variant_get(v, path[, type]) - What lies at a path in a variant, as a type if one is given.",
        examples: [
            Example("variant_get(parse_json('{\"a\": 1}'), '$.a', 'int')", "1"),
            Example("variant_get(parse_json('[1, \"2\"]'), '$[1]', 'string')", "2"),
            Example("variant_get(parse_json('{\"a\": 1}'), '$.b', 'int')", "NULL"),
            Example("variant_get(parse_json('{\"a\": {\"b\": [1, 2]}}'), '$.a', 'struct<b:array<int>>')", "{\"b\":[1,2]}"),
        ])
    static let tryVariantGet = getting(
        "try_variant_get", attempt: true, usage: "try_variant_get(v, path[, type]) - As variant_get, but NULL for a value that does not convert.",
        examples: [
            Example("try_variant_get(parse_json('[1, \"hello\"]'), '$[1]', 'int')", "NULL"),
            Example("try_variant_get(parse_json('{\"a\": 1}'), '$.a', 'int')", "1"),
        ])

    static let isVariantNull = ScalarFunction(
        "is_variant_null", group: .json, since: "4.0.0", usage: "is_variant_null(v) - Whether a variant is JSON's null, which is not NULL.",
        examples: [
            Example("is_variant_null(parse_json('null'))", "true"), Example("is_variant_null(parse_json('13'))", "false"),
            Example("is_variant_null(parse_json(NULL))", "false"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        guard call.arguments[0].type == .variant || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"VARIANT\"") }
        return BoundScalar([.variant], returns: .boolean, nullable: false) { (arguments, rowCount, _) throws(SQLError) in
            let source = VariantColumn(arguments[0])
            return try Rows.make(.boolean, rowCount) { (row) throws(SQLError) -> Bool? in !arguments[0].isNull(row) && source?.node(row) == .null }
        }
    }

    static let schemaOfVariant = ScalarFunction(
        "schema_of_variant", group: .json, since: "4.0.0", usage: "schema_of_variant(v) - The schema of a variant.",
        examples: [
            Example(
                "schema_of_variant(parse_json('{\"a\": 1, \"b\": [1, 2.5], \"c\": null}'))", "OBJECT<a: BIGINT, b: ARRAY<DECIMAL(21,1)>, c: VOID>")
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        guard call.arguments[0].type == .variant || call.arguments[0].type == .void else { throw call.unexpectedType(0, "\"VARIANT\"") }
        return BoundScalar([.variant], returns: .text, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            guard let source = VariantColumn(arguments[0]) else { return .nulls(.text, count: rowCount) }
            return try Rows.make(.text, rowCount, validity: arguments[0].validity) { (row) throws(SQLError) -> String? in
                guard let node = source.node(row) else { throw SQLError(.malformedVariant) }
                return node.shape.text
            }
        }
    }

    static let toVariantObject = ScalarFunction(
        "to_variant_object", group: .json, since: "4.0.0", usage: "to_variant_object(expr) - A struct, map or array as a VARIANT.",
        examples: [Example("to_json(to_variant_object(named_struct('b', 1, 'a', array(1.50, NULL))))", "{\"a\":[1.5,null],\"b\":1}")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let type = call.arguments[0].type
        guard Cast.makesObject(type) else {
            throw call.mismatch(
                .datatypeMismatchCastWithoutSuggestion, ["srcType": SQLQuote.type(type.sqlText), "targetType": SQLQuote.type("VARIANT")])
        }
        return BoundScalar([type], returns: .variant, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            let column = arguments[0]
            return VariantColumn.make((0..<column.count).map { column.isNull($0) ? nil : VariantNode(column.value(at: $0), type) })
        }
    }
}

extension Cast {
    /// Whether a type can become an object or array of variants, by `to_variant_object`.
    static func makesObject(_ type: DataType) -> Bool {
        func convertible(_ type: DataType) -> Bool {
            switch type {
            case .array(let element, _): convertible(element)
            case .map(let key, let value, _): key.isString && convertible(value)
            case .structure(let fields): fields.allSatisfy { convertible($0.type) }
            case .yearMonthInterval, .dayTimeInterval: false
            default: true
            }
        }
        switch type {
        case .array, .map, .structure: return convertible(type)
        default: return false
        }
    }

    /// Whether CAST makes a variant of it: scalars, and arrays of what it makes one of.
    static func makesVariant(_ type: DataType) -> Bool {
        switch type {
        case .array(let element, _): makesVariant(element)
        case .map, .structure, .yearMonthInterval, .dayTimeInterval: false
        default: true
        }
    }

    /// Whether CAST takes a variant to it.
    static func fromVariant(_ type: DataType) -> Bool {
        switch type {
        case .array(let element, _): fromVariant(element)
        case .map(let key, let value, _): key.isString && fromVariant(value)
        case .structure(let fields): fields.allSatisfy { fromVariant($0.type) }
        case .yearMonthInterval, .dayTimeInterval, .void: false
        default: true
        }
    }
}

/// Objects whose members' names repeat, which JSON's reader lets pass.
enum DuplicateNames {
    static func found(in text: ByteSlice, _ json: JSONValue) -> Bool {
        // As many names in the text as members in the value, or some were dropped.
        guard text.contains(UInt8(ascii: "{")) else { return false }
        var colons = 0
        var inString = false
        var escaped = false
        for byte in text {
            if escaped {
                escaped = false
            } else if inString {
                if byte == UInt8(ascii: "\\") { escaped = true } else if byte == UInt8(ascii: "\"") { inString = false }
            } else if byte == UInt8(ascii: "\"") {
                inString = true
            } else if byte == UInt8(ascii: ":") {
                colons += 1
            }
        }
        return colons != members(json)
    }

    private static func members(_ json: JSONValue) -> Int {
        switch json {
        case .array(let items): items.reduce(0) { $0 + members($1) }
        case .object(let object): object.members.reduce(object.count) { $0 + members($1.value) }
        default: 0
        }
    }
}

let variantFunctions: [ScalarFunction] = [
    .parseJSON, .tryParseJSON, .variantGet, .tryVariantGet, .isVariantNull, .schemaOfVariant, .toVariantObject,
]

/// `schema_of_variant_agg`: what holds all values of a group.
struct VariantSchemaAccumulator: GroupedAccumulator {
    private var shapes: [VariantNode.Shape] = []

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        shapes.extend(to: groupCount, with: .plain(.void))
        guard let source = VariantColumn(arguments[0]) else { return }
        for (row, group) in groups.enumerated() where !arguments[0].isNull(row) {
            guard let node = source.node(row) else { throw SQLError(.malformedVariant) }
            shapes[Int(group)] = shapes[Int(group)].merged(node.shape)
        }
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        shapes.extend(to: groupCount, with: .plain(.void))
        for (group, shape) in zip(groups, try Self.peer(other).shapes) { shapes[Int(group)] = shapes[Int(group)].merged(shape) }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        try Rows.make(.text, groupCount) { (group) throws(SQLError) -> String? in
            (group < shapes.count ? shapes[group] : VariantNode.Shape.plain(.void)).text
        }
    }
}

extension AggregateFunction {
    static let schemaOfVariantAgg = AggregateFunction(
        "schema_of_variant_agg", since: "4.0.0", usage: "schema_of_variant_agg(v) - The schema that holds all variants.",
        examples: [
            Example("schema_of_variant_agg(parse_json(j)) FROM VALUES ('{\"a\": 1}'), ('{\"b\": true}') AS t(j)", "OBJECT<a: BIGINT, b: BOOLEAN>")
        ]
    ) { (call, _) throws(SQLError) in
        try call.call.checkCount(1...1)
        guard call.arguments[0].type == .variant || call.arguments[0].type == .void else { throw call.call.unexpectedType(0, "\"VARIANT\"") }
        return BoundAggregate([.variant], returns: .text, nullable: false) { VariantSchemaAccumulator() }
    }
}
