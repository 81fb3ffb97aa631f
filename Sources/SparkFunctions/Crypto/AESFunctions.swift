import Columnar
import SparkErrors

/// The mode that a call names, with its rules.
private enum AESMode: String {
    case ecb = "ECB"
    case cbc = "CBC"
    case gcm = "GCM"

    static let functions = "`aes_encrypt`/`aes_decrypt`"

    var vectorCount: Int {
        switch self {
        case .ecb: 0
        case .cbc: 16
        case .gcm: 12
        }
    }

    init(_ mode: String, padding: String) throws(SQLError) {
        let fits: Bool
        switch (mode.uppercased(), padding.uppercased()) {
        case ("ECB", "DEFAULT"), ("ECB", "PKCS"), ("CBC", "DEFAULT"), ("CBC", "PKCS"), ("GCM", "DEFAULT"), ("GCM", "NONE"): fits = true
        default: fits = false
        }
        guard fits, let known = AESMode(rawValue: mode.uppercased()) else {
            throw SQLError(.unsupportedFeatureAesMode, ["mode": mode, "padding": padding, "functionName": Self.functions])
        }
        self = known
    }

    static func cipher(_ key: ByteSlice) throws(SQLError) -> AES {
        guard let cipher = AES(key: Array(key)) else {
            throw SQLError(
                .invalidParameterValueAesKeyLength,
                ["parameter": "`key`", "functionName": functions, "actualLength": "\(key.count)"])
        }
        return cipher
    }

    static func fault(_ message: String) -> SQLError {
        SQLError(.invalidParameterValueAesCryptoError, ["parameter": "`expr`, `key`", "functionName": functions, "detailMessage": message])
    }

    func decrypt(_ bytes: ByteSlice, _ cipher: AES, extra: [UInt8]) throws(SQLError) -> [UInt8] {
        guard bytes.count >= vectorCount else { throw Self.fault("Invalid buffer arguments") }
        let vector = Array(bytes.prefix(vectorCount))
        let rest = bytes.dropFirst(vectorCount)
        if self == .gcm {
            guard let plain = cipher.open(rest, vector: vector, extra: extra) else { throw Self.fault("Tag mismatch") }
            return plain
        }
        guard rest.count % 16 == 0 else { throw Self.fault("Input length must be multiple of 16 when decrypting with padded cipher") }
        guard let plain = cipher.decrypt(rest, chain: self == .cbc ? vector : nil) else {
            throw Self.fault("Given final block not properly padded. Such issues can arise if a bad key is used during decryption.")
        }
        return plain
    }
}

extension ScalarFunction {
    /// The arguments that a call leaves out, as Spark prints them.
    private static func filled(_ standard: [String]) -> CallSyntax {
        .custom { name, arguments in "\(name)(\((arguments + standard.dropFirst(max(0, arguments.count - 2))).joined(separator: ", ")))" }
    }

    /// What the row has in a column that may be missing.
    private static func reader<C: Cell>(_ arguments: [Column], _ index: Int, _ standard: C) -> (Int) -> C {
        guard index < arguments.count, let source = C.source(arguments[index]) else { return { _ in standard } }
        return { C.read(source, $0) }
    }

