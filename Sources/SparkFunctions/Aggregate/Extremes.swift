import Columnar
import SparkErrors

struct ExtremeAccumulator: GroupedAccumulator {
    private var best: GroupedExtreme

    init(_ which: GroupedExtreme.Which, _ type: DataType) { best = GroupedExtreme(which, type: type) }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        best.update(arguments[0], groups: groups, groupCount: groupCount)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        best.merge(try Self.peer(other).best, groups: groups, groupCount: groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column { best.finish(groupCount: groupCount) }
}

/// The first or last row of each group, or the first that is not null.
struct EdgeAccumulator: GroupedAccumulator {
    private var picked: PickedRows
    let last: Bool
    let ignoreNulls: Bool

    init(_ type: DataType, last: Bool, ignoreNulls: Bool) {
        picked = PickedRows(type)
        self.last = last
        self.ignoreNulls = ignoreNulls
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try take(arguments[0], groups: groups, groupCount: groupCount, skip: ignoreNulls ? arguments[0].validity : nil)
    }

    private mutating func take(_ column: Column, groups: [Int32], groupCount: Int, skip validity: Bitmap?) throws(SQLError) {
        picked.grow(to: groupCount)
        var chosen = [Int32](repeating: -1, count: groupCount)
        var touched: [Int32] = []
        for (row, group) in groups.enumerated() {
            if let validity, !validity[row] { continue }
            let index = Int(group)
            if last {
                if chosen[index] < 0 { touched.append(group) }
                chosen[index] = Int32(truncatingIfNeeded: row)
            } else if chosen[index] < 0, !picked.has(index) {
                touched.append(group)
                chosen[index] = Int32(truncatingIfNeeded: row)
            }
        }
        try picked.put(column, rows: touched.map { chosen[Int($0)] }, groups: touched)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        let other = try Self.peer(other)
        let column = try other.picked.column(groupCount: groups.count)
        let present = Bitmap((0..<groups.count).map { other.picked.has($0) })
        try take(column, groups: groups, groupCount: groupCount, skip: present)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column { try picked.column(groupCount: groupCount) }
}

/// The value beside the least or greatest order of each group; the last of several.
struct ByOrderAccumulator: GroupedAccumulator {
    private var rows: GroupedRows
    private var groupsSeen = 0
    let greatest: Bool

    init(_ value: DataType, _ order: DataType, greatest: Bool) {
        rows = GroupedRows([value, order])
        self.greatest = greatest
    }

    mutating func update(_ arguments: [Column], groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        try rows.append(arguments, groups: groups, where: arguments[1].validity)
        groupsSeen = max(groupsSeen, groupCount)
        if rows.count > 4 * groupsSeen + 65_536 { try reduce() }
    }

    /// Rows sorted so that the best of each group is its last.
    private func best() throws(SQLError) -> (columns: [Column], rows: [Int32], groups: [Int32]) {
        let columns = try rows.columns()
        let groups = rows.groupNumbers
        let key = Column(.int, .int32(PrimitiveArray(groups)))
        let order = Kernel.sortIndices([SortKey(key), SortKey(columns[1], ascending: greatest)])
        var chosen: [Int32] = []
        var numbers: [Int32] = []
        for (position, row) in order.enumerated() {
            let group = groups[Int(row)]
            if position + 1 == order.count || groups[Int(order[position + 1])] != group {
                chosen.append(row)
                numbers.append(group)
            }
        }
        return (columns, chosen, numbers)
    }

    private mutating func reduce() throws(SQLError) {
        let best = try self.best()
        rows.removeAll()
        try rows.append(best.columns.map { $0.take(best.rows) }, groups: best.groups)
    }

    mutating func merge(_ other: any GroupedAccumulator, groups: [Int32], groupCount: Int, _ context: EvaluationContext) throws(SQLError) {
        rows.merge(try Self.peer(other).rows, groups: groups)
        groupsSeen = max(groupsSeen, groupCount)
    }

    func finish(groupCount: Int, _ context: EvaluationContext) throws(SQLError) -> Column {
        let best = try self.best()
        var indices = [Int32](repeating: -1, count: groupCount)
        for (row, group) in zip(best.rows, best.groups) { indices[Int(group)] = row }
        return best.columns[0].take(indices)
    }
}

extension AggregateFunction {
    private static func extreme(_ name: String, _ which: GroupedExtreme.Which, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(name, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.call.checkCount(1...1)
            let type = call.arguments[0].type
            try call.call.checkOrderable(type)
            return BoundAggregate([type], returns: type) { ExtremeAccumulator(which, type) }
        }
    }

