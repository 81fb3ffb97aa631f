import Columnar
import SparkErrors

extension ScalarFunction {
    private static func bindConcat(_ call: Call) throws(SQLError) -> BoundScalar {
        if call.arguments.isEmpty {
            return BoundScalar([], returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
                Column(repeating: .string(""), type: .text, count: rowCount)
            }
        }
        let types = call.types
        if types.contains(where: { if case .array = $0 { true } else { false } }) {
            guard let type = Coercion.commonType(types), case .array = type else {
                throw call.mismatch(
                    .datatypeMismatchDataDiffTypes,
                    [
                        "functionName": SQLQuote.id(call.name),
                        "dataType": "(" + types.map { SQLQuote.type($0.sqlText) }.joined(separator: " or ") + ")",
                    ])
            }
            return BoundScalar([DataType](repeating: type, count: types.count), returns: type, nullable: call.anyNullable) {
                (arguments, rowCount, _) throws(SQLError) in try ArrayKernels.concat(arguments, type, rowCount)
            }
        }
        if types.allSatisfy({ $0 == .binary || $0 == .void }), types.contains(.binary) {
            return BoundScalar([DataType](repeating: .binary, count: types.count), returns: .binary, nullable: call.anyNullable) {
                (arguments, rowCount, _) throws(SQLError) in joined(arguments, .binary, rowCount)
            }
        }
        for (index, type) in types.enumerated() where Coercion.implicitCast(type, to: .string) == nil {
            throw call.unexpectedType(index, "(\"STRING\" or \"BINARY\" or \"ARRAY\")")
        }
        return BoundScalar([DataType](repeating: .text, count: types.count), returns: .text, nullable: call.anyNullable) {
            (arguments, rowCount, _) throws(SQLError) in joined(arguments, .text, rowCount)
        }
    }

    /// Row by row all strings one behind the other.
    private static func joined(_ arguments: [Column], _ type: DataType, _ rowCount: Int) -> Column {
        let sources = arguments.compactMap { ByteSlice.source($0) }
        guard sources.count == arguments.count else { return .nulls(type, count: rowCount) }
        let validity = Kernel.combinedValidity(arguments)
        var sink = ByteSlice.sink(capacity: rowCount)
        sink.bytes.reserveCapacity(sources.reduce(0) { $0 + Int($1.offsets[rowCount] - $1.offsets[0]) })
        for row in 0..<rowCount {
            if validity?[row] ?? true { for source in sources { sink.bytes.append(contentsOf: source[row]) } }
            sink.offsets.append(Int32(truncatingIfNeeded: sink.bytes.count))
        }
        return Column(type, .bytes(BytesArray(offsets: sink.offsets, bytes: sink.bytes, validity: validity)))
    }

    static let concat = ScalarFunction(
        "concat", group: .string, since: "1.5.0",
        usage: "concat(expr1, …) - The strings, binaries or arrays one behind the other; NULL if one is NULL.",
        examples: [
            Example("concat('Spark', 'SQL')", "SparkSQL"), Example("concat('a', 1)", "a1"), Example("concat('a', NULL)", "NULL"),
            Example("concat(array(1, 2), array(3))", "[1,2,3]"),
        ]
    ) { (call, _) throws(SQLError) in try bindConcat(call) }
    static let concatOperator = ScalarFunction(
        "||", group: .operators, since: "2.3.0", usage: "expr1 || expr2 - The two strings, binaries or arrays one behind the other.",
        examples: [Example("'Spark' || 'SQL'", "SparkSQL"), Example("1 || 'a'", "1a")],
        syntax: .custom { _, arguments in "concat(\(arguments.joined(separator: ", ")))" }
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        return try bindConcat(call)
    }

