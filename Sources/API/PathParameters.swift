/// The values of a route's parameters, decoded, in the order of the route.
package struct PathParameters: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    private var names: [String]
    private var values: [String]

    package init(names: [String], values: [String]) {
        self.names = names
        self.values = values
    }

    package init(dictionaryLiteral elements: (String, String)...) {
        names = elements.map(\.0)
        values = elements.map(\.1)
    }

    package static let none = PathParameters(names: [], values: [])

    package subscript(_ name: String) -> String? {
        for (known, value) in zip(names, values) where known == name { return value }
        return nil
    }

    package var all: [(name: String, value: String)] { zip(names, values).map { ($0, $1) } }
}