    static let aesEncrypt = ScalarFunction(
        "aes_encrypt", group: .hash, since: "3.3.0",
        usage: "aes_encrypt(expr, key[, mode[, padding[, iv[, aad]]]]) - expr by AES: GCM, CBC with a vector before it, or ECB.",
        examples: [
            Example("hex(aes_encrypt('Spark', '0000111122223333', 'ECB'))", "348FF37EBDE05B7880BA339068FBDA5E"),
            Example(
                "base64(aes_encrypt('Spark SQL', '1234567890abcdef', 'CBC', 'DEFAULT', unhex('00000000000000000000000000000000')))",
                "AAAAAAAAAAAAAAAAAAAAAN5ZsLvjMNB934uTQ73LvZY="),
            Example(
                "hex(aes_encrypt('Spark', 'abcdefghijklmnop12345678ABCDEFGH', 'GCM', 'DEFAULT', unhex('000000000000000000000000'), 'This is an AAD mixed into the input'))",
                "000000000000000000000000422622FAC4CB9BB283F54719DA79517580DEFCF5F8"),
            Example("CAST(aes_decrypt(aes_encrypt('Spark', '0000111122223333'), '0000111122223333') AS STRING)", "Spark"),
        ], syntax: filled(["GCM", "DEFAULT", "", ""])
    ) { (call, context) throws(SQLError) in
        let classes: [TypeClass] = [.exact(.binary), .exact(.binary), .string, .string, .exact(.binary), .exact(.binary)]
        let types = try Signature(classes, optional: 4, returns: .binary).argumentTypes(call)
        let hasVector = call.count > 4
        let seed = context.randomSeed
        return BoundScalar(types, returns: .binary, nullable: true, deterministic: hasVector) { (arguments, rowCount, context) throws(SQLError) in
            guard let plain = ByteSlice.source(arguments[0]), let keys = ByteSlice.source(arguments[1]) else {
                return .nulls(.binary, count: rowCount)
            }
            let modes = reader(arguments, 2, "GCM")
            let paddings = reader(arguments, 3, "DEFAULT")
            let vectors = reader(arguments, 4, [UInt8]())
            let extras = reader(arguments, 5, [UInt8]())
            return try Rows.make(.binary, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> [UInt8]? in
                let mode = try AESMode(modes(row), padding: paddings(row))
                let cipher = try AESMode.cipher(ByteSlice.read(keys, row))
                var vector = vectors(row)
                let extra = extras(row)
                let name = ["mode": mode.rawValue, "functionName": "`aes_encrypt`"]
                if mode == .ecb, !vector.isEmpty { throw SQLError(.unsupportedFeatureAesModeIv, name) }
                if mode != .gcm, !extra.isEmpty { throw SQLError(.unsupportedFeatureAesModeAad, name) }
                if mode != .ecb, vector.isEmpty {
                    var generator = SplitMix(seed: seed, row: context.rowOffset + row)
                    while vector.count < mode.vectorCount { vector.append(UInt8(truncatingIfNeeded: generator.next())) }
                }
                guard vector.count == mode.vectorCount else {
                    throw SQLError(
                        .invalidParameterValueAesIvLength,
                        ["parameter": "`iv`", "functionName": AESMode.functions, "actualLength": "\(vector.count)", "mode": mode.rawValue])
                }
                let bytes = Array(ByteSlice.read(plain, row))
                switch mode {
                case .gcm: return vector + cipher.seal(bytes, vector: vector, extra: extra)
                case .cbc: return vector + cipher.encrypt(bytes, chain: vector)
                case .ecb: return cipher.encrypt(bytes, chain: nil)
                }
            }
        }
    }

    private static func decryption(_ name: String, since: String, attempt: Bool, usage: String, examples: [Example]) -> ScalarFunction {
        ScalarFunction(name, group: .hash, since: since, usage: usage, examples: examples, syntax: filled(["GCM", "DEFAULT", ""])) {
            (call, _) throws(SQLError) in
            let classes: [TypeClass] = [.exact(.binary), .exact(.binary), .string, .string, .exact(.binary)]
            let types = try Signature(classes, optional: 3, returns: .binary).argumentTypes(call)
            return BoundScalar(types, returns: .binary, nullable: true) { (arguments, rowCount, _) throws(SQLError) in
                guard let texts = ByteSlice.source(arguments[0]), let keys = ByteSlice.source(arguments[1]) else {
                    return .nulls(.binary, count: rowCount)
                }
                let modes = reader(arguments, 2, "GCM")
                let paddings = reader(arguments, 3, "DEFAULT")
                let extras = reader(arguments, 4, [UInt8]())
                return try Rows.make(.binary, rowCount, validity: Kernel.combinedValidity(arguments)) { (row) throws(SQLError) -> [UInt8]? in
                    do throws(SQLError) {
                        let mode = try AESMode(modes(row), padding: paddings(row))
                        let extra = extras(row)
                        if mode != .gcm, !extra.isEmpty {
                            throw SQLError(.unsupportedFeatureAesModeAad, ["mode": mode.rawValue, "functionName": "`aes_decrypt`"])
                        }
                        return try mode.decrypt(ByteSlice.read(texts, row), try AESMode.cipher(ByteSlice.read(keys, row)), extra: extra)
                    } catch {
                        if attempt { return nil }
                        throw error
                    }
                }
            }
        }
    }

    static let aesDecrypt = decryption(
        "aes_decrypt", since: "3.3.0", attempt: false,
        usage: "aes_decrypt(expr, key[, mode[, padding[, aad]]]) - What aes_encrypt encrypted.",
        examples: [
            Example("CAST(aes_decrypt(unhex('348FF37EBDE05B7880BA339068FBDA5E'), '0000111122223333', 'ECB') AS STRING)", "Spark"),
            Example(
                "CAST(aes_decrypt(unbase64('AAAAAAAAAAAAAAAAAAAAAN5ZsLvjMNB934uTQ73LvZY='), '1234567890abcdef', 'CBC') AS STRING)", "Spark SQL"),
        ])
    static let tryAESDecrypt = decryption(
        "try_aes_decrypt", since: "3.5.0", attempt: true,
        usage: "try_aes_decrypt(expr, key[, mode[, padding[, aad]]]) - As aes_decrypt, but NULL where that fails.",
        examples: [Example("try_aes_decrypt(unhex('00'), '0000111122223333', 'ECB')", "NULL")])
}

let aesFunctions: [ScalarFunction] = [.aesEncrypt, .aesDecrypt, .tryAESDecrypt]
