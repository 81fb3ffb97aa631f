import Columnar
import Parquet
import SparkErrors
import SparkFunctions
import Storage

/// How a statement reads files: what is inferred, and what comes with the columns.
struct FileReading: Sendable {
    /// As errors call it.
    let statement: String
    /// Types are inferred where a format has none.
    let infersTypes: Bool
    /// Values that do not fit are kept in this column, if the schema is inferred.
    let rescueColumn: String?
    /// Where nothing is there to infer a schema from.
    let emptyError: @Sendable (_ path: String, _ format: FileFormat) -> SQLError

    static let readFiles = FileReading(statement: "read_files", infersTypes: true, rescueColumn: "_rescued_data") { path, _ in
        SQLError(
            .delta(
                "CF_EMPTY_DIR_FOR_SCHEMA_INFERENCE", sqlState: "42000",
                "Cannot infer schema when the input path `<path>` is empty. Please try to start the stream when there are files in the input path, or specify the schema."
            ), ["path": path], phase: .analysis)
    }

    static let pathTable = FileReading(statement: "a path as a table", infersTypes: false, rescueColumn: nil) { _, format in
        SQLError(
            .delta("UNABLE_TO_INFER_SCHEMA", sqlState: "42KD9", "Unable to infer schema for <format>. It must be specified manually."),
            ["format": format.rawValue.uppercased()], phase: .analysis)
    }

    static let copyInto = FileReading(statement: "COPY INTO", infersTypes: false, rescueColumn: nil, emptyError: pathTable.emptyError)
}

extension FileTable {
    /// `options`: by lower-case names.
    init(
        _ path: String, _ files: [SourceFile], _ format: FileFormat, _ values: [String: String], _ reading: FileReading, store: any ObjectStore,
        context: EvaluationContext
    ) throws(SQLError) {
        let options = try FileReadOptions(format, values, of: reading.statement)
        var given: [Field]?
        if let text = values["schema"] {
            guard let fields = SchemaOption.fields(text) else {
                throw SQLError(.parseSyntaxError, ["error": "'\(text.prefix(50))'", "hint": ""], phase: .analysis)
            }
            given = fields
        }
        var rescue = values["rescueddatacolumn"]
        if rescue == nil, given == nil, format == .csv || format == .json || format == .parquet { rescue = reading.rescueColumn }
        if rescue?.isEmpty == true { rescue = nil }
        let byName = options.hasHeader && (given == nil || rescue != nil)
        // A table without a schema, which is what its schema is inferred with.
        let blank = FileTable(
            schema: Schema([]), fileFields: [], partitionFields: [], rescueColumn: nil, files: files, options: options, store: store,
            context: context, byName: byName)
        let infers = options.flag("inferschema", options.flag("infercolumntypes", reading.infersTypes))
        var fields: [Field]
        if let given { fields = given } else { fields = try blank.inferred(types: infers, path, reading) }
        if let hints = values["schemahints"] {
            guard let hinted = SchemaOption.fields(hints) else { throw .notSimulated("these schemaHints") }
            for hint in hinted {
                if let index = fields.firstIndex(where: { $0.name.lowercased() == hint.name.lowercased() }) {
                    fields[index].type = hint.type
                } else {
                    fields.append(hint)
                }
            }
        }
        let partitions = try blank.partitionFields(except: fields)
        let all = fields + partitions + (rescue.map { [Field($0, .text)] } ?? [])
        self.init(
            schema: Schema(all), fileFields: fields, partitionFields: partitions, rescueColumn: rescue, files: files, options: options,
            store: store, context: context, byName: byName)
    }

    static func headerNames(_ tokens: [[UInt8]?]) -> [String] {
        var names = tokens.enumerated().map { index, token in token.map { String(decoding: $0, as: UTF8.self) } ?? "_c\(index)" }
        // Of names that stand twice each gets its number.
        let counts = Dictionary(names.map { ($0.lowercased(), 1) }, uniquingKeysWith: +)
        for index in names.indices where counts[names[index].lowercased(), default: 0] > 1 { names[index] += String(index) }
        return names
    }

    private func inferred(types: Bool, _ path: String, _ reading: FileReading) throws(SQLError) -> [Field] {
        switch options.format {
        case .text: return [Field("value", .text)]
        case .binaryFile:
            return [Field("path", .text), Field("modificationTime", .timestamp), Field("length", .long), Field("content", .binary)]
        case .parquet: return try inferredParquet(path, reading)
        case .csv: return try inferredCSV(types: types, path, reading)
        case .json: return try inferredJSON(path, reading)
        }
    }

