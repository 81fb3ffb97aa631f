import Columnar
import SparkErrors

extension ScalarFunction {
    static let arrayDistinct = ScalarFunction(
        "array_distinct", group: .array, since: "2.4.0", usage: "array_distinct(array) - The array without repetitions.",
        examples: [
            Example("array_distinct(array(1, 2, 3, NULL, 3, NULL))", "[1,2,3,null]"),
            Example("array_distinct(array('b', 'a', 'b'))", "[\"b\",\"a\"]"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let (element, _) = try call.element(0)
        try call.checkOrderable(element)
        let type = call.arguments[0].type
        return BoundScalar([type], returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            var indexer = GroupIndexer(types: [.int, element])
            return flat.keeping(FlatLists.firsts(flat.numbers(&indexer), from: 0), type: type)
        }
    }

    private static func pairwise(
        _ name: String, usage: String, examples: [Example],
        _ body: @escaping @Sendable (FlatLists, FlatLists, DataType, Bitmap?) throws(SQLError) -> Column
    ) -> ScalarFunction {
        ScalarFunction(name, group: .array, since: "2.4.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            let type = try twoArrays(call)
            return BoundScalar([type, type], returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
                try body(try FlatLists(arguments[0]), try FlatLists(arguments[1]), type, Kernel.combinedValidity(arguments))
            }
        }
    }

    static let arrayExcept = pairwise(
        "array_except", usage: "array_except(a1, a2) - The distinct elements of a1 that are not in a2.",
        examples: [Example("array_except(array(1, 2, 2, 3), array(1, 3, 5))", "[2]")]
    ) { (left, right, type, validity) throws(SQLError) in
        var indexer = GroupIndexer(types: [.int, left.elements.type])
        _ = right.numbers(&indexer)
        let base = indexer.count
        return left.keeping(FlatLists.firsts(left.numbers(&indexer), from: base), type: type, validity: validity)
    }

    static let arrayIntersect = pairwise(
        "array_intersect", usage: "array_intersect(a1, a2) - The distinct elements of a1 that are in a2 too.",
        examples: [Example("array_intersect(array(1, 2, 3, 3), array(1, 3, 5))", "[1,3]")]
    ) { (left, right, type, validity) throws(SQLError) in
        var indexer = GroupIndexer(types: [.int, left.elements.type])
        _ = right.numbers(&indexer)
        let shared = left.numbers(&indexer)
        var seen = Set<Int32>()
        let limit = Int32(truncatingIfNeeded: Self.rightCount(right))
        return left.keeping(Bitmap(shared.map { $0 < limit && seen.insert($0).inserted }), type: type, validity: validity)
    }

    /// How many distinct pairs the right side has: numbers below it are of the right side.
    private static func rightCount(_ right: FlatLists) -> Int {
        var indexer = GroupIndexer(types: [.int, right.elements.type])
        _ = right.numbers(&indexer)
        return indexer.count
    }

    static let arrayUnion = pairwise(
        "array_union", usage: "array_union(a1, a2) - The distinct elements of both.",
        examples: [Example("array_union(array(1, 2, 3), array(1, 3, 5))", "[1,2,3,5]")]
    ) { (left, right, type, validity) throws(SQLError) in
        guard case .array(let element, _) = type else { throw .internalFault("array_union of \(type.sqlText)") }
        let leftColumn = Column(type, .list(ListArray(offsets: left.offsets, child: left.elements.with(type: element), validity: validity)))
        let rightColumn = Column(type, .list(ListArray(offsets: right.offsets, child: right.elements.with(type: element), validity: validity)))
        let both = try FlatLists(try ArrayKernels.concat([leftColumn, rightColumn], type, left.count))
        var indexer = GroupIndexer(types: [.int, element])
        return both.keeping(FlatLists.firsts(both.numbers(&indexer), from: 0), type: type)
    }

    static let arrayCompact = ScalarFunction(
        "array_compact", group: .array, since: "3.4.0", usage: "array_compact(array) - The array without its NULLs.",
        examples: [Example("array_compact(array(1, 2, 3, NULL))", "[1,2,3]")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let (element, _) = try call.element(0, strict: false)
        let type = DataType.array(element: element, containsNull: false)
        return BoundScalar(call.types, returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            return flat.keeping(flat.elements.validity ?? Bitmap(repeating: true, count: flat.elements.count), type: type)
        }
    }

    static let arrayRemove = ScalarFunction(
        "array_remove", group: .array, since: "2.4.0", usage: "array_remove(array, element) - The array without elements that are equal.",
        examples: [Example("array_remove(array(1, 2, 3, NULL, 3), 3)", "[1,2,null]")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        let (array, element) = try call.arrayAndValue()
        try call.checkOrderable(element)
        return BoundScalar([array, element], returns: array, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            let flat = try FlatLists(arguments[0])
            let equal = Kernel.compare(.equal, flat.elements, try flat.spread(arguments[1])).trueBits
            return flat.keeping(~equal, type: array, validity: arguments[1].validity)
        }
    }

    // MARK: Additions

    private static func adding(_ name: String, since: String, atFront: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .array, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(2...2)
            let (array, element) = try call.arrayAndValue()
            guard case .array(_, let containsNull) = array else { throw call.unexpectedType(0, "\"ARRAY\"") }
            let type = DataType.array(element: element, containsNull: containsNull || call.arguments[1].nullable)
            return BoundScalar([array, element], returns: type, nullable: call.arguments[0].nullable) { (arguments, rowCount, _) throws(SQLError) in
                let lists = try ArrayKernels.lists(arguments[0])
                let all = try Column.joined([lists.child.with(type: element), arguments[1]], type: element)
                let base = Int32(truncatingIfNeeded: lists.child.count)
                return try ArrayKernels.pick(all, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                    if arguments[0].isNull(row) { return nil }
                    let own = Array(lists.offsets[row]..<lists.offsets[row + 1])
                    let added = base + Int32(truncatingIfNeeded: row)
                    return atFront ? [added] + own : own + [added]
                }
            }
        }
    }

    static let arrayAppend = adding(
        "array_append", since: "3.4.0", atFront: false, usage: "array_append(array, element) - The array with an element behind it.",
        examples: [Example("array_append(array('b', 'd'), 'c')", "[\"b\",\"d\",\"c\"]"), Example("array_append(array(1), NULL)", "[1,null]")])
    static let arrayPrepend = adding(
        "array_prepend", since: "3.5.0", atFront: true, usage: "array_prepend(array, element) - The array with an element before it.",
        examples: [Example("array_prepend(array('b', 'd'), 'c')", "[\"c\",\"b\",\"d\"]")])

    static let arrayInsert = ScalarFunction(
        "array_insert", group: .array, since: "3.4.0",
        usage: "array_insert(x, pos, val) - The array with a value at a position, counted from 1 or from the end; gaps are NULL.",
        examples: [
            Example("array_insert(array(1, 2, 3, 4), 5, 5)", "[1,2,3,4,5]"), Example("array_insert(array(5, 4, 3, 2), -1, 1)", "[5,4,3,2,1]"),
            Example("array_insert(array(1), 4, 9)", "[1,null,null,9]"), Example("array_insert(array(1, 2), -5, 9)", "[9,null,null,1,2]"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(3...3)
        let (array, element) = try call.arrayAndValue(0, 2)
        switch call.arguments[1].type {
        case .byte, .short, .int, .void: break
        case let other where other.isString: break
        default: throw call.unexpectedType(1, "\"INT\"")
        }
        let type = DataType.array(element: element, containsNull: true)
        return BoundScalar([array, .int, element], returns: type, nullable: call.arguments[0].nullable || call.arguments[1].nullable) {
            (arguments, rowCount, _) throws(SQLError) in
            let lists = try ArrayKernels.lists(arguments[0])
            guard let positions = Int32.source(arguments[1]) else { return .nulls(type, count: rowCount) }
            let all = try Column.joined([lists.child.with(type: element), arguments[2]], type: element)
            let base = Int32(truncatingIfNeeded: lists.child.count)
            return try ArrayKernels.pick(all, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                if arguments[0].isNull(row) || arguments[1].isNull(row) { return nil }
                let position = Int(positions[row])
                if position == 0 { throw SQLError(.invalidIndexOfZero) }
                var own = Array(lists.offsets[row]..<lists.offsets[row + 1])
                if max(position.magnitude, UInt(own.count)) > UInt(Limits.arrayElements) {
                    throw .tooManyElements(Int(position.magnitude), function: "array_insert")
                }
                let added = base + Int32(truncatingIfNeeded: row)
                if position > 0 {
                    while own.count < position - 1 { own.append(-1) }
                    own.insert(added, at: position - 1)
                } else if -position > own.count + 1 {
                    let gap = [Int32](repeating: -1, count: -position - own.count - 1)
                    own = [added] + gap + own
                } else {
                    own.insert(added, at: own.count + position + 1)
                }
                return own
            }
        }
    }

    // MARK: Order

    private static func sorting(
        _ name: String, nullsLast: Bool, hasOrder: Bool, since: String, usage: String, examples: [Example], syntax: CallSyntax
    ) -> ScalarFunction {
        ScalarFunction(name, group: .array, since: since, usage: usage, examples: examples, syntax: syntax) { (call, context) throws(SQLError) in
            try call.checkCount(1...(hasOrder ? 2 : 1))
            let (element, _) = try call.element(0)
            guard element.isOrderable else {
                throw call.mismatch(
                    .datatypeMismatchInvalidOrderingType,
                    ["functionName": SQLQuote.id(name), "dataType": SQLQuote.type(call.arguments[0].type.sqlText)])
            }
            let type = call.arguments[0].type
            if call.count == 2, call.arguments[1].type != .boolean, call.arguments[1].type != .void { throw call.unexpectedType(1, "\"BOOLEAN\"") }
            return BoundScalar([type] + (call.count == 2 ? [.boolean] : []), returns: type, nullable: call.anyNullable) {
                (arguments, rowCount, _) throws(SQLError) in
                let flat = try FlatLists(arguments[0])
                func sorted(ascending: Bool) -> Column {
                    let keys = [
                        SortKey(flat.rowColumn), SortKey(flat.elements, ascending: ascending, nullsFirst: nullsLast ? false : ascending),
                    ]
                    let order = Kernel.sortIndices(keys, stop: { ExecutionMonitor.isOver })
                    return flat.reordered(order, type: type)
                }
                guard arguments.count == 2, let flags = arguments[1].booleans else { return sorted(ascending: true) }
                let ascending = flags.trueBits.onesCount == rowCount ? sorted(ascending: true) : nil
                if let ascending { return ascending }
                let mixed = try Column.selected(flags.trueBits, then: sorted(ascending: true), otherwise: sorted(ascending: false), type: type)
                return flags.validity.map { mixed.nullWhereNot($0) } ?? mixed
            }
        }
    }

    static let sortArray = sorting(
        "sort_array", nullsLast: false, hasOrder: true, since: "1.5.0",
        usage: "sort_array(array[, ascending]) - The array in order; NULLs come first, or last if descending.",
        examples: [
            Example("sort_array(array('b', 'd', NULL, 'c', 'a'), true)", "[null,\"a\",\"b\",\"c\",\"d\"]"),
            Example("sort_array(array(3, NULL, 1), false)", "[3,1,null]"),
        ], syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["true"] : arguments).joined(separator: ", ")))" })
    static let arraySort = sorting(
        "array_sort", nullsLast: true, hasOrder: false, since: "2.4.0",
        usage: "array_sort(array) - The array in order; NULLs come last. With a comparator it is the engine's.",
        examples: [Example("array_sort(array('b', 'd', NULL, 'c', 'a'))", "[\"a\",\"b\",\"c\",\"d\",null]")],
        syntax: .custom { name, arguments in "\(name)(\(arguments.joined(separator: ", ")), \(standardOrder))" })

    /// As Spark prints the comparator that it takes if none is given.
    private static let standardOrder: String = {
        let variable = "namedlambdavariable()"
        let (isNull, less, more) = ("(\(variable) IS NULL)", "(\(variable) < \(variable))", "(\(variable) > \(variable))")
        let compared = "(IF(\(less), -1, (IF(\(more), 1, 0))))"
        return "lambdafunction((IF((\(isNull) AND \(isNull)), 0, (IF(\(isNull), 1, (IF(\(isNull), -1, \(compared))))))), \(variable), \(variable))"
    }()

    static let shuffle = ScalarFunction(
        "shuffle", group: .array, since: "2.4.0", usage: "shuffle(array[, seed]) - The array in a random order.",
        examples: [Example("array_sort(shuffle(array(1, 20, 3, 5)))", "[1,3,5,20]")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        _ = try call.element(0)
        let type = call.arguments[0].type
        var seed = context.randomSeed
        if call.count == 2 {
            guard Coercion.implicitCast(call.arguments[1].type, to: .exact(.long)) != nil else { throw call.unexpectedType(1, "\"BIGINT\"") }
            if case .integer(let given) = try call.constant(1, "seed", .long, context) { seed = UInt64(bitPattern: given) }
        }
        let start = seed
        return BoundScalar([type] + (call.count == 2 ? [.long] : []), returns: type, nullable: call.anyNullable, deterministic: false) {
            (arguments, rowCount, context) throws(SQLError) in
            let lists = try ArrayKernels.lists(arguments[0])
            return try ArrayKernels.pick(lists.child, type, rowCount) { (row) throws(SQLError) -> [Int32]? in
                if arguments[0].isNull(row) { return nil }
                var random = SplitMix(seed: start &+ UInt64(bitPattern: context.seedShift), row: context.rowOffset + row)
                var indices = Array(lists.offsets[row]..<lists.offsets[row + 1])
                for last in indices.indices.dropFirst().reversed() { indices.swapAt(last, Int(random.next() % UInt64(last + 1))) }
                return indices
            }
        }
    }
}

let arraySetFunctions: [ScalarFunction] = [
    .arrayDistinct, .arrayExcept, .arrayIntersect, .arrayUnion, .arrayCompact, .arrayRemove, .arrayAppend, .arrayPrepend, .arrayInsert, .sortArray,
    .arraySort, .shuffle,
]
