import HTTPTypes

extension CassetteTools {
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        package enum Severity: String, Sendable, Hashable, CaseIterable {
            /// Must not be committed.
            case error
            case warning
            case note
        }

        package let severity: Severity
        /// File, or file and line.
        package let place: String
        package let message: String

        package var description: String { "\(place): \(severity.rawValue): \(message)" }
    }

    /// What is wrong with a cassette that can be read: secrets, wrong numbers, entries that are never replayed, stray files.
    /// `source` is the file as it stands; `bodyFiles` the names under `bodies/`.
    package static func check(_ cassette: Cassette, source: [UInt8], bodyFiles: [String]) -> [Finding] {
        var findings: [Finding] = []
        if let torn = cassette.torn {
            findings.append(
                Finding(
                    severity: .error, place: "\(cassette.file):\(torn.line)",
                    message: "the last line was cut off (\(torn.bytes) bytes); 'dbxsim cassette fmt' removes it"))
        }
        var used: Set<String> = []
        for (index, exchange) in cassette.exchanges.enumerated() {
            let place = cassette.place(of: index)
            if exchange.number != index + 1 {
                findings.append(Finding(severity: .warning, place: place, message: "'n' is \(exchange.number), expected \(index + 1)"))
            }
            if let encoding = exchange.response.headers.first(where: { $0.name.canonicalName == "content-encoding" })?.value {
                findings.append(Finding(severity: .error, place: place, message: "the body is encoded (\(encoding)); it cannot be searched"))
            }
            for (part, body) in [("request", exchange.request.body), ("response", exchange.response.body)] {
                if let kind = SecretScan.survivor(in: Array(body.bytes)) ?? jsonSecret(body, exchange) {
                    findings.append(Finding(severity: .error, place: place, message: "the \(part)'s body holds a secret (\(kind.rawValue))"))
                }
                guard case .file(let name, let bytes) = body, used.insert(name).inserted else { continue }
                if BodyPolicy.name(of: bytes) != name {
                    findings.append(Finding(severity: .error, place: place, message: "bodies/\(name) does not have the SHA-256 of its name"))
                }
            }
            var bare = exchange
            bare.request.body = .none
            bare.response.body = .none
            if let kind = SecretScan.survivor(in: CassetteFormat.line(bare)) {
                findings.append(Finding(severity: .error, place: place, message: "path, query or headers hold a secret (\(kind.rawValue))"))
            }
        }
        for name in bodyFiles where !used.contains(name) {
            findings.append(
                Finding(severity: .warning, place: "\(cassette.name)/\(CassetteFormat.bodiesFolder)/\(name)", message: "no exchange uses this file"))
        }
        for place in ReplayIndex([cassette]).collapsed {
            findings.append(
                Finding(
                    severity: .note, place: place, message: "repeats the answer before it; it is only given with --polls recorded"))
        }
        if cassette.torn == nil, source != format(cassette) {
            findings.append(Finding(severity: .note, place: cassette.file, message: "'dbxsim cassette fmt' would change this file"))
        }
        return findings
    }

    /// A value that is no placeholder under a secret name.
    private static func jsonSecret(_ body: RecordedBody, _ exchange: Exchange) -> SecretKind? {
        let bytes = Array(body.bytes)
        var scrubber = Scrubber(Placeholders())
        let context = SecretContext(operation: exchange.operation, path: exchange.request.path)
        guard !bytes.isEmpty, scrubber.body(bytes, context) != bytes else { return nil }
        return .named
    }
}
