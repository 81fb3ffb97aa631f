import Columnar
import SparkErrors
import SparkFunctions

/// Evaluates `MiniSQL` through the registry's kernels, as an engine would: binding, casts, evaluation.
struct MiniEvaluator {
    var context: EvaluationContext
    /// Rows to feed; literals are the same in each but for a NULL in row 1. nil: one row, and literals are constants.
    var rows: Int?
    var table: [String: Column] = [:]
    var nullRow: Int? = 1
    let registry = FunctionRegistry.builtin

    struct Result {
        var column: Column
        var info: ArgumentInfo
        var type: DataType { info.type }
    }

    static func context() -> EvaluationContext {
        EvaluationContext(
            nowMicros: 1_700_000_000_000_000, user: "user@example.com", currentCatalog: "main", currentSchema: "default",
            version: "4.1.0 0123456789abcdef",
            randomSeed: 42)
    }

    var rowCount: Int { rows ?? 1 }

    private func literal(_ type: DataType, _ value: Value, _ sql: String) -> Result {
        guard let rows else {
            return Result(
                column: Column(repeating: value, type: type, count: 1),
                info: ArgumentInfo(type, nullable: value.isNull, constant: value, isLiteral: true, sql: sql))
        }
        let values = (0..<rows).map { $0 == nullRow ? Value.null : value }
        return Result(column: Column(type, of: values), info: ArgumentInfo(type, constant: nil, isLiteral: true, sql: sql))
    }

    func evaluate(_ node: Node, constantLeaves: Bool = false) throws -> Result {
        switch node {
        case .null: return literal(.void, .null, "NULL")
        case .boolean(let bit): return literal(.boolean, .boolean(bit), bit ? "true" : "false")
        case .integer(let number, let suffix):
            let type: DataType = suffix == "L" ? .long : suffix == "S" ? .short : suffix == "Y" ? .byte : .int
            return literal(type, .integer(number), "\(number)")
        case .decimal(let text, "D"): return literal(.double, .double(Double(text) ?? .nan), text)
        case .decimal(let text, "F"): return literal(.float, .float(Float(text) ?? .nan), text)
        case .decimal(let text, _):
            let digits = text.filter(\.isNumber)
            let scale = text.contains(".") ? text.count - 1 - (text.firstIndex(of: ".").map { text.distance(from: text.startIndex, to: $0) } ?? 0) : 0
            let significant = digits.drop { $0 == "0" }.count
            let value = (Int128(digits) ?? 0) * (text.hasPrefix("-") ? -1 : 1)
            return literal(.decimal(DecimalType(max(significant, scale, 1), scale)), .decimal(value), text)
        case .string(let text): return literal(.text, .string(text), text)
        case .hex(let bytes): return literal(.binary, .binary(bytes), "X'…'")
        case .typed(let name, let text):
            let type: DataType = name == "DATE" ? .date : name == "TIMESTAMP" ? .timestamp : .timestampNTZ
            return literal(type, try Cast.cast(.string(text), from: .text, to: type, context), "\(name) '\(text)'")
        case .interval(let text, let units):
            let type = try MiniType.parse("INTERVAL " + units)
            return literal(type, try Cast.cast(.string(text), from: .text, to: type, context), "INTERVAL '\(text)' \(units)")
        case .column(let name):
            guard let column = table[name] else { throw MiniError(message: "no column \(name)") }
            return Result(column: column, info: ArgumentInfo(column.type, sql: name))
        case .cast(let inner, let typeText, let attempt):
            let argument = try evaluate(inner, constantLeaves: constantLeaves)
            let type = try MiniType.parse(typeText)
            let column = try Cast.cast(argument.column, to: type, mode: attempt ? .attempt : nil, context)
            var info = ArgumentInfo(type, nullable: true, sql: "CAST(\(argument.info.sql) AS \(type.sqlText))")
            if argument.info.constant != nil { info.constant = column.value(at: 0) }
            return Result(column: column, info: info)
        case .call(let name, let arguments, _, _): return try call(name, try arguments.map { try evaluate($0, constantLeaves: constantLeaves) })
        }
    }

