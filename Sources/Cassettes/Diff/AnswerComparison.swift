import JSON

/// Compares a recorded JSON body with another one, and learns what recorded names stand for.
struct AnswerComparison {
    private(set) var bindings: DiffBindings
    private(set) var differences: [AnswerDifference] = []
    private let maxDifferences = 200

    init(_ bindings: DiffBindings) { self.bindings = bindings }

    mutating func compare(_ recorded: JSONValue, _ live: JSONValue) { compare(recorded, live, "$", "", isData: false, depth: 0) }

    private mutating func note(_ kind: AnswerDifference.Kind, _ path: String, _ recorded: JSONValue?, _ live: JSONValue?) {
        guard differences.count < maxDifferences else { return }
        differences.append(AnswerDifference(kind, path: path, recorded: recorded.map(Self.shown), live: live.map(Self.shown)))
    }

    private static func shown(_ value: JSONValue) -> String {
        let text = value.text
        return text.count <= 100 ? text : "\(text.prefix(100))…"
    }

    private mutating func compare(_ recorded: JSONValue, _ live: JSONValue, _ path: String, _ name: String, isData: Bool, depth: Int) {
        guard depth < 100 else { return }
        switch (recorded, live) {
        case (.object(let one), .object(let other)):
            for member in one.members {
                let inner = "\(path).\(member.name)"
                if let value = other[member.name] {
                    compare(member.value, value, inner, member.name, isData: isData || DiffMasks.isData(member.name), depth: depth + 1)
                } else {
                    note(.missing, inner, member.value, nil)
                }
            }
            for member in other.members where one[member.name] == nil { note(.extra, "\(path).\(member.name)", nil, member.value) }
        case (.array(let one), .array(let other)):
            for index in 0..<min(one.count, other.count) {
                compare(one[index], other[index], "\(path)[\(index)]", name, isData: isData, depth: depth + 1)
            }
            for index in min(one.count, other.count)..<max(one.count, other.count) {
                let inner = "\(path)[\(index)]"
                if index < one.count { note(.missing, inner, one[index], nil) } else { note(.extra, inner, nil, other[index]) }
            }
        case (.string(let one), .string(let other)): texts(one, other, path, name, isData: isData)
        case (.number(let one), .number(let other)): numbers(one, other, path, name, isData: isData)
        case (.bool(let one), .bool(let other)): if one != other { note(.value, path, recorded, live) }
        case (.null, .null): break
        default: note(.type, path, recorded, live)
        }
    }

    private mutating func texts(_ recorded: String, _ live: String, _ path: String, _ name: String, isData: Bool) {
        if let bound = bindings.bound(recorded, name: name) {
            if bound == live || isData && recorded == live || DiffMasks.mask(name) == .volatile { return }
            return note(.reference, path, .string(recorded), .string(live))
        }
        let mask = isData ? nil : DiffMasks.mask(name)
        if mask == .identity || recorded.hasPrefix(Placeholders.start) || !isData && DiffMasks.areIDs(recorded, live) {
            return bindings.bind(recorded, to: live, name: name)
        }
        if mask == .volatile || recorded == live { return }
        if DiffMasks.normalized(bindings.substituted(recorded)) != DiffMasks.normalized(live) {
            note(.value, path, .string(recorded), .string(live))
        }
    }

    private mutating func numbers(_ recorded: String, _ live: String, _ path: String, _ name: String, isData: Bool) {
        if Canonicalizer.number(recorded) == Canonicalizer.number(live), bindings.bound(recorded, name: name) == nil {
            if !isData, DiffMasks.mask(name) == .identity { bindings.bind(recorded, to: live, name: name) }
            return
        }
        switch isData ? nil : DiffMasks.mask(name) {
        case .volatile: return
        case .identity:
            if let bound = bindings.bound(recorded, name: name) {
                if bound != live { note(.reference, path, .number(recorded), .number(live)) }
            } else {
                bindings.bind(recorded, to: live, name: name)
            }
        case nil: if Canonicalizer.number(recorded) != Canonicalizer.number(live) { note(.value, path, .number(recorded), .number(live)) }
        }
    }
}
