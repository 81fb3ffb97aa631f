import Crypto

/// A certificate in the making (X.509 version 3, RFC 5280) on a P-256 key, signed with ECDSA and SHA-256.
struct Certificate {
    enum Role {
        case authority
        /// With the names and addresses under which it is reached.
        case server(names: [String], addresses: [[UInt8]])
    }

    let subject: String
    let issuer: String
    let role: Role
    let key: P256.Signing.PublicKey
    let issuerKey: P256.Signing.PrivateKey
    /// In seconds since 1970-01-01 UTC.
    let validity: Range<Int64>

    private static let ecdsaWithSHA256 = DER.sequence([DER.oid([1, 2, 840, 10045, 4, 3, 2])])

    func der() throws -> [UInt8] {
        // Twenty octets at most, and positive.
        let serial = [UInt8(1)] + (0..<15).map { _ in UInt8.random(in: 0...255) }
        let toBeSigned = DER.sequence([
            DER.explicit(0, DER.integer([2])), DER.integer(serial), Self.ecdsaWithSHA256, Self.name(issuer),
            DER.sequence([DER.time(validity.lowerBound), DER.time(validity.upperBound)]), Self.name(subject), Array(key.derRepresentation),
            DER.explicit(3, DER.sequence(extensions)),
        ])
        let signature = try issuerKey.signature(for: toBeSigned)
        return DER.sequence([toBeSigned, Self.ecdsaWithSHA256, DER.bits(Array(signature.derRepresentation))])
    }

    private static func name(_ common: String) -> [UInt8] {
        DER.sequence([
            DER.set([DER.sequence([DER.oid([2, 5, 4, 10]), DER.text("dbxsim")])]),
            DER.set([DER.sequence([DER.oid([2, 5, 4, 3]), DER.text(common)])]),
        ])
    }

    private var extensions: [[UInt8]] {
        var list: [[UInt8]] = []
        func add(_ number: UInt, isCritical: Bool = false, _ value: [UInt8]) {
            list.append(DER.sequence([DER.oid([2, 5, 29, number])] + (isCritical ? [DER.yes] : []) + [DER.octets(value)]))
        }
        add(14, DER.octets(Self.identifier(key)))
        add(35, DER.sequence([DER.implicit(0, Self.identifier(issuerKey.publicKey))]))
        switch role {
        case .authority:
            // It signs servers, and no further authorities.
            add(19, isCritical: true, DER.sequence([DER.yes, DER.integer([0])]))
            add(15, isCritical: true, DER.bits([0x06], unused: 1))
        case .server(let names, let addresses):
            add(19, isCritical: true, DER.sequence([]))
            add(15, isCritical: true, DER.bits([0x80], unused: 7))
            add(37, DER.sequence([DER.oid([1, 3, 6, 1, 5, 5, 7, 3, 1])]))
            add(17, DER.sequence(names.map { DER.implicit(2, Array($0.utf8)) } + addresses.map { DER.implicit(7, $0) }))
        }
        return list
    }

    /// Of a key: any digest will do, as long as both sides use the same (RFC 7093).
    private static func identifier(_ key: P256.Signing.PublicKey) -> [UInt8] { Array(SHA256.hash(data: key.x963Representation).prefix(20)) }
}
