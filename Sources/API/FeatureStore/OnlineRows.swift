package import JSON
import Synchronization
package import Workspace

/// The rows of an online table by their key: one row a key.
package struct OnlineRows: Sendable {
    package struct Key: Sendable, Hashable {
        package enum Kind: String, Sendable { case integer, text, other }

        package let name: String
        package let kind: Kind

        package init(name: String, kind: Kind) {
            self.name = name
            self.kind = kind
        }

        init(_ column: ColumnInfo) {
            name = column.name
            switch column.typeName {
            case "BYTE", "SHORT", "INT", "LONG": kind = .integer
            case "STRING", "CHAR", "VARCHAR": kind = .text
            default: kind = .other
            }
        }

        /// A value's text, the same for equal values; nil for null, which no row has.
        package func text(_ value: JSONValue) throws(WorkspaceError) -> String? {
            switch (kind, value) {
            case (_, .null): return nil
            case (.integer, .number(let text)):
                if Int64(text) != nil { return text }
                if let exact = Double(text).flatMap({ Int64(exactly: $0) }) { return String(exact) }
            case (.text, .string(let text)): return text
            case (.other, _): if let text = value.scalar { return text }
            default: break
            }
            throw .invalid(
                "The look-up key '\(name)' has a value of the wrong type; its column's values are \(kind == .integer ? "integers" : "texts").")
        }
    }

    package let columns: [String]
    package let keys: [Key]
    package private(set) var rows: [String: [JSONValue]] = [:]

    package init(columns: [String], keys: [Key]) {
        self.columns = columns
        self.keys = keys
    }

    /// A later row of the same key takes the place of an earlier one; rows without a key are left out.
    package mutating func add(_ row: JSONObject) throws(WorkspaceError) {
        let values = columns.map { row[$0] ?? .null }
        var parts: [String] = []
        for key in keys {
            guard let text = try key.text(row[key.name] ?? .null) else { return }
            parts.append(text)
        }
        rows[Self.joined(parts)] = values
    }

    package mutating func removeAll(_ isGone: (JSONObject) throws -> Bool) rethrows {
        for (key, values) in rows where try isGone(JSONObject(zip(columns, values).map { ($0, $1) })) { rows[key] = nil }
    }

    /// The row of a key whose parts are in the order of `keys`.
    package func row(_ parts: [String]) -> [JSONValue]? { rows[Self.joined(parts)] }

    private static func joined(_ parts: [String]) -> String {
        parts.count == 1 ? parts[0] : parts.map { "\($0.utf8.count):\($0)" }.joined()
    }

    // MARK: Storage

    /// One line of JSON with the columns and keys, then one for each row in the order of the keys.
    package var encoded: [UInt8] {
        let head: JSONValue = [
            "columns": .array(columns.map { .string($0) }),
            "keys": .array(keys.map { ["name": .string($0.name), "kind": .string($0.kind.rawValue)] }),
        ]
        var bytes = head.encoded()
        for (_, row) in rows.sorted(by: { $0.key < $1.key }) {
            bytes.append(UInt8(ascii: "\n"))
            bytes.append(contentsOf: JSONValue.array(row).encoded())
        }
        return bytes
    }

    /// Nil for bytes that `encoded` did not make.
    package init?(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        guard let first = lines.first, let head = try? JSONValue(parsing: first),
            let columns = head["columns"]?.arrayValue?.compactMap(\.stringValue), let listed = head["keys"]?.arrayValue
        else { return nil }
        let keys = listed.compactMap { key -> Key? in
            guard let name = key["name"]?.stringValue, let kind = key["kind"]?.stringValue.flatMap(Key.Kind.init(rawValue:)) else { return nil }
            return Key(name: name, kind: kind)
        }
        guard keys.count == listed.count, !keys.isEmpty else { return nil }
        self.init(columns: columns, keys: keys)
        for line in lines.dropFirst() {
            guard case .array(let values)? = try? JSONValue(parsing: line), values.count == columns.count else { return nil }
            let row = JSONObject(zip(columns, values).map { ($0, $1) })
            guard (try? add(row)) != nil else { return nil }
        }
    }
}

/// The online tables' rows that are in memory, by the object that holds them.
package final class OnlineRowCache: Sendable {
    private let rows = Mutex<[String: OnlineRows]>([:])

    package init() {}

    func get(_ object: String) -> OnlineRows? { rows.withLock { $0[object] } }

    func put(_ object: String, _ new: OnlineRows) { rows.withLock { $0[object] = new } }

    func forget(_ object: String) { rows.withLock { $0[object] = nil } }
}
