import JSON

/// A map from texts to texts in the order in which it was written. It is kept as the text of a JSON object, which is what the wire needs most often.
package struct PropertyMap: Sendable, Hashable {
    /// Compact JSON.
    package let json: String

    package static let empty = PropertyMap(json: "{}")

    /// A text that this type made before.
    init(json: String) { self.json = json }

    package init(_ pairs: [(key: String, value: String)]) {
        json = pairs.isEmpty ? "{}" : JSONValue.members(pairs.map { ($0.key, .string($0.value)) }).text
    }

    package var isEmpty: Bool { json == "{}" }

    package var pairs: [(key: String, value: String)] {
        guard !isEmpty, case .object(let object)? = try? JSONValue(parsing: json) else { return [] }
        return object.members.map { ($0.name, $0.value.stringValue ?? "") }
    }

    package subscript(_ key: String) -> String? { pairs.first { $0.key == key }?.value }

    /// The same map with some keys set (in place, or at the end) and others removed.
    package func setting(_ changes: [(key: String, value: String)], removing keys: [String] = []) -> PropertyMap {
        var pairs = pairs.filter { !keys.contains($0.key) }
        for change in changes {
            if let position = pairs.firstIndex(where: { $0.key == change.key }) {
                pairs[position].value = change.value
            } else {
                pairs.append(change)
            }
        }
        return PropertyMap(pairs)
    }
}
