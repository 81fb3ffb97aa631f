import Columnar
import SparkErrors

extension ScalarFunction {
    static let array = ScalarFunction(
        "array", group: .array, since: "1.1.0", usage: "array(expr, …) - An array of the arguments.",
        examples: [
            Example("array(1, 2, 3)", "[1,2,3]"), Example("array('b', NULL)", "[\"b\",null]"), Example("array(1, 2.5)", "[1.0,2.5]"),
            Example("array()", "[]"),
        ]
    ) { (call, _) throws(SQLError) in
        guard let element = Coercion.commonType(call.types) else {
            throw call.mismatch(
                .datatypeMismatchDataDiffTypes,
                [
                    "functionName": SQLQuote.id(call.name),
                    "dataType": "(" + call.types.map { SQLQuote.type($0.sqlText) }.joined(separator: " or ") + ")",
                ])
        }
        let type = DataType.array(element: element, containsNull: call.anyNullable)
        let width = call.count
        return BoundScalar([DataType](repeating: element, count: width), returns: type, nullable: false) {
            (arguments, rowCount, _) throws(SQLError) in
            let offsets = (0...rowCount).map { Int32(truncatingIfNeeded: $0 * width) }
            guard width > 0 else { return Column(type, .list(ListArray(offsets: offsets, child: .nulls(element, count: 0)))) }
            let all = try Column.joined(arguments, type: element)
            var indices = [Int32](repeating: 0, count: rowCount * width)
            for row in 0..<rowCount { for part in 0..<width { indices[row * width + part] = Int32(truncatingIfNeeded: part * rowCount + row) } }
            return Column(type, .list(ListArray(offsets: offsets, child: all.take(indices))))
        }
    }

