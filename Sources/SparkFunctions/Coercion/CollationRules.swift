package import Columnar

/// How functions treat the collations of strings (Spark's `CollationTypeCoercion`, and what each function's result type is there).
package enum CollationRules {
    /// What becomes of a call whose arguments have different collations with equal right.
    package enum Conflict: Sendable {
        /// The result's collation is not known.
        case carried
        /// INDETERMINATE_COLLATION_IN_EXPRESSION.
        case refusedByExpression
        /// INDETERMINATE_COLLATION.
        case refused
    }

    /// Groups of arguments that must be of one collation; nil: the function looks at each by itself.
    package static func groups(_ function: String, count: Int) -> [[Int]]? {
        if whole.contains(function) { return [Array(0..<count)] }
        switch function {
        case "locate", "substring_index", "overlay", "split_part", "levenshtein": return [[0, 1]]
        case "lpad", "rpad", "lag", "lead": return [[0, 2]]
        case "regexp_replace": return [[0, 1, 2]]
        case "elt": return [Array(1..<max(count, 1))]
        case "map": return [Array(stride(from: 0, to: count, by: 2)), Array(stride(from: 1, to: count, by: 2))]
        default: return nil
        }
    }

    private static let whole: Set<String> = [
        "=", "<", "<=", ">", ">=", "<=>", "||", "concat", "concat_ws", "array", "array_append", "array_contains", "array_except",
        "array_intersect", "array_join", "array_position", "array_remove", "array_union", "arrays_overlap", "btrim", "coalesce", "contains",
        "endswith", "find_in_set", "greatest", "if", "in", "instr", "least", "ltrim", "mask", "replace", "rtrim", "startswith", "str_to_map",
        "to_number", "translate", "trim", "try_to_number",
    ]

    /// Functions that take their arguments as strings, whatever they are: what is none counts as a string of the default collation.
    package static func wantsStrings(_ function: String) -> Bool { stringTakers.contains(function) }

    private static let stringTakers: Set<String> = [
        "||", "concat", "concat_ws", "array_join", "btrim", "contains", "elt", "endswith", "find_in_set", "instr", "levenshtein", "locate", "lpad",
        "ltrim", "overlay", "regexp_replace", "replace", "rpad", "rtrim", "split_part", "startswith", "str_to_map", "substring_index",
        "to_number", "translate", "trim", "try_to_number",
    ]

    package static func conflict(_ function: String) -> Conflict {
        switch function {
        case "||", "concat", "concat_ws", "array", "array_append", "array_join", "coalesce", "elt", "if", "lag", "lead", "levenshtein", "lpad",
            "overlay", "rpad":
            .carried
        case "array_contains", "array_except", "array_intersect", "array_position", "array_remove", "array_union", "arrays_overlap", "greatest",
            "least", "map", "split_part", "str_to_map":
            .refused
        default: .refusedByExpression
        }
    }

    /// Functions that do not compare what they are given, and so take strings whose collation is not known.
    package static func takesIndeterminate(_ function: String) -> Bool { indifferent.contains(function) || conflict(function) == .carried }

    private static let indifferent: Set<String> = [
        "array_agg", "array_repeat", "ascii", "base64", "binary", "bit_length", "char_length", "character_length", "collation", "collect_list",
        "count", "first", "first_value", "hash", "hex", "isnotnull", "isnull", "last", "last_value", "left", "length", "map", "max", "md5", "min",
        "named_struct", "any_value", "crc32", "octet_length", "repeat", "reverse", "right", "sha1", "sha2", "struct", "substring", "to_date",
        "to_json", "to_timestamp", "typeof", "xxhash64", "collate",
    ]

    /// Functions whose strings are of the session's default collation whatever they were made of: a view's DEFAULT COLLATION is theirs.
    package static func makesDefaultStrings(_ function: String) -> Bool { defaultMakers.contains(function) }

    private static let defaultMakers: Set<String> = [
        "base64", "bin", "chr", "collation", "current_catalog", "current_database", "current_schema", "current_timezone", "current_user",
        "date_format", "dayname", "decode", "format_number", "from_unixtime", "get_json_object", "hex", "input_file_name", "json_object_keys",
        "md5", "monthname", "parse_url", "quote", "randstr", "schema_of_csv", "schema_of_json", "schema_of_variant", "schema_of_xml",
        "session_user", "sha1", "sha2", "soundex", "space", "to_char", "to_csv", "to_json", "to_xml", "try_parse_url", "try_url_decode", "typeof",
        "url_decode", "url_encode", "user", "uuid", "version", "xpath", "xpath_string",
    ]

    /// Functions whose result has the collation of their first argument with strings; the others say their result's type themselves.
    private static let keepers: Set<String> = [
        "||", "array_join", "btrim", "concat", "concat_ws", "conv", "elt", "format_string", "hex", "initcap", "lower", "ltrim", "make_valid_utf8",
        "mask", "regexp_extract", "regexp_extract_all", "regexp_replace", "regexp_substr", "repeat", "replace", "reverse", "rtrim", "sentences",
        "split", "split_part", "str_to_map", "substring_index", "translate", "trim", "try_validate_utf8", "upper", "validate_utf8",
    ]

    /// Of those, whose first argument alone counts.
    private static let firstOnly: Set<String> = [
        "format_string", "regexp_extract", "regexp_extract_all", "regexp_substr", "split", "sentences", "conv",
    ]

    /// The type of two texts, of which one was none before, or a binary.
    static func commonText(_ one: DataType, _ other: DataType) -> DataType { one.hasCollation ? one : other.hasCollation ? other : .text }

    /// Functions with a regular expression, which the first argument's collation makes caseless.
    private static let patterned: Set<String> = [
        "rlike", "regexp_extract", "regexp_extract_all", "regexp_replace", "regexp_count", "regexp_substr", "regexp_instr", "split",
    ]

    /// Functions that take strings of the default collation alone.
    static let plainOnly: Set<String> = ["schema_of_csv", "schema_of_xml"]

    static func applied(to bound: BoundScalar, of function: String, _ call: Call) -> BoundScalar {
        let leading = firstOnly.contains(function) ? call.arguments.prefix(1) : call.arguments[...]
        let found = leading.lazy.compactMap(\.type.stringCollation).first
        let kernel = found == .utf8LCase ? CaselessKernels.kernel(of: function, returning: bound.returnType) : nil
        var bound = bound
        if patterned.contains(function), call.arguments.first?.type == .string(.utf8LCase) { bound = bound.withCaselessPattern() }
        guard let found, found != .utf8Binary, keepers.contains(function) else {
            return kernel.map { bound.collated(as: bound.returnType, by: $0) } ?? bound
        }
        return bound.collated(as: bound.returnType.defaultingCollation(to: found), by: kernel)
    }
}

extension DataType {
    /// The collation of a string, or of the strings of an array; nil for other types.
    package var stringCollation: Collation? {
        switch self {
        case .string(let collation): collation
        case .char, .varchar: .utf8Binary
        case .array(let element, _): element.stringCollation
        default: nil
        }
    }
}
