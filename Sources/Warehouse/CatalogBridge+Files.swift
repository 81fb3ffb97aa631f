import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// Files as tables: `read_files(…)`, and paths in the place of names.
extension CatalogBridge {
    func files(_ path: String, options: [(name: String, value: String)], at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        let values = Dictionary(options, uniquingKeysWith: { $1 })
        let files = try service.sourceFiles(path, nameFilter: values["pathglobfilter"], by: principal)
        guard !files.isEmpty || values["schema"] != nil else { throw FileReading.readFiles.emptyError(path, .csv) }
        let format: FileFormat
        if let name = values["format"] {
            format = try Self.format(name, at: span)
        } else {
            guard let first = files.first, let found = FileFormat(fileName: String(first.name)) else {
                throw .notSimulated("read_files without a format of files whose names tell none", at: span)
            }
            format = found
        }
        var table = try FileTable(path, files, format, values, .readFiles, store: files.first?.store ?? service.objects, context: fileContext)
        table.showsMetadata = showsMetadata
        return .table(table, name: ["read_files"])
    }

    static func format(_ name: String, at span: SourceSpan?) throws(SQLError) -> FileFormat {
        guard let format = FileFormat(rawValue: name.lowercased()) else { throw .notSimulated("files of the format \(name)", at: span) }
        return format
    }

    private static let otherFormats: Set<String> = ["orc", "avro", "xml"]

    /// ``csv.`/Volumes/…` `` and its kin; nil for other names.
    func pathTable(_ name: [String], _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation? {
        guard name.count >= 2, let path = name.last, path.contains("/") else { return nil }
        let format = name[name.count - 2].lowercased()
        if format == "delta" {
            let (place, travel) = Self.travel(path, timeTravel)
            let file = try onCatalog { try service.location(place, by: principal) }
            return try onTable {
                let snapshot = try service.tables.delta(at: file).snapshot(try Self.version(travel, span))
                return .table(DeltaProvider(snapshot: snapshot, counters: counters, metadata: metadata(of: path)), name: ["delta", path])
            }
        }
        if Self.otherFormats.contains(format) { throw .notSimulated("files of the format \(format)", at: span) }
        guard let format = FileFormat(rawValue: format) else { return nil }
        if timeTravel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(name)], at: span) }
        let files = try service.sourceFiles(path, by: principal)
        var table = try FileTable(path, files, format, [:], .pathTable, store: files.first?.store ?? service.objects, context: fileContext)
        table.showsMetadata = showsMetadata
        return .table(table, name: [format.rawValue, path])
    }

    /// ``delta.`s3://bucket/table@v3` `` is the table at version 3.
    private static func travel(_ path: String, _ timeTravel: SparkSQL.TimeTravel?) -> (path: String, travel: SparkSQL.TimeTravel?) {
        guard timeTravel == nil, let at = path.lastIndex(of: "@") else { return (path, timeTravel) }
        let tail = path[path.index(after: at)...]
        let digits = tail.dropFirst()
        guard tail.first == "v" || tail.first == "V", !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return (path, nil) }
        return (String(path[..<at]), .version(String(digits)))
    }

    var fileContext: EvaluationContext {
        EvaluationContext(
            timeZone: session.timeZone, nowMicros: service.workspace.environment.nowMillis &* 1000, user: principal.userName,
            currentCatalog: session.catalog, currentSchema: session.schema, version: "", randomSeed: 0)
    }
}
