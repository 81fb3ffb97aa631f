import Columnar
import SparkErrors

/// The values of each group as an array; nulls are left out.
struct CollectAccumulator: GroupedAccumulator {
    private var rows: GroupedRows
    /// For `collect_set`: numbers the pairs of group and value, so that a value seen before is known.
    private var indexer: GroupIndexer?
    let element: DataType

    init(_ element: DataType, distinct: Bool) {
        self.element = element
        rows = GroupedRows([element])
        if distinct { indexer = GroupIndexer(types: [.int, element]) }
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try take(arguments[0], groups: groups)
    }

    private mutating func take(_ column: Column, groups: [Int32]) throws(SQLError) {
        var column = column
        var groups = groups
        if let validity = column.validity {
            let present = validity.indices()
            column = column.take(present)
            groups = present.map { groups[Int($0)] }
        }
        if indexer != nil {
            let known = indexer?.count ?? 0
            let ids = indexer?.groups(of: [Column(.int, .int32(PrimitiveArray(groups))), column]) ?? []
            var next = Int32(truncatingIfNeeded: known)
            var fresh: [Int32] = []
            for (row, id) in ids.enumerated() where id == next {
                fresh.append(Int32(truncatingIfNeeded: row))
                next += 1
            }
            column = column.take(fresh)
            groups = fresh.map { groups[Int($0)] }
        }
        try rows.append([column], groups: groups)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        let other = try Self.peer(other)
        if indexer == nil {
            rows.merge(other.rows, groups: groups)
        } else {
            try take(try other.rows.columns()[0], groups: other.rows.groupNumbers.map { groups[Int($0)] })
        }
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let (columns, offsets) = try rows.gathered(groupCount: groupCount)
        return Column(.array(element: element, containsNull: false), .list(ListArray(offsets: offsets, child: columns[0])))
    }
}

/// `listagg`: strings or binaries joined by a separator, in the order of the keys if there are any.
struct ListAggAccumulator: GroupedAccumulator {
    private var rows: GroupedRows
    let type: DataType
    let separator: [UInt8]
    let orders: [AggregateOrder]

    /// `update` is given the value, the separator if one was written, and the keys.
    init(_ types: [DataType], type: DataType, separator: [UInt8], orders: [AggregateOrder]) {
        rows = GroupedRows(types)
        self.type = type
        self.separator = separator
        self.orders = orders
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try rows.append(arguments, groups: groups, where: arguments[0].validity)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        rows.merge(try Self.peer(other).rows, groups: groups)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        var (columns, offsets) = try rows.gathered(groupCount: groupCount)
        if !orders.isEmpty {
            var numbers: [Int32] = []
            for group in 0..<groupCount { numbers += repeatElement(Int32(group), count: Int(offsets[group + 1] - offsets[group])) }
            let first = columns.count - orders.count
            let keys = orders.enumerated().map { SortKey(columns[first + $0], ascending: $1.ascending, nullsFirst: $1.nullsFirst) }
            columns = columns.map { [order = Kernel.sortIndices([SortKey(Column(.int, .int32(PrimitiveArray(numbers))))] + keys)] in $0.take(order) }
        }
        guard let values = ByteSlice.source(columns[0]) else { return .nulls(type, count: groupCount) }
        let bounds = offsets
        return try Rows.make(type, groupCount) { (group) throws(SQLError) -> [UInt8]? in
            let range = Int(bounds[group])..<Int(bounds[group + 1])
            if range.isEmpty { return nil }
            var text: [UInt8] = []
            for row in range {
                if row > range.lowerBound { text.append(contentsOf: separator) }
                text.append(contentsOf: values[row])
            }
            return text
        }
    }
}

extension AggregateFunction {
    private static func collect(_ name: String, aliases: [String] = [], distinct: Bool, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(
            name, aliases: aliases, since: "2.0.0", usage: usage, examples: examples,
            syntax: .custom { _, arguments in "\(name)(\(arguments.joined(separator: ", ")))" }
        ) { (call, _) throws(SQLError) in
            try call.call.checkCount(1...1)
            let type = call.arguments[0].type
            if distinct, type.hasMap || type.hasCollation {
                throw call.call.mismatch(
                    .datatypeMismatchUnsupportedInputType,
                    ["functionName": SQLQuote.id(name), "dataType": "\"MAP\" or \"COLLATED STRING\""])
            }
            return BoundAggregate([type], returns: .array(element: type, containsNull: false), nullable: false, orderInsensitive: false) {
                CollectAccumulator(type, distinct: distinct)
            }
        }
    }

    static let collectList = collect(
        "collect_list", aliases: ["array_agg"], distinct: false, usage: "collect_list(expr) - The values that are not NULL, as an array.",
        examples: [
            Example("collect_list(x) FROM VALUES (1), (NULL), (2), (1) AS t(x)", "[1,2,1]"),
            Example("array_agg(x) FROM VALUES ('a'), ('b') AS t(x)", "[\"a\",\"b\"]"),
        ])
    static let collectSet = collect(
        "collect_set", distinct: true, usage: "collect_set(expr) - The distinct values that are not NULL, as an array.",
        examples: [Example("collect_set(x) FROM VALUES (1), (2), (1) AS t(x)", "[1,2]")])

    static let listAgg = AggregateFunction(
        "listagg", aliases: ["string_agg"], since: "4.0.0",
        usage: "listagg(expr[, delimiter]) [WITHIN GROUP (ORDER BY …)] - The strings or binaries that are not NULL, joined.",
        examples: [
            Example("listagg(x) FROM VALUES ('a'), (NULL), ('b') AS t(x)", "ab"),
            Example("listagg(x, ', ') FROM VALUES ('a'), ('b') AS t(x)", "a, b"),
            Example("listagg(x, ',') WITHIN GROUP (ORDER BY x DESC) FROM VALUES ('a'), ('b'), ('c') AS t(x)", "c,b,a"),
        ],
        syntax: .custom { name, arguments in "\(name)(\((arguments.count == 1 ? arguments + ["NULL"] : arguments).joined(separator: ", ")))" }
    ) { (call, context) throws(SQLError) in
        try call.call.checkCount(1...2)
        let wanted = TypeClass.oneOf([.string, .exact(.binary)])
        guard let type = call.arguments[0].type == .binary ? DataType.binary : Coercion.implicitCast(call.arguments[0].type, to: .string) else {
            throw call.call.unexpectedType(0, wanted.text)
        }
        var separator: [UInt8] = []
        var types = [type]
        if call.arguments.count == 2 {
            if case .string = type, case .string = call.arguments[1].type, call.arguments[1].type != type {
                let types = call.arguments.map { SQLQuote.type($0.type.sqlText) }.joined(separator: " or ")
                throw call.call.mismatch(.datatypeMismatchDataDiffTypes, ["functionName": SQLQuote.id(call.name), "dataType": "(\(types))"])
            }
            types.append(type)
            switch try call.call.constant(1, "delimiter", type, context) {
            case .string(let text): separator = Array(text.utf8)
            case .binary(let bytes): separator = bytes
            default: break
            }
        }
        types += call.withinGroup.map(\.argument.type)
        let (all, joint, orders) = (types, separator, call.withinGroup)
        return BoundAggregate(all, returns: type, orderInsensitive: false) { ListAggAccumulator(all, type: type, separator: joint, orders: orders) }
    }
}