    static let arrayRepeat = ScalarFunction(
        "array_repeat", group: .array, since: "2.4.0", usage: "array_repeat(element, count) - An array with the element count times.",
        examples: [Example("array_repeat('123', 2)", "[\"123\",\"123\"]"), Example("array_repeat(1, -1)", "[]")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.int)) != nil else { throw call.unexpectedType(1, "\"INT\"") }
        let element = call.arguments[0].type
        let type = DataType.array(element: element, containsNull: call.arguments[0].nullable)
        return BoundScalar([element, .int], returns: type, nullable: call.arguments[1].nullable) { (arguments, rowCount, _) throws(SQLError) in
            guard let counts = Int32.source(arguments[1]) else { return .nulls(type, count: rowCount) }
            return try ArrayKernels.pick(arguments[0], type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                if arguments[1].isNull(row) { return nil }
                if Int(counts[row]) > Limits.arrayElements { throw .tooManyElements(Int(counts[row]), function: "array_repeat") }
                return [Int32](repeating: Int32(truncatingIfNeeded: row), count: max(0, Int(counts[row])))
            }
        }
    }

    static let arraysZip = ScalarFunction(
        "arrays_zip", group: .array, since: "2.4.0", usage: "arrays_zip(a1, a2, …) - An array of structs of the arrays' elements at each place.",
        examples: [
            Example("arrays_zip(array(1, 2, 3), array(2, 3, 4))", "[{\"0\":1,\"1\":2},{\"0\":2,\"1\":3},{\"0\":3,\"1\":4}]"),
            Example("arrays_zip(array(1, 2), array('a'))", "[{\"0\":1,\"1\":\"a\"},{\"0\":2,\"1\":null}]"),
        ]
    ) { (call, _) throws(SQLError) in
        var fields: [Field] = []
        for index in call.arguments.indices {
            let (element, _) = try call.element(index, strict: false)
            fields.append(Field(call.arguments[index].name ?? "\(index)", element, nullable: true))
        }
        let entry = DataType.structure(fields)
        let type = DataType.array(element: entry, containsNull: false)
        return BoundScalar(call.types, returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            var lists: [ListArray] = []
            for argument in arguments { lists.append(try ArrayKernels.lists(argument)) }
            let validity = Kernel.combinedValidity(arguments)
            var offsets: [Int32] = [0]
            var picks = [[Int32]](repeating: [], count: lists.count)
            for row in 0..<rowCount {
                let longest = validity?[row] ?? true ? (lists.map { $0.range(row).count }.max() ?? 0) : 0
                for (index, list) in lists.enumerated() {
                    let range = list.range(row)
                    for position in 0..<longest {
                        picks[index].append(position < range.count ? Int32(truncatingIfNeeded: range.lowerBound + position) : -1)
                    }
                }
                offsets.append(offsets[row] + Int32(truncatingIfNeeded: longest))
            }
            let count = Int(offsets[rowCount])
            let children = zip(lists, picks).map { $0.child.take($1) }
            let child = Column(entry, .structure(StructArray(children: children, count: count)))
            return Column(type, .list(ListArray(offsets: offsets, child: child, validity: validity)))
        }
    }

    static let flatten = ScalarFunction(
        "flatten", group: .array, since: "2.4.0",
        usage: "flatten(arrayOfArrays) - The inner arrays one behind the other; NULL if one of them is NULL.",
        examples: [Example("flatten(array(array(1, 2), array(3, 4)))", "[1,2,3,4]"), Example("flatten(array(array(1), NULL))", "NULL")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        guard case .array(let inner, let outerNulls) = call.arguments[0].type, case .array = inner else {
            throw call.unexpectedType(0, "\"ARRAY\" of \"ARRAY\"")
        }
        return BoundScalar(call.types, returns: inner, nullable: call.anyNullable || outerNulls) { (arguments, rowCount, _) throws(SQLError) in
            let outer = try ArrayKernels.lists(arguments[0])
            let middle = try ArrayKernels.lists(outer.child)
            return try ArrayKernels.pick(middle.child, inner, rowCount) { (row) throws(SQLError) -> [Int32]? in
                if arguments[0].isNull(row) { return nil }
                var picked: [Int32] = []
                for list in outer.range(row) {
                    if outer.child.isNull(list) { return nil }
                    picked.append(contentsOf: middle.offsets[list]..<middle.offsets[list + 1])
                }
                return picked
            }
        }
    }

    static let reverse = ScalarFunction(
        "reverse", group: .array, since: "1.5.0", usage: "reverse(expr) - A string or array back to front.",
        examples: [Example("reverse('Spark SQL')", "LQS krapS"), Example("reverse(array(2, 1, 4))", "[4,1,2]")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        if case .array = call.arguments[0].type {
            let type = call.arguments[0].type
            return BoundScalar([type], returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
                let lists = try ArrayKernels.lists(arguments[0])
                return try ArrayKernels.pick(lists.child, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                    arguments[0].isNull(row) ? nil : lists.range(row).reversed().map { Int32(truncatingIfNeeded: $0) }
                }
            }
        }
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "(\"STRING\" or \"ARRAY\")") }
        return call.bound([.text], returns: .text, kernel: reverseText)
    }

    static let slice = ScalarFunction(
        "slice", group: .array, since: "2.4.0",
        usage: "slice(x, start, length) - A part of an array, from a position counted from 1 or from the end.",
        examples: [
            Example("slice(array(1, 2, 3, 4), 2, 2)", "[2,3]"), Example("slice(array(1, 2, 3, 4), -2, 2)", "[3,4]"),
            Example("slice(array(1), 5, 1)", "[]"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(3...3)
        _ = try call.element(0)
        for index in 1...2 where Coercion.implicitCast(call.arguments[index].type, to: .exact(.int)) == nil {
            throw call.unexpectedType(index, "\"INT\"")
        }
        let type = call.arguments[0].type
        return BoundScalar([type, .int, .int], returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let lists = try ArrayKernels.lists(arguments[0])
            let validity = Kernel.combinedValidity(arguments)
            guard let starts = Int32.source(arguments[1]), let lengths = Int32.source(arguments[2]) else { return .nulls(type, count: rowCount) }
            return try ArrayKernels.pick(lists.child, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                if let validity, !validity[row] { return nil }
                let (start, length) = (Int(starts[row]), Int(lengths[row]))
                if start == 0 {
                    throw SQLError(.invalidParameterValueStart, ["parameter": SQLQuote.id("start"), "functionName": SQLQuote.id("slice")])
                }
                if length < 0 {
                    throw SQLError(
                        .invalidParameterValueLength,
                        ["parameter": SQLQuote.id("length"), "functionName": SQLQuote.id("slice"), "length": "\(length)"])
                }
                let range = lists.range(row)
                let from = start > 0 ? start - 1 : range.count + start
                guard from >= 0, from < range.count else { return [] }
                return (0..<min(length, range.count - from)).map { Int32(truncatingIfNeeded: range.lowerBound + from + $0) }
            }
        }
    }
}

extension SQLError {
    /// `parameter`: the argument that asked for so many.
    static func tooManyElements(_ count: Int, function: String, parameter: String? = nil) -> SQLError {
        var parameters = [
            "numberOfElements": "\(count)", "maxRoundedArrayLength": "\(Limits.arrayElements)", "functionName": SQLQuote.id(function),
        ]
        guard let parameter else { return SQLError(.collectionSizeLimitExceededFunction, parameters) }
        parameters["parameter"] = SQLQuote.id(parameter)
        return SQLError(.collectionSizeLimitExceededParameter, parameters)
    }
}

let arrayConstructionFunctions: [ScalarFunction] = [.array, .arrayRepeat, .arraysZip, .flatten, .reverse, .slice]
