/// What recorded names stand for now: each is bound where an answer first brings it up, by its place in the answer.
struct DiffBindings: Sendable {
    private struct Short: Hashable {
        let name: String
        let value: String
    }

    /// Values long enough to be known wherever they stand, inside other texts too.
    private var long: [String: String] = [:]
    /// The same by first byte, longest first.
    private var byFirst: [UInt8: [(key: [UInt8], value: [UInt8])]] = [:]
    /// Short ones (job 12) only stand where a member or a parameter has the name.
    private var short: [Short: String] = [:]

    private static let longBytes = 8

    /// The first binding stays.
    mutating func bind(_ recorded: String, to live: String, name: String) {
        guard !recorded.isEmpty, bound(recorded, name: name) == nil else { return }
        if recorded.utf8.count >= Self.longBytes {
            long[recorded] = live
            guard recorded != live, let first = recorded.utf8.first else { return }
            byFirst[first, default: []].append((Array(recorded.utf8), Array(live.utf8)))
            byFirst[first]?.sort { $0.key.count > $1.key.count }
        } else {
            short[Short(name: Self.plain(name), value: recorded)] = live
        }
    }

    /// `id`, `job_id` and `jobId` may name the same thing only if what they name is alike: `id` is taken for all.
    private static func plain(_ name: String) -> String { name == "id" ? "" : name }

    func bound(_ recorded: String, name: String) -> String? {
        if recorded.utf8.count >= Self.longBytes { return long[recorded] }
        return short[Short(name: Self.plain(name), value: recorded)] ?? (name.hasSuffix("id") ? short[Short(name: "", value: recorded)] : nil)
    }

    /// With every long value replaced, in one pass from left to right.
    func substituted(_ text: String) -> String {
        if byFirst.isEmpty || text.utf8.count < Self.longBytes { return text }
        return substituted(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Nil if nothing is to be replaced.
    func substituted(_ bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var copied = 0
        var position = 0
        while position < bytes.count {
            if let candidates = byFirst[bytes[position]],
                let found = candidates.first(where: { bytes[position...].starts(with: $0.key) })
            {
                result += bytes[copied..<position]
                result += found.value
                position += found.key.count
                copied = position
            } else {
                position += 1
            }
        }
        return copied == 0 ? nil : result + bytes[copied...]
    }
}
