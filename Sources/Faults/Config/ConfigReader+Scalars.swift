extension ConfigReader {
    /// A text. Unquoted numbers and booleans are refused: `path: 3` is a slip.
    func text(_ what: String = "a text") -> String? {
        if case .scalar(let text, let quoted) = node.content,
            quoted || (text != "true" && text != "false" && !ConfigNode.isNumber(text))
        {
            return text
        }
        expected(what)
        return nil
    }

    /// A text, a number or a boolean, as its text: where a value of any type is compared with or sent as text.
    func scalarText(_ what: String = "a text") -> String? {
        if case .scalar(let text, _) = node.content { return text }
        expected(what)
        return nil
    }

    func integer(_ what: String, in range: ClosedRange<Int>) -> Int? {
        if case .scalar(let text, quoted: false) = node.content, let value = Int(text) {
            if range.contains(value) { return value }
            report("expected \(what) from \(range.lowerBound) to \(range.upperBound), found \(value)")
            return nil
        }
        expected(what)
        return nil
    }

    func number(_ what: String, in range: ClosedRange<Double>) -> Double? {
        if case .scalar(let text, quoted: false) = node.content, ConfigNode.isNumber(text), let value = Double(text) {
            if range.contains(value) { return value }
            report("expected \(what) from \(range.lowerBound) to \(range.upperBound), found \(text.prefix(40))")
            return nil
        }
        expected(what)
        return nil
    }

    func boolean() -> Bool? {
        if case .scalar(let text, quoted: false) = node.content {
            if text == "true" { return true }
            if text == "false" { return false }
        }
        expected("true or false")
        return nil
    }

    /// Only `true` makes sense here: the key's presence is the choice.
    func mustBeTrue() -> Bool {
        guard let flag = boolean() else { return false }
        if !flag { report("expected true; leave the key out otherwise") }
        return flag
    }

    func duration() -> Duration? {
        if case .scalar(let text, _) = node.content, let value = DurationText.parse(text) { return value }
        expected("a duration such as 2s, 100ms or 1m30s")
        return nil
    }

    func pattern() -> Pattern? {
        guard let text = text("a pattern (a text; * matches anything, re: begins a regular expression)") else { return nil }
        return pattern(text)
    }

    /// As `pattern()`, but numbers and booleans may stand unquoted.
    func scalarPattern() -> Pattern? {
        scalarText("a pattern (a text, a number or a boolean)").flatMap(pattern)
    }

    private func pattern(_ text: String) -> Pattern? {
        do {
            return try Pattern(text)
        } catch {
            report(error.description)
            return nil
        }
    }

    /// One of a few words.
    func choice<T: RawRepresentable & CaseIterable>(_ type: T.Type) -> T? where T.RawValue == String {
        if case .scalar(let text, _) = node.content, let value = T(rawValue: text) { return value }
        let words = T.allCases.map(\.rawValue)
        let list = words.count == 1 ? words[0] : words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        if case .scalar(let text, _) = node.content {
            report("expected \(list), found \(node.kind)\(Spelling.hint(text, words))")
        } else {
            expected(list)
        }
        return nil
    }
}
