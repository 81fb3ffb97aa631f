/// Lower case by Unicode's rules, with the one that looks at what is around: a capital sigma at the end of a word.
enum LowerCase {
    private static let capitalSigma: Unicode.Scalar = "\u{03A3}"
    private static let finalSigma = "\u{03C2}"

    static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(capitalSigma) else { return text.lowercased() }
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        for index in scalars.indices { result.append(contentsOf: mapping(scalars, index).unicodeScalars) }
        return String(result)
    }

    static func mapping(_ scalars: [Unicode.Scalar], _ index: Int) -> String {
        let scalar = scalars[index]
        guard scalar == capitalSigma else { return scalar.properties.lowercaseMapping }
        let isFinal = isCased(scalars[..<index].reversed()) && !isCased(scalars[(index + 1)...])
        return isFinal ? finalSigma : scalar.properties.lowercaseMapping
    }

    /// Whether a letter with case comes first, but for marks that do not count.
    private static func isCased(_ scalars: some Sequence<Unicode.Scalar>) -> Bool {
        for scalar in scalars where !scalar.properties.isCaseIgnorable { return scalar.properties.isCased }
        return false
    }
}
