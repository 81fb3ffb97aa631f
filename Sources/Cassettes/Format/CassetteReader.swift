import HTTPTypes
import JSON

/// Reads cassettes. What it does not understand it refuses, with file and line.
///
/// A last line without its newline that is no exchange is what a crash leaves behind: it is reported as `torn`, and all before it is read.
package enum CassetteReader {
    /// From a folder with `cassette.jsonl` and `bodies/`.
    package static func read(_ folder: String) throws(CassetteError) -> Cassette {
        var folder = folder[...]
        while folder.count > 1, folder.hasSuffix("/") { folder = folder.dropLast() }
        let name = String(folder)
        let bytes = try Files.read(name + "/" + CassetteFormat.fileName)
        return try parse(bytes, name: name) { file throws(CassetteError) in try Files.read("\(name)/\(CassetteFormat.bodiesFolder)/\(file)") }
    }

    /// From a text; `body` gives the bytes of a body file by its name.
    package static func parse(
        _ bytes: [UInt8], name: String, body: @escaping (String) throws(CassetteError) -> [UInt8]
    ) throws(CassetteError) -> Cassette {
        let file = name + "/" + CassetteFormat.fileName
        var reader = Reader(bytes: bytes, bodies: body)
        var header: CassetteHeader?
        var exchanges: [Exchange] = []
        var lines: [Int] = []
        var torn: Cassette.TornLine?
        var position = 0
        var number = 0
        while position < bytes.count {
            number += 1
            let newline = Self.newline(bytes, from: position)
            let range = position..<(newline ?? bytes.count)
            position = (newline ?? bytes.count) + 1
            do {
                if header == nil {
                    header = try reader.header(range)
                } else {
                    exchanges.append(try reader.exchange(range))
                    lines.append(number)
                }
            } catch let problem as CassetteFormat.Problem {
                if newline == nil, header != nil {
                    torn = Cassette.TornLine(line: number, bytes: range.count)
                } else {
                    throw CassetteError(file: file, line: number, problem.message)
                }
            } catch let error as CassetteError {
                throw CassetteError(file: file, line: number, error.description)
            } catch {
                throw CassetteError(file: file, line: number, "cannot be read")
            }
        }
        guard let header else { throw CassetteError(file: file, line: 1, "the file is empty: expected a header such as {\"cassette\":1}") }
        return Cassette(name: name, header: header, exchanges: exchanges, lines: lines, torn: torn)
    }

    private static func newline(_ bytes: [UInt8], from start: Int) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            var position = start
            while position < buffer.count {
                if buffer[position] == 0x0A { return position }
                position += 1
            }
            return nil
        }
    }

    // MARK: Lines

    private struct Reader {
        let bytes: [UInt8]
        let bodies: (String) throws(CassetteError) -> [UInt8]
        /// Body files and header names recur; each is looked at once.
        var files: [String: [UInt8]] = [:]
        var names: [String: HTTPField.Name] = [:]

        init(bytes: [UInt8], bodies: @escaping (String) throws(CassetteError) -> [UInt8]) {
            self.bytes = bytes
            self.bodies = bodies
        }

        func header(_ range: Range<Int>) throws(CassetteFormat.Problem) -> CassetteHeader {
            let value: JSONValue
            do {
                value = try JSONValue(parsing: bytes[range])
            } catch {
                throw .init("not JSON: \(error.message)")
            }
            return try CassetteHeader(value)
        }

        func members(_ range: Range<Int>) throws(CassetteFormat.Problem) -> [LineScanner.Member] {
            try bytes.withUnsafeBufferPointer { buffer throws(CassetteFormat.Problem) in try LineScanner.members(buffer, range) }
        }

        mutating func exchange(_ range: Range<Int>) throws -> Exchange {
            try checkUTF8(range)
            var number: Int?
            var operation: String?
            var request: RecordedRequest?
            var response: RecordedResponse?
            var milliseconds: Int?
            for member in try members(range) {
                switch member.name {
                case "n": number = try integer(member)
                case "operation": operation = try text(member)
                case "request": request = try self.request(member.value)
                case "response": response = try self.response(member.value)
                case "ms": milliseconds = try integer(member)
                default: throw CassetteFormat.Problem("unknown member '\(member.name.prefix(60))'")
                }
            }
            guard let number else { throw CassetteFormat.Problem("the member 'n' is missing") }
            guard let request else { throw CassetteFormat.Problem("the member 'request' is missing") }
            guard let response else { throw CassetteFormat.Problem("the member 'response' is missing") }
            return Exchange(number: number, operation: operation, request: request, response: response, milliseconds: milliseconds)
        }

        private func checkUTF8(_ range: Range<Int>) throws(CassetteFormat.Problem) {
            let line = bytes[range]
            let isASCII = line.withUnsafeBufferPointer { buffer in
                for byte in buffer where byte >= 0x80 { return false }
                return true
            }
            if !isASCII, String(validating: line, as: UTF8.self) == nil { throw .init("the line is not UTF-8") }
        }

        private mutating func request(_ range: Range<Int>) throws -> RecordedRequest {
            var method: String?
            var path: String?
            var request = RecordedRequest(method: "", path: "")
            for member in try members(range) {
                switch member.name {
                case "method": method = try text(member)
                case "path": path = try text(member)
                case "query": request.query = try text(member)
                case "host": request.host = try text(member)
                case "headers": request.headers = try headers(member.value)
                default: try body(member, of: "request", into: &request.body)
                }
            }
            guard let method, !method.isEmpty else { throw CassetteFormat.Problem("the member 'request.method' is missing") }
            guard let path, !path.isEmpty else { throw CassetteFormat.Problem("the member 'request.path' is missing") }
            request.method = method
            request.path = path
            return request
        }

        private mutating func response(_ range: Range<Int>) throws -> RecordedResponse {
            var response = RecordedResponse(status: 0)
            for member in try members(range) {
                switch member.name {
                case "status": response.status = try integer(member)
                case "headers": response.headers = try headers(member.value)
                default: try body(member, of: "response", into: &response.body)
                }
            }
            guard (100...599).contains(response.status) else {
                throw CassetteFormat.Problem("the member 'response.status' is missing or no HTTP status")
            }
            return response
        }

        private mutating func body(_ member: LineScanner.Member, of part: String, into body: inout RecordedBody) throws {
            guard ["body", "text", "file"].contains(member.name) else {
                throw CassetteFormat.Problem("unknown member '\(part).\(member.name.prefix(60))'")
            }
            guard case .none = body else { throw CassetteFormat.Problem("'\(part)' has more than one of body, text and file") }
            switch member.name {
            case "body": body = .json(bytes[member.value])
            case "text": body = .text(Array(try text(member).utf8)[...])
            default:
                let path = try text(member)
                let name = String(path.dropFirst(CassetteFormat.bodiesFolder.count + 1))
                guard path == "\(CassetteFormat.bodiesFolder)/\(name)", BodyFiles.isName(name) else {
                    throw CassetteFormat.Problem("'\(part).file' must be bodies/ and a SHA-256 in hexadecimal")
                }
                if let known = files[name] {
                    body = .file(name: name, bytes: known)
                } else {
                    let content = try bodies(name)
                    files[name] = content
                    body = .file(name: name, bytes: content)
                }
            }
        }

        private mutating func headers(_ range: Range<Int>) throws(CassetteFormat.Problem) -> HTTPFields {
            var fields = HTTPFields()
            for member in try members(range) {
                let value = try text(member)
                let name: HTTPField.Name
                if let known = names[member.name] {
                    name = known
                } else {
                    guard let new = HTTPField.Name(member.name) else { throw .init("'\(member.name.prefix(60))' is no header's name") }
                    names[member.name] = new
                    name = new
                }
                guard HTTPField.isValidValue(value) else { throw .init("the header '\(member.name.prefix(60))' has no valid value") }
                fields.append(HTTPField(name: name, value: value))
            }
            return fields
        }

        private func text(_ member: LineScanner.Member) throws(CassetteFormat.Problem) -> String {
            guard bytes[member.value.lowerBound] == UInt8(ascii: "\"") else { throw .init("'\(member.name.prefix(60))' must be a text") }
            return bytes.withUnsafeBufferPointer { LineScanner.text($0, member.value) }
        }

        private func integer(_ member: LineScanner.Member) throws(CassetteFormat.Problem) -> Int {
            guard let value = Int(String(decoding: bytes[member.value], as: UTF8.self)), value >= 0 else {
                throw .init("'\(member.name.prefix(60))' must be a whole number")
            }
            return value
        }
    }
}

/// Names under `bodies/`.
enum BodyFiles {
    static func isName(_ name: String) -> Bool {
        name.utf8.count == 64 && name.utf8.allSatisfy { SecretShapes.isDigit($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }
}
