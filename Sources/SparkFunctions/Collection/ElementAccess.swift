import Columnar
import SparkErrors

extension ScalarFunction {
    /// What an index that is not there does.
    private enum Missing: Sendable { case raisesElementAt, raises, null }

    /// Elements by a position: from 1 (and from the end, if negative) or from 0.
    private static func elements(
        _ call: Call, _ element: DataType, oneBased: Bool, _ missing: Missing
    ) throws(SQLError) -> BoundScalar {
        switch call.arguments[1].type {
        case .byte, .short, .int, .void: break
        case .long where !oneBased: break
        default: throw call.unexpectedType(1, oneBased ? "\"INT\"" : "\"INTEGRAL\"")
        }
        let index: DataType = call.arguments[1].type == .long ? .long : .int
        return BoundScalar([call.arguments[0].type, index], returns: element, nullable: true) { (arguments, rowCount, context) throws(SQLError) in
            let lists = try ArrayKernels.lists(arguments[0])
            let positions = try Cast.cast(arguments[1], to: .long, context)
            guard let source = Int64.source(positions) else { return .nulls(element, count: rowCount) }
            let validity = Kernel.combinedValidity(arguments)
            var picks = [Int32](repeating: -1, count: rowCount)
            for row in 0..<rowCount where validity?[row] ?? true {
                let range = lists.range(row)
                let position = source[row]
                if oneBased, position == 0 { throw SQLError(.invalidIndexOfZero) }
                let offset = oneBased ? (position > 0 ? position - 1 : position + Int64(range.count)) : position
                if offset >= 0, offset < Int64(range.count) {
                    picks[row] = Int32(truncatingIfNeeded: Int64(range.lowerBound) + offset)
                } else if context.ansi, missing != .null {
                    let parameters = [
                        "indexValue": "\(position)", "arraySize": "\(range.count)", "ansiConfig": SQLQuote.config("spark.sql.ansi.enabled"),
                    ]
                    throw SQLError(missing == .raises ? .invalidArrayIndex : .invalidArrayIndexInElementAt, parameters)
                }
            }
            return try lists.child.gather(picks)
        }
    }

    /// The value of a key; NULL if it is not in the map.
    static func mapValues(_ call: Call, _ key: DataType, _ value: DataType) throws(SQLError) -> BoundScalar {
        guard let common = Coercion.tightestCommonType(key, call.arguments[1].type), case .map(_, _, let valueNull) = call.arguments[0].type else {
            throw call.mismatch(
                .datatypeMismatchMapFunctionDiffTypes,
                [
                    "functionName": SQLQuote.id(call.name), "dataType": "\"MAP\"", "leftType": SQLQuote.type(call.arguments[0].type.sqlText),
                    "rightType": SQLQuote.type(call.arguments[1].type.sqlText),
                ])
        }
        let map = DataType.map(key: common, value: value, valueContainsNull: valueNull)
        return BoundScalar([map, common], returns: value, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            let found = try MapKernels.entries(of: arguments[1], in: arguments[0], rowCount)
            guard case .structure(let entries) = found.entries.values else { return .nulls(value, count: rowCount) }
            return try entries.children[1].gather(found.picks)
        }
    }

    private static func elementAt(_ name: String, _ missing: Missing, since: String, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .array, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(2...2)
            switch call.arguments[0].type {
            case .array(let element, _): return try elements(call, element, oneBased: true, missing)
            case .map(let key, let value, _): return try mapValues(call, key, value)
            default: throw call.unexpectedType(0, "(\"ARRAY\" or \"MAP\")")
            }
        }
    }

    static let elementAt = elementAt(
        "element_at", .raisesElementAt, since: "2.4.0",
        usage: "element_at(array, index), element_at(map, key) - The element at a position counted from 1 or from the end, or the value of a key.",
        examples: [
            Example("element_at(array(1, 2, 3), 2)", "2"), Example("element_at(array(1, 2, 3), -1)", "3"),
            Example("element_at(map(1, 'a', 2, 'b'), 2)", "b"),
            Example("element_at(map(1, 'a'), 5)", "NULL"),
        ])
    static let tryElementAt = elementAt(
        "try_element_at", .null, since: "3.3.0",
        usage: "try_element_at(array, index), try_element_at(map, key) - As element_at, but NULL for what is not there.",
        examples: [Example("try_element_at(array(1, 2, 3), 2)", "2"), Example("try_element_at(array(1), 5)", "NULL")])

    static let get = ScalarFunction(
        "get", group: .array, since: "3.4.0", usage: "get(array, index) - The element at a position counted from 0; NULL if there is none.",
        examples: [Example("get(array(1, 2, 3), 0)", "1"), Example("get(array(1, 2, 3), 3)", "NULL"), Example("get(array(1, 2, 3), -1)", "NULL")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        return try elements(call, try call.element(0).element, oneBased: false, .null)
    }

    /// `a[i]` of arrays and `m[k]` of maps, for the engine.
    static let subscriptOperator = ScalarFunction(
        "[]", group: .operators, usage: "expr[index] - An array's element by a position from 0, or a map's value by its key.", examples: [],
        syntax: .custom { _, arguments in arguments.count == 2 ? "\(arguments[0])[\(arguments[1])]" : "[]" }
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        switch call.arguments[0].type {
        case .array(let element, _): return try elements(call, element, oneBased: false, .raises)
        case .map(let key, let value, _): return try mapValues(call, key, value)
        default: throw call.unexpectedType(0, "(\"ARRAY\" or \"MAP\")")
        }
    }
}

let elementAccessFunctions: [ScalarFunction] = [.elementAt, .tryElementAt, .get, .subscriptOperator]
