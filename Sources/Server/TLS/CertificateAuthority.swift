import Crypto
import Foundation

/// The authority that signs this machine's servers. It is made on first use and kept, so that a client has to be told of it only once; servers'
/// own certificates are made at each start and never stored.
package struct CertificateAuthority {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    private static let name = "dbxsim local CA"
    private static let lifetime: Int64 = 10 * 365 * 86_400
    /// Some systems take no longer ones.
    private static let serverLifetime: Int64 = 397 * 86_400

    private let key: P256.Signing.PrivateKey
    let der: [UInt8]
    /// The certificate's file, for clients.
    package let path: String

    /// The authority kept in a directory; the first of several programs that ask at the same time makes it.
    package init(directory: String, now: Int64) throws {
        let keyPath = directory + "/ca-key.pem"
        path = directory + "/ca.pem"
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            if !FileManager.default.fileExists(atPath: keyPath) { try Self.make(at: keyPath, now) }
            let text = try String(contentsOfFile: keyPath, encoding: .utf8)
            let blocks = PEM.blocks(text)
            guard let key = blocks.first(where: { $0.label == "PRIVATE KEY" })?.der,
                let certificate = blocks.first(where: { $0.label == "CERTIFICATE" })?.der
            else {
                throw Failure(description: "\(keyPath) is no authority's key and certificate; remove it, and another is made")
            }
            self.key = try P256.Signing.PrivateKey(derRepresentation: key)
            der = certificate
            let shown = PEM.text("CERTIFICATE", der)
            if (try? String(contentsOfFile: path, encoding: .utf8)) != shown { try shown.write(toFile: path, atomically: true, encoding: .utf8) }
        } catch let failure as Failure {
            throw failure
        } catch let error as CryptoKitError {
            throw Failure(description: "\(keyPath) holds no key: \(error)")
        } catch {
            throw Failure(description: "\(directory): \(error.localizedDescription)")
        }
    }

    /// Key and certificate lie in one file, which appears as a whole or not at all.
    private static func make(at path: String, _ now: Int64) throws {
        let key = P256.Signing.PrivateKey()
        let certificate = try Certificate(
            subject: name, issuer: name, role: .authority, key: key.publicKey, issuerKey: key, validity: (now - 3_600)..<(now + lifetime)
        ).der()
        let text = PEM.text("PRIVATE KEY", Array(key.derRepresentation)) + PEM.text("CERTIFICATE", certificate)
        let draft = path + ".\(ProcessInfo.processInfo.processIdentifier)"
        // Nobody else may read it, not even for a moment.
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "\(draft): \(String(cString: strerror(errno)).lowercased())") }
        defer { unlink(draft) }
        try FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: Data(text.utf8))
        if link(draft, path) != 0, errno != EEXIST { throw Failure(description: "\(path): \(String(cString: strerror(errno)).lowercased())") }
    }

    /// A new server's key and certificate. `host` is the address that it listens on.
    func server(_ host: String, now: Int64) throws -> (key: [UInt8], certificate: [UInt8]) {
        var names = ["localhost", "*.localhost"]
        var addresses: [[UInt8]] = [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]]
        if let address = Self.address(host) {
            if !addresses.contains(address), address.contains(where: { $0 != 0 }) { addresses.append(address) }
        } else if !names.contains(host) {
            names.append(host)
        }
        let key = P256.Signing.PrivateKey()
        let certificate = Certificate(
            subject: "localhost", issuer: Self.name, role: .server(names: names, addresses: addresses), key: key.publicKey, issuerKey: self.key,
            validity: (now - 3_600)..<(now + Self.serverLifetime))
        return (Array(key.derRepresentation), try certificate.der())
    }

    /// The four or sixteen bytes of an address that is written in numbers.
    private static func address(_ host: String) -> [UInt8]? {
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 { return withUnsafeBytes(of: four) { Array($0) } }
        var sixteen = in6_addr()
        if inet_pton(AF_INET6, host, &sixteen) == 1 { return withUnsafeBytes(of: sixteen) { Array($0) } }
        return nil
    }
}

/// The text form of keys and certificates (RFC 7468).
enum PEM {
    static func text(_ label: String, _ der: [UInt8]) -> String {
        "-----BEGIN \(label)-----\n" + Data(der).base64EncodedString(options: [.lineLength64Characters, .endLineWithLineFeed])
            + "\n-----END \(label)-----\n"
    }

    /// What is no block is passed over.
    static func blocks(_ text: String) -> [(label: String, der: [UInt8])] {
        var blocks: [(label: String, der: [UInt8])] = []
        var label: String?
        var body = ""
        for line in text.split(whereSeparator: \.isNewline) {
            if line.hasPrefix("-----BEGIN "), line.hasSuffix("-----") {
                label = String(line.dropFirst(11).dropLast(5))
                body = ""
            } else if line.hasPrefix("-----END ") {
                if let label, let data = Data(base64Encoded: body) { blocks.append((label, Array(data))) }
                label = nil
            } else if label != nil {
                body += line
            }
        }
        return blocks
    }
}
