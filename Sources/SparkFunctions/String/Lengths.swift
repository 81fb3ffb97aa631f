import Columnar
import SparkErrors

extension TypeClass {
    static let stringOrBinary = TypeClass.oneOf([.string, .exact(.binary)])
}

extension ScalarFunction {
    static let length = ScalarFunction(
        "length", aliases: ["len", "char_length", "character_length"], Signature([.stringOrBinary], returns: .int), group: .string, since: "1.5.0",
        usage: "length(expr) - How many characters a string has, or bytes a binary.",
        examples: [Example("length('Spark SQL ')", "10"), Example("length('häß')", "3"), Example("length(X'C3A4')", "2"), Example("len(12)", "2")],
        kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
            if let array = ByteSlice.source(arguments[0]), arguments[0].type == .binary || UTF8Text.isASCII(array.allBytes) {
                return Column(type, .int32(PrimitiveArray(array.byteCounts, validity: array.validity)))
            }
            return try Rows.map(arguments[0], to: type) { (text: ByteSlice) throws(SQLError) -> Int32? in Int32(UTF8Text.count(text)) }
        })
    static let octetLength = ScalarFunction(
        "octet_length", Signature([.stringOrBinary], returns: .int), group: .string, since: "2.3.0",
        usage: "octet_length(expr) - How many bytes a string or binary has.", examples: [Example("octet_length('ä')", "2")],
        kernel: .unary { (bytes: ByteSlice) in Int32(bytes.count) })
    static let bitLength = ScalarFunction(
        "bit_length", Signature([.stringOrBinary], returns: .int), group: .string, since: "2.3.0",
        usage: "bit_length(expr) - How many bits a string or binary has.", examples: [Example("bit_length('ä')", "16")],
        kernel: .unary { (bytes: ByteSlice) in Int32(truncatingIfNeeded: bytes.count * 8) })

    static let ascii = ScalarFunction(
        "ascii", Signature([.string], returns: .int), group: .string, since: "1.5.0",
        usage: "ascii(str) - The code point of the first character; 0 of an empty string.",
        examples: [Example("ascii('222')", "50"), Example("ascii('ä')", "228"), Example("ascii('')", "0")],
        kernel: .unary { (text: String) in Int32(bitPattern: text.unicodeScalars.first?.value ?? 0) })

    static let chr = ScalarFunction(
        "chr", aliases: ["char"], Signature([.exact(.long)], returns: .text), group: .string, since: "2.3.0",
        usage: "chr(n) - The character whose code is n modulo 256; an empty string if n is negative.",
        examples: [Example("chr(65)", "A"), Example("chr(321)", "A"), Example("chr(-1)", ""), Example("char(233)", "é")],
        kernel: .unary { (code: Int64) in code < 0 ? "" : String(Character(Unicode.Scalar(UInt8(truncatingIfNeeded: code & 255)))) })

    static let space = ScalarFunction(
        "space", Signature([.exact(.int)], returns: .text), group: .string, since: "1.5.0", usage: "space(n) - n blanks.",
        examples: [Example("concat(space(2), '1')", "  1")],
        kernel: .unary { (count: Int32) throws(SQLError) -> [UInt8]? in
            if Int(count) > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
            return [UInt8](repeating: 0x20, count: max(0, Int(count)))
        })

    static let `repeat` = ScalarFunction(
        "repeat", Signature([.string, .exact(.int)], returns: .text), group: .string, since: "1.5.0", usage: "repeat(str, n) - str, n times.",
        examples: [Example("repeat('123', 2)", "123123"), Example("repeat('a', -1)", "")],
        kernel: .binary { (text: ByteSlice, count: Int32) throws(SQLError) -> [UInt8]? in
            if count <= 0 || text.isEmpty { return [] }
            if text.count * Int(count) > Limits.stringBytes { throw .tooLong(Limits.stringBytes) }
            var result: [UInt8] = []
            result.reserveCapacity(text.count * Int(count))
            try result.append(text, times: Int(count))
            return result
        })

    /// A function of a string that has a shorter way for ASCII.
    private static func casing(
        _ name: String, aliases: [String], usage: String, examples: [Example], ascii: @escaping @Sendable (UInt8) -> UInt8,
        full: @escaping @Sendable (String) -> String
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([.string], returns: { $0[0] }), group: .string, since: "1.0.1", usage: usage, examples: examples,
            kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
                if let array = ByteSlice.source(arguments[0]), UTF8Text.isASCII(array.bytes[...]) {
                    return Column(
                        type, .bytes(BytesArray(offsets: array.offsets, bytes: array.bytes.map(ascii), validity: array.validity)))
                }
                return try Rows.map(arguments[0], to: type) { (text: String) throws(SQLError) -> String? in full(text) }
            })
    }

    static let upper = casing(
        "upper", aliases: ["ucase"], usage: "upper(str) - The string in capitals.",
        examples: [Example("upper('SparkSql')", "SPARKSQL"), Example("upper('ß')", "SS")],
        ascii: { $0 >= 97 && $0 <= 122 ? $0 - 32 : $0 }, full: { $0.uppercased() })
    static let lower = casing(
        "lower", aliases: ["lcase"], usage: "lower(str) - The string in small letters.",
        examples: [Example("lower('SparkSql')", "sparksql"), Example("lcase('ÄÖ')", "äö")], ascii: { $0 >= 65 && $0 <= 90 ? $0 + 32 : $0 },
        full: { LowerCase.text($0) })

    static let initcap = ScalarFunction(
        "initcap", Signature([.string], returns: { $0[0] }), group: .string, since: "1.5.0",
        usage: "initcap(str) - The string with the first letter of each word in capitals, the others small; words are parted by blanks.",
        examples: [Example("initcap('sPark sql')", "Spark Sql"), Example("initcap('a-b éa')", "A-b Éa")],
        kernel: .unary { (text: String) in
            var result = String.UnicodeScalarView()
            var atStart = true
            let scalars = Array(text.unicodeScalars)
            for (index, scalar) in scalars.enumerated() {
                let mapped = atStart ? scalar.properties.titlecaseMapping : LowerCase.mapping(scalars, index)
                result.append(contentsOf: mapped.unicodeScalars)
                atStart = scalar == " "
            }
            return String(result)
        })

    static let reverseText = RowKernel.unary { (text: ByteSlice) -> [UInt8]? in
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        for character in UTF8Text.characters(text).reversed() { result.append(contentsOf: character) }
        return result
    }
}

let lengthFunctions: [ScalarFunction] = [
    .length, .octetLength, .bitLength, .ascii, .chr, .space, .repeat, .upper, .lower, .initcap,
]

extension BytesArray {
    /// What lies between the first value's beginning and the last one's end.
    fileprivate var allBytes: ByteSlice { bytes[Int(offsets[0])..<Int(offsets[count])] }

    /// How many bytes each value has.
    fileprivate var byteCounts: [Int32] {
        [Int32](unsafeUninitializedCapacity: count) { counts, filled in
            offsets.withUnsafeBufferPointer { offsets in
                for index in 0..<count { counts.initializeElement(at: index, to: offsets[index + 1] &- offsets[index]) }
            }
            filled = count
        }
    }
}
