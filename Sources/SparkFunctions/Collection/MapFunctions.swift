import Columnar
import SparkErrors

/// Loops over maps, which are lists of structs of key and value.
enum MapKernels {
    /// For each row the entry (an index into `entries`) with that row's key, or -1.
    static func entries(of keys: Column, in maps: Column, _ rowCount: Int) throws(SQLError) -> (entries: Column, picks: [Int32]) {
        let flat = try FlatLists(maps)
        var picks = [Int32](repeating: -1, count: rowCount)
        guard case .structure(let entries) = flat.elements.values, entries.children.count == 2 else { return (flat.elements, picks) }
        let equal = Kernel.compare(.equal, entries.children[0], try flat.spread(keys)).trueBits
        for row in 0..<rowCount { if let found = flat.range(row).first(where: { equal[$0] }) { picks[row] = Int32(truncatingIfNeeded: found) } }
        return (flat.elements, picks)
    }

    /// A map from lists of keys and of values that lie one beside the other; keys must not be null, nor equal within a row.
    static func make(_ keys: Column, _ values: Column, offsets: [Int32], validity: Bitmap?, _ type: DataType) throws(SQLError) -> Column {
        guard case .map(let key, let value, let containsNull) = type else { throw .internalFault("a map of the type \(type.sqlText)") }
        if keys.nullCount > 0 { throw SQLError(.nullMapKey) }
        let child = Column(
            .mapEntry(key, value, valueContainsNull: containsNull),
            .structure(StructArray(children: [keys.with(type: key), values.with(type: value)], count: keys.count)))
        let column = Column(type, .list(ListArray(offsets: offsets, child: child, validity: validity)))
        let flat = try FlatLists(column)
        guard case .structure(let entries) = flat.elements.values else { return column }
        var indexer = GroupIndexer(types: [.int, key])
        let numbers = indexer.groups(of: [flat.rowColumn, entries.children[0]], rowCount: flat.elements.count)
        let firsts = FlatLists.firsts(numbers, from: 0)
        for element in 0..<numbers.count where !firsts[element] {
            let text = Cast.text(of: entries.children[0].value(at: element), key, EvaluationContext())
            throw SQLError(
                .duplicatedMapKey,
                ["key": text, "mapKeyDedupPolicy": SQLQuote.config("spark.sql.mapKeyDedupPolicy")])
        }
        return column
    }
}

extension ScalarFunction {
    private static func checkKey(_ call: Call, _ key: DataType) throws(SQLError) {
        if key.hasMap { throw call.mismatch(.datatypeMismatchInvalidMapKeyType, ["keyType": SQLQuote.type(key.sqlText)]) }
    }

    static let map = ScalarFunction(
        "map", group: .map, since: "2.0.0", usage: "map(key0, value0, …) - A map of keys and values.",
        examples: [Example("map(1.0, '2', 3.0, '4')", "{\"1.0\":\"2\",\"3.0\":\"4\"}"), Example("map()", "{}")]
    ) { (call, _) throws(SQLError) in
        if !call.count.isMultiple(of: 2) { throw call.wrongCount("2n (n > 0)") }
        let indices = Array(call.arguments.indices)
        let keyIndices = indices.filter { $0.isMultiple(of: 2) }
        let valueIndices = indices.filter { !$0.isMultiple(of: 2) }
        func types(_ indices: [Int]) -> String { "[" + indices.map { SQLQuote.type(call.arguments[$0].type.sqlText) }.joined(separator: ", ") + "]" }
        guard let key = Coercion.commonType(keyIndices.map { call.arguments[$0].type }) else {
            throw call.mismatch(.datatypeMismatchCreateMapKeyDiffTypes, ["functionName": SQLQuote.id(call.name), "dataType": types(keyIndices)])
        }
        guard let value = Coercion.commonType(valueIndices.map { call.arguments[$0].type }) else {
            throw call.mismatch(.datatypeMismatchCreateMapValueDiffTypes, ["functionName": SQLQuote.id(call.name), "dataType": types(valueIndices)])
        }
        try checkKey(call, key)
        let type = DataType.map(key: key, value: value, valueContainsNull: valueIndices.contains { call.arguments[$0].nullable })
        let width = keyIndices.count
        return BoundScalar(indices.map { $0.isMultiple(of: 2) ? key : value }, returns: type, nullable: false) {
            (arguments, rowCount, _) throws(SQLError) in
            let offsets = (0...rowCount).map { Int32(truncatingIfNeeded: $0 * width) }
            var order = [Int32](repeating: 0, count: rowCount * width)
            for row in 0..<rowCount { for part in 0..<width { order[row * width + part] = Int32(truncatingIfNeeded: part * rowCount + row) } }
            let keys = try Column.joined(keyIndices.map { arguments[$0] }, type: key).take(order)
            let values = try Column.joined(valueIndices.map { arguments[$0] }, type: value).take(order)
            return try MapKernels.make(keys, values, offsets: offsets, validity: nil, type)
        }
    }