    static let max = extreme(
        "max", .greatest, usage: "max(expr) - The greatest value; NaN is greater than all other numbers.",
        examples: [Example("max(x) FROM VALUES (10), (NULL), (50), (20) AS t(x)", "50"), Example("max(x) FROM VALUES ('a'), ('b') AS t(x)", "b")])
    static let min = extreme(
        "min", .least, usage: "min(expr) - The least value.", examples: [Example("min(x) FROM VALUES (10), (NULL), (-1), (20) AS t(x)", "-1")])

    private static func edge(_ name: String, aliases: [String], since: String, last: Bool, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(
            name, aliases: aliases, since: since, usage: usage, examples: examples,
            syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
        ) { (call, _) throws(SQLError) in
            try call.call.checkCount(1...2)
            var ignoreNulls = call.ignoreNulls
            if call.arguments.count == 2 {
                guard call.arguments[1].isLiteral, case .boolean(let flag)? = call.arguments[1].constant else {
                    throw SQLError(.legacyBooleanLiteral, ["funcName": name], phase: .analysis)
                }
                ignoreNulls = ignoreNulls || flag
            }
            let type = call.arguments[0].type
            let skips = ignoreNulls
            return BoundAggregate([type] + (call.arguments.count == 2 ? [.boolean] : []), returns: type, orderInsensitive: false) {
                EdgeAccumulator(type, last: last, ignoreNulls: skips)
            }
        }
    }

    static let first = edge(
        "first", aliases: ["first_value"], since: "2.0.0", last: false,
        usage: "first(expr[, ignoreNulls]) - The value of the first row, or of the first that is not NULL.",
        examples: [
            Example("first(x) FROM VALUES (10), (5), (20) AS t(x)", "10"), Example("first(x) FROM VALUES (NULL), (5), (20) AS t(x)", "NULL"),
            Example("first(x, true) FROM VALUES (NULL), (5), (20) AS t(x)", "5"),
        ])
    static let last = edge(
        "last", aliases: ["last_value"], since: "2.0.0", last: true,
        usage: "last(expr[, ignoreNulls]) - The value of the last row, or of the last that is not NULL.",
        examples: [
            Example("last(x) FROM VALUES (10), (5), (20) AS t(x)", "20"), Example("last(x, true) FROM VALUES (10), (5), (NULL) AS t(x)", "5"),
        ])
    static let anyValue = edge(
        "any_value", aliases: [], since: "3.4.0", last: false, usage: "any_value(expr[, ignoreNulls]) - The value of some row: here the first.",
        examples: [Example("any_value(x) FROM VALUES (10), (5), (20) AS t(x)", "10")])

    private static func byOrder(_ name: String, greatest: Bool, usage: String, examples: [Example]) -> AggregateFunction {
        AggregateFunction(name, since: "3.0.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.call.checkCount(2...2)
            let (value, order) = (call.arguments[0].type, call.arguments[1].type)
            try call.call.checkOrderable(order)
            return BoundAggregate([value, order], returns: value, orderInsensitive: false) { ByOrderAccumulator(value, order, greatest: greatest) }
        }
    }

    static let maxBy = byOrder(
        "max_by", greatest: true, usage: "max_by(x, y) - The value of x in the row where y is greatest.",
        examples: [Example("max_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS t(x, y)", "b")])
    static let minBy = byOrder(
        "min_by", greatest: false, usage: "min_by(x, y) - The value of x in the row where y is least.",
        examples: [Example("min_by(x, y) FROM VALUES ('a', 10), ('b', 50), ('c', 20) AS t(x, y)", "a")])
}

extension Call {
    /// DATATYPE_MISMATCH.INVALID_ORDERING_TYPE for maps and what holds them.
    func checkOrderable(_ type: DataType) throws(SQLError) {
        if type.isOrderable { return }
        throw mismatch(
            .datatypeMismatchInvalidOrderingType, ["functionName": SQLQuote.id(name), "dataType": SQLQuote.type(type.sqlText)])
    }
}
