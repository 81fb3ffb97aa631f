import Columnar
import SparkErrors

extension ScalarFunction {
    private static func session(
        _ name: String, aliases: [String] = [], shownAs shown: String? = nil, since: String, usage: String, examples: [Example],
        _ value: @escaping @Sendable (EvaluationContext) -> String
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([], returns: .text), group: .misc, since: since, usage: usage, examples: examples,
            syntax: shown.map { .named($0) } ?? .call,
            nulls: .never, kernel: .constant { .string(value($0)) })
    }

    static let sessionFunctions: [ScalarFunction] = [
        session(
            "current_user", aliases: ["user", "session_user"], since: "3.2.0", usage: "current_user() - Who runs the statement.",
            examples: [Example("user() = session_user()", "true")]
        ) { $0.user },
        session(
            "current_catalog", since: "3.1.0", usage: "current_catalog() - The catalog in use.",
            examples: [Example("length(current_catalog()) > 0", "true")]
        ) { $0.currentCatalog },
        session(
            "current_schema", aliases: ["current_database"], shownAs: "current_schema", since: "3.4.0",
            usage: "current_schema() - The schema in use.", examples: [Example("current_schema()", "default")]
        ) { $0.currentSchema },
        session(
            "version", since: "3.0.0", usage: "version() - The engine's version and revision.",
            examples: [Example("startswith(version(), '4.1')", "true")]
        ) { $0.version },
    ]

    /// Whether the caller is in the group that the argument names: what dynamic views, row filters and column masks ask.
    private static func membership(_ name: String, usage: String) -> ScalarFunction {
        ScalarFunction(
            name, group: .misc, since: "3.5.0", usage: usage,
            examples: [Example("\(name)('no such group')", "false"), Example("\(name)(NULL)", "NULL")]
        ) { (call, _) throws(SQLError) in
            let types = try Signature([.string], returns: .boolean).argumentTypes(call)
            return BoundScalar(types, returns: .boolean, nullable: call.anyNullable) { (arguments, rowCount, context) throws(SQLError) in
                let truth = (0..<rowCount).map { row -> Value in
                    guard case .string(let group) = arguments[0].value(at: row) else { return .null }
                    return .boolean(context.groups.contains(group))
                }
                return Column(.boolean, of: truth)
            }
        }
    }

    static let isAccountGroupMember = membership(
        "is_account_group_member", usage: "is_account_group_member(group) - Whether the caller is a member of the account's group.")
    static let isMember = membership("is_member", usage: "is_member(group) - Whether the caller is a member of the workspace's group.")

    static let typeOf = ScalarFunction(
        "typeof", group: .misc, since: "3.0.0", usage: "typeof(expr) - The name of the type.",
        examples: [
            Example("typeof(1)", "int"), Example("typeof(array(1.5))", "array<decimal(2,1)>"),
            Example("typeof(map('a', struct(1)))", "map<string,struct<col1:int>>"),
        ]
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let name = call.types[0].simpleText
        return BoundScalar(call.types, returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            Column(repeating: .string(name), type: .text, count: rowCount)
        }
    }

    private static func raised(_ message: String) -> SQLError { SQLError(.userRaisedException, ["errorMessage": message]) }

    static let assertTrue = ScalarFunction(
        "assert_true", group: .misc, since: "2.0.0", usage: "assert_true(expr[, message]) - An error unless expr is true, else NULL.",
        examples: [Example("assert_true(0 < 1)", "NULL")],
        syntax: .custom { name, arguments in
            arguments.count == 1 ? "\(name)(\(arguments[0]), '\(arguments[0])' is not true!)" : "\(name)(\(arguments.joined(separator: ", ")))"
        }
    ) { (call, _) throws(SQLError) in
        let types = try Signature([.exact(.boolean), .string], optional: 1, returns: .void).argumentTypes(call)
        let standard = "'\(call.arguments[0].sql)' is not true!"
        return BoundScalar(types, returns: .void, nullable: true, deterministic: false) { (arguments, rowCount, _) throws(SQLError) in
            let truth = arguments[0].booleans?.trueBits ?? Bitmap(repeating: false, count: rowCount)
            for row in 0..<rowCount where !truth[row] {
                var message = standard
                if arguments.count > 1 { if case .string(let text) = arguments[1].value(at: row) { message = text } else { message = "null" } }
                throw raised(message)
            }
            return .nulls(.void, count: rowCount)
        }
    }

    static let raiseError = ScalarFunction(
        "raise_error", group: .misc, since: "3.1.0", usage: "raise_error(message) - An error with a message."
    ) { (call, _) throws(SQLError) in
        let types = try Signature([.string], returns: .void).argumentTypes(call)
        return BoundScalar(types, returns: .void, nullable: true, deterministic: false) { (arguments, rowCount, _) throws(SQLError) in
            if rowCount > 0 {
                var message = "null"
                if case .string(let text) = arguments[0].value(at: 0) { message = text }
                throw raised(message)
            }
            return .nulls(.void, count: 0)
        }
    }

    // MARK: Bitmaps

    static let bitmapBitPosition = ScalarFunction(
        "bitmap_bit_position", Signature([.exact(.long)], returns: .long), group: .misc, since: "3.5.0",
        usage: "bitmap_bit_position(child) - The bit, of the 32768 of a bucket, for a number.",
        examples: [Example("bitmap_bit_position(1)", "0"), Example("bitmap_bit_position(123)", "122")],
        kernel: .unary { (value: Int64) -> Int64? in value > 0 ? (value - 1) % 32_768 : (0 &- value) % 32_768 })
    static let bitmapBucketNumber = ScalarFunction(
        "bitmap_bucket_number", Signature([.exact(.long)], returns: .long), group: .misc, since: "3.5.0",
        usage: "bitmap_bucket_number(child) - The bucket for a number.",
        examples: [Example("bitmap_bucket_number(123)", "1"), Example("bitmap_bucket_number(0)", "0")],
        kernel: .unary { (value: Int64) -> Int64? in value > 0 ? 1 + (value - 1) / 32_768 : value / 32_768 })
    static let bitmapCount = ScalarFunction(
        "bitmap_count", Signature([.exact(.binary)], returns: .long), group: .misc, since: "3.5.0",
        usage: "bitmap_count(child) - How many bits are set.",
        examples: [Example("bitmap_count(X'1010')", "2"), Example("bitmap_count(X'FFFF')", "16")],
        kernel: .unary { (bytes: ByteSlice) in Int64(bytes.reduce(0) { $0 + $1.nonzeroBitCount }) })
}

let miscFunctions: [ScalarFunction] =
    ScalarFunction.sessionFunctions + [
        .isAccountGroupMember, .isMember, .typeOf, .assertTrue, .raiseError, .bitmapBitPosition, .bitmapBucketNumber, .bitmapCount,
    ]
