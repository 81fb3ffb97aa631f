import Columnar
import JSON
import Parquet
import Storage

/// Reads the actions of a checkpoint. Source: Delta's PROTOCOL.md, "Checkpoints".
struct CheckpointReader {
    let log: LogStore

    func actions(_ checkpoint: Checkpoint) throws(DeltaError) -> [Action] {
        switch checkpoint.kind {
        case .classic(let names):
            var actions: [Action] = []
            for name in names { actions += try parquet(log.logPrefix + name) }
            return actions
        case .v2(let name):
            let path = log.logPrefix + name
            let actions = try name.hasSuffix(".json") ? json(path) : parquet(path)
            var all: [Action] = []
            for action in actions {
                guard case .other("sidecar", let value) = action else {
                    all.append(action)
                    continue
                }
                guard let sidecar = value["path"]?.stringValue else { throw .malformedLog(path, "a sidecar without a path") }
                // A name alone, or a path from the table's place on.
                let name = FilePath.percentDecoded(sidecar)
                all += try parquet(name.contains("/") ? name : log.logPrefix + "_sidecars/" + name)
            }
            return all
        }
    }

    private func bytes(_ path: String) throws(DeltaError) -> [UInt8] {
        try log.access("Reading", path) { () throws(StorageError) in try log.store.get(path) }
    }

    private func json(_ path: String) throws(DeltaError) -> [Action] {
        let bytes = try bytes(path)
        do throws(MalformedAction) { return try [Action](logBytes: bytes) } catch { throw .malformedLog(path, error.message) }
    }

    private static let kinds = ["txn", "metaData", "protocol", "domainMetadata", "sidecar"]

    private func parquet(_ path: String) throws(DeltaError) -> [Action] {
        let bytes = try bytes(path)
        do {
            let reader = try ParquetReader(bytes: bytes)
            let fields = reader.schema.fields
            let wanted = fields.indices.filter { ["add", "remove"].contains(fields[$0].name) || Self.kinds.contains(fields[$0].name) }
            var actions: [Action] = []
            for batch in try reader.read(columns: wanted) {
                for (field, column) in zip(batch.schema.fields, batch.columns) {
                    guard let rows = StructRows(column) else { throw MalformedAction("\(field.name) is not a struct") }
                    switch field.name {
                    case "add": for row in rows.present { actions.append(.add(try AddFile(rows, row))) }
                    case "remove": for row in rows.present { actions.append(.remove(try RemoveFile(rows, row))) }
                    default:
                        for row in rows.present {
                            let json = JSONValue.members([(field.name, column.value(at: row).json(field.type))])
                            if let action = try Action(json) { actions.append(action) }
                        }
                    }
                }
            }
            return actions
        } catch let error as ParquetError {
            throw .fileUnreadable(path, error.description)
        } catch let error as MalformedAction {
            throw .malformedLog(path, error.message)
        } catch {
            throw .malformedLog(path, "\(error)")
        }
    }
}

/// A column of structs, read field by field.
private struct StructRows {
    private let columns: [String: Column]
    /// The rows that are not null.
    let present: [Int]

    init?(_ column: Column) {
        guard case .structure(let fields) = column.type, case .structure(let array) = column.values else { return nil }
        columns = Dictionary(zip(fields.map(\.name), array.children), uniquingKeysWith: { first, _ in first })
        present = array.validity.map { $0.indices().map { Int($0) } } ?? Array(0..<array.count)
    }

    private func column(_ name: String, _ row: Int) -> Column? {
        guard let column = columns[name], !column.isNull(row) else { return nil }
        return column
    }

    func string(_ name: String, _ row: Int) -> String? { column(name, row)?.values.asBytes?.string(at: row) }

    func bool(_ name: String, _ row: Int) -> Bool? { column(name, row)?.values.asBoolean?.values[row] }

    func int64(_ name: String, _ row: Int) -> Int64? {
        switch column(name, row)?.values {
        case .int64(let array): array.values[row]
        case .int32(let array): Int64(array.values[row])
        default: nil
        }
    }

    /// In the file's order.
    func strings(_ name: String, _ row: Int) -> [(column: String, value: String?)]? {
        guard case .map(let entries)? = column(name, row)?.value(at: row) else { return nil }
        return entries.compactMap { entry in
            guard case .string(let key) = entry.key else { return nil }
            if case .string(let value) = entry.value { return (key, value) }
            return (key, nil)
        }
    }

