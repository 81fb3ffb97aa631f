/// A route as it is written in an operation: segments between slashes.
/// `{x}` takes one segment, `{x}:verb` and `{a}.{b}` a part of one; `{x...}` takes one or more whole segments (or none, after a last slash); `files{x}` at the end takes the rest of
/// the path with its leading slash.
struct RoutePattern {
    enum Segment: Hashable {
        case literal([UInt8])
        /// The texts before, between and after the parameters of one segment: `{x}:run` is `["", ":run"]`.
        case parts([[UInt8]])
        case many
        case rest(after: [UInt8])
    }

    var segments: [Segment] = []
    var names: [String] = []

    init(_ path: String) {
        let texts = path.split(separator: "/", omittingEmptySubsequences: true)
        for (position, text) in texts.enumerated() {
            var literals: [[UInt8]] = [[]]
            var isMany = false
            var rest = text
            while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
                literals[literals.count - 1].append(contentsOf: rest[..<open].utf8)
                literals.append([])
                var name = rest[rest.index(after: open)..<close]
                if name.hasSuffix("...") {
                    isMany = true
                    name = name.dropLast(3)
                }
                names.append(String(name))
                rest = rest[rest.index(after: close)...]
            }
            literals[literals.count - 1].append(contentsOf: rest.utf8)
            if literals.count == 1 {
                segments.append(.literal(literals[0]))
            } else if isMany {
                segments.append(.many)
            } else if literals.count == 2, !literals[0].isEmpty, literals[1].isEmpty, position == texts.count - 1 {
                segments.append(.rest(after: literals[0]))
            } else {
                segments.append(.parts(literals))
            }
        }
    }
}