    static let concatWs = ScalarFunction(
        "concat_ws", group: .string, since: "1.5.0",
        usage: "concat_ws(sep[, str | array(str)] …) - The strings, and those in arrays, joined by a separator; NULLs are passed over.",
        examples: [
            Example("concat_ws(' ', 'Spark', 'SQL')", "Spark SQL"), Example("concat_ws('s')", ""),
            Example("concat_ws('/', 'foo', NULL, array('a', NULL, 'b'))", "foo/a/b"), Example("concat_ws(NULL, 'a')", "NULL"),
        ]
    ) { (call, _) throws(SQLError) in
        if call.arguments.isEmpty { throw call.wrongCount("> 0") }
        let array = DataType.array(element: .text, containsNull: true)
        var types: [DataType] = []
        for (index, type) in call.types.enumerated() {
            if index > 0, case .array = type, Coercion.implicitCast(type, to: .arrayOf(.string)) != nil {
                types.append(array)
            } else if Coercion.implicitCast(type, to: .string) != nil {
                types.append(.text)
            } else {
                throw call.unexpectedType(index, index == 0 ? "\"STRING\"" : "(\"ARRAY<STRING>\" or \"STRING\")")
            }
        }
        return BoundScalar(types, returns: .text, nullable: call.arguments[0].nullable) { (arguments, rowCount, _) throws(SQLError) in
            guard let separators = ByteSlice.source(arguments[0]) else { return .nulls(.text, count: rowCount) }
            return try Rows.make(.text, rowCount, validity: arguments[0].validity) { (row) throws(SQLError) -> [UInt8]? in
                var text: [UInt8] = []
                var first = true
                func add(_ part: ByteSlice) {
                    if !first { text.append(contentsOf: separators[row]) }
                    first = false
                    text.append(contentsOf: part)
                }
                for argument in arguments.dropFirst() where !argument.isNull(row) {
                    switch argument.values {
                    case .bytes(let strings): add(strings[row])
                    case .list(let lists):
                        guard let strings = ByteSlice.source(lists.child) else { continue }
                        for element in lists.range(row) where !lists.child.isNull(element) { add(strings[element]) }
                    default: continue
                    }
                }
                return text
            }
        }
    }

    static let elt = ScalarFunction(
        "elt", group: .string, since: "2.0.0", usage: "elt(n, input1, input2, …) - The n-th input.",
        examples: [Example("elt(1, 'scala', 'java')", "scala"), Example("elt(2, 'a', 1)", "1")]
    ) { (call, context) throws(SQLError) in
        if call.count < 2 { throw call.wrongCount("> 1") }
        guard Coercion.implicitCast(call.arguments[0].type, to: .exact(.int)) != nil else { throw call.unexpectedType(0, "\"INT\"") }
        let inputs = call.types.dropFirst()
        let type: DataType = inputs.allSatisfy { $0 == .binary } ? .binary : .text
        for (index, input) in call.types.enumerated() where index > 0 && Coercion.implicitCast(input, to: .stringOrBinary) == nil {
            throw call.unexpectedType(index, TypeClass.stringOrBinary.text)
        }
        let ansi = context.ansi
        return BoundScalar([.int] + inputs.map { _ in type }, returns: type, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            let sources = arguments.dropFirst().map { ByteSlice.source($0) }
            guard let numbers = Int32.source(arguments[0]) else { return .nulls(type, count: rowCount) }
            return try Rows.make(type, rowCount, validity: arguments[0].validity) { (row) throws(SQLError) -> ByteSlice? in
                let index = Int(numbers[row]) - 1
                guard sources.indices.contains(index) else {
                    if ansi { throw .arrayIndex(Int(numbers[row]), size: sources.count) }
                    return nil
                }
                return arguments[index + 1].isNull(row) ? nil : sources[index]?[row]
            }
        }
    }
}

extension SQLError {
    static func arrayIndex(_ index: Int, size: Int) -> SQLError {
        SQLError(.invalidArrayIndex, ["indexValue": "\(index)", "arraySize": "\(size)", "ansiConfig": SQLQuote.config("spark.sql.ansi.enabled")])
    }
}

let concatFunctions: [ScalarFunction] = [.concat, .concatOperator, .concatWs, .elt]
