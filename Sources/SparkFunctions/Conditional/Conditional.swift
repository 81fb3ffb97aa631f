import Columnar
import SparkErrors

extension Call {
    /// The common type of some arguments; DATATYPE_MISMATCH.DATA_DIFF_TYPES if there is none.
    func commonType(_ indices: some Sequence<Int>, strings: Bool = true) throws(SQLError) -> DataType {
        let types = indices.map { arguments[$0].type }
        guard let type = strings ? Coercion.commonType(types) : Coercion.commonTypeWithoutStrings(types) else {
            throw mismatch(
                .datatypeMismatchDataDiffTypes,
                [
                    "functionName": SQLQuote.id(name),
                    "dataType": "[" + types.map { SQLQuote.type($0.sqlText) }.joined(separator: ", ") + "]",
                ])
        }
        return type
    }
}

/// The first of two values that is not null.
private func firstPresent(_ left: Column, _ right: Column, _ type: DataType) throws(SQLError) -> Column {
    guard let validity = left.validity else { return left }
    return try Column.selected(validity, then: left, otherwise: right, type: type)
}

extension ScalarFunction {
    private static func replacingNull(_ name: String, aliases: [String] = [], since: String, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, aliases: aliases, group: .conditional, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            try call.checkCount(2...2)
            let type = try call.commonType(0...1)
            return BoundScalar([type, type], returns: type, nullable: call.arguments.allSatisfy(\.nullable)) { (arguments, _, _) throws(SQLError) in
                try firstPresent(arguments[0], arguments[1], type)
            }
        }
    }

    static let nvl = replacingNull(
        "nvl", aliases: ["ifnull"], since: "2.0.0", usage: "nvl(expr1, expr2) - expr1, or expr2 if expr1 is NULL.",
        examples: [Example("nvl(NULL, 'a')", "a"), Example("nvl(1, 2.5)", "1.0"), Example("ifnull(NULL, 3)", "3")])

    static let nvl2 = ScalarFunction(
        "nvl2", group: .conditional, since: "2.0.0", usage: "nvl2(expr1, expr2, expr3) - expr2 if expr1 is not NULL, else expr3.",
        examples: [Example("nvl2(NULL, 2, 1)", "1"), Example("nvl2('x', 2, 1.5)", "2.0")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(3...3)
        let type = try call.commonType(1...2)
        let nullable = call.arguments[1].nullable || call.arguments[2].nullable
        return BoundScalar([call.arguments[0].type, type, type], returns: type, nullable: nullable) { (arguments, rowCount, _) throws(SQLError) in
            let present = arguments[0].validity ?? Bitmap(repeating: true, count: rowCount)
            return try Column.selected(present, then: arguments[1], otherwise: arguments[2], type: type)
        }
    }

    static let nullif = ScalarFunction(
        "nullif", group: .conditional, since: "2.0.0", usage: "nullif(expr1, expr2) - NULL if both are equal, else expr1.",
        examples: [Example("nullif(2, 2)", "NULL"), Example("nullif(2, '3')", "2"), Example("nullif('a', NULL)", "a")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...2)
        let type = call.arguments[0].type
        let comparison = try Comparisons.bind(.equal, symbol: "=", call)
        let compared = comparison.argumentTypes[0]
        return BoundScalar([type, compared], returns: type, nullable: true) { (arguments, rowCount, context) throws(SQLError) in
            let left = try Cast.cast(arguments[0], to: compared, context)
            let equal = try comparison.evaluate([left, arguments[1]], rowCount: rowCount, context)
            guard let booleans = equal.booleans else { return arguments[0] }
            return arguments[0].nullWhereNot(~booleans.trueBits)
        }
    }

    static let nanvl = ScalarFunction(
        "nanvl", group: .conditional, since: "1.5.0", usage: "nanvl(expr1, expr2) - expr1, or expr2 if expr1 is NaN.",
        examples: [Example("nanvl(double('NaN'), 123)", "123.0"), Example("nanvl(1.5D, 2)", "1.5")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(2...2)
        let type: DataType = call.types == [.float, .float] ? .float : .double
        for index in 0...1 where Coercion.implicitCast(call.arguments[index].type, to: .exact(type)) == nil {
            throw call.unexpectedType(index, "(\"DOUBLE\" or \"FLOAT\")")
        }
        return BoundScalar([type, type], returns: type, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
            let isNaN: Bitmap
            switch arguments[0].values {
            case .double(let array): isNaN = Bitmap(array.values.lazy.map(\.isNaN))
            case .float(let array): isNaN = Bitmap(array.values.lazy.map(\.isNaN))
            default: return arguments[0]
            }
            let replaced = arguments[0].validity.map { isNaN & $0 } ?? isNaN
            return try Column.selected(replaced, then: arguments[1], otherwise: arguments[0], type: type)
        }
    }

    static let isNaN = ScalarFunction(
        "isnan", group: .predicate, since: "1.5.0", usage: "isnan(expr) - Whether expr is NaN; false for NULL.",
        examples: [Example("isnan(double('NaN'))", "true"), Example("isnan(1)", "false"), Example("isnan(NULL)", "false")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let type: DataType = call.arguments[0].type == .float ? .float : .double
        guard Coercion.implicitCast(call.arguments[0].type, to: .exact(type)) != nil else {
            throw call.unexpectedType(0, "(\"DOUBLE\" or \"FLOAT\")")
        }
        return BoundScalar([type], returns: .boolean, nullable: false) { (arguments, rowCount, _) throws(SQLError) in
            let column: Column
            if type == .float {
                column = try Rows.map(arguments[0], to: .boolean) { (value: Float) throws(SQLError) -> Bool? in value.isNaN }
            } else {
                column = try Rows.map(arguments[0], to: .boolean) { (value: Double) throws(SQLError) -> Bool? in value.isNaN }
            }
            guard let booleans = column.booleans else { return column }
            return Column(.boolean, .boolean(BooleanArray(booleans.trueBits)))
        }
    }

    private static func extreme(_ name: String, _ wins: Comparison, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .conditional, since: "1.5.0", usage: usage, examples: examples) { (call, _) throws(SQLError) in
            if call.count < 2 { throw call.wrongCount("> 1") }
            let type = try call.commonType(0..<call.count, strings: false)
            try call.checkOrderable(type)
            return BoundScalar(
                [DataType](repeating: type, count: call.count), returns: type, nullable: call.arguments.allSatisfy(\.nullable)
            ) { (arguments, _, _) throws(SQLError) in
                var best = arguments[0]
                for other in arguments.dropFirst() {
                    // The other one where it wins, or where there is nothing yet.
                    var mask = Kernel.compare(wins, other, best).trueBits
                    if let bestValid = best.validity {
                        let otherValid = other.validity ?? Bitmap(repeating: true, count: other.count)
                        mask = mask | otherValid.andNot(bestValid)
                    }
                    best = try Column.selected(mask, then: other, otherwise: best, type: type)
                }
                return best
            }
        }
    }

    static let greatest = extreme(
        "greatest", .greater, usage: "greatest(expr, …) - The greatest argument; NULLs are passed over.",
        examples: [Example("greatest(10, 9, 2, 4, 3)", "10"), Example("greatest(NULL, 1.5, 1)", "1.5"), Example("greatest('a', 'b')", "b")])
    static let least = extreme(
        "least", .less, usage: "least(expr, …) - The least argument; NULLs are passed over.",
        examples: [Example("least(10, 9, 2, 4, 3)", "2"), Example("least(NULL, NULL)", "NULL")])

    static let zeroIfNull = ScalarFunction(
        "zeroifnull", group: .conditional, since: "4.0.0", usage: "zeroifnull(expr) - expr, or 0 if it is NULL.",
        examples: [Example("zeroifnull(NULL)", "0"), Example("zeroifnull(2)", "2")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...1)
        let pair = [call.arguments[0], ArgumentInfo(.int, nullable: false, constant: .integer(0), isLiteral: true, sql: "0")]
        let type = try Call(name: call.name, sql: call.sql, arguments: pair).commonType(0...1)
        return BoundScalar([type], returns: type, nullable: false) { (arguments, rowCount, context) throws(SQLError) in
            let zero = try Cast.cast(Column(repeating: .integer(0), type: .int, count: rowCount), to: type, context)
            return try firstPresent(arguments[0], zero, type)
        }
    }

    static let nullIfZero = ScalarFunction(
        "nullifzero", group: .conditional, since: "4.0.0", usage: "nullifzero(expr) - NULL if expr is 0, else expr.",
        examples: [Example("nullifzero(0)", "NULL"), Example("nullifzero(2)", "2")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...1)
        let zero = ArgumentInfo(.int, nullable: false, constant: .integer(0), isLiteral: true, sql: "0")
        let inner = try ScalarFunction.nullif.bind([call.arguments[0], zero], context)
        return BoundScalar([inner.argumentTypes[0]], returns: inner.returnType, nullable: true) { (arguments, rowCount, context) throws(SQLError) in
            let zeros = try Cast.cast(Column(repeating: .integer(0), type: .int, count: rowCount), to: inner.argumentTypes[1], context)
            return try inner.evaluate([arguments[0], zeros], rowCount: rowCount, context)
        }
    }
}

let conditionalFunctions: [ScalarFunction] = [.nvl, .nvl2, .nullif, .nanvl, .isNaN, .greatest, .least, .zeroIfNull, .nullIfZero]