    private func bind(_ function: ScalarFunction, _ arguments: [Result], _ name: String) throws -> BoundScalar {
        var infos = arguments.map(\.info)
        if rows == nil { return try function.bind(infos, context, calledAs: name) }
        if let bound = try? function.bind(infos, context, calledAs: name) { return bound }
        // Some arguments must be constants: then the leaves are.
        for index in infos.indices where infos[index].constant == nil && arguments[index].column.count > 0 {
            infos[index].constant = arguments[index].column.value(at: 0)
        }
        return try function.bind(infos, context, calledAs: name)
    }

    private func call(_ name: String, _ arguments: [Result]) throws -> Result {
        guard let function = registry.scalar(name) else { throw MiniError(message: "no function \(name)") }
        let infos = arguments.map(\.info)
        let bound = try bind(function, arguments, name)
        var columns: [Column] = []
        for (argument, type) in zip(arguments, bound.argumentTypes) { columns.append(try Cast.cast(argument.column, to: type, context)) }
        guard columns.count == arguments.count else {
            throw MiniError(message: "\(name): \(bound.argumentTypes.count) types for \(arguments.count) arguments")
        }
        let column = try bound.evaluate(columns, rowCount: rowCount, context)
        guard column.type == bound.returnType else {
            throw MiniError(message: "\(name) gave \(column.type.sqlText), bound as \(bound.returnType.sqlText)")
        }
        guard column.count == rowCount else { throw MiniError(message: "\(name) gave \(column.count) rows for \(rowCount)") }
        if !bound.nullable, column.nullCount > 0, rows == nil { throw MiniError(message: "\(name) gave NULL, bound as not nullable") }
        var info = ArgumentInfo(bound.returnType, nullable: bound.nullable, sql: bound.sql ?? function.sql(infos.map(\.sql), calledAs: name))
        if bound.deterministic, arguments.allSatisfy({ $0.info.constant != nil }), column.count > 0 { info.constant = column.value(at: 0) }
        return Result(column: column, info: info)
    }

    /// `agg(…) FROM VALUES …`: in one piece, and as parts merged.
    func aggregate(_ query: MiniSQL.Query, parts: Int) throws -> Result {
        guard case .call(let name, let argumentNodes, let distinct, let order) = query.expression, let function = registry.aggregate(name) else {
            throw MiniError(message: "not an aggregate")
        }
        var columns: [String: Column] = [:]
        for (index, title) in query.columns.enumerated() {
            let cells = try query.rows.map { try MiniEvaluator(context: context).evaluate($0[index]) }
            guard let type = Coercion.commonType(cells.map(\.type)) else { throw MiniError(message: "no common type") }
            columns[title] = Column.concat(try cells.map { try Cast.cast($0.column, to: type, context) }, type: type)
        }
        let inner = MiniEvaluator(context: context, rows: query.rows.count, table: columns, nullRow: nil)
        func argument(_ node: Node) throws -> Result {
            switch node {
            case .column: return try inner.evaluate(node)
            default:
                var uses = false
                Self.visit(node) { if case .column = $0 { uses = true } }
                var result = uses ? try inner.evaluate(node) : try MiniEvaluator(context: context).evaluate(node)
                result.column = try result.column.expanded(to: query.rows.count)
                return result
            }
        }
        let arguments = try argumentNodes.map(argument)
        let keys = try order.map { (try argument($0.0), $0.1) }
        let bound = try function.bind(
            arguments.map(\.info), context, calledAs: name, distinct: distinct,
            withinGroup: keys.map { AggregateOrder($0.0.info, ascending: $0.1, nullsFirst: $0.1) })
        var feed = try zip(arguments + keys.map(\.0), bound.argumentTypes).map { try Cast.cast($0.column, to: $1, context) }
        if distinct {
            var indexer = GroupIndexer(types: feed.map(\.type))
            _ = indexer.groups(of: feed)
            feed = indexer.keyColumns()
        }
        let count = feed.first?.count ?? query.rows.count
        var total = bound.make()
        let size = max(1, (count + parts - 1) / parts)
        for start in stride(from: 0, to: count, by: size) {
            let range = start..<min(start + size, count)
            let piece = feed.map { $0.slice(range) }
            let groups = [Int32](repeating: 0, count: range.count)
            if parts == 1 {
                try total.update(piece, groups: groups, groupCount: 1, context)
            } else {
                var part = bound.make()
                try part.update(piece, groups: groups, groupCount: 1, context)
                try total.merge(part, groups: [0], groupCount: 1, context)
            }
        }
        let column = try total.finish(groupCount: 1, context)
        guard column.type == bound.returnType, column.count == 1 else {
            throw MiniError(message: "\(name) gave \(column.type.sqlText), bound as \(bound.returnType.sqlText)")
        }
        return Result(column: column, info: ArgumentInfo(bound.returnType, sql: ""))
    }

