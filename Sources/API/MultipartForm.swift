/// A body of the type `multipart/form-data` (RFC 7578): parts by their names.
struct MultipartForm {
    private var parts: [String: [UInt8]] = [:]

    /// Nil for another type of content, or a body that is none.
    init?(contentType: String, body: [UInt8]) {
        guard contentType.lowercased().hasPrefix("multipart/form-data"), let mark = contentType.firstRange(of: "boundary=") else { return nil }
        var boundary = contentType[mark.upperBound...].prefix { $0 != ";" }
        if boundary.hasPrefix("\""), boundary.hasSuffix("\""), boundary.count > 1 { boundary = boundary.dropFirst().dropLast() }
        guard !boundary.isEmpty, boundary.utf8.count <= 200 else { return nil }
        let delimiter = Array("--\(boundary)".utf8)
        var starts: [Int] = []
        var position = 0
        while let found = Self.find(delimiter, in: body, from: position) {
            starts.append(found)
            position = found + delimiter.count
        }
        guard starts.count >= 2 else { return nil }
        for (start, end) in zip(starts, starts.dropFirst()) {
            var part = body[(start + delimiter.count)..<end]
            if part.starts(with: [13, 10]) { part = part.dropFirst(2) }
            if part.suffix(2).elementsEqual([13, 10]) { part = part.dropLast(2) }
            guard let gap = Self.find([13, 10, 13, 10], in: body, from: part.startIndex), gap < part.endIndex else { continue }
            let head = String(decoding: body[part.startIndex..<gap], as: UTF8.self)
            guard let mark = head.firstRange(of: "name=\"") else { continue }
            let name = String(head[mark.upperBound...].prefix { $0 != "\"" })
            parts[name] = Array(body[(gap + 4)..<max(gap + 4, part.endIndex)])
        }
    }

    private static func find(_ pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        var position = start
        while position + pattern.count <= bytes.count {
            guard let found = bytes[position...].firstIndex(of: first), found + pattern.count <= bytes.count else { return nil }
            if bytes[found..<(found + pattern.count)].elementsEqual(pattern) { return found }
            position = found + 1
        }
        return nil
    }

    func bytes(_ name: String) -> [UInt8]? { parts[name] }
    func text(_ name: String) -> String? { parts[name].map { String(decoding: $0, as: UTF8.self) } }
}
