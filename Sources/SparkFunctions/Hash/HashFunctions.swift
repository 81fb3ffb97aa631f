import Columnar
import SparkErrors

extension ScalarFunction {
    private static func digest(
        _ name: String, aliases: [String] = [], usage: String, examples: [Example], _ body: @escaping @Sendable (ByteSlice) -> [UInt8]
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([.exact(.binary)], returns: .text), group: .hash, since: "1.5.0", usage: usage, examples: examples,
            kernel: .unary { (bytes: ByteSlice) in HexText.lower(body(bytes)) })
    }

    static let md5 = digest(
        "md5", usage: "md5(expr) - The MD5 digest in hexadecimal.", examples: [Example("md5('Spark')", "8cde774d6f7333752ed72cacddb05126")]
    ) {
        Digests.md5($0)
    }
    static let sha1 = digest(
        "sha1", aliases: ["sha"], usage: "sha1(expr) - The SHA-1 digest in hexadecimal.",
        examples: [Example("sha1('Spark')", "85f5955f4b27a9a4c2aab6ffe5d7189fc298b92c")]
    ) { Digests.sha1($0) }

    static let sha2 = ScalarFunction(
        "sha2", Signature([.exact(.binary), .exact(.int)], returns: .text), group: .hash, since: "1.5.0",
        usage: "sha2(expr, bits) - A SHA-2 digest of 224, 256 (also 0), 384 or 512 bits in hexadecimal; else NULL.",
        examples: [
            Example("sha2('Spark', 256)", "529bc3b07127ecb7e53a4dcf1991d9152c24537d919178022b2c42657f79a26b"),
            Example("sha2('Spark', 224)", "dbeab94971678d36af2195851c0f7485775a2a7c60073d62fc04549c"),
            Example("sha2('Spark', 384)", "1e40b8d06c248a1cc32428c22582b6219d072283078fa140d9ad297ecadf2cabefc341b857ad36226aa8d6d79f2ab67d"),
            Example(
                "sha2('Spark', 512)",
                "44844a586c54c9a212da1dbfe05c5f1705de1af5fda1f0d36297623249b279fd8f0ccec03f888f4fb13bf7cd83fdad58591c797f81121a23cfdd5e0897795238"),
            Example("sha2('Spark', 1)", "NULL"),
        ], nulls: .always,
        kernel: .binary { (bytes: ByteSlice, bits: Int32) -> String? in
            switch bits {
            case 0, 224, 256, 384, 512: HexText.lower(Digests.sha2(bytes, bits: bits == 0 ? 256 : Int(bits)))
            default: nil
            }
        })

    static let crc32 = ScalarFunction(
        "crc32", Signature([.exact(.binary)], returns: .long), group: .hash, since: "1.5.0", usage: "crc32(expr) - The CRC-32 checksum.",
        examples: [Example("crc32('Spark')", "1557323817")], kernel: .unary { (bytes: ByteSlice) in Int64(Digests.crc32(bytes)) })

    private static func rowHash<H: RowHash>(
        _ name: String, _: H.Type, returns type: DataType, since: String, usage: String, examples: [Example],
        _ finish: @escaping @Sendable ([H.Word]) -> ColumnValues
    ) -> ScalarFunction {
        ScalarFunction(name, group: .hash, since: since, usage: usage, examples: examples) { (call, _) throws(SQLError) in
            if call.arguments.isEmpty { throw call.wrongCount("> 0") }
            if call.types.contains(where: \.hasMap) {
                throw call.mismatch(.datatypeMismatchHashMapType, ["functionName": SQLQuote.id(name)])
            }
            if call.types.contains(.variant) { throw call.mismatch(.datatypeMismatchHashVariantType, ["functionName": SQLQuote.id(name)]) }
            return BoundScalar(call.types, returns: type, nullable: false) { (arguments, rowCount, _) throws(SQLError) in
                var hashes: [H.Word] = []
                hashes.reserveCapacity(rowCount)
                for row in 0..<rowCount {
                    var seed: H.Word = 42
                    for argument in arguments { seed = H.hash(argument, row, seed) }
                    hashes.append(seed)
                }
                return Column(type, finish(hashes))
            }
        }
    }

    static let hash = rowHash(
        "hash", Murmur3.self, returns: .int, since: "2.0.0", usage: "hash(expr1, …) - The Murmur3 hash of the arguments.",
        examples: [
            Example("hash('Spark', array(123), 2)", "-1321691492"), Example("hash(1.5BD)", "-18083236"),
            Example("hash(CAST(1 AS DECIMAL(38,2)))", "-295670906"),
            Example("hash('abcde', NULL, 1.5D, true)", "761118751"),
        ]
    ) { (hashes: [Int32]) in .int32(PrimitiveArray(hashes)) }
    static let xxhash64 = rowHash(
        "xxhash64", XXHash64.self, returns: .long, since: "3.0.0", usage: "xxhash64(expr1, …) - The 64-bit xxHash of the arguments.",
        examples: [
            Example("xxhash64('Spark', array(123), 2)", "5602566077635097486"), Example("xxhash64(1L)", "-7001672635703045582"),
            Example("xxhash64(repeat('abcdefgh', 10))", "490681399125966194"),
        ]
    ) { (hashes: [Int64]) in .int64(PrimitiveArray(hashes)) }
}

let hashFunctions: [ScalarFunction] = [.md5, .sha1, .sha2, .crc32, .hash, .xxhash64]
