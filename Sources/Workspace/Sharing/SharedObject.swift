package import JSON

/// An object in a share, by the API's own members.
package struct SharedObject: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case featureSpec = "FEATURE_SPEC"
        case foreignTable = "FOREIGN_TABLE"
        case function = "FUNCTION"
        case materializedView = "MATERIALIZED_VIEW"
        case model = "MODEL"
        case notebook = "NOTEBOOK_FILE"
        case schema = "SCHEMA"
        case streamingTable = "STREAMING_TABLE"
        case table = "TABLE"
        case view = "VIEW"
        case volume = "VOLUME"

        /// What the catalog calls it; nil for a notebook, which is none of the catalog's.
        package var securable: SecurableType? {
            switch self {
            case .table, .view, .materializedView, .streamingTable, .foreignTable: .table
            case .volume: .volume
            case .schema: .schema
            case .model: .model
            case .function, .featureSpec: .function
            case .notebook: nil
            }
        }

        /// What the owner of a share must have on what it gives away.
        var privilege: Privilege {
            switch self {
            case .volume: .readVolume
            case .model, .function, .featureSpec: .execute
            default: .select
            }
        }

        package var isRelation: Bool { securable == .table }
    }

    package var members: JSONObject

    package init(_ members: JSONObject) { self.members = members }

    package var name: String { members["name"]?.stringValue ?? "" }
    package var kind: Kind { members["data_object_type"]?.stringValue.flatMap(Kind.init) ?? .table }

    /// The name under which recipients see it: `schema.table`, or `schema` of a schema.
    package var alias: String {
        if let alias = members["shared_as"]?.stringValue ?? members["string_shared_as"]?.stringValue { return alias }
        return kind == .notebook ? name : name.split(separator: ".").dropFirst().joined(separator: ".")
    }

    /// The catalog's id of it, by which it is followed when it is renamed; the API does not show it.
    var id: String? {
        get { members[Self.idMember]?.stringValue }
        set { members[Self.idMember] = newValue.map { .string($0) } }
    }

    private static let idMember = "$id"

    /// As the API shows it.
    package var shown: JSONObject {
        var shown = members
        shown[Self.idMember] = nil
        return shown
    }

    package var hasHistory: Bool { members["history_data_sharing_status"]?.stringValue == "ENABLED" }
    package var hasChanges: Bool { members["cdf_enabled"]?.boolValue == true || hasHistory }
    /// The first version that recipients may see.
    package var startVersion: Int? { members["start_version"]?.intValue }

    /// Any of these lists must hold, all conditions of it; empty for the whole table.
    package var partitions: [[PartitionCondition]] {
        (members["partitions"]?.arrayValue ?? []).map { partition in
            (partition.objectValue?["values"]?.arrayValue ?? []).compactMap { $0.objectValue.map { PartitionCondition($0) } }
        }
    }
}

/// One condition over a partition column.
package struct PartitionCondition: Sendable, Hashable {
    package let column: String
    package let isPattern: Bool
    package let value: String?
    /// The recipient's property whose value is meant.
    package let property: String?

    init(_ members: JSONObject) {
        column = members["name"]?.stringValue ?? ""
        isPattern = members["op"]?.stringValue == "LIKE"
        value = members["value"]?.stringValue
        property = members["recipient_property_key"]?.stringValue
    }

    /// Whether a file's value of the column passes, for a recipient with these properties.
    package func allows(_ text: String?, properties: JSONObject) -> Bool {
        guard let wanted = wanted(properties), let text else { return false }
        return isPattern ? Self.matches(Array(text.unicodeScalars), Array(wanted.unicodeScalars)) : text == wanted
    }

    /// The value that is meant, for a recipient with these properties; nil if the recipient has none.
    package func wanted(_ properties: JSONObject) -> String? {
        if let property { return properties[property]?.stringValue }
        return value
    }

    /// SQL's LIKE: `%` for any text, `_` for one character.
    static func matches(_ text: [Unicode.Scalar], _ pattern: [Unicode.Scalar]) -> Bool {
        var place = 0
        var position = 0
        var star: (pattern: Int, text: Int)?
        while place < text.count {
            if position < pattern.count, pattern[position] == "%" {
                star = (position, place)
                position += 1
            } else if position < pattern.count, pattern[position] == "_" || pattern[position] == text[place] {
                position += 1
                place += 1
            } else if let last = star {
                position = last.pattern + 1
                place = last.text + 1
                star = (last.pattern, place)
            } else {
                return false
            }
        }
        return pattern[position...].allSatisfy { $0 == "%" }
    }
}

extension CatalogObject {
    /// Of a recipient: its own properties and the service's.
    package var recipientProperties: JSONObject {
        var all = fields["properties_kvpairs"]?.objectValue?["properties"]?.objectValue ?? JSONObject()
        all["databricks.name"] = .string(name)
        return all
    }

    /// What is in a share, by name.
    /// Names are those at the time when the share was written; `Shares.objects` has the present ones.
    var sharedObjects: [SharedObject] {
        (fields["objects"]?.arrayValue ?? []).compactMap { $0.objectValue.map { SharedObject($0) } }
    }
}
