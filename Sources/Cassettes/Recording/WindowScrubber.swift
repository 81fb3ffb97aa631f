import Synchronization

/// Scrubs a part of a body whose rest is still to come.
enum WindowScrubber {
    /// Longer than any secret with its name: what begins in the last bytes of a window waits for the next one.
    static let overlap = 64 << 10
    /// A secret that has no end within this much ends the recording.
    private static let maxWindow = 4 << 20

    struct SecretSurvives: Error {
        let kind: SecretKind
    }

    struct Window {
        let scrubbed: [UInt8]
        /// How much of the given bytes `scrubbed` stands for.
        let consumed: Int
    }

    static func scrub(
        _ bytes: [UInt8], _ context: SecretContext, isText: Bool, isLast: Bool, _ scrubber: inout Scrubber
    ) throws(SecretSurvives) -> Window {
        let findings = scrubber.find(bytes, context, isText ? .all : .strong)
        var cut = isLast ? bytes.count : max(0, bytes.count - overlap)
        if let straddling = findings.first(where: { $0.range.lowerBound < cut && $0.range.upperBound > cut }) {
            cut = straddling.range.lowerBound
            if bytes.count > maxWindow {
                throw SecretSurvives(kind: straddling.kind ?? .named)
            }
        }
        var result: [UInt8] = []
        result.reserveCapacity(cut)
        var position = 0
        for finding in findings where finding.range.upperBound <= cut {
            // Binary messages may count their bytes, so there a host stays and a secret gives way to a word of its own length.
            guard isText || finding.kind != nil else { continue }
            result += bytes[position..<finding.range.lowerBound]
            if let kind = finding.kind {
                let value = String(decoding: bytes[finding.range], as: UTF8.self)
                if isText {
                    result += scrubber.word(for: value, kind == .token && value.hasPrefix("eyJ") ? .jwt : kind).utf8
                } else {
                    scrubber.known.note(value, kind, isCredential: false)
                    result += scrubber.placeholders.word(for: value, kind, length: finding.range.count)
                }
            } else {
                result += Scrubber.hostWord
            }
            position = finding.range.upperBound
        }
        result += bytes[position..<cut]
        if let kind = SecretScan.survivor(in: result, scrubber.known) {
            throw SecretSurvives(kind: kind)
        }
        return Window(scrubbed: result, consumed: cut)
    }
}

extension Redactor {
    /// The first part of `bytes`, scrubbed; all of them if they are the last.
    func window(_ bytes: [UInt8], _ context: SecretContext, isText: Bool, isLast: Bool) throws(WindowScrubber.SecretSurvives)
        -> WindowScrubber.Window
    {
        try scrubber.withLock { scrubber throws(WindowScrubber.SecretSurvives) in
            try WindowScrubber.scrub(bytes, context, isText: isText, isLast: isLast, &scrubber)
        }
    }

    /// How many secrets have been recognised so far.
    var knownSecrets: Int { scrubber.withLock { $0.known.count } }

    /// The kind of the first value that is known to be secret.
    func knownSecret(in bytes: [UInt8]) -> SecretKind? {
        scrubber.withLock { scrubber in bytes.withUnsafeBufferPointer { scrubber.known.find($0).first?.kind } }
    }
}
