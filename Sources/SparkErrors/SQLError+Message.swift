extension SQLError: CustomStringConvertible {
    package var description: String { message }

    /// The whole message as Spark prints it: `[CONDITION] text. SQLSTATE: 42703` with the place in the text, where it is known.
    /// The place shows lines of the statement only after `with(statement:)`.
    package var message: String {
        switch phase {
        case .parsing: "\n" + summary + (isSyntaxError || span == nil ? parsePlace : executionContext)
        case .analysis: summary + analysisPlace
        case .execution: summary + executionContext
        }
    }

    /// Refusals of the grammar itself show the whole text; what is refused behind it shows the clause like a failure while running.
    private var isSyntaxError: Bool { condition.name.hasPrefix("PARSE_") || condition == .invalidIdentifier }

    /// The message without any place.
    package var summary: String {
        // Spark prints conditions that have no name yet without it.
        if condition.name.hasPrefix("_LEGACY_ERROR_") { return text }
        let text = statement.map { SecretLiterals.masked(self.text, of: $0) } ?? self.text
        return "[\(condition.name)] \(text)" + (condition.sqlState.isEmpty ? "" : " SQLSTATE: \(condition.sqlState)")
    }

    /// The template with its parameters filled in; a parameter that is missing stays as `<name>`.
    package var text: String {
        let template = condition.template
        var result = ""
        result.reserveCapacity(template.utf8.count + 32)
        var rest = Substring(template)
        while let open = rest.firstIndex(of: "<") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: ">") else {
                rest = rest[open...]
                break
            }
            let name = rest[rest.index(after: open)..<close]
            result += parameters[String(name)] ?? "<\(name)>"
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// Line (from 1) and column (from 0, in characters) of the span's start.
    package var place: (line: Int, column: Int)? {
        guard let span, let statement else { return nil }
        var line = 1
        var column = 0
        var offset = 0
        for scalar in statement.unicodeScalars {
            if offset >= span.start { break }
            offset += UTF8.width(scalar)
            if scalar == "\n" {
                line += 1
                column = 0
            } else {
                column += 1
            }
        }
        return (line, column)
    }

    private var parsePlace: String {
        guard let statement else { return "" }
        let shown = String(String.UnicodeScalarView(SecretLiterals.masked(statement)))
        guard let place else { return "\n== SQL ==\n" + shown }
        var lines = shown.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // Java's split drops empty lines at the end, but keeps one line for an empty text.
        while lines.count > 1, lines.last == "" { lines.removeLast() }
        let above = lines.prefix(place.line)
        let below = lines.dropFirst(place.line)
        var result = " (line \(place.line), pos \(place.column))\n\n== SQL ==\n"
        for line in above { result += line + "\n" }
        result += String(repeating: "-", count: place.column) + "^^^\n"
        for line in below { result += line + "\n" }
        return result
    }

    private var analysisPlace: String {
        guard let place else { return "" }
        return "; line \(place.line) pos \(place.column)"
    }

    /// The lines that hold the span, cut to 32 characters on either side, each with a line of marks below.
    private var executionContext: String {
        guard let span, let statement, let place else { return "" }
        let text = Array(statement.unicodeScalars)
        var start = text.count
        var stop = text.count
        var offset = 0
        for (index, scalar) in text.enumerated() {
            if offset >= span.start, start == text.count { start = index }
            if offset >= span.end, stop == text.count { stop = index }
            offset += UTF8.width(scalar)
        }
        let masked = SecretLiterals.masked(statement)
        // `stop` is the last character of the part from here on.
        stop = max(start, stop - 1)
        let extra = 32
        var lineStart = start - 1
        while lineStart >= 0, start - lineStart <= extra, text[lineStart] != "\n" { lineStart -= 1 }
        let isStartCut = start - lineStart > extra
        var lineStop = min(stop, text.count)
        while lineStop < text.count, lineStop - stop <= extra, text[lineStop] != "\n" { lineStop += 1 }
        let isStopCut = lineStop - stop > extra
        var shown = String.UnicodeScalarView()
        if isStartCut { shown.append(contentsOf: "...".unicodeScalars) }
        if lineStart + 1 <= lineStop { shown.append(contentsOf: masked[(lineStart + 1)..<lineStop]) }
        if isStopCut { shown.append(contentsOf: "...".unicodeScalars) }

        var result = "\n== SQL (line \(place.line), position \(place.column + 1)) ==\n"
        var current = lineStart + 1 - (isStartCut ? 3 : 0)
        for line in shown.split(separator: "\n", omittingEmptySubsequences: false) {
            result += String(String.UnicodeScalarView(line)) + "\n"
            for _ in line {
                if current < start { result += " " } else if current <= stop { result += "^" }
                current += 1
            }
            current += 1
            result += "\n"
        }
        return result
    }
}
