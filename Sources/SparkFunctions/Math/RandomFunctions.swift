import Columnar
import SparkErrors

extension ScalarFunction {
    /// The constant seed of a call, or the session's.
    ///
    /// `strict`: INT and BIGINT alone, and what depends on a row is said to be of the wrong kind.
    private static func seed(
        _ call: Call, _ index: Int, _ context: EvaluationContext, strict: String? = nil
    ) throws(SQLError) -> Int64 {
        guard call.count > index else { return Int64(bitPattern: context.randomSeed) }
        if let strict {
            let type = call.arguments[index].type
            guard type == .int || type == .long || type == .void else { throw call.unexpectedType(index, "(\"INT\" or \"BIGINT\")") }
            guard call.arguments[index].constant != nil else {
                throw call.mismatch(
                    .datatypeMismatchNonFoldableInput,
                    ["inputName": "`seed`", "inputType": strict, "inputExpr": SQLQuote.expr(call.arguments[index].sql)])
            }
            if case .integer(let given) = try call.constant(index, "seed", .long, context) { return given }
            return 0
        }
        guard call.arguments[index].type.isInteger || call.arguments[index].type == .void else {
            throw call.unexpectedType(index, "(\"INT\" or \"BIGINT\")")
        }
        guard call.arguments[index].constant != nil else {
            throw SQLError(
                .seedExpressionIsUnfoldable,
                ["seedExpr": SQLQuote.expr(call.arguments[index].sql), "exprWithSeed": SQLQuote.expr(call.sql)], phase: .analysis)
        }
        if case .integer(let given) = try call.constant(index, "seed", .long, context) { return given }
        return 0
    }

