package import Workspace

/// The query of a request, decoded (`+` is a space, as browsers and the SDKs send it). Items keep their order; names may repeat.
package struct QueryItems: Sendable {
    package let items: [(name: String, value: String)]
    package let raw: String

    package static let empty = QueryItems("")

    package init(_ raw: String) {
        self.raw = raw
        items =
            raw.isEmpty
            ? []
            : raw.utf8.split(separator: UInt8(ascii: "&")).map { part in
                let name = part.prefix { $0 != UInt8(ascii: "=") }
                return (
                    PercentCoding.decode(name, plusIsSpace: true), PercentCoding.decode(part.dropFirst(name.count + 1), plusIsSpace: true)
                )
            }
    }

    /// The first value; an empty one counts as absent, as the real gateway treats it.
    package func string(_ name: String) -> String? {
        guard let value = items.first(where: { $0.name == name })?.value, !value.isEmpty else { return nil }
        return value
    }

    package func all(_ name: String) -> [String] { items.lazy.filter { $0.name == name }.map(\.value) }

    package func required(_ name: String) throws(WorkspaceError) -> String {
        guard let value = string(name) else { throw .missing(name) }
        return value
    }

    package func int(_ name: String) throws(WorkspaceError) -> Int? {
        guard let text = string(name) else { return nil }
        guard let value = Int(text) else {
            throw .malformed("Could not parse request object: Expected Integer value for field '\(name)', got '\(text.prefix(64))'")
        }
        return value
    }

    package func bool(_ name: String) throws(WorkspaceError) -> Bool? {
        guard let text = string(name) else { return nil }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .malformed("Could not parse request object: Expected Boolean value for field '\(name)', got '\(text.prefix(64))'")
        }
    }
}
