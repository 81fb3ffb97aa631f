package import Columnar
package import SparkErrors

extension Collation {
    /// The collation of that name, with or without `SYSTEM.BUILTIN` before it.
    /// - Throws: COLLATION_INVALID_NAME, or a refusal of those that compare by locale.
    package static func named(_ name: String) throws(SQLError) -> Collation {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false).map { $0.uppercased() }
        if let last = parts.last, parts.count == 1 || (parts.count == 3 && parts[0] == "SYSTEM" && parts[1] == "BUILTIN") {
            if let known = Collation(rawValue: last) { return known }
            let words = last.split(separator: "_").map(String.init)
            let isUnicode = words.first == "UNICODE" || words.first.map(locales.contains) == true
            let variants: Set<String> = ["CI", "CS", "AI", "AS", "RTRIM"]
            let isVariant = isUnicode && words.dropFirst().allSatisfy { variants.contains($0) || $0.count == 3 }
            if isVariant || last == "UTF8_BINARY_RTRIM" || last == "UTF8_LCASE_RTRIM" {
                throw SQLError(.unsupportedFeatureNotSimulated, ["feature": "the collation \(name)"], phase: .analysis)
            }
        }
        throw SQLError(.collationInvalidName, ["collationName": name, "proposals": "UTF8_BINARY, UTF8_LCASE, UNICODE"], phase: .analysis)
    }

    private static let locales: Set<String> = [
        "AF", "AM", "AR", "AS", "AZ", "BE", "BG", "BN", "BO", "BR", "BS", "CA", "CEB", "CHR", "CS", "CY", "DA", "DE", "DSB", "DZ", "EE", "EL", "EN",
        "EO", "ES", "ET", "FA", "FF", "FI", "FIL", "FO", "FR", "FY", "GA", "GL", "GU", "HA", "HAW", "HE", "HI", "HR", "HSB", "HU", "HY", "ID", "IG",
        "IS", "IT", "JA", "KA", "KK", "KL", "KM", "KN", "KO", "KOK", "KU", "KY", "LB", "LKT", "LN", "LO", "LT", "LV", "MK", "ML", "MN", "MR", "MS",
        "MT", "MY", "NB", "NE", "NL", "NN", "NO", "NSO", "OM", "OR", "PA", "PL", "PS", "PT", "RO", "RU", "SA", "SE", "SI", "SK", "SL", "SMN", "SQ",
        "SR", "ST", "SV", "SW", "TA", "TE", "TH", "TK", "TN", "TO", "TR", "UG", "UK", "UR", "UZ", "VI", "WAE", "WO", "XH", "YI", "YO", "ZH", "ZU",
    ]
}

extension ScalarFunction {
    static let collate = ScalarFunction(
        "collate", group: .string, since: "4.0.0", usage: "collate(str, collation) - The string, to be compared by a collation.",
        examples: [
            Example("collate('A', 'UTF8_LCASE') = collate('a', 'UTF8_LCASE')", "true"),
            Example("collation(collate('A', 'UTF8_LCASE'))", "SYSTEM.BUILTIN.UTF8_LCASE"),
        ]
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...2)
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "\"STRING\"") }
        guard case .string(let name) = try call.constant(1, "collationName", .text, context) else {
            throw call.mismatch(.datatypeMismatchUnexpectedNull, ["exprName": SQLQuote.id("collation")])
        }
        let type = DataType.string(try Collation.named(name))
        return BoundScalar([type, .text], returns: type, nullable: call.arguments[0].nullable) { (arguments, _, _) throws(SQLError) in
            arguments[0].with(type: type)
        }
    }

    static let collationOf = ScalarFunction(
        "collation", group: .string, since: "4.0.0", usage: "collation(str) - The name of the collation by which a string is compared.",
        examples: [Example("collation('Spark SQL')", "SYSTEM.BUILTIN.UTF8_BINARY")]
    ) { (call, _) throws(SQLError) in
        let types = try Signature([.string], returns: .text).argumentTypes(call)
        var name = Collation.utf8Binary.rawValue
        if case .string(let collation) = types[0] { name = collation.rawValue }
        let answer = Value.string("SYSTEM.BUILTIN." + name)
        return BoundScalar(types, returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            try Column.repeated(answer, type: .text, count: rowCount)
        }
    }
}

/// Functions that tell of the file that a row came from: outside of files they say so.
private func fileFunction(_ name: String, _ type: DataType, _ value: Value, usage: String, example: String) -> ScalarFunction {
    ScalarFunction(
        name, Signature([], returns: type), group: .misc, since: "2.2.0", usage: usage, examples: [Example("\(name)()", example)], nulls: .never,
        deterministic: false, kernel: .constant { _ in value })
}

let collationFunctions: [ScalarFunction] = [
    .collate, .collationOf,
    fileFunction(
        "input_file_name", .text, .string(""), usage: "input_file_name() - The file that the row came from; empty if there is none.", example: ""),
    fileFunction(
        "input_file_block_start", .long, .integer(-1), usage: "input_file_block_start() - Where in the file the block begins; -1 without a file.",
        example: "-1"),
    fileFunction(
        "input_file_block_length", .long, .integer(-1), usage: "input_file_block_length() - How long the file's block is; -1 without a file.",
        example: "-1"),
]
