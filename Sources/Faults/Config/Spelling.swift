/// Finds the word that was probably meant.
package enum Spelling {
    /// ` (did you mean 'inject'?)`, or nothing if no word is near.
    package static func hint(_ word: String, _ known: some Sequence<String>) -> String {
        nearest(word, known).map { " (did you mean '\($0)'?)" } ?? ""
    }

    /// The known word with the fewest changes, if they are few for its length; the first of several.
    package static func nearest(_ word: String, _ known: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8.prefix(100))
        var best: (word: String, distance: Int)?
        for candidate in known {
            let letters = Array(candidate.lowercased().utf8)
            let limit = min(max(1, max(wanted.count, letters.count) / 3), (best?.distance ?? .max) - 1)
            guard abs(letters.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, letters)
            if distance <= limit { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Letters changed, put in, left out or exchanged with their neighbour.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(previous[column] + (letter == other ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other { cost = min(cost, before[column - 1] + 1) }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
