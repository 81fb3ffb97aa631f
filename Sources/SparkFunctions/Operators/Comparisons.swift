import Columnar
import SparkErrors

/// `= == <> != < <= > >= <=>`.
enum Comparisons {
    static func bind(_ comparison: Comparison, symbol: String, _ call: Call, nullSafe: Bool = false) throws(SQLError) -> BoundScalar {
        try call.checkCount(2...2)
        let (left, right) = (call.arguments[0].type, call.arguments[1].type)
        guard let type = Coercion.forComparison(left, right) else { throw call.differentTypes(left, right) }
        guard type.isOrderable || (nullSafe && type.isHashComparable) else {
            throw call.mismatch(
                .datatypeMismatchInvalidOrderingType, ["functionName": SQLQuote.id(symbol), "dataType": SQLQuote.type(type.sqlText)])
        }
        let nullable = !nullSafe && call.anyNullable
        return BoundScalar([type, type], returns: .boolean, nullable: nullable, constants: .passed) { (arguments, rowCount, _) throws(SQLError) in
            let (left, right) = (arguments[0], arguments[1])
            if nullSafe {
                return Column(.boolean, .boolean(Kernel.compareNullSafe(try left.expanded(to: rowCount), try right.expanded(to: rowCount))))
            }
            let result: BooleanArray
            switch (left.count == rowCount, right.count == rowCount) {
            case (true, false): result = Kernel.compare(comparison, left, right.value(at: 0))
            case (false, true): result = Kernel.compare(comparison.mirrored, right, left.value(at: 0))
            case (true, true): result = Kernel.compare(comparison, left, right)
            case (false, false): result = Kernel.compare(comparison, try left.expanded(to: rowCount), try right.expanded(to: rowCount))
            }
            return Column(.boolean, .boolean(result))
        }
    }
}

extension DataType {
    /// Whether ORDER BY, `<` and `=` take it: no maps or variants at any depth.
    package var isOrderable: Bool {
        switch self {
        case .map, .variant: false
        case .array(let element, _): element.isOrderable
        case .structure(let fields): fields.allSatisfy(\.type.isOrderable)
        default: true
        }
    }

    var isHashComparable: Bool { isOrderable }

    /// Whether a map is in it, at any depth.
    package var hasMap: Bool {
        switch self {
        case .map: true
        case .array(let element, _): element.hasMap
        case .structure(let fields): fields.contains { $0.type.hasMap }
        default: false
        }
    }
}

extension ScalarFunction {
    private static func comparison(
        _ symbol: String, aliases: [String] = [], _ comparison: Comparison, usage: String, examples: [Example], syntax: CallSyntax? = nil,
        nullSafe: Bool = false
    ) -> ScalarFunction {
        ScalarFunction(
            symbol, aliases: aliases, group: .predicate, usage: usage, examples: examples, syntax: syntax ?? .infix(symbol)
        ) { (call, _) throws(SQLError) in
            try Comparisons.bind(comparison, symbol: symbol, call, nullSafe: nullSafe)
        }
    }

    static let equal = comparison(
        "=", aliases: ["=="], .equal, usage: "expr1 = expr2 - Whether both are equal; NULL if either is NULL.",
        examples: [Example("1 = '1'", "true"), Example("1.0 = 1", "true"), Example("'a' = NULL", "NULL")])
    static let notEqual = comparison(
        "<>", aliases: ["!="], .notEqual, usage: "expr1 <> expr2 - Whether they differ; NULL if either is NULL.",
        examples: [Example("1 <> 2", "true"), Example("NULL != 1", "NULL")],
        syntax: .custom { _, arguments in "(NOT (\(arguments.joined(separator: " = "))))" })
    static let less = comparison(
        "<", .less, usage: "expr1 < expr2 - Whether expr1 is less.",
        examples: [Example("1 < 2", "true"), Example("DATE'2024-01-01' < TIMESTAMP'2024-01-01 00:00:01'", "true")])
    static let lessOrEqual = comparison(
        "<=", .lessOrEqual, usage: "expr1 <= expr2 - Whether expr1 is not greater.",
        examples: [Example("2 <= 2", "true"), Example("'b' <= 'a'", "false")])
    static let greater = comparison(
        ">", .greater, usage: "expr1 > expr2 - Whether expr1 is greater; NaN is greater than all other numbers.",
        examples: [Example("2 > '1'", "true"), Example("double('NaN') > 1e308", "true")])
    static let greaterOrEqual = comparison(
        ">=", .greaterOrEqual, usage: "expr1 >= expr2 - Whether expr1 is not less.", examples: [Example("2 >= 3", "false")])
    static let equalNullSafe = comparison(
        "<=>", .equal, usage: "expr1 <=> expr2 - As `=`, but two NULLs are equal, and NULL and a value are not; never NULL.",
        examples: [Example("1 <=> NULL", "false"), Example("NULL <=> NULL", "true")], nullSafe: true)
    static let equalNull = ScalarFunction(
        "equal_null", group: .predicate, since: "3.4.0", usage: "equal_null(expr1, expr2) - The same as expr1 <=> expr2.",
        examples: [Example("equal_null(3, 3)", "true"), Example("equal_null(NULL, 'a')", "false")]
    ) { (call, _) throws(SQLError) in try Comparisons.bind(.equal, symbol: "equal_null", call, nullSafe: true) }

    static let not = ScalarFunction(
        "!", aliases: ["not"], Signature([.exact(.boolean)], returns: .boolean), group: .predicate,
        usage: "NOT expr - The logical opposite; NULL for NULL.",
        examples: [Example("NOT true", "false"), Example("NOT CAST(NULL AS BOOLEAN)", "NULL")],
        syntax: .custom { _, arguments in "(NOT \(arguments.joined()))" },
        kernel: RowKernel { (arguments, type, rowCount, _) throws(SQLError) in
            guard let booleans = arguments[0].booleans else { return .nulls(type, count: rowCount) }
            return Column(type, .boolean(Kernel.not(booleans)))
        })

    private static func nullTest(_ name: String, isNull: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(
            name, Signature([.any], returns: .boolean), group: .predicate, usage: usage, examples: examples,
            syntax: .custom { _, arguments in "(\(arguments.joined()) IS \(isNull ? "" : "NOT ")NULL)" }, nulls: .never,
            kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
                Column(type, .boolean(isNull ? Kernel.isNull(arguments[0]) : Kernel.isNotNull(arguments[0])))
            })
    }

    static let isNull = nullTest(
        "isnull", isNull: true, usage: "isnull(expr) - Whether expr is NULL.",
        examples: [Example("isnull(1)", "false"), Example("isnull(NULL)", "true")])
    static let isNotNull = nullTest(
        "isnotnull", isNull: false, usage: "isnotnull(expr) - Whether expr is not NULL.",
        examples: [Example("isnotnull(1)", "true"), Example("isnotnull(NULL)", "false")])
}

let comparisonFunctions: [ScalarFunction] = [
    .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .equalNullSafe, .equalNull, .not, .isNull, .isNotNull,
]
