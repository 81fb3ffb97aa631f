import SparkErrors
import SparkFunctions

/// Formats of files that SQL reads.
enum FileFormat: String, Sendable {
    case csv, json, parquet, text
    case binaryFile = "binaryfile"

    /// The format that a file's name tells.
    init?(fileName: String) {
        var name = fileName.lowercased()[...]
        if name.hasSuffix(".gz") { name = name.dropLast(3) }
        if name.hasSuffix(".csv") || name.hasSuffix(".tsv") {
            self = .csv
        } else if name.hasSuffix(".json") || name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
            self = .json
        } else if name.hasSuffix(".parquet") {
            self = .parquet
        } else if name.hasSuffix(".txt") {
            self = .text
        } else {
            return nil
        }
    }

    /// Options that all formats have.
    private static let common: Set<String> = [
        "format", "schema", "schemahints", "inferschema", "infercolumntypes", "rescueddatacolumn", "pathglobfilter", "recursivefilelookup",
        "partitioncolumns", "modifiedafter", "modifiedbefore", "mergeschema", "ignoremissingfiles", "ignorecorruptfiles", "allowoverwrites",
        "schemaevolutionmode", "usestrictglobber",
    ]

    private static let times: Set<String> = ["dateformat", "timestampformat", "timestampntzformat", "locale", "timezone"]

    /// Options by lower-case names that are kept.
    var options: Set<String> {
        switch self {
        case .csv:
            Self.common.union(Self.times).union([
                "sep", "delimiter", "quote", "escape", "header", "mode", "multiline", "nullvalue", "emptyvalue", "nanvalue", "positiveinf",
                "negativeinf", "ignoreleadingwhitespace", "ignoretrailingwhitespace", "comment", "linesep", "encoding", "charset", "maxcolumns",
                "columnnameofcorruptrecord", "enforceschema", "skiprows",
            ])
        case .json:
            Self.common.union(Self.times).union([
                "mode", "multiline", "linesep", "encoding", "charset", "columnnameofcorruptrecord", "primitivesasstring",
                "allowunquotedfieldnames", "allowsinglequotes",
            ])
        case .parquet: Self.common
        case .text: Self.common.union(["wholetext", "linesep", "encoding", "charset"])
        case .binaryFile: Self.common
        }
    }
}

/// What a reading of files was asked for, checked.
struct FileReadOptions: Sendable {
    enum Mode: String, Sendable { case permissive, dropMalformed = "dropmalformed", failFast = "failfast" }

    let format: FileFormat
    /// By lower-case names.
    let values: [String: String]
    let mode: Mode

    init(_ format: FileFormat, _ values: [String: String], of statement: String) throws(SQLError) {
        self.format = format
        self.values = values
        for name in values.keys.sorted() where !format.options.contains(name) {
            throw .notSimulated("the option \(name) of \(statement) for files of the format \(format.rawValue)")
        }
        guard let mode = Mode(rawValue: (values["mode"] ?? "permissive").lowercased()) else {
            throw .notSimulated("the mode \(values["mode"] ?? "")")
        }
        self.mode = mode
        if let encoding = values["encoding"] ?? values["charset"], !["utf-8", "utf8", "us-ascii"].contains(encoding.lowercased()) {
            throw .notSimulated("the encoding \(encoding)")
        }
        for name in ["modifiedafter", "modifiedbefore", "locale", "timezone", "skiprows", "comment"] where values[name] != nil {
            if name == "comment", values[name]?.utf8.count == 1 { continue }
            throw .notSimulated("the option \(name)")
        }
    }

    func flag(_ name: String, _ standard: Bool = false) -> Bool { values[name].map { $0.lowercased() == "true" } ?? standard }

    var hasHeader: Bool { flag("header") }
    var corruptColumn: String { values["columnnameofcorruptrecord"] ?? "_corrupt_record" }
}