    private static func random(
        _ name: String, aliases: [String] = [], usage: String, examples: [Example], _ body: @escaping @Sendable (Int64, Int, Int) -> [Double]
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, group: .math, since: "1.5.0", usage: usage, examples: examples,
            syntax: .custom { _, arguments in "\(name)(\(arguments.joined()))" }
        ) { (call, context) throws(SQLError) in
            try call.checkCount(0...1)
            let start = try seed(call, 0, context)
            return BoundScalar(call.types, returns: .double, nullable: false, deterministic: false) { (_, rowCount, context) throws(SQLError) in
                Column(.double, .double(PrimitiveArray(body(start &+ context.seedShift, context.rowOffset, rowCount))))
            }
        }
    }

    static let rand = random(
        "rand", aliases: ["random"], usage: "rand([seed]) - A random number from 0 up to 1.",
        examples: [Example("rand(0)", "0.7604953758285915"), Example("rand(NULL)", "0.7604953758285915")]
    ) { seed, offset, count in
        var generator = JavaRandom(seed: seed)
        generator.skip(steps: offset * 2)
        return (0..<count).map { _ in generator.nextDouble() }
    }
    static let randn = random(
        "randn", usage: "randn([seed]) - A random number of the standard normal distribution.", examples: [Example("randn(0)", "1.6034991609278433")]
    ) {
        seed, offset, count in
        // How many steps a number takes is known only by taking them.
        var generator = JavaRandom(seed: seed)
        for _ in 0..<offset { _ = generator.nextGaussian() }
        return (0..<count).map { _ in generator.nextGaussian() }
    }

    static let uniform = ScalarFunction(
        "uniform", group: .math, since: "4.0.0", usage: "uniform(min, max[, seed]) - A random number between two constants.",
        examples: [Example("uniform(10, 20, 0)", "17")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        for index in 0...1 where !call.arguments[index].type.isNumeric && call.arguments[index].type != .void {
            throw call.unexpectedType(index, "\"NUMERIC\"")
        }
        guard let type = uniformType(call.types[0], call.types[1]) else { throw call.differentTypes(call.types[0], call.types[1]) }
        var ends: [Double?] = []
        for index in 0...1 {
            switch try call.constant(index, index == 0 ? "min" : "max", .double, context) {
            case .double(let value): ends.append(value)
            default: ends.append(nil)
            }
        }
        let start = try seed(call, 2, context, strict: "integer or floating-point")
        let (low, high) = (ends[0], ends[1])
        let result: DataType = type == .void ? .int : type
        return BoundScalar(call.types, returns: result, nullable: low == nil || high == nil, deterministic: false) {
            (_, rowCount, context) throws(SQLError) in
            guard let low, let high else { return .nulls(result, count: rowCount) }
            var generator = JavaRandom(seed: start &+ context.seedShift)
            generator.skip(steps: context.rowOffset * 2)
            let values = (0..<rowCount).map { _ in low + (high - low) * generator.nextDouble() }
            return try Cast.cast(Column(.double, .double(PrimitiveArray(values))), to: result, mode: .legacy, context)
        }
    }

    /// A decimal beside a whole number, and a FLOAT beside one, stay what they are.
    private static func uniformType(_ left: DataType, _ right: DataType) -> DataType? {
        switch (left, right) {
        case (.decimal, _) where right.isInteger: left
        case (_, .decimal) where left.isInteger: right
        case (.float, _) where right.isInteger: .float
        case (_, .float) where left.isInteger: .float
        default: Coercion.leastCommonType(left, right)
        }
    }

    static let randStr = ScalarFunction(
        "randstr", group: .string, since: "4.0.0", usage: "randstr(length[, seed]) - A random text of digits and letters.",
        examples: [Example("randstr(5, 0)", "ceV0P")]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        guard call.arguments[0].type.isNumeric, case .integer(let length) = try call.constant(0, "length", .int, context) else {
            throw call.unexpectedType(0, "\"INT\"")
        }
        guard length >= 0 else {
            throw SQLError(
                .invalidParameterValueLength, ["parameter": "`length`", "functionName": "`randstr`", "length": "\(length)"], phase: .execution)
        }
        guard length <= Int64(Limits.stringBytes) else {
            throw call.mismatch(
                .datatypeMismatchValueOutOfRange, ["exprName": "length", "valueRange": "[0, \(Limits.stringBytes)]", "currentValue": "\(length)"])
        }
        let start = try seed(call, 1, context, strict: "integer")
        return BoundScalar(call.types, returns: .text, nullable: false, deterministic: false) { (_, rowCount, context) throws(SQLError) in
            var generator = JavaRandom(seed: start &+ context.seedShift)
            generator.skip(steps: context.rowOffset * Int(length))
            return try Rows.make(.text, rowCount) { (_) throws(SQLError) -> [UInt8]? in
                (0..<length).map { _ in
                    let value = UInt8((generator.nextInt() % 62).magnitude)
                    return value < 10 ? 48 + value : (value < 36 ? 97 + value - 10 : 65 + value - 36)
                }
            }
        }
    }

    static let uuid = ScalarFunction(
        "uuid", group: .misc, since: "2.3.0", usage: "uuid([seed]) - A random UUID.", examples: [Example("length(uuid())", "36")],
        syntax: .custom { _, _ in "uuid()" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(0...1)
        let start = UInt64(bitPattern: try seed(call, 0, context))
        return BoundScalar(call.types, returns: .text, nullable: false, deterministic: false) { (_, rowCount, context) throws(SQLError) in
            try Rows.make(.text, rowCount) { (row) throws(SQLError) -> String? in
                var generator = SplitMix(seed: start &+ UInt64(bitPattern: context.seedShift), row: context.rowOffset + row)
                // Version 4, variant 1 (RFC 9562).
                let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
                let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
                let digits = [high, low].map { word in
                    let text = String(word, radix: 16)
                    return String(repeating: "0", count: 16 - text.utf8.count) + text
                }
                let all = Array((digits[0] + digits[1]).utf8)
                return [all[0..<8], all[8..<12], all[12..<16], all[16..<20], all[20..<32]].map { String(decoding: $0, as: UTF8.self) }.joined(
                    separator: "-")
            }
        }
    }

    static let monotonicID = ScalarFunction(
        "monotonically_increasing_id", group: .misc, since: "1.4.0", usage: "monotonically_increasing_id() - The number of the row, from 0.",
        examples: [Example("monotonically_increasing_id() < 3", "true")]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(0...0)
        return BoundScalar([], returns: .long, nullable: false, deterministic: false) { (_, rowCount, context) throws(SQLError) in
            Column(.long, .int64(PrimitiveArray((0..<rowCount).map { Int64(context.rowOffset + $0) })))
        }
    }
    static let partitionID = ScalarFunction(
        "spark_partition_id", group: .misc, since: "1.4.0", usage: "spark_partition_id() - The number of the partition: there is one, 0.",
        examples: [Example("spark_partition_id()", "0")],
        syntax: .named("SPARK_PARTITION_ID")
    ) { (call, _) throws(SQLError) in
        try call.checkCount(0...0)
        return BoundScalar([], returns: .int, nullable: false, deterministic: false) { (_, rowCount, _) throws(SQLError) in
            Column(repeating: .integer(0), type: .int, count: rowCount)
        }
    }
}

let randomFunctions: [ScalarFunction] = [.rand, .randn, .uniform, .randStr, .uuid, .monotonicID, .partitionID]
