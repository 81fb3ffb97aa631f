import HTTPTypes
import JSON

/// Makes cassettes of what other tools recorded. Everything goes through the redactor.
package enum CassetteImport {
    package enum Format: String, Sendable, CaseIterable {
        case har, wiremock, vcr
    }

    package struct Result: Sendable {
        package let cassette: Cassette
        /// What could not be represented; not in the cassette.
        package let problems: [ImportProblem]
        /// What the cassette matches more narrowly than the tool did.
        package let notes: [ImportProblem]
    }

    /// What to make of the files.
    package struct Options: Sendable {
        /// Nil: told by the files.
        package var format: Format?
        /// The recorded service's host; nil: the one that most API requests went to.
        package var upstream: String?
        package var rules = RedactionRules()
        /// An operation's id by method and path.
        package var operation: @Sendable (_ method: String, _ path: String) -> String? = { _, _ in nil }

        package init() {}
    }

    /// Reads files, or folders of WireMock. Throws for what is no file of these tools; what is in one but cannot be represented is listed.
    package static func read(_ paths: [String], name: String, _ options: Options = Options()) throws(CassetteError) -> Result {
        var source = ImportSource()
        for path in paths {
            if Files.isFolder(path) {
                source.add(try folder(path))
            } else {
                source.add(try file(try Files.read(path), path, options.format))
            }
        }
        return try result(source, name, options)
    }

    /// One file in memory.
    package static func parse(_ bytes: [UInt8], file: String, name: String, _ options: Options = Options()) throws(CassetteError) -> Result {
        try result(try self.file(bytes, file, options.format), name, options)
    }

    // MARK: Files

    private static func file(_ bytes: [UInt8], _ file: String, _ format: Format?) throws(CassetteError) -> ImportSource {
        var format = format
        if format == nil { format = try detect(bytes, file) }
        switch format {
        case .har: return try HARImport.read(bytes, file: file)
        case .vcr: return try VCRImport.read(bytes, file: file)
        case .wiremock, nil:
            // `mappings/x.json` has its bodies in `__files`, beside `mappings`.
            let above = parent(parent(file))
            var mappings = WireMockImport { name throws(CassetteError) in try bodyFile(name, [above, parent(file)]) }
            try mappings.read(bytes, file: file)
            return mappings.finished()
        }
    }

    private static func detect(_ bytes: [UInt8], _ file: String) throws(CassetteError) -> Format {
        let name = file.lowercased()
        if name.hasSuffix(".har") { return .har }
        if name.hasSuffix(".yaml") || name.hasSuffix(".yml") { return .vcr }
        if bytes.first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "{") {
            // The first members tell; the file may be large, and wrong somewhere behind them.
            let start = Array(bytes.prefix(1 << 16))
            func has(_ member: String) -> Bool { start.firstRange(of: Array("\"\(member)\"".utf8), from: 0) != nil }
            if has("log") && (has("entries") || has("creator")) { return .har }
            if has("interactions") || has("http_interactions") { return .vcr }
            if has("mappings") || (has("request") && has("response")) { return .wiremock }
        }
        throw CassetteError(file: file, "is not known as a HAR, a mapping of WireMock or a cassette of VCR; name it with --format")
    }

    private static func folder(_ folder: String) throws(CassetteError) -> ImportSource {
        var files: [String] = []
        let mappings = Files.isFolder(folder + "/mappings") ? folder + "/mappings" : folder
        collect(mappings, 0, &files)
        guard !files.isEmpty else { throw CassetteError(file: folder, "holds no mappings of WireMock (*.json)") }
        var read = WireMockImport { name throws(CassetteError) in try bodyFile(name, [folder, parent(folder)]) }
        for file in files { try read.read(try Files.read(file), file: file) }
        return read.finished()
    }

    private static func collect(_ folder: String, _ depth: Int, _ files: inout [String]) {
        guard depth < 16 else { return }
        for name in Files.names(in: folder) where name != "__files" {
            let path = folder + "/" + name
            if Files.isFolder(path) {
                collect(path, depth + 1, &files)
            } else if name.lowercased().hasSuffix(".json") {
                files.append(path)
            }
        }
    }

    private static func parent(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A file under `__files` of the first folder that has it; names do not lead out of there.
    private static func bodyFile(_ name: String, _ folders: [String]) throws(CassetteError) -> [UInt8] {
        guard !name.hasPrefix("/"), !name.split(separator: "/").contains("..") else {
            throw CassetteError(file: name, "'\(name.prefix(80))' leads out of __files")
        }
        for folder in folders where Files.exists("\(folder)/__files/\(name)") { return try Files.read("\(folder)/__files/\(name)") }
        throw CassetteError(file: name, "there is no file __files/\(name.prefix(80))")
    }

    // MARK: Cassettes

    private static func result(_ source: ImportSource, _ name: String, _ options: Options) throws(CassetteError) -> Result {
        let upstream = options.upstream?.lowercased() ?? service(source.entries)
        let hosts = upstream.map { host in host.contains(":") ? [host, String(host.prefix { $0 != ":" })] : [host] } ?? []
        // Addresses of this machine say nothing about anyone, and stand in many texts.
        let redactor = Redactor(options.rules, upstreamHosts: hosts.filter { $0 != "127.0.0.1" && $0 != "localhost" && $0 != "REDACTED" })
        for entry in source.entries {
            for bytes in [Array(entry.raw.path.utf8), Array((entry.raw.query ?? "").utf8), entry.raw.requestBody, entry.raw.responseBody] {
                redactor.reserve(wordsIn: bytes)
            }
        }
        var exchanges: [Exchange] = []
        // The first look learns all secrets, so that the second finds them in exchanges before the one that tells what they are.
        for look in 0...1 {
            for entry in source.entries {
                var raw = entry.raw
                raw.operation = options.operation(raw.method, raw.path)
                raw.host = entry.authority == upstream ? nil : entry.authority
                do {
                    var exchange = try redactor.exchange(raw)
                    exchange.number = exchanges.count + 1
                    if look == 1 { exchanges.append(exchange) }
                } catch {
                    throw CassetteError(file: entry.file, "\(entry.place): \(error.description)")
                }
            }
        }
        let header = CassetteHeader.recording(at: source.recorded ?? "")
        var cassette = Cassette(name: name, header: header, exchanges: exchanges)
        if source.recorded == nil { cassette.header.recorded = nil }
        return Result(cassette: cassette, problems: source.problems, notes: source.notes)
    }

    /// The host that most requests to a workspace's API went to; of several the first.
    private static func service(_ entries: [ImportSource.Entry]) -> String? {
        var counts: [String: Int] = [:]
        var order: [String] = []
        for entry in entries {
            guard let authority = entry.authority else { continue }
            if counts[authority] == nil { order.append(authority) }
            let isAPI = ["/api/", "/oidc/", "/sql/"].contains(where: entry.raw.path.hasPrefix)
            counts[authority, default: 0] += isAPI ? 1000 : 1
        }
        var best: String?
        for host in order where counts[host, default: 0] > best.map({ counts[$0, default: 0] }) ?? 0 { best = host }
        return best
    }
}
