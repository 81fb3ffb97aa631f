import Columnar
import DeltaTable
import JSON
import SparkErrors
import SparkSQL
import SparkSyntax
import Workspace

/// CREATE TABLE … DEEP CLONE and SHALLOW CLONE.
extension StatementRunner {
    private static let cloneColumns = [
        "source_table_size", "source_num_of_files", "num_removed_files", "num_copied_files", "removed_files_size", "copied_files_size",
    ]

    func clone(_ create: CreateTable, _ clone: CreateTable.Clone) throws(SQLError) -> ResultSet {
        let name = try objectName(create.name)
        let existing = try onCatalog(name.parts) { try service.tables.find(name) }
        if existing != nil, create.mode == .create {
            if create.ifNotExists { return ResultSet(Self.cloneColumns.map { Field($0, .long) }, rows: []) }
            throw SQLError(.tableOrViewAlreadyExists, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        if create.mode == .replace, existing == nil {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name.parts)], at: create.name.span)
        }
        let source = try cloneSource(clone)
        if let existing, existing.name == source.info.name { throw .notSimulated("CLONE of a table onto itself", at: create.name.span) }
        var metadata = source.snapshot.metadata
        for property in create.properties { metadata.configuration[property.key] = property.value ?? "" }
        let operation = CommitOperation(
            "CLONE",
            [
                ("source", .string(source.info.name.description)), ("sourceVersion", .string(String(source.snapshot.version))),
                ("isShallow", clone.isShallow ? "true" : "false"),
            ])
        if existing != nil { return try replace(name, create, source.info, source.snapshot, metadata, operation, isShallow: clone.isShallow) }
        let isExternal = create.location != nil
        if clone.isShallow, isExternal == (source.info.type == .managed || source.info.type == .managedShallowClone) {
            // The service's rule: a managed table's clone is managed, an external table's is not.
            throw .notSimulated(
                isExternal ? "SHALLOW CLONE of a managed table to a LOCATION" : "SHALLOW CLONE of an external table without LOCATION",
                at: clone.source.span)
        }
        let reservation = try onCatalog(name.parts) { () throws -> (id: String, location: String) in
            guard let location = create.location else {
                let reservation = try workspace.tables.reserve(in: name.schemaName, by: principal)
                return (reservation.id, reservation.location)
            }
            let place = Self.normalized(location)
            try workspace.tables.checkExternal(name, at: place, by: principal)
            return (workspace.environment.ids.uuid(), place)
        }
        let (numbers, new) = try onTable { () throws -> ([Int64], NewTable) in
            if clone.isShallow { try claim(source.snapshot, source.info, for: reservation.location) }
            let table = try service.tables.delta(at: reservation.location)
            let commit = commit(to: table, name)
            metadata.id = commit.newUUID()
            metadata.createdTime = commit.timestampMillis
            let described = try source.snapshot.described(by: metadata)
            let needed = TableProtocol.needed(metadata, described.tableSchema, from: source.snapshot.tableProtocol)
            let new = NewTable(metadata: metadata, tableProtocol: needed, schema: described.tableSchema)
            let files =
                try clone.isShallow
                ? table.cloneFiles(of: source.snapshot, scheme: Self.scheme(source.info), commit) : table.copyFiles(of: source.snapshot, commit)
            let numbers = Self.cloneNumbers(source.snapshot, removed: [], copied: clone.isShallow ? [] : files)
            _ = try table.create(
                new, files: files, domains: Self.domains(source.snapshot), operation: Self.measured(operation, numbers), commit: commit)
            return (numbers, new)
        }
        var spec = TableSpec(
            name, Self.type(isShallow: clone.isShallow, isExternal: isExternal), format: "DELTA",
            columns: TableColumns.list(new.schema, partitionColumns: new.metadata.partitionColumns))
        spec.id = reservation.id
        spec.location = reservation.location
        spec.comment = source.info.comment
        var pairs: [(key: String, value: String)] = new.metadata.configuration.sorted { $0.key < $1.key }.map { (key: $0.key, value: $0.value) }
        pairs.append((key: "delta.minReaderVersion", value: String(new.tableProtocol.minReaderVersion)))
        pairs.append((key: "delta.minWriterVersion", value: String(new.tableProtocol.minWriterVersion)))
        spec.properties = PropertyMap(pairs)
        let final = spec
        try pass(.tableBeforeCreate, name) { try? runOnceBefore() }
        _ = try onCatalog(name.parts) { try workspace.tables.create(final, mode: create.ifNotExists ? .ifNotExists : .create, by: principal) }
        return Self.cloneResult(numbers)
    }

    private static func type(isShallow: Bool, isExternal: Bool) -> TableType {
        isShallow ? isExternal ? .externalShallowClone : .managedShallowClone : isExternal ? .external : .managed
    }

    /// `s3://`, by which absolute paths begin.
    private static func scheme(_ table: TableInfo) -> String {
        guard let location = table.location, let end = location.firstRange(of: "://") else { return "" }
        return String(location[..<end.upperBound])
    }

    /// Lets the log of the table at a location point to the source's files.
    private func claim(_ source: Snapshot, _ info: TableInfo, for location: String) throws {
        let own = TableStore.objectPath(location)
        try workspace.tables.addRoots([TableStore.objectPath(info.location ?? "")] + source.roots, of: own)
        service.tables.forget(location)
    }

    /// The source as of the version asked for. A table with a row filter or masks is refused: its files know nothing of them.
    private func cloneSource(_ clone: CreateTable.Clone) throws(SQLError) -> (info: TableInfo, snapshot: Snapshot) {
        let name = try objectName(clone.source)
        var info = try tableInfo(name, at: clone.source.span)
        if !name.isPath { info = try onCatalog(name.parts) { try workspace.tables.get(name, requiring: .select, by: principal) } }
        if info.type.isView {
            throw SQLError(
                .expectTableNotViewNoAlternative, ["viewName": SQLQuote.id(name.parts), "operation": "CLONE"], at: clone.source.span)
        }
        guard let location = info.location else { throw .notSimulated("CLONE of a table of the type \(info.type.rawValue)", at: clone.source.span) }
        guard try policies(of: info).isEmpty else {
            throw .notSimulated("CLONE of a table with a row filter or column masks", at: clone.source.span)
        }
        let travel = try clone.timeTravel.map { (clause) throws(SQLError) in try self.travel(clause) }
        return (info, try onTable { try service.tables.delta(at: location).snapshot(travel) })
    }

    private func travel(_ clause: TimeTravelClause) throws(SQLError) -> DeltaTimeTravel {
        switch clause {
        case .version(let text):
            guard let version = Int(text) else { throw .notSimulated("a version by the name of a tag") }
            return .version(version)
        case .timestamp(let expression):
            guard case .integer(let micros) = try value(of: expression, as: .timestamp).value else {
                throw .notSimulated("this TIMESTAMP AS OF", at: expression.span)
            }
            return .timestamp(micros)
        case .timestampDigits: throw .notSimulated("CLONE at @ and digits")
        }
    }

    /// OR REPLACE: the table keeps its history; files and description are the source's from now on.
    private func replace(
        _ name: ObjectName, _ create: CreateTable, _ sourceInfo: TableInfo, _ source: Snapshot, _ description: Metadata,
        _ operation: CommitOperation, isShallow: Bool
    ) throws(SQLError) -> ResultSet {
        _ = try writable(name, "CREATE OR REPLACE TABLE", at: create.name.span)
        let info = try tableInfo(name, at: create.name.span)
        try onCatalog(name.parts) { try workspace.tables.requireManage(info, by: principal) }
        let place = info.location ?? ""
        if let location = create.location, Self.normalized(location) != place { throw Self.otherLocation(name, place, location) }
        let table = try onTable { () throws -> DeltaTable in
            if isShallow { try claim(source, sourceInfo, for: place) }
            return try service.tables.delta(at: place)
        }
        let commit = commit(to: table, name)
        let (numbers, metadata, tableProtocol) = try onTable { () throws -> ([Int64], Metadata, TableProtocol) in
            var transaction = try table.begin(commit, enforcing: Self.enforced)
            let before = transaction.snapshot
            let files =
                try isShallow ? table.cloneFiles(of: source, scheme: Self.scheme(sourceInfo), commit) : table.copyFiles(of: source, commit)
            let paths = Set(files.map(\.key))
            let removed = before.files.filter { !paths.contains($0.key) }
            transaction.reads.readWholeTable()
            transaction.remove(removed)
            var metadata = description
            metadata.id = before.metadata.id
            metadata.createdTime = before.metadata.createdTime
            var features: [String: String] = [:]
            for feature in source.tableProtocol.writerFeatures ?? [] { features["delta.feature.\(feature)"] = "supported" }
            metadata = try transaction.set(metadata, properties: features)
            transaction.add(files)
            for domain in Self.domains(source) { transaction.set(domain) }
            if source.domains["delta.clustering"] == nil, before.domains["delta.clustering"] != nil { transaction.set(DomainMetadata.clustering([])) }
            let numbers = Self.cloneNumbers(source, removed: removed, copied: isShallow ? [] : files)
            let committed = try transaction.commit(Self.measured(operation, numbers))
            return (numbers, metadata, committed.snapshot.tableProtocol)
        }
        try publish(name, metadata, tableProtocol)
        return Self.cloneResult(numbers)
    }

    private static func domains(_ source: Snapshot) -> [DomainMetadata] {
        source.domains.values.filter { $0.domain != "delta.rowTracking" }.sorted { $0.domain < $1.domain }
    }

    private static func cloneNumbers(_ source: Snapshot, removed: [AddFile], copied: [AddFile]) -> [Int64] {
        [
            source.sizeInBytes, Int64(source.files.count), Int64(removed.count), Int64(copied.count), removed.reduce(0) { $0 &+ $1.size },
            copied.reduce(0) { $0 &+ $1.size },
        ]
    }

    private static func measured(_ operation: CommitOperation, _ numbers: [Int64]) -> CommitOperation {
        var measured = operation
        measured.metrics = zip(
            ["sourceTableSize", "sourceNumOfFiles", "numRemovedFiles", "numCopiedFiles", "removedFilesSize", "copiedFilesSize"], numbers
        ).map { ($0, String($1)) }
        return measured
    }

    private static func cloneResult(_ numbers: [Int64]) -> ResultSet {
        ResultSet(cloneColumns.map { Field($0, .long) }, rows: [numbers.map { .integer($0) }])
    }
}
