import HTTPTypes
import JSON

extension Judge {
    /// One key over all attempts of a call, and no call with another's key.
    func idempotency(_ calls: [LogicalCall], _ place: Expectation.KeyPlace) -> Finding {
        var violations = Violations()
        var retried: [ObservedExchange] = []
        var owners: [String: LogicalCall] = [:]
        for call in calls {
            let keys = call.attempts.map { place.key(of: $0) }
            if call.attempts.count > 1 {
                retried += call.attempts
                if let missing = keys.firstIndex(of: nil) {
                    violations.add("exchange \(call.attempts[missing].number) of a repeated call has no \(place.text)", call.attempts)
                } else {
                    for (step, pair) in zip(call.steps, zip(keys, keys.dropFirst())) where pair.0 != pair.1 {
                        violations.add(
                            "exchange \(step.to.number) repeats exchange \(step.from.number) with another \(place.text)", [step.from, step.to])
                    }
                }
            }
            guard let key = keys.first ?? nil else { continue }
            if let owner = owners[key], RequestKey(owner.first, ignoring: place.marks) != RequestKey(call.first, ignoring: place.marks) {
                violations.add(
                    "exchange \(call.first.number) carries the \(place.text) of exchange \(owner.first.number), which is another call",
                    [owner.first, call.first])
            } else {
                owners[key] = call
            }
        }
        if let finding = violations.finding { return finding }
        guard !retried.isEmpty else { return Finding(.inconclusive, "no call was repeated") }
        return Finding(.pass, "repeated calls kept their \(place.text)", Self.numbers(retried))
    }

    /// An effect that the client was not told of, followed by a repeat that took effect again.
    func duplicates(_ calls: [LogicalCall]) -> Finding {
        var violations = Violations()
        var lost: [ObservedExchange] = []
        for call in calls where call.first.isRepeatable {
            var hidden: ObservedExchange?
            for attempt in call.attempts {
                if let hidden, attempt.tookEffect, !attempt.hasSameMark(as: hidden) {
                    violations.add(
                        "exchange \(attempt.number) did again what exchange \(hidden.number) had done already, whose answer was lost",
                        [hidden, attempt])
                }
                if attempt.tookEffect, !attempt.succeeded {
                    hidden = hidden ?? attempt
                    lost.append(attempt)
                }
            }
        }
        if let finding = violations.finding { return finding }
        guard !lost.isEmpty else { return Finding(.inconclusive, "no answer was lost after its effect") }
        return Finding(.pass, "\(Self.count(lost.count, "answer")) lost after the effect, and none brought about once more", Self.numbers(lost))
    }
}

extension Expectation.KeyPlace {
    var text: String {
        switch self {
        case .field(let name): "'\(name)'"
        case .header(let name): "header '\(name)'"
        }
    }

    var marks: Set<String> {
        if case .field(let name) = self { RequestKey.marks.union([name]) } else { RequestKey.marks }
    }

    func key(of exchange: ObservedExchange) -> String? {
        switch self {
        case .field(let name): exchange.member(name)
        case .header(let name): HTTPField.Name(name).flatMap { exchange.headers[$0] }.flatMap { $0.isEmpty ? nil : $0 }
        }
    }
}

extension ObservedExchange {
    /// A member of the JSON body as text; nil if it is absent, null or empty.
    fileprivate func member(_ name: String) -> String? {
        guard let value = (try? JSONValue(parsing: body))?[name], !value.isNull else { return nil }
        let text = value.stringValue ?? value.text
        return text.isEmpty ? nil : text
    }

    private static let keyHeader = HTTPField.Name("Idempotency-Key")

    /// Both carry one idempotency key, by which the service knows the second for a repeat.
    fileprivate func hasSameMark(as other: ObservedExchange) -> Bool {
        for name in RequestKey.marks.sorted() {
            if let mark = member(name), mark == other.member(name) { return true }
        }
        guard let header = Self.keyHeader, let mark = headers[header] else { return false }
        return mark == other.headers[header]
    }
}
