import Columnar
import JSON
import SparkErrors
import SparkFunctions
import SparkSyntax
import Workspace

/// Where the columns of an AUTO CDC flow's source go: into the table, into its keys, into the changes that are kept.
struct ChangeLayout {
    /// Places in the source of the columns that the table has.
    let output: [Int]
    /// Places of the keys among `output`.
    let keys: [Int]
    let rules: ChangeRules
    let sequenceType: DataType
    /// The table's columns, in the order of the source; behind them `__START_AT` and `__END_AT` if there is a history.
    let made: [Field]
    /// The place of the sequence in the flow's query; behind it are the two conditions.
    let sequence: Int
    private let names: [String]
    private let tracks: [String]

    /// `fields`: of the flow's query.
    init(_ changes: ChangeFlow, _ fields: [Field], of table: ObjectName) throws(SQLError) {
        let count = fields.count - ChangeFlow.addedColumns
        let source = Array(fields.prefix(max(count, 0)))
        let output = try Self.places(changes.columns, among: source.map(\.name), "source")
        let chosen = output.map { source[$0] }
        let names = chosen.map(\.name)
        var keys: [Int] = []
        for key in changes.keys {
            guard let place = Self.place(key.text, names) else {
                throw SQLError(
                    .autoCDC(
                        "KEY_NOT_IN_SELECTED_SCHEMA", sqlState: "42703",
                        "The key column <keyColumnName> is not among the columns of the target table."),
                    ["keyColumnName": SQLQuote.id(key.text)], at: key.span, phase: .analysis)
            }
            guard chosen[place].type.isOrderable else {
                throw .notSimulated("AUTO CDC by a key of the type \(chosen[place].type.sqlText)", at: key.span)
            }
            if !keys.contains(place) { keys.append(place) }
        }
        let sequenceType = fields[count].type
        guard sequenceType.isOrderable else {
            throw SQLError(
                .autoCDC(
                    "MICROBATCH_VALIDATION.NON_ORDERABLE_SEQUENCE", sqlState: "22000",
                    "The changes for the table <tableName> cannot be put in order by a sequence of the type <dataType>."),
                ["tableName": SQLQuote.id(table.parts), "dataType": SQLQuote.type(sequenceType.sqlText)], phase: .analysis)
        }
        for condition in fields.suffix(ChangeFlow.addedColumns - 1) where condition.type != .boolean && condition.type != .void {
            throw SQLError(
                .datatypeMismatchFilterNotBoolean,
                [
                    "sqlExpr": SQLQuote.expr(condition.name), "filter": SQLQuote.expr(condition.name),
                    "type": SQLQuote.type(condition.type.sqlText),
                ], at: changes.span)
        }
        let ignoring = try changes.ignoringNulls.map { (choice) throws(SQLError) in Set(try Self.places(choice, among: names, "target")) } ?? []
        let tracked = try Self.places(changes.tracked, among: names, "target").filter { !keys.contains($0) }
        rules = ChangeRules(
            keepsHistory: changes.keepsHistory, types: chosen.map { $0.type == .void ? .text : $0.type },
            ignoresNull: names.indices.map { ignoring.contains($0) && !keys.contains($0) }, tracked: tracked)
        let ends: [Field] = changes.keepsHistory ? ["__START_AT", "__END_AT"].map { Field($0, sequenceType) } : []
        made = chosen + ends
        tracks = changes.keepsHistory ? tracked.map { names[$0] } : []
        (self.output, self.keys, self.names, sequence, self.sequenceType) = (output, keys, names, count, sequenceType)
    }

    private static func place(_ name: String, _ names: [String]) -> Int? {
        names.firstIndex { $0 == name } ?? names.firstIndex { $0.lowercased() == name.lowercased() }
    }

    private static func places(_ choice: ColumnChoice, among names: [String], _ schema: String) throws(SQLError) -> [Int] {
        var named: Set<Int> = []
        for column in choice.named {
            guard let place = place(column.text, names) else {
                throw SQLError(
                    .autoCDC(
                        "COLUMNS_NOT_FOUND_IN_SCHEMA", sqlState: "42703",
                        "The column <missingColumns> is not among the columns of the <schemaName>: <availableColumns>."),
                    [
                        "missingColumns": SQLQuote.id(column.text), "schemaName": schema,
                        "availableColumns": names.map { SQLQuote.id($0) }.joined(separator: ", "),
                    ], at: column.span, phase: .analysis)
            }
            named.insert(place)
        }
        if case .only = choice { return named.sorted() }
        return names.indices.filter { !named.contains($0) }
    }

    // MARK: Changes that are kept

