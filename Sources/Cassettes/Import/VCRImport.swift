import HTTPTypes
import JSON

/// Reads cassettes of VCR.py (YAML and JSON) and of Ruby's VCR, which differ in the names of their members.
/// Source: https://vcrpy.readthedocs.io, vcr/serialize.py
enum VCRImport {
    static func read(_ bytes: [UInt8], file: String) throws(CassetteError) -> ImportSource {
        let document = try VCRNode.read(bytes, file: file)
        guard let list = document["interactions"] ?? document["http_interactions"] else {
            throw CassetteError(file: file, "no cassette of VCR: expected the key 'interactions'")
        }
        guard case .list(let interactions) = list.content else { throw CassetteError(file: file, line: list.line, "expected a list of interactions") }
        var source = ImportSource()
        for (index, interaction) in interactions.enumerated() {
            let place = interaction.line.map { "line \($0)" } ?? "$.interactions[\(index)]"
            do throws(Problem) {
                let (raw, authority) = try exchange(interaction)
                source.entries.append(.init(raw: raw, authority: authority, file: file, place: place))
                if source.recorded == nil { source.recorded = interaction["recorded_at"]?.text }
            } catch {
                source.problems.append(ImportProblem(file: file, place: error.line.map { "line \($0)" } ?? place, message: error.message))
            }
        }
        return source
    }

    private struct Problem: Error {
        let line: Int?
        let message: String

        init(_ node: VCRNode, _ message: String) {
            line = node.line
            self.message = message
        }
    }

    private static func exchange(_ interaction: VCRNode) throws(Problem) -> (RawExchange, String) {
        guard let request = interaction["request"], let response = interaction["response"] else {
            throw Problem(interaction, "expected the keys 'request' and 'response'")
        }
        guard let address = request["uri"] else { throw Problem(request, "the key 'uri' is missing") }
        guard let url = address.text.flatMap(ImportURL.init) else { throw Problem(address, "'uri' is no http or https link") }
        guard let method = request["method"]?.text?.uppercased(), HTTPField.Name(method) != nil else {
            throw Problem(request, "the key 'method' is missing or no method")
        }
        guard let code = response["status"]?["code"]?.text.flatMap({ Int($0) }), (100...599).contains(code) else {
            throw Problem(response["status"] ?? response, "'status.code' is missing or no HTTP status")
        }
        var requestHeaders = try headers(request)
        var responseHeaders = try headers(response)
        var (requestBody, responseBody) = (try body(request), try body(response))
        do throws(Inflate.Failure) {
            requestBody = try requestHeaders.removeEncoding(requestBody)
            responseBody = try responseHeaders.removeEncoding(responseBody)
        } catch {
            throw Problem(interaction, error.message)
        }
        return (
            RawExchange(
                operation: nil, method: method, path: url.path, query: url.query, requestHeaders: requestHeaders, requestBody: requestBody,
                status: code, responseHeaders: responseHeaders, responseBody: responseBody), url.authority
        )
    }

    private static func headers(_ message: VCRNode) throws(Problem) -> HTTPFields {
        var fields = HTTPFields()
        guard let headers = message["headers"], !headers.isNull else { return fields }
        guard case .map(let members) = headers.content else { throw Problem(headers, "'headers' must be a mapping") }
        for (name, value) in members {
            var values = [value]
            if case .list(let several) = value.content { values = several }
            for value in values {
                guard let text = value.text else { throw Problem(value, "the header '\(name.prefix(60))' is no text") }
                do {
                    try fields.add(name, text, ImportCursor(.null, file: ""))
                } catch {
                    throw Problem(value, error.message)
                }
            }
        }
        return fields
    }

    /// A text or bytes, or a mapping that holds them under `string` or `base64_string`.
    private static func body(_ message: VCRNode) throws(Problem) -> [UInt8] {
        guard let body = message["body"] else { return [] }
        switch body.content {
        case .null: return []
        case .text(let text): return Array(text.utf8)
        case .bytes(let bytes): return bytes
        case .map:
            if let string = body["string"] {
                switch string.content {
                case .null: return []
                case .text(let text): return Array(text.utf8)
                case .bytes(let bytes): return bytes
                default: throw Problem(string, "a body must be a text or bytes")
                }
            }
            if let encoded = body["base64_string"] {
                guard let bytes = encoded.text.flatMap({ Base64.decode($0.utf8) }) else { throw Problem(encoded, "is no base64") }
                return bytes
            }
            throw Problem(body, "a body must have the key 'string'")
        case .list, .unknown: throw Problem(body, "a body must be a text or bytes, not \(body.kind)")
        }
    }
}