    static let mapFromArrays = ScalarFunction(
        "map_from_arrays", group: .map, since: "2.4.0", usage: "map_from_arrays(keys, values) - A map of two arrays.",
        examples: [Example("map_from_arrays(array(1.0, 3.0), array('2', '4'))", "{\"1.0\":\"2\",\"3.0\":\"4\"}")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        let (key, _) = try call.element(0)
        let (value, containsNull) = try call.element(1)
        try checkKey(call, key)
        let type = DataType.map(key: key, value: value, valueContainsNull: containsNull)
        return BoundScalar(call.types, returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            let keys = try FlatLists(arguments[0].with(validity: validity))
            let values = try FlatLists(arguments[1].with(validity: validity))
            guard keys.offsets == values.offsets else {
                throw SQLError(.legacyMapLengths)
            }
            return try MapKernels.make(keys.elements, values.elements, offsets: keys.offsets, validity: validity, type)
        }
    }

    static let mapFromEntries = ScalarFunction(
        "map_from_entries", group: .map, since: "2.4.0",
        usage: "map_from_entries(arrayOfEntries) - A map of structs of two fields; NULL if an entry is NULL.",
        examples: [
            Example("map_from_entries(array(struct(1, 'a'), struct(2, 'b')))", "{\"1\":\"a\",\"2\":\"b\"}"),
            Example("map_from_entries(array(struct(1, 'a'), NULL))", "NULL"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        guard case .array(.structure(let fields), let entriesNull) = call.arguments[0].type, fields.count == 2 else {
            throw call.unexpectedType(0, "\"ARRAY\" of pair \"STRUCT\"")
        }
        try checkKey(call, fields[0].type)
        let type = DataType.map(key: fields[0].type, value: fields[1].type, valueContainsNull: fields[1].nullable)
        return BoundScalar(call.types, returns: type, nullable: call.anyNullable || entriesNull) { (arguments, rowCount, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            let missing = Set(flat.rows.enumerated().filter { flat.elements.isNull($0.offset) }.map(\.element))
            let validity =
                missing.isEmpty ? flat.validity : Bitmap((0..<rowCount).map { (flat.validity?[$0] ?? true) && !missing.contains(Int32($0)) })
            let whole = missing.isEmpty ? flat : try FlatLists(arguments[0].with(validity: validity))
            guard case .structure(let entries) = whole.elements.values else { return .nulls(type, count: rowCount) }
            return try MapKernels.make(entries.children[0], entries.children[1], offsets: whole.offsets, validity: validity, type)
        }
    }

    private static func parts(
        _ name: String, since: String, usage: String, examples: [Example], type: @escaping @Sendable (DataType, DataType, Bool) -> DataType,
        _ child: @escaping @Sendable (Column) -> Column
    ) -> ScalarFunction {
        ScalarFunction(name, group: .map, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(1...1)
            guard case .map(let key, let value, let containsNull) = call.arguments[0].type else { throw call.unexpectedType(0, "\"MAP\"") }
            let result = type(key, value, containsNull)
            return BoundScalar(call.types, returns: result, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
                let lists = try ArrayKernels.lists(arguments[0])
                return Column(result, .list(ListArray(offsets: lists.offsets, child: child(lists.child), validity: lists.validity)))
            }
        }
    }

    static let mapKeys = parts(
        "map_keys", since: "2.0.0", usage: "map_keys(map) - The keys.", examples: [Example("map_keys(map(1, 'a', 2, 'b'))", "[1,2]")],
        type: { key, _, _ in .array(element: key, containsNull: false) }
    ) { $0.values.asStructure?.children.first ?? $0 }
    static let mapValues = parts(
        "map_values", since: "2.0.0", usage: "map_values(map) - The values.", examples: [Example("map_values(map(1, 'a', 2, NULL))", "[\"a\",null]")],
        type: { _, value, containsNull in .array(element: value, containsNull: containsNull) }
    ) { $0.values.asStructure?.children.last ?? $0 }
    static let mapEntries = parts(
        "map_entries", since: "3.0.0", usage: "map_entries(map) - The entries, as an array of structs of key and value.",
        examples: [Example("map_entries(map(1, 'a', 2, 'b'))", "[{\"key\":1,\"value\":\"a\"},{\"key\":2,\"value\":\"b\"}]")],
        type: { .array(element: .mapEntry($0, $1, valueContainsNull: $2), containsNull: false) }
    ) { $0 }

    static let mapContainsKey = ScalarFunction(
        "map_contains_key", group: .map, since: "3.3.0", usage: "map_contains_key(map, key) - Whether the map has the key.",
        examples: [Example("map_contains_key(map(1, 'a', 2, 'b'), 1)", "true"), Example("map_contains_key(map(1, 'a'), 3)", "false")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        guard case .map(let key, let value, let containsNull) = call.arguments[0].type else { throw call.unexpectedType(0, "\"MAP\"") }
        if call.arguments[1].type == .void { throw call.mismatch(.datatypeMismatchNullType, ["functionName": SQLQuote.id(call.name)]) }
        let wanted = call.arguments[1].type
        let numeric = key.isNumeric && wanted.isNumeric ? Coercion.commonType([key, wanted]) : nil
        guard let common = Coercion.tightestCommonType(key, wanted) ?? numeric else {
            throw call.mismatch(
                .datatypeMismatchMapFunctionDiffTypes,
                [
                    "functionName": SQLQuote.id(call.name), "dataType": "\"MAP\"", "leftType": SQLQuote.type(call.arguments[0].type.sqlText),
                    "rightType": SQLQuote.type(call.arguments[1].type.sqlText),
                ])
        }
        let map = DataType.map(key: common, value: value, valueContainsNull: containsNull)
        return BoundScalar([map, common], returns: .boolean, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let found = try MapKernels.entries(of: arguments[1], in: arguments[0], rowCount)
            return try Rows.make(.boolean, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> Bool? in
                found.picks[row] >= 0
            }
        }
    }

    static let mapConcat = ScalarFunction(
        "map_concat", group: .map, since: "2.4.0", usage: "map_concat(map, …) - The entries of all maps.",
        examples: [Example("map_concat(map(1, 'a', 2, 'b'), map(3, 'c'))", "{\"1\":\"a\",\"2\":\"b\",\"3\":\"c\"}")]
    ) { (call, _) throws(SQLError) in
        if call.arguments.isEmpty {
            let type = DataType.map(key: .text, value: .text, valueContainsNull: true)
            return BoundScalar([], returns: type, nullable: false) { (_, rowCount, _) throws(SQLError) in
                Column(repeating: .map([]), type: type, count: rowCount)
            }
        }
        let allMaps = call.types.allSatisfy { if case .map = $0 { true } else { $0 == .void } }
        guard allMaps, let type = Coercion.commonType(call.types), case .map(let key, let value, let containsNull) = type else {
            throw call.mismatch(
                .datatypeMismatchMapConcatDiffTypes,
                [
                    "functionName": SQLQuote.id(call.name),
                    "dataType": "[" + call.types.map { SQLQuote.type($0.sqlText) }.joined(separator: ", ") + "]",
                ])
        }
        let entry = DataType.mapEntry(key, value, valueContainsNull: containsNull)
        let asArray = DataType.array(element: entry, containsNull: false)
        return BoundScalar([DataType](repeating: type, count: call.count), returns: type, nullable: call.anyNullable) {
            (arguments, rowCount, _) throws(SQLError) in
            let joined = try FlatLists(try ArrayKernels.concat(arguments.map { $0.with(type: asArray) }, asArray, rowCount))
            guard case .structure(let entries) = joined.elements.values else { return .nulls(type, count: rowCount) }
            return try MapKernels.make(entries.children[0], entries.children[1], offsets: joined.offsets, validity: joined.validity, type)
        }
    }

    static let strToMap = ScalarFunction(
        "str_to_map", Signature([.string, .string, .string], optional: 2, returns: .map(key: .text, value: .text, valueContainsNull: true)),
        group: .map, since: "2.0.1",
        usage: "str_to_map(text[, pairDelim[, keyValueDelim]]) - A map from text; the delimiters, `,` and `:`, are regular expressions.",
        examples: [
            Example("str_to_map('a:1,b:2,c:3', ',', ':')", "{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"}"), Example("str_to_map('a')", "{\"a\":null}"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments + [",", ":"].dropFirst(max(0, arguments.count - 1))).joined(separator: ", ")))" },
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            let validity = Kernel.combinedValidity(arguments)
            guard let texts = ByteSlice.source(arguments[0]) else { return .nulls(type, count: rowCount) }
            func delimiter(_ index: Int, _ row: Int, _ standard: String) -> String {
                guard arguments.count > index, let source = ByteSlice.source(arguments[index]) else { return standard }
                return source.string(at: row)
            }
            var keys = BytesBuilder()
            var values = BytesBuilder()
            var offsets: [Int32] = [0]
            for row in 0..<rowCount {
                if validity?[row] ?? true {
                    let pairs = try JavaRegex.compile(delimiter(1, row, ","), for: "str_to_map").split(texts.string(at: row), limit: -1)
                    let inner = try JavaRegex.compile(delimiter(2, row, ":"), for: "str_to_map")
                    for pair in pairs {
                        let parts = inner.split(pair, limit: 2)
                        keys.append(parts[0])
                        values.append(parts.count > 1 ? parts[1] : nil)
                    }
                }
                offsets.append(Int32(truncatingIfNeeded: keys.count))
            }
            return try MapKernels.make(
                Column(.text, .bytes(keys.finish())), Column(.text, .bytes(values.finish())), offsets: offsets, validity: validity, type)
        })
}

let mapFunctions: [ScalarFunction] = [
    .map, .mapFromArrays, .mapFromEntries, .mapKeys, .mapValues, .mapEntries, .mapContainsKey, .mapConcat, .strToMap,
]
