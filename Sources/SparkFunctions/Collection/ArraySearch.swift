import Columnar
import SparkErrors

extension ScalarFunction {
    /// Size of arrays and maps.
    private static func size(_ name: String, aliases: [String] = [], arraysOnly: Bool, since: String, usage: String, examples: [Example])
        -> ScalarFunction
    {
        ScalarFunction(name, aliases: aliases, group: .array, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(1...1)
            switch call.arguments[0].type {
            case .array, .void: break
            case .map where !arraysOnly: break
            default: throw call.unexpectedType(0, arraysOnly ? "\"ARRAY\"" : "(\"ARRAY\" or \"MAP\")")
            }
            return BoundScalar(call.types, returns: .int, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
                let lists = try ArrayKernels.lists(arguments[0])
                let sizes = (0..<rowCount).map { lists.offsets[$0 + 1] - lists.offsets[$0] }
                return Column(.int, .int32(PrimitiveArray(sizes, validity: lists.validity)))
            }
        }
    }

    static let size = size(
        "size", aliases: ["cardinality"], arraysOnly: false, since: "1.5.0", usage: "size(expr) - How many elements an array has, or entries a map.",
        examples: [Example("size(array('b', 'd', 'c', 'a'))", "4"), Example("cardinality(map('a', 1, 'b', 2))", "2"), Example("size(NULL)", "NULL")])
    static let arraySize = size(
        "array_size", arraysOnly: true, since: "3.3.0", usage: "array_size(array) - How many elements an array has.",
        examples: [Example("array_size(array('b', 'd', 'c', 'a'))", "4")])

