/// The kinds of objects that Unity Catalog governs, as its errors name them.
package enum SecurableType: String, Sendable, Hashable {
    case metastore = "METASTORE"
    case catalog = "CATALOG"
    case schema = "SCHEMA"
    case table = "TABLE"
    case volume = "VOLUME"
    case function = "FUNCTION"

    /// The word in messages: `Schema 'main.s' does not exist.`
    package var title: String {
        switch self {
        case .metastore: "Metastore"
        case .catalog: "Catalog"
        case .schema: "Schema"
        case .table: "Table"
        case .volume: "Volume"
        case .function: "Function"
        }
    }

    var missingCode: ErrorCode {
        switch self {
        case .metastore: .metastoreDoesNotExist
        case .catalog: .catalogDoesNotExist
        case .schema: .schemaDoesNotExist
        case .table: .tableDoesNotExist
        case .volume: .resourceDoesNotExist
        case .function: .functionDoesNotExist
        }
    }

    var existsCode: ErrorCode {
        switch self {
        case .metastore: .metastoreAlreadyExists
        case .catalog: .catalogAlreadyExists
        case .schema: .schemaAlreadyExists
        case .table: .tableAlreadyExists
        case .volume: .resourceAlreadyExists
        case .function: .functionAlreadyExists
        }
    }
}

/// Unity Catalog's errors. The service names its own remote procedures (`CreateSchema`) in some of them.
extension WorkspaceError {
    static func unityCatalog(_ code: ErrorCode, _ message: String) -> Self {
        WorkspaceError(code, message, info: Info(reason: code.rawValue, domain: "unity-catalog.databricks.com"))
    }

    package static func noSuch(_ type: SecurableType, _ fullName: String) -> Self {
        unityCatalog(type.missingCode, "\(type.title) '\(fullName)' does not exist.")
    }

    /// `name` is the object's own name, without its parents.
    package static func exists(_ type: SecurableType, _ name: String) -> Self {
        unityCatalog(type.existsCode, "\(type.title) '\(name)' already exists")
    }

    package static func invalidName(_ name: String, rpc: String, field: String) -> Self {
        unityCatalog(
            .invalidParameterValue,
            "Invalid input: RPC \(rpc) Field managedcatalog.\(field): name \"\(escaped(name))\" is not a valid name. "
                + "Valid names cannot contain spaces, periods, forward slashes, or control characters.")
    }

    package static func nothingToUpdate(_ rpc: String) -> Self { unityCatalog(.invalidParameterValue, "\(rpc) Nothing to update.") }

    package static func missingField(_ rpc: String, _ field: String) -> Self {
        unityCatalog(.invalidParameterValue, "\(rpc) Missing required field: \(field)")
    }

    package static func notOwner(of type: SecurableType, _ fullName: String) -> Self {
        unityCatalog(.permissionDenied, "User is not an owner of \(type.title) '\(fullName)'.")
    }

    /// Quotes, backslashes and control characters as in a Go or Java literal; long names are cut.
    private static func escaped(_ name: String) -> String {
        var text = ""
        for scalar in name.unicodeScalars.prefix(300) {
            switch scalar {
            case "\"", "\\": text += "\\" + String(scalar)
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: text += "\\x" + IDGenerator.hexText(UInt64(scalar.value), digits: 2)
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
