/// A path with wildcards, as Hadoop has them: `?`, `*`, `[a-z]`, `[^a]`, `{a,b}`. None of them matches a slash.
package struct GlobPattern: Sendable {
    /// The alternatives of braces, each as the parts of a path.
    private let alternatives: [[[UInt8]]]

    private static let signs = Set("*?[{".utf8)
    private static let maxAlternatives = 1000

    package static func isPattern(_ text: String) -> Bool { text.utf8.contains(where: signs.contains) }

    /// nil if braces stand for too much.
    package init?(_ text: String) {
        var done: [[UInt8]] = []
        var open: [[UInt8]] = [Array(text.utf8)]
        while let next = open.popLast() {
            guard let start = next.firstIndex(of: UInt8(ascii: "{")), let parts = Self.choices(next, start) else {
                done.append(next)
                continue
            }
            open += parts
            guard open.count + done.count <= Self.maxAlternatives else { return nil }
        }
        alternatives = done.map { $0.split(separator: UInt8(ascii: "/")).map { Array($0) } }
    }

    private static func choices(_ text: [UInt8], _ start: Int) -> [[UInt8]]? {
        var depth = 0
        var pieces: [[UInt8]] = [[]]
        for index in start..<text.count {
            let byte = text[index]
            if byte == UInt8(ascii: "{") {
                depth += 1
                if depth == 1 { continue }
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 { return pieces.map { Array(text[..<start]) + $0 + Array(text[(index + 1)...]) } }
            } else if byte == UInt8(ascii: ","), depth == 1 {
                pieces.append([])
                continue
            }
            pieces[pieces.count - 1].append(byte)
        }
        return nil
    }

    /// Whether the path, or a directory above, matches.
    package func covers(_ path: Substring) -> Bool {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
        return alternatives.contains { pattern in
            pattern.count <= parts.count && zip(pattern, parts).allSatisfy { Self.matches($0[...], $1[...]) }
        }
    }

    private static func matches(_ pattern: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        var (pattern, text) = (pattern, text)
        // Where the last star stands, and what it was tried with.
        var retry: (pattern: ArraySlice<UInt8>, text: ArraySlice<UInt8>)?
        while true {
            if pattern.first == UInt8(ascii: "*") {
                pattern = pattern.dropFirst()
                retry = (pattern, text)
                continue
            }
            if let byte = text.first, let (isMatch, rest) = Self.one(pattern, byte), isMatch {
                pattern = rest
                text = text.dropFirst()
                continue
            }
            if pattern.isEmpty, text.isEmpty { return true }
            guard let last = retry, !last.text.isEmpty else { return false }
            retry = (last.pattern, last.text.dropFirst())
            pattern = last.pattern
            text = last.text.dropFirst()
        }
    }

    /// Whether the pattern's first sign stands for the byte, and the rest of the pattern.
    private static func one(_ pattern: ArraySlice<UInt8>, _ byte: UInt8) -> (Bool, ArraySlice<UInt8>)? {
        guard let sign = pattern.first else { return nil }
        let rest = pattern.dropFirst()
        if sign == UInt8(ascii: "?") { return (true, rest) }
        if sign == UInt8(ascii: "\\"), let literal = rest.first { return (literal == byte, rest.dropFirst()) }
        guard sign == UInt8(ascii: "["), let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "]")) else { return (sign == byte, rest) }
        var set = rest[..<end]
        let isNegated = set.first == UInt8(ascii: "^")
        if isNegated { set = set.dropFirst() }
        var isIn = false
        while let low = set.popFirst() {
            if set.first == UInt8(ascii: "-"), let high = set.dropFirst().first {
                set = set.dropFirst(2)
                if low <= byte, byte <= high { isIn = true }
            } else if low == byte {
                isIn = true
            }
        }
        return (isIn != isNegated, rest[(end + 1)...])
    }
}
