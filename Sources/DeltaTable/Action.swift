package import JSON

/// A line of a commit. Source: Delta's PROTOCOL.md, "Actions".
package enum Action: Sendable, Hashable {
    case commitInfo(CommitInfo)
    case tableProtocol(TableProtocol)
    case metadata(Metadata)
    case add(AddFile)
    case remove(RemoveFile)
    case cdc(CDCFile)
    case transaction(SetTransaction)
    case domainMetadata(DomainMetadata)
    /// An action that readers must ignore but that is kept when a log is copied; also those of checkpoints.
    case other(kind: String, JSONValue)

    /// One line, without the line's end.
    package var json: JSONValue {
        switch self {
        case .commitInfo(let info): .members([("commitInfo", .object(info.json))])
        case .tableProtocol(let value): .members([("protocol", value.json)])
        case .metadata(let value): .members([("metaData", value.json)])
        case .add(let file): .members([("add", file.json)])
        case .remove(let file): .members([("remove", file.json)])
        case .cdc(let file): .members([("cdc", file.json)])
        case .transaction(let value): .members([("txn", value.json)])
        case .domainMetadata(let value): .members([("domainMetadata", value.json)])
        case .other(let kind, let value): .members([(kind, value)])
        }
    }

    /// nil for a line in which every member is null.
    init?(_ line: JSONValue) throws(MalformedAction) {
        guard let object = line.objectValue else { throw MalformedAction("not an object") }
        guard let (kind, value) = object.members.first(where: { !$0.value.isNull }) else { return nil }
        switch kind {
        case "commitInfo":
            guard let info = value.objectValue else { throw MalformedAction("commitInfo is not an object") }
            self = .commitInfo(CommitInfo(info))
        case "protocol": self = .tableProtocol(try TableProtocol(ActionFields(kind, value)))
        case "metaData": self = .metadata(try Metadata(ActionFields(kind, value)))
        case "add": self = .add(try AddFile(ActionFields(kind, value)))
        case "remove": self = .remove(try RemoveFile(ActionFields(kind, value)))
        case "cdc": self = .cdc(try CDCFile(ActionFields(kind, value)))
        case "txn": self = .transaction(try SetTransaction(ActionFields(kind, value)))
        case "domainMetadata": self = .domainMetadata(try DomainMetadata(ActionFields(kind, value)))
        default: self = .other(kind: kind, value)
        }
    }
}

extension [Action] {
    /// A commit file: one action a line.
    package var logBytes: [UInt8] {
        var bytes: [UInt8] = []
        for action in self {
            bytes += action.json.encoded()
            bytes.append(UInt8(ascii: "\n"))
        }
        return bytes
    }

    /// Reads a commit file. Empty lines are passed over.
    init(logBytes: [UInt8]) throws(MalformedAction) {
        self = []
        var start = 0
        var line = 1
        while start < logBytes.count {
            let end = logBytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? logBytes.count
            let text = logBytes[start..<end]
            if text.contains(where: { $0 > 0x20 }) {
                do {
                    if let action = try Action(try JSONValue(parsing: text)) { append(action) }
                } catch let error as JSONError {
                    throw MalformedAction("line \(line), column \(error.column): \(error.message)")
                } catch let error as MalformedAction {
                    throw MalformedAction("line \(line): \(error.message)")
                } catch {
                    throw MalformedAction("line \(line)")
                }
            }
            start = end + 1
            line += 1
        }
    }
}