    static let arrayContains = ScalarFunction(
        "array_contains", group: .array, since: "1.5.0",
        usage: "array_contains(array, value) - Whether an element is the value; NULL if none is, but an element is NULL.",
        examples: [
            Example("array_contains(array(1, 2, 3), 2)", "true"), Example("array_contains(array(1, 2), 3.0)", "false"),
            Example("array_contains(array(1, NULL), 2)", "NULL"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        if call.arguments.contains(where: { $0.type == .void }) {
            throw call.mismatch(.datatypeMismatchNullType, ["functionName": SQLQuote.id(call.name)])
        }
        let (array, element) = try call.arrayAndValue(decimals: true)
        try call.checkOrderable(element)
        guard case .array(_, let containsNull) = array else { throw call.unexpectedType(0, "\"ARRAY\"") }
        return BoundScalar([array, element], returns: .boolean, nullable: call.anyNullable || containsNull) {
            (arguments, rowCount, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            let equal = Kernel.compare(.equal, flat.elements, try flat.spread(arguments[1])).trueBits
            let validity = Kernel.combinedValidity(arguments)
            return try Rows.make(.boolean, rowCount, validity: validity) { (row) throws(SQLError) -> Bool? in
                let range = flat.range(row)
                if range.contains(where: { equal[$0] }) { return true }
                return range.contains { flat.elements.isNull($0) } ? nil : false
            }
        }
    }

    static let arrayPosition = ScalarFunction(
        "array_position", group: .array, since: "2.4.0",
        usage: "array_position(array, element) - The position, from 1, of the first such element; 0 if there is none.",
        examples: [Example("array_position(array(312, 773, 708, 708), 708)", "3"), Example("array_position(array(312), 414)", "0")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        let (array, element) = try call.arrayAndValue()
        try call.checkOrderable(element)
        return BoundScalar([array, element], returns: .long, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            let equal = Kernel.compare(.equal, flat.elements, try flat.spread(arguments[1])).trueBits
            return try Rows.make(.long, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> Int64? in
                let range = flat.range(row)
                return range.first { equal[$0] }.map { Int64($0 - range.lowerBound + 1) } ?? 0
            }
        }
    }

    static let arraysOverlap = ScalarFunction(
        "arrays_overlap", group: .array, since: "2.4.0",
        usage: "arrays_overlap(a1, a2) - Whether both have an element in common; NULL if not, but both have elements and one of them is NULL.",
        examples: [
            Example("arrays_overlap(array(1, 2, 3), array(3, 4, 5))", "true"), Example("arrays_overlap(array(1, NULL), array(2))", "NULL"),
            Example("arrays_overlap(array(1), array(2))", "false"),
        ]
    ) { (call, _) throws(SQLError) in
        let type = try twoArrays(call)
        return BoundScalar([type, type], returns: .boolean, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
            let (left, right) = (try FlatLists(arguments[0]), try FlatLists(arguments[1]))
            var indexer = GroupIndexer(types: [.int, left.elements.type])
            _ = right.numbers(&indexer)
            let found = indexer.find([left.rowColumn, left.elements], rowCount: left.elements.count)
            return try Rows.make(.boolean, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> Bool? in
                let (a, b) = (left.range(row), right.range(row))
                if a.contains(where: { found[$0] >= 0 && !left.elements.isNull($0) }) { return true }
                if a.isEmpty || b.isEmpty { return false }
                return a.contains { left.elements.isNull($0) } || b.contains { right.elements.isNull($0) } ? nil : false
            }
        }
    }

    /// The type of two arrays whose elements are alike; DATATYPE_MISMATCH.BINARY_ARRAY_DIFF_TYPES if they are not.
    static func twoArrays(_ call: Call) throws(SQLError) -> DataType {
        try call.checkCount(2...2)
        let (left, right) = (call.arguments[0].type, call.arguments[1].type)
        guard case .array(let a, let aNull) = left, case .array(let b, let bNull) = right, let common = Coercion.tightestCommonType(a, b) else {
            throw call.mismatch(
                .datatypeMismatchBinaryArrayDiffTypes,
                [
                    "functionName": SQLQuote.id(call.name), "arrayType": "\"ARRAY\"", "leftType": SQLQuote.type(left.sqlText),
                    "rightType": SQLQuote.type(right.sqlText),
                ])
        }
        try call.checkOrderable(common)
        return .array(element: common, containsNull: aNull || bNull)
    }

    private static func extreme(_ name: String, _ which: GroupedExtreme.Which, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .array, since: "2.4.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(1...1)
            let (element, _) = try call.element(0, strict: false)
            try call.checkOrderable(element)
            return BoundScalar(call.types, returns: element, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
                let flat = try FlatLists(arguments[0])
                var best = GroupedExtreme(which, type: element)
                best.update(flat.elements, groups: flat.rows, groupCount: rowCount)
                return best.finish(groupCount: rowCount)
            }
        }
    }

    static let arrayMax = extreme(
        "array_max", .greatest, usage: "array_max(array) - The greatest element; NULLs are passed over.",
        examples: [Example("array_max(array(1, 20, NULL, 3))", "20"), Example("array_max(array('b', 'a'))", "b")])
    static let arrayMin = extreme(
        "array_min", .least, usage: "array_min(array) - The least element; NULLs are passed over.",
        examples: [Example("array_min(array(1, 20, NULL, 3))", "1")])

    private static func joining(_ call: Call) throws(SQLError) -> BoundScalar {
        try call.checkCount(2...3)
        let array = DataType.array(element: .text, containsNull: true)
        guard Coercion.implicitCast(call.arguments[0].type, to: .arrayOf(.string)) != nil else { throw call.unexpectedType(0, "\"ARRAY<STRING>\"") }
        for index in 1..<call.count where Coercion.implicitCast(call.arguments[index].type, to: .string) == nil {
            throw call.unexpectedType(index, "\"STRING\"")
        }
        return BoundScalar([array] + (1..<call.count).map { _ in .text }, returns: .text, nullable: call.anyNullable) {
            (arguments, rowCount, _) throws(SQLError) in
            let lists = try ArrayKernels.lists(arguments[0])
            guard let strings = ByteSlice.source(lists.child.isVoid ? .nulls(.text, count: lists.child.count) : lists.child),
                let separators = ByteSlice.source(arguments[1])
            else { return .nulls(.text, count: rowCount) }
            let fillings = arguments.count > 2 ? ByteSlice.source(arguments[2]) : nil
            return try Rows.make(.text, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> [UInt8]? in
                var text: [UInt8] = []
                var first = true
                for element in lists.range(row) {
                    let isNull = lists.child.isNull(element)
                    if isNull, fillings == nil { continue }
                    if !first { text.append(contentsOf: separators[row]) }
                    first = false
                    if isNull, let fillings { text.append(contentsOf: fillings[row]) } else { text.append(contentsOf: strings[element]) }
                }
                return text
            }
        }
    }

    static let arrayJoin = ScalarFunction(
        "array_join", group: .array, since: "2.4.0",
        usage: "array_join(array, delimiter[, nullReplacement]) - The elements as one string; NULLs are passed over, or replaced.",
        examples: [
            Example("array_join(array('hello', 'world'), ' ')", "hello world"),
            Example("array_join(array('hello', NULL, 'world'), ' ')", "hello world"),
            Example("array_join(array('hello', NULL, 'world'), ' ', ',')", "hello , world"), Example("array_join(array(1, 2), '-')", "1-2"),
        ]
    ) { (call, _) throws(SQLError) in try joining(call) }
}

let arraySearchFunctions: [ScalarFunction] = [
    .size, .arraySize, .arrayContains, .arrayPosition, .arraysOverlap, .arrayMax, .arrayMin, .arrayJoin,
]
