/// Which values are the service's own choice. Their type is compared, the value is not.
enum DiffMasks {
    enum Mask {
        /// Names something: what it stands for is followed through later requests and answers.
        case identity
        /// Times, durations, tags, hosts.
        case volatile
    }

    private static let identities: Set<String> = [
        "id", "guid", "uuid", "owner", "created_by", "updated_by", "creator", "creator_name", "creator_user_name", "run_as", "run_as_user_name",
        "userName", "user_name", "external_link", "internal_link", "next_chunk_internal_link", "token", "next_page_token", "page_token",
        "prev_page_token", "nextPageToken", "application_id", "applicationId", "client_id", "secret", "token_value", "access_token",
        "refresh_token", "activation_url", "storage_location", "storage_root", "metastore", "$ref",
    ]
    private static let volatileNames: Set<String> = [
        "etag", "eTag", "expiration", "expiry", "timestamp", "duration", "elapsed", "host", "hostname", "port", "issuer", "jwks_uri", "url",
        "jdbc_url",
        "last_modified", "date", "time", "created", "lastModified", "created_at", "updated_at", "spark_context_id", "secret_hash",
    ]
    private static let volatileEnds = ["_at", "_time", "_ms", "_millis", "_timestamp", "_duration", "_date", "_url", "_endpoint", "Time"]

    static func mask(_ name: String) -> Mask? {
        if identities.contains(name) || name.hasSuffix("_id") || name.hasSuffix("_ids") || name.hasSuffix("Id") { return .identity }
        if volatileNames.contains(name) || volatileEnds.contains(where: name.hasSuffix) { return .volatile }
        return nil
    }

    /// Rows of a result: what stands there is data, whatever its column is called.
    static func isData(_ name: String) -> Bool { name == "data_array" || name == "data_typed_array" }

    /// A text with what is of the moment taken out: UUIDs, request ids, the hosts of links.
    static func normalized(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.count >= 8 else { return text }
        bytes = withoutHosts(bytes)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            if isUUID(bytes, position) {
                result += "<uuid>".utf8
                position += 36
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    static func isUUID(_ bytes: [UInt8], _ start: Int) -> Bool {
        guard start + 36 <= bytes.count else { return false }
        for offset in 0..<36 {
            let byte = bytes[start + offset]
            let fits = [8, 13, 18, 23].contains(offset) ? byte == UInt8(ascii: "-") : isHex(byte)
            if !fits { return false }
        }
        return true
    }

    /// Whether both are ids of one kind: UUIDs, long numbers, hexadecimal of one length.
    static func areIDs(_ one: String, _ other: String) -> Bool {
        let (left, right) = (Array(one.utf8), Array(other.utf8))
        if left.count == 36, right.count == 36 { return isUUID(left, 0) && isUUID(right, 0) }
        guard left.count >= 12, right.count >= 12 else { return false }
        if left.allSatisfy(SecretShapes.isDigit), right.allSatisfy(SecretShapes.isDigit) { return true }
        return left.count == right.count && left.count >= 16 && left.allSatisfy(isHex) && right.allSatisfy(isHex)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): true
        default: false
        }
    }

    private static func withoutHosts(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        var copied = 0
        while let found = bytes.firstRange(of: Array("://".utf8), from: position) {
            var end = found.upperBound
            while end < bytes.count, !" /\"'?#\\".utf8.contains(bytes[end]) { end += 1 }
            result += bytes[copied..<found.lowerBound]
            if result.suffix(5).elementsEqual("https".utf8) { result.removeLast() }
            result += "://<host>".utf8
            copied = end
            position = end
        }
        return result + bytes[copied...]
    }
}
