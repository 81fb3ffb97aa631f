/// A path into a variant: `$`, then `.name`, `['name']`, `["name"]` or `[0]`.
package struct VariantPath: Sendable, Equatable {
    package enum Step: Sendable, Equatable {
        case name(String)
        case index(Int)
    }

    package let steps: [Step]

    /// nil if malformed.
    package init?(_ text: String) {
        var rest = Array(text.utf8)[...]
        guard rest.popFirst() == UInt8(ascii: "$") else { return nil }
        var steps: [Step] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: ".") {
                let name = rest.prefix { $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: "[") }
                if name.isEmpty { return nil }
                rest = rest.dropFirst(name.count)
                steps.append(.name(String(decoding: name, as: UTF8.self)))
            } else if byte == UInt8(ascii: "[") {
                if let quote = rest.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
                    rest = rest.dropFirst()
                    guard let end = rest.firstIndex(of: quote), end > rest.startIndex else { return nil }
                    steps.append(.name(String(decoding: rest[..<end], as: UTF8.self)))
                    rest = rest[(end + 1)...]
                    guard rest.popFirst() == UInt8(ascii: "]") else { return nil }
                } else {
                    guard let end = rest.firstIndex(of: UInt8(ascii: "]")), end > rest.startIndex, rest[..<end].allSatisfy({ $0 >= 48 && $0 <= 57 }),
                        let index = Int(String(decoding: rest[..<end], as: UTF8.self))
                    else { return nil }
                    rest = rest[(end + 1)...]
                    steps.append(.index(index))
                }
            } else {
                return nil
            }
        }
        self.steps = steps
    }

    /// nil if there is nothing at the path.
    package func find(in node: VariantNode) -> VariantNode? {
        var current = node
        for step in steps {
            switch (step, current) {
            case (.name(let name), .object(let members)):
                guard let member = members.first(where: { $0.name == name }) else { return nil }
                current = member.value
            case (.index(let index), .array(let items)):
                guard items.indices.contains(index) else { return nil }
                current = items[index]
            default: return nil
            }
        }
        return current
    }
}
