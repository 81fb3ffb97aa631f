import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A control call that was refused.
public struct DBXSimError: Error, Sendable, CustomStringConvertible {
    public let status: Int
    public let message: String

    public var description: String { status == 0 ? message : "\(status): \(message)" }
}

/// Sends control calls with one token.
struct ControlClient: Sendable {
    let host: URL
    let token: String

    /// Status and body, whatever the status.
    func send(_ method: String, _ path: String, _ body: Data? = nil) async throws -> (status: Int, body: Data) {
        guard let url = URL(string: "\(host.absoluteString)/_dbxsim/\(path)") else { throw DBXSimError(status: 0, message: "not a path: \(path)") }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        let prepared = request
        return try await withCheckedThrowingContinuation { continuation in
            let task = URLSession.shared.dataTask(with: prepared) { data, response, error in
                if let response = response as? HTTPURLResponse {
                    continuation.resume(returning: (response.statusCode, data ?? Data()))
                } else {
                    continuation.resume(throwing: error ?? DBXSimError(status: 0, message: "no answer from \(url)"))
                }
            }
            task.resume()
        }
    }

    /// The body of an answer below 400.
    @discardableResult
    func call(_ method: String, _ path: String, _ body: Data? = nil) async throws -> Data {
        let (status, answer) = try await send(method, path, body)
        guard status < 400 else {
            struct Failure: Decodable { let message: String? }
            let message = (try? JSONDecoder().decode(Failure.self, from: answer))?.message ?? String(decoding: answer.prefix(500), as: UTF8.self)
            throw DBXSimError(status: status, message: message)
        }
        return answer
    }

    func call<Answer: Decodable>(_ method: String, _ path: String, _ body: Data? = nil, as type: Answer.Type) async throws -> Answer {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: try await call(method, path, body))
    }

    static func json(_ members: [String: any Encodable & Sendable]) throws -> Data {
        struct Key: CodingKey {
            let stringValue: String
            var intValue: Int? { nil }
            init(stringValue: String) { self.stringValue = stringValue }
            init?(intValue: Int) { nil }
        }
        struct Body: Encodable {
            let members: [String: any Encodable & Sendable]
            func encode(to encoder: any Encoder) throws {
                var container = encoder.container(keyedBy: Key.self)
                for (name, value) in members { try container.encode(value, forKey: Key(stringValue: name)) }
            }
        }
        return try JSONEncoder().encode(Body(members: members))
    }

    /// A name as a part of a path.
    static func part(_ name: String) -> String {
        name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? name
    }
}
