import JSON
import Synchronization

/// Access tokens of profiles with client credentials, for as long as they live.
final class SharingTokens: Sendable {
    private struct Held {
        let token: String
        let ends: ContinuousClock.Instant
    }

    private static let maxHeld = 256

    private let held = Mutex<[SharingProfile.Credential: Held]>([:])

    func forget(_ credential: SharingProfile.Credential) { held.withLock { $0[credential] = nil } }

    /// RFC 6749, section 4.4; the client names itself by HTTP's Basic scheme, as delta-sharing's clients do.
    func token(_ credential: SharingProfile.Credential, _ transport: any SharingTransport) async throws(SharingFailure) -> String {
        switch credential {
        case .bearer(let token): return token
        case .other: throw SharingFailure(.notSupported, "The provider's profile has a credential of a kind that is not simulated.")
        case .client(let address, let id, let secret, let scope):
            let now = ContinuousClock.now
            if let known = held.withLock({ $0[credential] }), known.ends > now { return known.token }
            var request = SharingRequest(address)
            request.method = "POST"
            request.headers = [
                ("Authorization", "Basic " + Base64.encoded(Array("\(id):\(secret)".utf8))),
                ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
            ]
            request.body = Array(("grant_type=client_credentials" + (scope.map { "&scope=" + SharingURL.escaped($0) } ?? "")).utf8)
            let answer = try await transport.send(request, maxBytes: 1 << 20)
            guard answer.status == 200 else {
                let kind: SharingFailure.Kind =
                    switch answer.status {
                    case 400, 401, 403: .unauthenticated
                    case 429: .throttled
                    case 500...: .failed
                    default: .malformed
                    }
                throw SharingFailure(
                    kind, "The token endpoint \(address.authority) gave no token for the provider's profile: status \(answer.status).")
            }
            guard let body = try? JSONValue(parsing: answer.body, maxDepth: 16), let token = body["access_token"]?.stringValue, !token.isEmpty,
                token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
            else { throw SharingFailure(.malformed, "The token endpoint \(address.authority) answered without a token.") }
            let seconds = min(max(body["expires_in"]?.intValue ?? body["expires_in"]?.stringValue.flatMap { Int($0) } ?? 0, 0), 86_400)
            // Some time before its end: what is asked with it must still be answered.
            held.withLock { held in
                if held.count >= Self.maxHeld { held = [:] }
                held[credential] = Held(token: token, ends: now + .seconds(max(0, seconds - 30)))
            }
            return token
        }
    }
}

private enum Base64 {
    static func encoded(_ bytes: [UInt8]) -> String {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let bits = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - part.count))
            for place in 0..<4 {
                text.append(place <= part.count ? digits[Int(bits >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