    func tags(_ row: Int) -> [String: String]? {
        strings("tags", row).map { tags in Dictionary(tags.compactMap { tag in tag.value.map { (tag.column, $0) } }) { $1 } }
    }

    /// Writers may leave out the text and give the struct alone.
    func stats(_ row: Int) -> String? {
        if let text = string("stats", row) { return text }
        guard let parsed = column("stats_parsed", row) else { return nil }
        return parsed.value(at: row).json(parsed.type).text
    }

    func deletionVector(_ row: Int) throws(MalformedAction) -> DeletionVectorDescriptor? {
        guard let column = column("deletionVector", row), let inner = StructRows(column) else { return nil }
        guard let type = inner.string("storageType", row), let path = inner.string("pathOrInlineDv", row),
            let size = inner.int64("sizeInBytes", row), let cardinality = inner.int64("cardinality", row)
        else { throw MalformedAction("deletionVector lacks a member") }
        return DeletionVectorDescriptor(
            storageType: type, pathOrInlineDV: path, offset: inner.int64("offset", row), sizeInBytes: size, cardinality: cardinality)
    }

    func required<T>(_ value: T?, _ name: String) throws(MalformedAction) -> T {
        guard let value else { throw MalformedAction("\(name) is missing") }
        return value
    }
}

extension AddFile {
    fileprivate init(_ rows: StructRows, _ row: Int) throws(MalformedAction) {
        self.init(
            path: try rows.required(rows.string("path", row), "add.path"),
            partitionValues: PartitionValues(rows.strings("partitionValues", row) ?? []),
            size: try rows.required(rows.int64("size", row), "add.size"), modificationTime: rows.int64("modificationTime", row) ?? 0,
            dataChange: rows.bool("dataChange", row) ?? false, stats: rows.stats(row))
        tags = rows.tags(row)
        deletionVector = try rows.deletionVector(row)
        baseRowID = rows.int64("baseRowId", row)
        defaultRowCommitVersion = rows.int64("defaultRowCommitVersion", row)
        clusteringProvider = rows.string("clusteringProvider", row)
    }
}

extension RemoveFile {
    fileprivate init(_ rows: StructRows, _ row: Int) throws(MalformedAction) {
        path = try rows.required(rows.string("path", row), "remove.path")
        deletionTimestamp = rows.int64("deletionTimestamp", row)
        dataChange = rows.bool("dataChange", row) ?? false
        extendedFileMetadata = rows.bool("extendedFileMetadata", row)
        partitionValues = rows.strings("partitionValues", row).map { PartitionValues($0) }
        size = rows.int64("size", row)
        stats = rows.string("stats", row)
        tags = rows.tags(row)
        deletionVector = try rows.deletionVector(row)
        baseRowID = rows.int64("baseRowId", row)
        defaultRowCommitVersion = rows.int64("defaultRowCommitVersion", row)
    }
}

extension Value {
    /// As commits have it; nulls in structs are left out.
    fileprivate func json(_ type: DataType) -> JSONValue {
        switch (self, type) {
        case (.boolean(let bit), _): return .bool(bit)
        case (.integer(let number), .date): return .string(Civil.dateText(number))
        case (.integer(let number), .timestamp): return .string(Civil.timestampText(number, separator: "T", fractionDigits: 3) + "Z")
        case (.integer(let number), .timestampNTZ): return .string(Civil.timestampText(number, separator: "T", fractionDigits: 3))
        case (.integer(let number), _): return .int(number)
        case (.decimal(let unscaled), .decimal(let decimal)): return .number(DecimalText.text(unscaled, scale: decimal.scale))
        case (.float(let number), _): return number.isFinite ? .number(number.description) : .null
        case (.double(let number), _): return number.isFinite ? .number(number.description) : .null
        case (.string(let text), _): return .string(text)
        case (.list(let elements), .array(let element, _)): return .array(elements.map { $0.json(element) })
        case (.map(let entries), .map(_, let item, _)):
            return .members(
                entries.compactMap { entry in
                    if case .string(let key) = entry.key { (key, entry.value.json(item)) } else { nil }
                })
        case (.structure(let values), .structure(let fields)):
            return .members(zip(fields, values).compactMap { $1.isNull ? nil : ($0.name, $1.json($0.type)) })
        default: return .null
        }
    }
}