    /// Their columns: the table's without regard to their names, the sequence, and the kind.
    var kept: [Field] {
        rules.types.enumerated().map { Field("c\($0)", $1) } + [
            Field("sequence", sequenceType == .void ? .text : sequenceType), Field("kind", .long),
        ]
    }

    /// What may not change while changes are kept, by its name.
    var terms: JSONObject {
        JSONObject([
            ("keys", .array(keys.map { .string("\(names[$0].lowercased()) \(rules.types[$0].sqlText)") })),
            ("sequence", .string(sequenceType.sqlText)),
            ("columns", .array(names.indices.map { .string("\(names[$0].lowercased()) \(rules.types[$0].sqlText)") })),
            ("scd", .int(rules.keepsHistory ? 2 : 1)),
            ("tracked", .array(tracks.map { .string($0.lowercased()) })),
            ("ignoresNull", .array(rules.ignoresNull.map { .bool($0) })),
        ])
    }

    /// Refuses to go on with changes that were kept on other terms.
    func check(_ old: JSONObject) throws(SQLError) {
        func text(_ terms: JSONObject, _ name: String) -> String { (terms[name] ?? .null).text }
        let new = terms
        for (name, state) in [("keys", "KEY_SCHEMA_DRIFT"), ("sequence", "SEQUENCING_TYPE_DRIFT")] where text(old, name) != text(new, name) {
            throw SQLError(
                .autoCDC(
                    "INVALID_STATE." + state, sqlState: "55000",
                    "The flow's <what> is not what the table was filled by: it was <old>, and is <new>. A full refresh fills the table anew."),
                ["what": name, "old": text(old, name), "new": text(new, name)], phase: .analysis)
        }
        if text(old, "columns") != text(new, "columns") {
            throw .notSimulated("a change of a streaming table's columns without a full refresh")
        }
        for name in ["scd", "tracked", "ignoresNull"] where text(old, name) != text(new, name) {
            throw .notSimulated("a change of an AUTO CDC flow's SCD type, tracked columns or IGNORE NULL UPDATES without a full refresh")
        }
    }

    /// What has arrived, as changes that are kept.
    func changes(_ rows: RecordBatch, of table: ObjectName) throws(SQLError) -> RecordBatch {
        let sequences = rows.columns[sequence]
        if sequences.isVoid || sequences.nullCount > 0 {
            throw Self.invalid(
                "NULL_SEQUENCE", "<nullCount> changes for the table <tableName> have no sequence value.", table,
                ["nullCount": "\(sequences.isVoid ? rows.rowCount : sequences.nullCount)"])
        }
        let none = Bitmap(repeating: false, count: rows.rowCount)
        let deletes = rows.columns[sequence + 1].booleans?.trueBits ?? none
        let truncates = rows.columns[sequence + 2].booleans?.trueBits ?? none
        let nulls = keys.compactMap { key -> String? in
            let column = rows.columns[output[key]]
            let count = (0..<rows.rowCount).reduce(0) { $0 + (!truncates[$1] && column.isNull($1) ? 1 : 0) }
            return count > 0 ? "\(SQLQuote.id(names[key]))=\(count)" : nil
        }
        if !nulls.isEmpty {
            throw Self.invalid(
                "NULL_KEY", "Changes for the table <tableName> have no value for a key: <nullKeyCounts>.", table,
                ["nullKeyCounts": nulls.joined(separator: ", ")])
        }
        let kinds = (0..<rows.rowCount).map { row -> Value in
            let kind: ChangeEvent.Kind = truncates[row] ? .truncate : deletes[row] ? .delete : .upsert
            return .integer(kind.rawValue)
        }
        let columns = output.map { rows.columns[$0] } + [sequences, Column(.long, of: kinds)]
        return StatementRunner.conform(
            RecordBatch(schema: Schema(kept), columns: columns, rowCount: rows.rowCount), to: kept)
    }

    private static func invalid(_ name: String, _ message: String, _ table: ObjectName, _ parameters: [String: String]) -> SQLError {
        SQLError(
            .autoCDC("MICROBATCH_VALIDATION." + name, sqlState: "22000", message),
            parameters.merging(["tableName": SQLQuote.id(table.parts)]) { $1 }, phase: .execution)
    }
}

extension ErrorCondition {
    /// Conditions of AUTO CDC, under the names that Spark's declarative pipelines give them (`sql/pipelines`, package `autocdc`).
    static func autoCDC(_ name: String, sqlState: String, _ message: String) -> ErrorCondition {
        .delta("AUTOCDC_" + name, sqlState: sqlState, message)
    }
}
