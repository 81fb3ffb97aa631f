import Columnar
import SparkErrors
import SparkFunctions
import SparkSQL
import SparkSyntax
import Workspace

/// DESCRIBE FUNCTION and DESCRIBE VOLUME.
extension StatementRunner {
    func describeFunction(_ reference: NameReference, _ extended: Bool) throws(SQLError) -> ResultSet {
        let name = try parts(reference)
        let lines: [String]
        if name.count == 1, let form = SpecialForm.named(name[0]) {
            lines = ["Function: \(form.name)", "Usage: \(form.usage)"] + (extended ? ["Extended Usage:", "    Since: \(form.since)"] : [])
        } else if name.count == 1, let function = FunctionText(name[0]) {
            lines = function.lines(extended: extended)
        } else if name.count == 1, let own = session.current.functions[name[0].lowercased()] {
            lines = try described(own, owner: nil, createdAt: nil, extended)
        } else if name.count < 4, let info = try function(reference) {
            lines = try described(SQLFunction(info), owner: info.owner, createdAt: info.createdAt, extended)
        } else {
            throw SQLError(
                .unresolvedRoutine,
                [
                    "routineName": SQLQuote.id(name),
                    "searchPath": "[`system`.`builtin`, `system`.`session`, `\(session.current.catalog)`.`\(session.current.schema)`]",
                ], at: reference.span)
        }
        return ResultSet([Field("function_desc", .text, nullable: false)], rows: lines.map { [.string($0)] })
    }

    private func function(_ reference: NameReference) throws(SQLError) -> FunctionInfo? {
        let name = try objectName(reference)
        guard try onCatalog(name.parts, { try workspace.functions.find(name) }) != nil else { return nil }
        return try onCatalog(name.parts) { try workspace.functions.get(name, browse: true, by: principal) }
    }

    /// The lines that Databricks documents for SQL functions, labels in a column of their own.
    private func described(_ function: SQLFunction, owner: String?, createdAt: Int64?, _ extended: Bool) throws(SQLError) -> [String] {
        let definition = function.definition
        var lines: [String] = []
        func add(_ label: String, _ values: [String]) {
            for (index, value) in values.enumerated() {
                let head = index == 0 ? label + ":" : ""
                lines.append(head + String(repeating: " ", count: max(1, 15 - head.count)) + value)
            }
        }
        func columns(_ list: [CreateFunction.Parameter]) throws(SQLError) -> [String] {
            let width = list.map(\.name.text.count).max() ?? 0
            var result: [String] = []
            for item in list {
                let type = try DataType(item.type).sqlText
                result.append(item.name.text + String(repeating: " ", count: width - item.name.text.count + 1) + type)
            }
            return result.isEmpty ? ["()"] : result
        }
        add("Function", [function.name.joined(separator: ".")])
        let parameters = try columns(definition.parameters)
        switch definition.returns {
        case .table(let list):
            add("Type", ["TABLE"])
            add("Input", parameters)
            add("Returns", try columns(list))
        case .type(let type):
            add("Type", ["SCALAR"])
            add("Input", parameters)
            add("Returns", [try DataType(type).sqlText])
        case .derived:
            add("Type", ["SCALAR"])
            add("Input", parameters)
        }
        guard extended else { return lines }
        if let comment = definition.comment { add("Comment", [comment]) }
        add("Data Access", [function.readsData ? "READS SQL DATA" : "CONTAINS SQL"])
        if let owner { add("Owner", [owner]) }
        if let createdAt { add("Create Time", [DateText.long(millis: createdAt)]) }
        if case .createFunction(let own) = try Parser.parse(function.text).kind {
            switch own.body {
            case .expression(let body): add("Body", [body.span.text(in: function.text) ?? ""])
            case .query(let body): add("Body", [body.span.text(in: function.text) ?? ""])
            case .external(let text), .className(let text): add("Body", [text])
            }
        }
        return lines
    }

    /// One row. Source: Databricks' SQL reference, DESCRIBE VOLUME.
    func describeVolume(_ reference: NameReference) throws(SQLError) -> ResultSet {
        let name = try objectName(reference)
        let volume = try onCatalog(name.parts) { try workspace.volumes.get(name, browse: true, by: principal) }
        let location: Value = volume.kind == .external ? .string(volume.location) : .null
        return ResultSet(
            [
                Field("name", .text, nullable: false), Field("catalog", .text, nullable: false), Field("database", .text, nullable: false),
                Field("owner", .text, nullable: false), Field("storageLocation", .text), Field("volumeType", .text, nullable: false),
                Field("comment", .text),
            ],
            rows: [
                [
                    .string(volume.name.name), .string(volume.name.catalog), .string(volume.name.schema), .string(volume.owner), location,
                    .string(volume.kind.rawValue), volume.comment.map { .string($0) } ?? .null,
                ]
            ])
    }
}

/// What DESCRIBE FUNCTION says of a function of values, an aggregate or a window function.
private struct FunctionText {
    let name: String
    let usage: String
    let examples: [Example]
    let since: String

    init?(_ name: String) {
        let registry = FunctionRegistry.builtin
        if let function = registry.scalar(name) {
            (self.name, usage, examples, since) = (function.name, function.usage, function.examples, function.since)
        } else if let function = registry.aggregate(name) {
            (self.name, usage, examples, since) = (function.name, function.usage, function.examples, function.since)
        } else if let function = registry.window(name) {
            (self.name, usage, examples, since) = (function.name, function.usage, function.examples, function.since)
        } else {
            return nil
        }
    }

    func lines(extended: Bool) -> [String] {
        var lines = ["Function: \(name)", "Usage: \(usage)"]
        if extended {
            lines.append("Extended Usage:\n    Examples:")
            lines += examples.map { "      > SELECT \($0.sql);\n       \($0.result)" }
            lines.append("    Since: \(since)")
        }
        return lines
    }
}
