import Columnar
import SparkErrors
import SparkSQL
import SparkSyntax

/// OPEN, FETCH and CLOSE of a script's cursors. A cursor's rows are those of the time when it was opened.
extension StatementRunner {
    func open(_ name: MultipartIdentifier, using: [NamedExpression]) throws(SQLError) {
        let (frame, cursor) = try cursor(name)
        guard cursor.rows == nil else { throw SQLError(.cursorAlreadyOpen, ["cursorName": SQLQuote.id(name.names)], at: name.span) }
        var runner = self
        if !using.isEmpty { runner.arguments = try arguments(using) }
        var opened = cursor
        opened.rows = try runner.select(cursor.query)
        opened.batch = 0
        opened.row = 0
        frame.cursors[cursor.name.lowercased()] = opened
    }

    func close(_ name: MultipartIdentifier) throws(SQLError) {
        let (frame, cursor) = try cursor(name)
        guard cursor.rows != nil else { throw SQLError(.cursorNotOpen, ["cursorName": SQLQuote.id(name.names)], at: name.span) }
        var closed = cursor
        closed.rows = nil
        frame.cursors[cursor.name.lowercased()] = closed
    }

    func fetch(_ name: MultipartIdentifier, into names: [MultipartIdentifier]) throws(SQLError) {
        let (frame, cursor) = try cursor(name)
        guard let rows = cursor.rows else { throw SQLError(.cursorNotOpen, ["cursorName": SQLQuote.id(name.names)], at: name.span) }
        let targets = try targets(names)
        var moved = cursor
        while rows.batches.indices.contains(moved.batch), moved.row >= rows.batches[moved.batch].rowCount {
            moved.batch += 1
            moved.row = 0
        }
        guard rows.batches.indices.contains(moved.batch) else {
            throw SQLError(.cursorNoMoreRows, ["cursorName": SQLQuote.id(name.names)], at: name.span)
        }
        let row = ResultSet(schema: rows.schema, batches: [rows.batches[moved.batch].slice(moved.row..<moved.row + 1)])
        moved.row += 1
        frame.cursors[cursor.name.lowercased()] = moved
        if targets.count == 1, case .structure(let fields) = targets[0].value.type, rows.schema.fields.count > 1 {
            try fill(targets[0], fields, with: row)
        } else {
            try assign(row, to: targets)
        }
    }

    /// All columns to the fields of one STRUCT variable, by their places.
    private func fill(_ target: VariableTarget, _ fields: [Field], with row: ResultSet) throws(SQLError) {
        guard let batch = row.batches.first, fields.count == batch.columns.count else {
            throw SQLError(
                .assignmentArityMismatch, ["numTarget": "\(fields.count)", "numExpr": "\(row.schema.fields.count)"])
        }
        var values: [Value] = []
        for (field, column) in zip(fields, batch.columns) {
            values.append(try QueryEngine.cast(TypedValue(column.value(at: 0), column.type), to: field.type, context).value)
        }
        store(.structure(values), in: target)
    }

    private func cursor(_ name: MultipartIdentifier) throws(SQLError) -> (frame: ScriptFrames.Frame, cursor: ScriptFrames.Cursor) {
        guard let found = locals?.cursor(name.names) else {
            throw SQLError(.cursorNotFound, ["cursorName": SQLQuote.id(name.names)], at: name.span)
        }
        return found
    }
}
