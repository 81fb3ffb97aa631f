import HTTPTypes
package import JSON

extension CassetteTools {
    package struct Finding: Sendable, Hashable, CustomStringConvertible {
        package enum Severity: String, Sendable, Hashable, CaseIterable {
            /// Must not be committed.
            case error
            case warning
            case note
        }

        package let severity: Severity
        package let file: String
        /// From 1; nil if it is about the whole file.
        package let line: Int?
        package let message: String

        package init(severity: Severity, file: String, line: Int?, message: String) {
            self.severity = severity
            self.file = file
            self.line = line
            self.message = message
        }

        package var place: String { line.map { "\(file):\($0)" } ?? file }
        package var description: String { "\(place): \(severity.rawValue): \(message)" }

        package var json: JSONValue {
            var object = JSONObject([("severity", .string(severity.rawValue)), ("file", .string(file))])
            if let line { object["line"] = .int(line) }
            object["message"] = .string(message)
            return .object(object)
        }
    }

    /// What is wrong with a cassette that can be read: secrets, wrong numbers, entries that are never replayed, stray files.
    /// `source` is the file as it stands; `files` the names in the folder, those of body files with `bodies/` before them.
    package static func check(_ cassette: Cassette, source: [UInt8], files: [String]) -> [Finding] {
        var check = Check(cassette)
        check.torn()
        for index in cassette.exchanges.indices { check.exchange(index) }
        check.strays(files)
        check.repeats()
        if cassette.torn == nil, source != format(cassette) {
            check.findings.append(
                Finding(severity: .note, file: cassette.file, line: nil, message: "'dbxsim cassette fmt' would change this file"))
        }
        return check.findings
    }

    private struct Check {
        let cassette: Cassette
        var findings: [Finding] = []
        private var used: Set<String> = []

        init(_ cassette: Cassette) { self.cassette = cassette }

        private mutating func add(_ severity: Finding.Severity, _ line: Int?, _ message: String) {
            findings.append(Finding(severity: severity, file: cassette.file, line: line, message: message))
        }

        mutating func torn() {
            guard let torn = cassette.torn else { return }
            add(.error, torn.line, "the last line was cut off (\(torn.bytes) bytes); 'dbxsim cassette fmt' removes it")
        }

        mutating func exchange(_ index: Int) {
            let exchange = cassette.exchanges[index]
            let line = cassette.lines.indices.contains(index) ? cassette.lines[index] : nil
            if exchange.number != index + 1 { add(.warning, line, "'n' is \(exchange.number), expected \(index + 1)") }
            for (part, headers) in [("request", exchange.request.headers), ("response", exchange.response.headers)] {
                guard let encoding = headers[.contentEncoding], encoding.lowercased() != "identity" else { continue }
                add(.error, line, "the \(part)'s body is encoded (\(encoding)); it cannot be searched")
            }
            for leak in SecretReport.leaks(exchange) { add(.error, line, "\(leak.place): holds a secret (\(leak.kind.rawValue))") }
            for case .file(let name, let bytes) in [exchange.request.body, exchange.response.body] where used.insert(name).inserted {
                if BodyPolicy.name(of: bytes) != name {
                    add(.error, line, "\(CassetteFormat.bodiesFolder)/\(name) does not have the SHA-256 of its name")
                }
            }
        }

        mutating func strays(_ files: [String]) {
            let prefix = CassetteFormat.bodiesFolder + "/"
            for name in files where name != CassetteFormat.fileName && name != CassetteFormat.bodiesFolder {
                if name.hasPrefix(prefix), used.contains(String(name.dropFirst(prefix.count))) { continue }
                let message = name.hasPrefix(prefix) ? "no exchange uses this file" : "is no part of a cassette"
                findings.append(Finding(severity: .warning, file: "\(cassette.name)/\(name)", line: nil, message: message))
            }
        }

        mutating func repeats() {
            let places = Set(ReplayIndex([cassette]).collapsed)
            for index in cassette.exchanges.indices where places.contains(cassette.place(of: index)) {
                add(.note, cassette.lines[index], "repeats the answer before it; it is only given with --polls recorded")
            }
        }
    }
}
