package import JSON

/// A file's values of the partition columns, as the log has them: text by column, nil for null. In the order of the log.
package struct PartitionValues: Sendable, Hashable {
    package struct Entry: Sendable, Hashable {
        package let column: String
        package let value: String?
    }

    package let entries: [Entry]

    package init(_ entries: [(column: String, value: String?)] = []) {
        self.entries = entries.map { Entry(column: $0.column, value: $0.value) }
    }

    package var isEmpty: Bool { entries.isEmpty }

    /// nil both for null and for a column that is not there. The empty text is null too, by the protocol.
    package subscript(_ column: String) -> String? {
        guard let value = entries.first(where: { $0.column == column })?.value, !value.isEmpty else { return nil }
        return value
    }

    /// `[day=2026-01-01, kind=null]`
    package var text: String {
        "[" + entries.map { "\($0.column)=\($0.value ?? "null")" }.joined(separator: ", ") + "]"
    }

    package var json: JSONValue {
        .members(entries.map { ($0.column, $0.value.map { .string($0) } ?? .null) })
    }

    package static func == (left: PartitionValues, right: PartitionValues) -> Bool {
        left.entries.count == right.entries.count && Set(left.entries) == Set(right.entries)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(Set(entries)) }
}