    static func visit(_ node: Node, _ body: (Node) -> Void) {
        body(node)
        switch node {
        case .call(_, let arguments, _, let order): for child in arguments + order.map(\.0) { visit(child, body) }
        case .cast(let inner, _, _): visit(inner, body)
        default: break
        }
    }
}

/// Types as the examples write them.
enum MiniType {
    static func parse(_ text: String) throws -> DataType {
        let upper = text.uppercased()
        func inside(_ prefix: String) -> String { String(text.dropFirst(prefix.count + 1).dropLast()) }
        switch upper {
        case "BOOLEAN": return .boolean
        case "TINYINT", "BYTE": return .byte
        case "SMALLINT", "SHORT": return .short
        case "INT", "INTEGER": return .int
        case "BIGINT", "LONG": return .long
        case "FLOAT", "REAL": return .float
        case "DOUBLE": return .double
        case "DECIMAL": return .decimal(DecimalType(10, 0))
        case "STRING": return .text
        case "BINARY": return .binary
        case "DATE": return .date
        case "TIMESTAMP": return .timestamp
        case "TIMESTAMP_NTZ": return .timestampNTZ
        case "VOID": return .void
        default: break
        }
        if upper.hasPrefix("DECIMAL(") {
            let parts = inside("DECIMAL").split(separator: ",").compactMap { Int($0.filter { $0 != " " }) }
            return .decimal(DecimalType(parts[0], parts.count > 1 ? parts[1] : 0))
        }
        if upper.hasPrefix("ARRAY<") { return .array(element: try parse(inside("ARRAY")), containsNull: true) }
        if upper.hasPrefix("MAP<") {
            let parts = split(inside("MAP"))
            return .map(key: try parse(parts[0]), value: try parse(parts[1]), valueContainsNull: true)
        }
        if upper.hasPrefix("STRUCT<") {
            return .structure(
                try split(inside("STRUCT")).map { field in
                    let parts = field.split(separator: field.contains(":") ? ":" : " ", maxSplits: 1).map(String.init)
                    return Field(parts[0], try parse(parts[1]))
                })
        }
        if upper.hasPrefix("INTERVAL ") {
            let units = upper.dropFirst(9).components(" TO ").map { $0.hasSuffix("S") ? String($0.dropLast()) : $0 }
            let days = ["DAY", "HOUR", "MINUTE", "SECOND"]
            let dayUnits: [DayTimeRange.Unit] = [.day, .hour, .minute, .second]
            let last = units[units.count - 1]
            if let a = days.firstIndex(of: units[0]), let b = days.firstIndex(of: last) { return .dayTimeInterval(.init(dayUnits[a], dayUnits[b])) }
            return .yearMonthInterval(.init(units[0] == "YEAR" ? .year : .month, last == "YEAR" ? .year : .month))
        }
        throw MiniError(message: "no type \(text)")
    }

    /// At commas that are in no brackets.
    private static func split(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            if "<(".contains(character) { depth += 1 }
            if ">)".contains(character) { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append("")
            } else if !(character == " " && parts[parts.count - 1].isEmpty) {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }
}

extension StringProtocol {
    fileprivate func components(_ separator: String) -> [String] {
        guard let range = firstRange(of: separator) else { return [String(self)] }
        return [String(self[..<range.lowerBound])] + String(self[range.upperBound...]).components(separator)
    }
}
