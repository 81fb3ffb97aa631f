/// An object's members in the order in which they were written. Look-up is linear: objects on this wire have a few dozen members at most.
package struct JSONObject: Sendable, Hashable {
    package private(set) var members: [(name: String, value: JSONValue)]

    package init() { members = [] }

    /// The caller vouches that no name occurs twice.
    init(distinct members: [(name: String, value: JSONValue)]) { self.members = members }

    init(lastWins members: [(name: String, value: JSONValue)]) { self.init(members.map { ($0.name, $0.value) }) }

    /// Of pairs with one name the last one's value wins, in the first one's place.
    package init(_ pairs: [(String, JSONValue)]) {
        members = []
        members.reserveCapacity(pairs.count)
        if pairs.count <= 16 {
            for (name, value) in pairs { self[name] = value }
            return
        }
        // Large objects come from outside: keep the check for duplicates out of quadratic time.
        var positions: [String: Int] = [:]
        for (name, value) in pairs {
            if let position = positions[name] {
                members[position].value = value
            } else {
                positions[name] = members.count
                members.append((name, value))
            }
        }
    }

    package var isEmpty: Bool { members.isEmpty }
    package var count: Int { members.count }
    package var names: [String] { members.map(\.name) }

    /// The value of a member. Setting nil removes it; setting a new one appends it.
    package subscript(_ name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let position = members.firstIndex { $0.name == name }
            switch (position, newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil): members.remove(at: position)
            case (nil, let value?): members.append((name, value))
            case (nil, nil): break
            }
        }
    }

    /// Equal as JSON values are: the order of members does not matter.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        guard left.count == right.count else { return false }
        if zip(left.members, right.members).allSatisfy({ $0.name == $1.name && $0.value == $1.value }) { return true }
        let others = Dictionary(right.members.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        return left.members.allSatisfy { others[$0.name] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in members {
            var inner = Hasher()
            inner.combine(member.name)
            inner.combine(member.value)
            sum ^= inner.finalize()
        }
        hasher.combine(sum)
    }
}
