import HTTPTypes
import JSON

/// Reads HTTP archives, version 1.2, as browsers and mitmproxy write them.
/// Source: http://www.softwareishard.com/blog/har-12-spec/
enum HARImport {
    static func read(_ bytes: [UInt8], file: String) throws(CassetteError) -> ImportSource {
        let (plain, hasRawBytes) = RawBytes.hide(bytes)
        let document = try ImportCursor(parsing: plain, file: file)
        var source = ImportSource()
        let entries: [ImportCursor]
        do {
            entries = try document.required("log").required("entries").elements()
        } catch {
            throw CassetteError(file: file, "no HTTP archive: \(error.place): \(error.message)")
        }
        for cursor in entries {
            do {
                source.entries.append(try entry(cursor, hasRawBytes))
                if source.recorded == nil { source.recorded = cursor.value["startedDateTime"]?.stringValue }
            } catch {
                source.problems.append(error)
            }
        }
        return source
    }

    private static func entry(_ entry: ImportCursor, _ hasRawBytes: Bool) throws(ImportProblem) -> ImportSource.Entry {
        let request = try entry.required("request")
        let response = try entry.required("response")
        let address = try request.required("url")
        guard let url = ImportURL(try address.text()) else { throw address.problem("is no http or https link") }
        let method = try request.required("method").text().uppercased()
        guard HTTPField.Name(method) != nil, method != "CONNECT" else {
            throw try request.required("method").problem("the method \(method.prefix(40)) cannot be replayed")
        }
        let status = try response.required("status")
        if status.value.intValue == 0 { throw status.problem("the request got no answer: \(failure(response))") }
        let code = try status.status()
        guard code != 101 else { throw status.problem("a connection that was taken over cannot be replayed") }
        var requestHeaders = try headers(request)
        var responseHeaders = try headers(response)
        var requestBody = try self.requestBody(request, hasRawBytes)
        var responseBody = try self.responseBody(response, method, code, hasRawBytes)
        do throws(Inflate.Failure) {
            requestBody = try requestHeaders.removeEncoding(requestBody)
            responseBody = try responseHeaders.removeEncoding(responseBody)
        } catch {
            throw entry.problem(error.message)
        }
        let time = entry.value["time"]?.doubleValue.flatMap { $0 >= 0 && $0 < 1e12 ? Int($0.rounded()) : nil }
        return .init(
            raw: RawExchange(
                operation: nil, method: method, path: url.path, query: url.query, requestHeaders: requestHeaders, requestBody: requestBody,
                status: code, responseHeaders: responseHeaders, responseBody: responseBody, milliseconds: time),
            authority: url.authority, file: entry.file, place: entry.place)
    }

    private static func failure(_ response: ImportCursor) -> String {
        let reason = response.value["_error"]?.stringValue ?? response.value["statusText"]?.stringValue ?? ""
        return reason.isEmpty ? "it was cancelled or blocked" : String(reason.prefix(120))
    }

    private static func headers(_ message: ImportCursor) throws(ImportProblem) -> HTTPFields {
        var fields = HTTPFields()
        for header in try message.child("headers")?.elements() ?? [] {
            try fields.add(
                try header.required("name").text(), header.child("value").map { value throws(ImportProblem) in try value.text() } ?? "", header)
        }
        return fields
    }

    private static func requestBody(_ request: ImportCursor, _ hasRawBytes: Bool) throws(ImportProblem) -> [UInt8] {
        guard let data = request.child("postData") else {
            if let size = request.value["bodySize"]?.intValue, size > 0 {
                throw request.problem("the request's body (\(size) bytes) is not in the file")
            }
            return []
        }
        if let text = data.child("text"), text.value.stringValue?.isEmpty == false {
            return try bytes(text, encoding: data.value["encoding"]?.stringValue, type: data.value["mimeType"]?.stringValue, hasRawBytes)
        }
        guard let params = data.child("params"), params.value.arrayValue?.isEmpty == false else { return [] }
        if data.value["mimeType"]?.stringValue?.lowercased().hasPrefix("multipart/") == true {
            throw params.problem("the bytes of a multipart body are not in the file")
        }
        var items: [String] = []
        for param in try params.elements() {
            let name = ImportURL.encoded(try param.required("name").text())
            let value = ImportURL.encoded(try param.child("value")?.text() ?? "")
            items.append("\(name)=\(value)")
        }
        return Array(items.joined(separator: "&").utf8)
    }

    private static func responseBody(
        _ response: ImportCursor, _ method: String, _ status: Int, _ hasRawBytes: Bool
    ) throws(ImportProblem) -> [UInt8] {
        guard let content = response.child("content") else { return [] }
        guard let text = content.child("text") else {
            let size = content.value["size"]?.intValue ?? 0
            if size > 0, method != "HEAD", status != 204, status != 304 {
                throw content.problem("the answer's body (\(size) bytes) is not in the file; save it with content")
            }
            return []
        }
        return try bytes(text, encoding: content.value["encoding"]?.stringValue, type: content.value["mimeType"]?.stringValue, hasRawBytes)
    }

    private static func bytes(
        _ text: ImportCursor, encoding: String?, type: String?, _ hasRawBytes: Bool
    ) throws(ImportProblem) -> [UInt8] {
        let value = try text.text()
        if encoding?.lowercased() == "base64" {
            guard let bytes = Base64.decode(value.utf8) else { throw text.problem("is no base64") }
            return bytes
        }
        if let encoding, !encoding.isEmpty { throw text.problem("the encoding \(encoding.prefix(40)) is not known: expected base64") }
        // Whoever put it there did not keep the bytes.
        let isReadable = ["json", "text/", "xml", "javascript", "urlencoded"].contains { type?.lowercased().contains($0) == true }
        if !isReadable, value.unicodeScalars.contains("\u{FFFD}") { throw text.problem("a binary body was kept as text; its bytes are lost") }
        return hasRawBytes ? RawBytes.restore(value) : Array(value.utf8)
    }
}

/// mitmproxy writes bytes that are no UTF-8 as lone surrogates `\udc80` to `\udcff`, which no JSON text may hold. They are read by way of
/// private characters.
private enum RawBytes {
    static func hide(_ bytes: [UInt8]) -> (bytes: [UInt8], found: Bool) {
        let mark = Array("\\udc".utf8)
        guard bytes.firstRange(of: mark, from: 0) != nil || bytes.firstRange(of: Array("\\uDC".utf8), from: 0) != nil else { return (bytes, false) }
        var result = bytes
        var found = false
        var position = 0
        var followsHigh = false
        while position + 1 < result.count {
            guard result[position] == UInt8(ascii: "\\") else {
                followsHigh = false
                position += 1
                continue
            }
            guard result[position + 1] == UInt8(ascii: "u"), position + 5 < result.count else {
                followsHigh = false
                position += 2
                continue
            }
            let high = String(decoding: result[(position + 2)...(position + 3)], as: UTF8.self).lowercased()
            if high == "dc", !followsHigh, result[position + 4] >= UInt8(ascii: "8") {
                result.replaceSubrange((position + 2)...(position + 3), with: Array("f7".utf8))
                found = true
            }
            followsHigh = ["d8", "d9", "da", "db"].contains(high)
            position += 6
        }
        return (result, found)
    }

    static func restore(_ text: String) -> [UInt8] {
        var result: [UInt8] = []
        for scalar in text.unicodeScalars {
            if (0xF780...0xF7FF).contains(scalar.value) {
                result.append(UInt8(truncatingIfNeeded: scalar.value))
            } else {
                result += Array(String(Character(scalar)).utf8)
            }
        }
        return result
    }
}
