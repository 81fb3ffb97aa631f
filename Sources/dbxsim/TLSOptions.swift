import ArgumentParser
import Foundation
import Server

/// How `serve` listens with TLS.
struct TLSOptions: ParsableArguments {
    @Flag(help: "Listen with TLS (HTTP/1.1 and HTTP/2), with a certificate of an authority that is made on first use.")
    var tls = false

    @Option(help: "A certificate of one's own instead, with its chain: a PEM file.")
    var tlsCert: String?

    @Option(help: "Its key: a PEM file.")
    var tlsKey: String?

    func validate() throws {
        guard (tlsCert == nil) == (tlsKey == nil) else { throw ValidationError("--tls-cert and --tls-key go together") }
        guard tls || tlsCert == nil else { throw ValidationError("--tls-cert and --tls-key need --tls") }
    }

    /// What the listener needs, and what the user is told of it; nil without TLS.
    func make(host: String, dataDirectory: String?) throws -> (tls: ServerTLS, advice: String)? {
        guard tls else { return nil }
        do {
            if let tlsCert, let tlsKey { return (try ServerTLS(certificateFile: tlsCert, keyFile: tlsKey), "") }
            let now = Int64(Date().timeIntervalSince1970)
            let authority = try CertificateAuthority(directory: Self.directory(dataDirectory), now: now)
            return (try ServerTLS(authority, host: host, now: now), Self.advice(authority.path))
        } catch let failure as CertificateAuthority.Failure {
            throw CommandFailure(message: "serve: \(failure)")
        } catch {
            throw CommandFailure(
                message: "serve: \(tlsCert.map { "\($0), \(tlsKey ?? "")" } ?? "TLS"): no certificate and key that can be used (\(error))")
        }
    }

    /// Where the authority is kept: with the data, else among the user's settings.
    private static func directory(_ dataDirectory: String?) -> String {
        if let dataDirectory { return dataDirectory + "/tls" }
        let environment = ProcessInfo.processInfo.environment
        if let settings = environment["XDG_CONFIG_HOME"], settings.hasPrefix("/") { return settings + "/dbxsim" }
        return (environment["HOME"] ?? ".") + "/.config/dbxsim"
    }

    private static func advice(_ path: String) -> String {
        """
        # Clients must trust the authority \(path), each in its way:
        #   REQUESTS_CA_BUNDLE (Python requests, Databricks SDK), SSL_CERT_FILE (Go, Rust, OpenSSL, Python ssl), NODE_EXTRA_CA_CERTS (Node.js),
        #   _tls_trusted_ca_file (databricks-sql-connector), --cacert (curl), keytool -importcert (Java)

        """
    }
}
