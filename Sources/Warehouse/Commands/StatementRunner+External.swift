import Columnar
import DeltaTable
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Storage
import Workspace

/// CREATE TABLE at a LOCATION: a new or an existing Delta table there, or files of another format.
extension StatementRunner {
    /// The prefix of the catalog's properties that hold OPTIONS.
    static let optionPrefix = "option."

    func createExternal(_ create: CreateTable) throws(SQLError) -> ResultSet {
        let name = try objectName(create.name)
        let provider = create.provider?.last.lowercased() ?? "delta"
        guard let written = create.location else {
            throw .notSimulated(
                provider == "delta" ? "CREATE EXTERNAL TABLE without LOCATION" : "USING \(provider) without LOCATION", at: create.name.span)
        }
        let existing = try onCatalog(name.parts) { try service.tables.find(name) }
        if create.mode != .create {
            guard provider == "delta" else { throw .notSimulated("CREATE OR REPLACE TABLE … USING \(provider)", at: create.name.span) }
            if let existing { return try createNew(create, name, existing: existing, at: Self.normalized(written)) }
            if create.mode == .replace {
                throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
            }
        } else if existing != nil {
            if create.ifNotExists { return create.query == nil ? .none : Self.insertResult(rows: nil) }
            throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        let place = Self.normalized(written)
        try onCatalog(name.parts) { try workspace.tables.checkExternal(name, at: place, by: principal) }
        guard provider == "delta" else { return try createOverFiles(create, name, place, provider) }
        let object = TableStore.objectPath(place)
        let (hasLog, hasFiles) = try onTable { () throws -> (Bool, Bool) in
            (try service.objects.hasAny(object + "/_delta_log/"), try service.objects.hasAny(object + "/"))
        }
        if hasLog, create.mode == .createOrReplace {
            // The table that is there already is taken in, and then replaced.
            var taken = CreateTable(name: create.name)
            taken.location = place
            _ = try createOverLog(taken, name, place)
            return try createNew(create, name, existing: try tableInfo(name, at: create.name.span), at: place)
        }
        if hasLog { return try createOverLog(create, name, place) }
        if create.columns == nil, create.query == nil {
            let shown = ["tableName": name.description, "path": place, "logPath": place + "/_delta_log"]
            if hasFiles {
                throw SQLError(
                    .delta(
                        "DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_TXN_LOG", sqlState: "42K03",
                        "You are trying to create an external table <tableName> from `<path>` using Delta, but there is no transaction log present at `<logPath>`."
                    ), shown, phase: .analysis)
            }
            throw SQLError(
                .delta(
                    "DELTA_CREATE_EXTERNAL_TABLE_WITHOUT_SCHEMA", sqlState: "42601",
                    "You are trying to create an external table <tableName> from `<path>` using Delta, but the schema is not specified when the input path is empty."
                ), shown, phase: .analysis)
        }
        if hasFiles { throw Self.notEmpty(name, place) }
        return try createNew(create, name, existing: nil, at: place)
    }

    /// Without a slash at the end; S3 by one name.
    static func normalized(_ location: String) -> String {
        var location = location
        while location.hasSuffix("/") { location.removeLast() }
        for scheme in ["s3a://", "s3n://"] where location.hasPrefix(scheme) { location = "s3://" + location.dropFirst(scheme.count) }
        return location
    }

    private static func notEmpty(_ name: ObjectName, _ location: String) -> SQLError {
        SQLError(
            .delta(
                "DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION", sqlState: "42601",
                "Cannot create table '<tableId>'. The associated location '<tableLocation>' is not empty and also not a Delta table."),
            ["tableId": SQLQuote.id(name.parts), "tableLocation": location], phase: .analysis)
    }

    /// A table that is there already: the catalog takes its description from the log.
    private func createOverLog(_ create: CreateTable, _ name: ObjectName, _ location: String) throws(SQLError) -> ResultSet {
        try Self.refusePolicies(create, of: "an existing Delta table")
        if create.query != nil { throw Self.notEmpty(name, location) }
        let snapshot = try onTable { try service.tables.delta(at: location).snapshot() }
        let schema = snapshot.tableSchema
        if create.columns != nil {
            let wanted = try fields(of: create, nil).map(\.field)
            let isSame =
                wanted.count == schema.fields.count
                && zip(wanted, schema.fields).allSatisfy { $0.name.lowercased() == $1.name.lowercased() && $0.type.sqlText == $1.type.sqlText }
            guard isSame else {
                throw SQLError(
                    .delta(
                        "DELTA_CREATE_TABLE_SCHEME_MISMATCH", sqlState: "42KD7",
                        "The specified schema does not match the existing schema at <path>.\n\n== Specified ==\n<specifiedSchema>\n\n== Existing ==\n<existingSchema>"
                    ),
                    [
                        "path": location, "specifiedSchema": DataType.structure(wanted).sqlText,
                        "existingSchema": DataType.structure(schema.fields.map(\.field)).sqlText,
                    ], phase: .analysis)
            }
        }
        var spec = TableSpec(
            name, .external, format: "DELTA", columns: TableColumns.list(schema, partitionColumns: snapshot.metadata.partitionColumns))
        spec.location = location
        spec.comment = create.comment ?? snapshot.metadata.description
        spec.properties = PropertyMap(
            snapshot.metadata.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) } + [
                (key: "delta.minReaderVersion", value: String(snapshot.tableProtocol.minReaderVersion)),
                (key: "delta.minWriterVersion", value: String(snapshot.tableProtocol.minWriterVersion)),
            ])
        let final = spec
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: create.ifNotExists ? .ifNotExists : .create, by: principal) }
        return .none
    }

    /// CSV, JSON, Parquet, text and binary files as a table that is read.
    private func createOverFiles(_ create: CreateTable, _ name: ObjectName, _ location: String, _ provider: String) throws(SQLError) -> ResultSet {
        try Self.refusePolicies(create, of: "a table over files")
        let format = try CatalogBridge.format(provider, at: create.provider?.span)
        if create.query != nil { throw .notSimulated("CREATE TABLE USING \(provider) AS SELECT") }
        var values: [String: String] = [:]
        for option in create.options { values[option.key.lowercased()] = option.value ?? "" }
        let fields: [Field]
        let partitions: [String]
        if create.columns != nil {
            _ = try FileReadOptions(format, values, of: "CREATE TABLE")
            fields = try self.fields(of: create, nil).map(\.field)
            partitions = try partitionColumns(create, fields)
        } else {
            let files = try service.sourceFiles(location, by: .system)
            let table = try FileTable(location, files, format, values, .pathTable, store: service.objects, context: context)
            fields = table.schema.fields
            partitions = table.partitionFields.map(\.name)
        }
        var spec = TableSpec(
            name, .external, format: provider.uppercased(),
            columns: TableColumns.list(TableSchema(fields.map { TableField($0) }), partitionColumns: partitions))
        spec.location = location
        spec.comment = create.comment
        spec.properties = PropertyMap(
            create.properties.map { (key: $0.key, value: $0.value ?? "") }
                + values.sorted { $0.key < $1.key }.map { (key: Self.optionPrefix + $0.key, value: $0.value) })
        let final = spec
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: create.ifNotExists ? .ifNotExists : .create, by: principal) }
        return .none
    }
}

extension CatalogBridge {
    /// A table of the catalog over files of another format than Delta.
    func fileTable(_ table: TableInfo, _ format: FileFormat, _ location: String) throws(SQLError) -> FileTable {
        var values: [String: String] = [:]
        for property in table.properties.pairs where property.key.hasPrefix(StatementRunner.optionPrefix) {
            values[String(property.key.dropFirst(StatementRunner.optionPrefix.count))] = property.value
        }
        var files: [SourceFile] = []
        do throws(SQLError) {
            files = try service.sourceFiles(location, by: .system)
        } catch {
            // A directory that is not there is an empty one.
            guard error.condition == .pathNotFound else { throw error }
        }
        let all = try onTable { try table.columns.all.map { (try TableColumns.field($0), $0.partitionIndex != nil) } }
        let options = try FileReadOptions(format, values, of: "a table")
        return FileTable(
            schema: Schema(all.filter { !$0.1 }.map(\.0) + all.filter(\.1).map(\.0)), fileFields: all.filter { !$0.1 }.map(\.0),
            partitionFields: all.filter(\.1).map(\.0), rescueColumn: nil, files: files, options: options, store: service.objects,
            context: fileContext, byName: false)
    }
}
