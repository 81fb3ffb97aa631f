import Columnar
import DeltaTable
import JSON
import Parquet
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Storage
import Workspace

/// CONVERT TO DELTA: a directory of Parquet files becomes a Delta table where it is. Source: Delta's `ConvertToDeltaCommand`.
extension StatementRunner {
    func convert(_ convert: ConvertToDelta) throws(SQLError) -> ResultSet {
        let parts = try parts(convert.table)
        if let path = parts.last, parts.count <= 2, path.contains("/") {
            guard parts.count == 2 else { throw Self.missingProvider(path, at: convert.table.span) }
            return try self.convert(convert, path: path, provider: parts[0].lowercased())
        }
        let name = try objectName(convert.table)
        let info = try tableInfo(name, at: convert.table.span)
        if info.type.isView {
            throw SQLError(
                .delta(
                    "DELTA_OPERATION_NOT_ALLOWED_DETAIL", sqlState: "0AKDC",
                    "Operation not allowed: `<operation>` is not supported for Delta tables: <tableName>"),
                ["operation": "Converting a view to a Delta table", "tableName": SQLQuote.id(name.parts)], at: convert.table.span, phase: .analysis)
        }
        // A Delta table is one already.
        if info.isDelta { return .none }
        guard info.type == .external, info.format?.uppercased() == "PARQUET", let location = info.location else {
            throw Self.notParquet(info.format ?? info.type.rawValue, SQLQuote.id(name.parts), at: convert.table.span)
        }
        try onCatalog(name.parts) { try workspace.tables.requireManage(info, by: principal) }
        let partitions = try onTable { try info.columns.all.filter { $0.partitionIndex != nil }.map { try TableColumns.field($0) } }
        let own = info.properties.pairs.filter { !$0.key.hasPrefix(Self.optionPrefix) }.map { (key: $0.key, value: $0.value) }
        let properties = Dictionary(own, uniquingKeysWith: { $1 })
        let source = Source(
            path: location, object: TableStore.objectPath(location), reader: .system, name: name, partitions: partitions, properties: properties)
        let snapshot = try makeLog(convert, source)
        var spec = TableSpec(
            name, .external, format: "DELTA",
            columns: TableColumns.list(snapshot.tableSchema, partitionColumns: snapshot.metadata.partitionColumns))
        spec.location = location
        spec.comment = info.comment
        spec.details = info.details
        spec.properties = PropertyMap(
            snapshot.metadata.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) } + [
                (key: "delta.minReaderVersion", value: String(snapshot.tableProtocol.minReaderVersion)),
                (key: "delta.minWriterVersion", value: String(snapshot.tableProtocol.minWriterVersion)),
            ])
        let final = spec
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: .replace, by: principal) }
        return .none
    }

    private func convert(_ convert: ConvertToDelta, path: String, provider: String) throws(SQLError) -> ResultSet {
        if provider == "iceberg" { throw .notSimulated("CONVERT TO DELTA of Iceberg tables", at: convert.table.span) }
        if provider == "delta" { return .none }
        guard provider == "parquet" else { throw Self.notParquet(provider, SQLQuote.id([provider, path]), at: convert.table.span) }
        let place = Self.normalized(path)
        let object = try onCatalog { () throws -> String in
            if VolumePath.parts(place) != nil { return try service.volumePath(place, writes: true, by: principal).object }
            if place.contains("://") { try workspace.require(.writeFiles, onPath: place, for: principal) }
            return try service.location(place, by: principal)
        }
        _ = try makeLog(convert, Source(path: place, object: object, reader: principal, name: nil, partitions: nil, properties: [:]))
        return .none
    }

    /// What is to become a Delta table.
    private struct Source {
        let path: String
        let object: String
        /// Who lists the files.
        let reader: Principal
        /// nil for a path.
        let name: ObjectName?
        /// As the catalog has them.
        let partitions: [Field]?
        let properties: [String: String]
    }

    // MARK: The log

    /// Writes the first commit over the files of a directory; where there is a log already, the catalog's properties are put into it.
    private func makeLog(_ convert: ConvertToDelta, _ source: Source) throws(SQLError) -> Snapshot {
        let table = try onTable { try service.tables.delta(at: source.object) }
        let commit = commit(to: table, source.name ?? ObjectName(catalog: "", schema: "", name: source.path))
        if try onTable({ try table.exists() }) { return try takeIn(table, source, commit) }
        let partitions = try partitionFields(convert, source)
        let files = try service.sourceFiles(source.path, by: source.reader)
        if files.first?.object == source.object { throw .notSimulated("CONVERT TO DELTA of a single file", at: convert.table.span) }
        guard !files.isEmpty else {
            throw SQLError(
                .delta("DELTA_EMPTY_DIRECTORY", sqlState: "42K03", "No file found in the directory: <directory>."), ["directory": source.path],
                phase: .execution)
        }
        let reader = FileTable(
            schema: Schema([]), fileFields: [], partitionFields: [], rescueColumn: nil, files: files,
            options: try FileReadOptions(.parquet, [:], of: "CONVERT TO DELTA"), store: service.objects, context: context, byName: true)
        var merged = ConvertedSchema()
        for file in files {
            try merged.merge(try reader.parquet(file).schema.fields, path: file.path)
            try Self.check(file, partitions)
        }
        guard !merged.fields.isEmpty else {
            throw SQLError(
                .delta("DELTA_FAILED_INFER_SCHEMA", sqlState: "42KD9", "Failed to infer schema from the given list of files."), phase: .analysis)
        }
        let columns = merged.columns(with: partitions)
        let schema = TableSchema(columns.map { TableField($0) })
        return try onTable { () throws -> Snapshot in
            let new = try table.define(
                schema: schema, partitionColumns: partitions.map(\.name), properties: source.properties, enforcing: Self.enforced, commit: commit)
            try Self.check(new.metadata, convert)
            var added: [AddFile] = []
            for file in files {
                let values = zip(partitions, file.partitions).map { (column: $0.name, value: $1.value) }
                let rows = try convert.noStatistics ? nil : self.rows(of: file, reader, except: partitions)
                added.append(
                    AddFile(
                        existing: String(file.object.dropFirst(source.object.utf8.count + 1)), partitionValues: PartitionValues(values),
                        size: Int64(file.size), modificationTime: file.modified, rows: rows, new.metadata))
            }
            let operation = Self.operation(
                partitionedBy: (convert.partitionedBy ?? []).map(\.name.last), collectsStatistics: !convert.noStatistics, source.name,
                files: files.count)
            _ = try table.create(new, files: added, operation: operation, commit: commit)
            return try table.snapshot()
        }
    }

    private static func operation(partitionedBy: [String], collectsStatistics: Bool, _ name: ObjectName?, files: Int) -> CommitOperation {
        var parameters: [(String, JSONValue)] = [
            ("numFiles", .string("\(files)")), ("partitionedBy", .string(JSONValue.array(partitionedBy.map { .string($0) }).text)),
            ("collectStats", .string("\(collectsStatistics)")),
        ]
        if let name { parameters.append(("catalogTable", .string(SQLQuote.id(name.parts)))) }
        parameters.append(("sourceFormat", "parquet"))
        return CommitOperation("CONVERT", parameters, metrics: files > 0 ? [("numConvertedFiles", "\(files)")] : [])
    }

    /// The directory has a log: another CONVERT made it, and the catalog's row, if there is one, has not followed.
    private func takeIn(_ table: DeltaTable, _ source: Source, _ commit: CommitContext) throws(SQLError) -> Snapshot {
        try onTable { () throws -> Snapshot in
            let snapshot = try table.snapshot()
            let merged = snapshot.metadata.configuration.merging(source.properties) { $1 }
            guard source.name != nil, merged != snapshot.metadata.configuration else { return snapshot }
            guard snapshot.metadata.configuration.isEmpty else {
                func list(_ map: [String: String]) -> String {
                    "[" + map.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ", ") + "]"
                }
                throw SQLError(
                    .delta(
                        "DELTA_CONVERT_METASTORE_METADATA_MISMATCH", sqlState: "42K03",
                        """
                        You are trying to convert a table which already has a delta log where the table properties in the catalog don't match the configuration in the delta log.
                        Table properties in catalog:
                        <tableProperties>
                        Delta configuration:
                        <configuration>
                        If you would like to merge the configurations (update existing fields and insert new ones), set the SQL configuration `<metadataCheckSqlConf>` to false.
                        """),
                    [
                        "tableProperties": list(source.properties), "configuration": list(snapshot.metadata.configuration),
                        "metadataCheckSqlConf": "spark.databricks.delta.convert.metadataCheck.enabled",
                    ], phase: .analysis)
            }
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            var metadata = snapshot.metadata
            metadata.configuration = merged
            try transaction.set(metadata, properties: source.properties)
            return try transaction.commit(Self.operation(partitionedBy: [], collectsStatistics: false, source.name, files: 0)).snapshot
        }
    }

    private func partitionFields(_ convert: ConvertToDelta, _ source: Source) throws(SQLError) -> [Field] {
        guard let written = convert.partitionedBy else { return source.partitions ?? [] }
        let fields = try TableColumns.fields(written)
        guard let known = source.partitions else { return fields }
        let isSame =
            known.count == fields.count && zip(known, fields).allSatisfy { $0.name.lowercased() == $1.name.lowercased() && $0.type == $1.type }
        guard isSame else {
            throw SQLError(
                .delta(
                    "DELTA_UNEXPECTED_PARTITION_SCHEMA_FROM_USER", sqlState: "KD009",
                    """
                    CONVERT TO DELTA was called with a partition schema different from the partition schema inferred from the catalog, please avoid providing the schema so that the partition schema can be chosen from the catalog.

                    catalog partition schema:
                    <catalogPartitionSchema>
                    provided partition schema:
                    <userPartitionSchema>
                    """),
                ["catalogPartitionSchema": DataType.structure(known).treeText, "userPartitionSchema": DataType.structure(fields).treeText],
                at: convert.table.span, phase: .analysis)
        }
        return known
    }

    // MARK: Files

    /// Throws if a file does not lie in the directories of these partitions.
    private static func check(_ file: SourceFile, _ partitions: [Field]) throws(SQLError) {
        guard file.partitions.count == partitions.count else {
            func list(_ names: [String]) -> String { "[" + names.map { "`\($0)`" }.joined(separator: ", ") + "]" }
            throw SQLError(
                .delta(
                    "DELTA_UNEXPECTED_NUM_PARTITION_COLUMNS_FROM_FILE_NAME", sqlState: "KD009",
                    "Expecting <expectedColsSize> partition column(s): <expectedCols>, but found <parsedColsSize> partition column(s): <parsedCols> from parsing the file name: <path>"
                ),
                [
                    "expectedColsSize": "\(partitions.count)", "expectedCols": list(partitions.map(\.name)),
                    "parsedColsSize": "\(file.partitions.count)", "parsedCols": list(file.partitions.map(\.name)), "path": file.path,
                ], phase: .analysis)
        }
        for (field, value) in zip(partitions, file.partitions) {
            guard field.name.lowercased() == value.name.lowercased() else {
                throw SQLError(
                    .delta(
                        "DELTA_UNEXPECTED_PARTITION_COLUMN_FROM_FILE_NAME", sqlState: "KD009",
                        "Expecting partition column <expectedCol>, but found partition column <parsedCol> from parsing the file name: <path>"),
                    ["expectedCol": "`\(field.name)`", "parsedCol": "`\(value.name)`", "path": file.path], phase: .analysis)
            }
            // An empty text is NULL of any type.
            guard let text = value.value, !text.isEmpty, PartitionText.value(of: text, field.type) == nil else { continue }
            throw SQLError(
                .delta("DELTA_FAILED_CAST_PARTITION_VALUE", sqlState: "22018", "Failed to cast partition value `<value>` to <dataType>"),
                ["value": text, "dataType": field.type.className], phase: .execution)
        }
    }

    private static func check(_ metadata: Metadata, _ convert: ConvertToDelta) throws(SQLError) {
        let mode = (metadata.configuration["delta.columnMapping.mode"] ?? "none").lowercased()
        if mode != "none" {
            throw SQLError(
                .delta(
                    "DELTA_CONVERSION_UNSUPPORTED_COLUMN_MAPPING", sqlState: "0AKDC",
                    "The configuration '<config>' cannot be set to `<mode>` when using CONVERT TO DELTA."),
                ["config": "spark.databricks.delta.properties.defaults.columnMapping.mode", "mode": mode], phase: .analysis)
        }
        if convert.noStatistics, metadata.configuration["delta.enableRowTracking"]?.lowercased() == "true" {
            throw SQLError(
                .delta(
                    "DELTA_CONVERT_TO_DELTA_ROW_TRACKING_WITHOUT_STATS", sqlState: "22000",
                    """
                    Cannot enable row tracking without collecting statistics.
                    If you want to enable row tracking, do the following:
                      1. Enable statistics collection by running the command
                         SET <statisticsCollectionPropertyKey> = true
                      2. Run CONVERT TO DELTA without the NO STATISTICS option.

                    If you do not want to collect statistics, disable row tracking:
                      1. Deactivate enabling the table feature by default by running the command:
                         RESET <rowTrackingTableFeatureDefaultKey>
                      2. Deactivate the table property by default by running:
                         SET <rowTrackingDefaultPropertyKey> = false
                    """),
                [
                    "statisticsCollectionPropertyKey": "spark.databricks.delta.stats.collect",
                    "rowTrackingTableFeatureDefaultKey": "spark.databricks.delta.properties.defaults.feature.rowTracking",
                    "rowTrackingDefaultPropertyKey": "spark.databricks.delta.properties.defaults.enableRowTracking",
                ], phase: .analysis)
        }
    }

    /// All rows of a file, without the columns that its directories give.
    private func rows(of file: SourceFile, _ reader: FileTable, except partitions: [Field]) throws(SQLError) -> RecordBatch? {
        let fields = try reader.parquet(file).schema.fields.filter { field in
            !partitions.contains { $0.name.lowercased() == field.name.lowercased() }
        }
        let table = FileTable(
            schema: Schema(fields), fileFields: fields, partitionFields: [], rescueColumn: nil, files: [file], options: reader.options,
            store: reader.store, context: context, byName: true)
        let batches = try ParquetBatches(table, file)
        var parts: [RecordBatch] = []
        while let batch = try batches.next() { parts.append(batch) }
        return parts.count == 1 ? parts[0] : RecordBatch.concat(parts, schema: Schema(fields))
    }

    private static func missingProvider(_ path: String, at span: SourceSpan) -> SQLError {
        SQLError(
            .delta(
                "DELTA_MISSING_PROVIDER_FOR_CONVERT", sqlState: "0AKDC",
                "CONVERT TO DELTA only supports parquet tables. Please rewrite your target as parquet.`<path>` if it's a parquet directory."),
            ["path": path], at: span, phase: .analysis)
    }

    private static func notParquet(_ source: String, _ table: String, at span: SourceSpan) -> SQLError {
        SQLError(
            .delta(
                "DELTA_CONVERT_NON_PARQUET_TABLE", sqlState: "0AKDC",
                "CONVERT TO DELTA only supports parquet tables, but you are trying to convert a <sourceName> source: <tableId>"),
            ["sourceName": source.lowercased(), "tableId": table], at: span, phase: .analysis)
    }
}

extension DataType {
    /// As Spark's `DataType.toString` names a partition column's type.
    fileprivate var className: String {
        switch self {
        case .byte: "ByteType"
        case .short: "ShortType"
        case .int: "IntegerType"
        case .long: "LongType"
        case .float: "FloatType"
        case .double: "DoubleType"
        case .boolean: "BooleanType"
        case .date: "DateType"
        case .timestamp: "TimestampType"
        case .timestampNTZ: "TimestampNTZType"
        case .binary: "BinaryType"
        case .decimal(let type): "DecimalType(\(type.precision),\(type.scale))"
        default: "StringType"
        }
    }
}