    private func inferredCSV(types: Bool, _ path: String, _ reading: FileReading) throws(SQLError) -> [Field] {
        let format = CSVRecords(options.values)
        let values = try format.reader(context)
        var names: [String]?
        var found: [DataType] = []
        for file in files {
            var records = records(file)
            var isHeader = options.hasHeader
            // Which of the columns the file's own are.
            var places: [Int]?
            while let record = try records.next() {
                if Self.isBlank(record) || isComment(record) { continue }
                let tokens = format.tokens(record)
                if isHeader {
                    isHeader = false
                    let header = Self.headerNames(tokens)
                    var all = names ?? []
                    places = header.map { name in
                        if let index = all.firstIndex(of: name) { return index }
                        all.append(name)
                        return all.count - 1
                    }
                    names = all
                    found += [DataType](repeating: .void, count: all.count - found.count)
                    if !types { break }
                    continue
                }
                if places == nil, found.count < tokens.count, names == nil || !options.hasHeader {
                    // The first record of all says how many columns there are, unless what does not fit is rescued.
                    if found.isEmpty { found = [DataType](repeating: .void, count: tokens.count) }
                }
                if types {
                    for (index, token) in tokens.enumerated() {
                        let place = places.map { $0.indices.contains(index) ? $0[index] : -1 } ?? index
                        if found.indices.contains(place) { found[place] = values.widened(found[place], token) }
                    }
                } else {
                    break
                }
            }
        }
        guard !found.isEmpty else { throw reading.emptyError(path, .csv) }
        return found.enumerated().map { index, type in
            let name = names.flatMap { $0.indices.contains(index) ? $0[index] : nil } ?? "_c\(index)"
            return Field(name, type == .void || !types ? .text : type)
        }
    }

    private func inferredJSON(_ path: String, _ reading: FileReading) throws(SQLError) -> [Field] {
        let decoder = try JSONRecords(options.values, context)
        var type = DataType.void
        var hasCorrupt = false
        for file in files {
            var records = records(file)
            while let record = try records.next() {
                if Self.isBlank(record) { continue }
                if let wider = decoder.widened(type, record) {
                    type = wider
                } else {
                    switch options.mode {
                    case .failFast: throw malformed(record)
                    case .dropMalformed: break
                    case .permissive: hasCorrupt = true
                    }
                }
            }
        }
        var fields: [Field] = []
        if case .structure(let found) = JSONRecords.settled(type) { fields = found }
        if hasCorrupt, !fields.contains(where: { $0.name == options.corruptColumn }) {
            fields.append(Field(options.corruptColumn, .text))
            fields.sort { $0.name < $1.name }
        }
        guard !fields.isEmpty else { throw reading.emptyError(path, .json) }
        return fields
    }

    private func inferredParquet(_ path: String, _ reading: FileReading) throws(SQLError) -> [Field] {
        var fields: [Field] = []
        let mergesAll = options.flag("mergeschema", reading.rescueColumn != nil)
        for file in files {
            for field in try parquet(file).schema.fields where !fields.contains(where: { $0.name.lowercased() == field.name.lowercased() }) {
                fields.append(Field(field.name, field.type, nullable: true))
            }
            if !mergesAll { break }
        }
        guard !fields.isEmpty else { throw reading.emptyError(path, .parquet) }
        return fields
    }

    /// The columns that directories' names make.
    private func partitionFields(except fields: [Field]) throws(SQLError) -> [Field] {
        if options.flag("recursivefilelookup") { return [] }
        var wanted: [String]?
        if let text = options.values["partitioncolumns"] {
            wanted = text.split(separator: ",").map { $0.split(separator: " ").joined() }
        }
        let values = try CSVRecords(["dateformat": "yyyy-MM-dd"]).reader(context)
        var result: [Field] = []
        for file in files {
            for (name, value) in file.partitions {
                if let wanted, !wanted.contains(where: { $0.lowercased() == name.lowercased() }) { continue }
                if fields.contains(where: { $0.name.lowercased() == name.lowercased() }) { continue }
                let type = value.map { values.inferred($0) } ?? .void
                if let index = result.firstIndex(where: { $0.name.lowercased() == name.lowercased() }) {
                    result[index].type = CSVValues.merge(result[index].type, type)
                } else {
                    result.append(Field(name, type))
                }
            }
        }
        return result.map { Field($0.name, $0.type == .void || $0.type == .boolean ? .text : $0.type) }
    }
}
