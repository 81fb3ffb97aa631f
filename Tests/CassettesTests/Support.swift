import Cassettes
import Foundation
import HTTPTypes
import TestSupport

/// A folder that is gone when its owner is.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("cassettes-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func read(_ name: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(fileURLWithPath: path + "/" + name))) }

    func write(_ text: String, _ name: String) throws {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// All files' bytes, one behind the other.
    func everything() throws -> [UInt8] {
        var bytes: [UInt8] = []
        for name in try FileManager.default.subpathsOfDirectory(atPath: path).sorted() {
            bytes += (try? read(name)) ?? []
        }
        return bytes
    }

    func text(_ name: String = "cassette.jsonl") throws -> String { String(decoding: try read(name), as: UTF8.self) }
}

extension RawExchange {
    static func call(
        _ method: String = "GET", _ path: String = "/api/2.0/x", query: String? = nil, host: String? = nil, operation: String? = nil,
        headers: HTTPFields = [:], body: String = "", status: Int = 200, responseHeaders: HTTPFields = [.contentType: "application/json"],
        answer: String = "{}", milliseconds: Int? = nil
    ) -> RawExchange {
        RawExchange(
            operation: operation, method: method, path: path, query: query, host: host, requestHeaders: headers, requestBody: Array(body.utf8),
            status: status, responseHeaders: responseHeaders, responseBody: Array(answer.utf8), milliseconds: milliseconds)
    }
}

let standardHeader = #"{"cassette":1,"match":["method","path","query","body"],"ignore":{"body":["$.idempotency_token"]}}"#

func cassette(_ lines: [String], header: String = standardHeader, name: String = "c") throws -> Cassette {
    let text = ([header] + lines).map { $0 + "\n" }.joined()
    return try CassetteReader.parse(Array(text.utf8), name: name) { file throws(CassetteError) in
        throw CassetteError(file: file, "no body files here")
    }
}

/// A line with a JSON answer.
func line(_ n: Int, _ method: String, _ path: String, query: String? = nil, body: String? = nil, status: Int = 200, answer: String) -> String {
    let query = query.map { #","query":"\#($0)""# } ?? ""
    let body = body.map { #","body":\#($0)"# } ?? ""
    return #"{"n":\#(n),"request":{"method":"\#(method)","path":"\#(path)"\#(query)\#(body)},"response":{"status":\#(status),"body":\#(answer)}}"#
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// Damaged copies of a file: bytes changed, cut out, put in; the end cut off. Never empty.
enum Mutation {
    static func of(
        _ original: [UInt8], _ random: inout SeededRandom, pieces: [String] = ["{", "}", "[", "]", "\"", "\\", ",", ":", "\n", "0", "\\u12"]
    ) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
            case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "").utf8), at: place)
            default: bytes.removeLast(bytes.count - place)
            }
            if bytes.isEmpty { bytes = [0x7B] }
        }
        return bytes
    }
}
