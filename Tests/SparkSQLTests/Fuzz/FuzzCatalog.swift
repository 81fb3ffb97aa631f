import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax

/// A table of columns of all types under any one-part name, and a view.
struct FuzzCatalog: CatalogReader {
    let currentCatalog = "main"
    let currentSchema = "default"

    static let columns: [Field] = [
        Field("a", .int), Field("b", .text), Field("c", .double), Field("id", .long), Field("n", .int), Field("g", .text), Field("k", .int),
        Field("v", .variant), Field("name", .text), Field("dept", .int), Field("salary", .decimal(DecimalType(10, 2))), Field("hired", .date),
        Field("title", .text), Field("arr", .array(element: .int, containsNull: true)),
        Field("m", .map(key: .text, value: .int, valueContainsNull: true)),
        Field("s", .structure([Field("x", .int), Field("y", .text)])), Field("ts", .timestamp), Field("ntz", .timestampNTZ), Field("x", .int),
        Field("y", .double), Field("bin", .binary), Field("f", .boolean), Field("ti", .byte), Field("si", .short), Field("fl", .float),
        Field("dec", .decimal(DecimalType(38, 18))), Field("aa", .array(element: .array(element: .text, containsNull: true), containsNull: true)),
    ]

    private static let table = MemoryTable(
        schema: Schema(columns),
        batches: [
            RecordBatch(
                schema: Schema(columns), columns: columns.map { Column($0.type, of: [value($0.type, 0), value($0.type, 1), .null]) }, rowCount: 3)
        ])

    /// One or two values of the types that are easily written; NULL for others.
    private static func value(_ type: DataType, _ row: Int) -> Value {
        switch type {
        case .byte, .short, .int, .long: .integer(row == 0 ? 1 : -7)
        case .string: .string(row == 0 ? "a" : "é😀 b")
        case .double: .double(row == 0 ? 1.5 : -.infinity)
        case .boolean: .boolean(row == 0)
        case .date: .integer(row == 0 ? 18262 : -141_427)
        default: .null
        }
    }

    func relation(_ name: [String], _ timeTravel: SparkSQL.TimeTravel?, at span: SourceSpan) throws(SQLError) -> CatalogRelation {
        guard name.count == 1, let first = name.first, first.lowercased() != "nope" else {
            throw SQLError(.tableOrViewNotFound, ["relationName": SQLQuote.id(name)], at: span)
        }
        return .table(Self.table, name: ["main", "default", first.lowercased()])
    }
}
