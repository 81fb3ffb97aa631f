import Foundation
import SparkErrors
import Synchronization

/// A regular expression in Java's dialect, by way of ICU's, which is nearly the same. The only user of Foundation's.
///
/// Offsets are UTF-16 code units, as Java counts them.
struct JavaRegex: Sendable {
    private let expression: NSRegularExpression

    private static let cache = Mutex<[String: JavaRegex]>([:])
    private static let cacheLimit = 128

    var groupCount: Int { expression.numberOfCaptureGroups }

    /// The number of a group that the pattern calls `(?<name>…)`; nil if it has none of that name.
    func group(named name: String) -> Int? {
        var number = 0
        var inClass = false
        var rest = expression.pattern.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"): _ = rest.popFirst()
            case UInt8(ascii: "["): inClass = true
            case UInt8(ascii: "]"): inClass = false
            case UInt8(ascii: "(") where !inClass:
                guard rest.first == UInt8(ascii: "?") else {
                    number += 1
                    continue
                }
                let behind = rest.dropFirst()
                guard behind.first == UInt8(ascii: "<"), let kind = behind.dropFirst().first, kind != UInt8(ascii: "="), kind != UInt8(ascii: "!")
                else { continue }
                number += 1
                if behind.dropFirst().prefix(while: { $0 != UInt8(ascii: ">") }).elementsEqual(name.utf8) { return number }
            default: continue
            }
        }
        return nil
    }

    /// nil if the pattern is malformed.
    static func compile(_ pattern: String) -> JavaRegex? {
        if let known = cache.withLock({ $0[pattern] }) { return known }
        guard let expression = try? NSRegularExpression(pattern: pattern.isEmpty ? "(?:)" : pattern) else { return nil }
        let regex = JavaRegex(expression: expression)
        cache.withLock { known in
            if known.count >= cacheLimit { known.removeAll(keepingCapacity: true) }
            known[pattern] = regex
        }
        return regex
    }

    /// - Throws: INVALID_PARAMETER_VALUE.PATTERN naming the function.
    static func compile(_ pattern: String, for function: String) throws(SQLError) -> JavaRegex {
        if let regex = compile(pattern) { return regex }
        throw SQLError(
            .invalidParameterValuePattern,
            ["parameter": SQLQuote.id("regexp"), "functionName": SQLQuote.id(function), "value": SQLLiteral.quoted(pattern)])
    }

    /// A text held for several questions.
    struct Subject {
        let text: NSString

        init(_ text: String) { self.text = NSString(string: text) }

        var length: Int { text.length }

        func part(_ range: NSRange) -> String { range.location == NSNotFound ? "" : text.substring(with: range) }
        func part(_ range: Range<Int>) -> String { text.substring(with: NSRange(range)) }
    }

    struct Match {
        let result: NSTextCheckingResult

        var range: Range<Int> { result.range.location..<(result.range.location + result.range.length) }

        /// nil if the group took no part in the match.
        func group(_ index: Int, _ subject: Subject) -> String? {
            guard index >= 0, index < result.numberOfRanges else { return nil }
            let range = result.range(at: index)
            return range.location == NSNotFound ? nil : subject.part(range)
        }
    }

    func firstMatch(_ subject: Subject, from start: Int = 0) -> Match? {
        guard start <= subject.length else { return nil }
        return search(subject, from: start, limit: 1).first
    }

    func matches(_ subject: Subject, from start: Int = 0) -> [Match] {
        guard start <= subject.length else { return [] }
        return search(subject, from: start, limit: .max)
    }

    /// ICU reports now and then while it looks, so that a pattern that goes back over and over again does not outlive its statement.
    private func search(_ subject: Subject, from start: Int, limit: Int) -> [Match] {
        var found: [Match] = []
        let range = NSRange(location: start, length: subject.length - start)
        expression.enumerateMatches(in: subject.text as String, options: .reportProgress, range: range) { result, flags, stop in
            if let result, !flags.contains(.progress) {
                found.append(Match(result: result))
                if found.count >= limit { stop.pointee = true }
                if found.count & 1023 != 0 { return }
            }
            if ExecutionMonitor.isOver { stop.pointee = true }
        }
        return found
    }

    func found(in text: String) -> Bool { firstMatch(Subject(text)) != nil }

    /// Java's `String.split`: no empty part before a match of no width at the start; at most `limit` parts if it is positive.
    func split(_ text: String, limit: Int) -> [String] {
        let subject = Subject(text)
        var parts: [String] = []
        var start = 0
        for match in matches(subject) {
            if limit > 0, parts.count == limit - 1 { break }
            let range = match.range
            if range.isEmpty, range.lowerBound == 0 || range.lowerBound == subject.length { continue }
            if range.upperBound == 0 { continue }
            parts.append(subject.part(start..<range.lowerBound))
            start = range.upperBound
        }
        parts.append(subject.part(start..<subject.length))
        return parts
    }

    /// All matches at or behind `start` replaced by a template with `$1` and `\` escapes; nil if it names a group that is not there.
    func replacing(_ text: String, with template: Replacement, from start: Int) -> String? {
        let subject = Subject(text)
        var result = ""
        var position = 0
        for match in matches(subject, from: start) {
            result += subject.part(position..<match.range.lowerBound)
            guard template.append(match, subject, to: &result) else { return nil }
            position = match.range.upperBound
        }
        return result + subject.part(position..<subject.length)
    }

    /// The replacement text of Java's `Matcher.appendReplacement`.
    struct Replacement: Sendable {
        private enum Piece: Sendable {
            case text(String)
            case group(Int)
        }

        private var pieces: [Piece] = []

        /// nil if malformed. Digits behind `$` are taken as long as there is such a group; `${name}` is a group that has a name.
        init?(_ template: String, of regex: JavaRegex) {
            let groupCount = regex.groupCount
            var literal = ""
            var rest = template.unicodeScalars[...]
            while let scalar = rest.popFirst() {
                switch scalar {
                case "\\":
                    guard let next = rest.popFirst() else { return nil }
                    literal.unicodeScalars.append(next)
                case "$" where rest.first == "{":
                    guard let end = rest.firstIndex(of: "}"), let group = regex.group(named: String(rest[rest.index(after: rest.startIndex)..<end]))
                    else { return nil }
                    rest = rest[rest.index(after: end)...]
                    pieces.append(.text(literal))
                    literal = ""
                    pieces.append(.group(group))
                case "$":
                    guard let first = rest.popFirst(), let digit = first.properties.numericType == .decimal ? Int(String(first)) : nil else {
                        return nil
                    }
                    var group = digit
                    guard group <= groupCount else { return nil }
                    while let next = rest.first, let more = Int(String(next)), group * 10 + more <= groupCount {
                        group = group * 10 + more
                        rest.removeFirst()
                    }
                    pieces.append(.text(literal))
                    literal = ""
                    pieces.append(.group(group))
                default: literal.unicodeScalars.append(scalar)
                }
            }
            pieces.append(.text(literal))
        }

        func append(_ match: Match, _ subject: Subject, to result: inout String) -> Bool {
            for piece in pieces {
                switch piece {
                case .text(let text): result += text
                case .group(let index): result += match.group(index, subject) ?? ""
                }
            }
            return true
        }
    }
}
