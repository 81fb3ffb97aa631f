import JSON

/// Notebooks in their formats: source text with marks between cells, Jupyter's JSON, and an HTML page.
enum NotebookFormat {
    struct Cell: Hashable {
        var text: String
        /// `md`, `sql`, … where the cell is not in the notebook's language.
        var magic: String?
    }

    /// The sign that begins a comment of the language.
    static func comment(_ language: String) -> String {
        switch language {
        case "SQL": "--"
        case "SCALA": "//"
        default: "#"
        }
    }

    static func fileExtension(_ language: String) -> String {
        switch language {
        case "SQL": ".sql"
        case "SCALA": ".scala"
        case "R": ".r"
        default: ".py"
        }
    }

    static func language(ofPath path: String) -> String? {
        let lower = path.lowercased()
        if lower.hasSuffix(".py") || lower.hasSuffix(".ipynb") { return "PYTHON" }
        if lower.hasSuffix(".sql") { return "SQL" }
        if lower.hasSuffix(".scala") { return "SCALA" }
        return lower.hasSuffix(".r") ? "R" : nil
    }

    static func header(_ language: String) -> String { comment(language) + " Databricks notebook source" }

    static func isSource(_ text: String, _ language: String) -> Bool { text.hasPrefix(header(language)) }

    static func cells(_ source: String, _ language: String) -> [Cell] {
        let mark = comment(language)
        var body = source.replacing("\r\n", with: "\n")
        if isSource(body, language) { body = String(body.dropFirst(header(language).count).drop { $0 == "\n" }) }
        return body.components("\n\(mark) COMMAND ----------\n").map { part in
            let text = part.trimmingNewlines
            let prefix = mark + " MAGIC "
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            guard !lines.isEmpty, lines.allSatisfy({ $0.hasPrefix(prefix) || $0 == prefix.dropLast() }) else { return Cell(text: text) }
            let inner = lines.map { $0.dropFirst(prefix.count) }.joined(separator: "\n")
            guard inner.hasPrefix("%") else { return Cell(text: inner) }
            let word = inner.dropFirst().prefix { $0.isLetter }
            return Cell(text: String(inner.dropFirst(word.count + 1).drop { $0 == " " || $0 == "\n" }), magic: String(word))
        }
    }

    static func source(_ cells: [Cell], _ language: String) -> String {
        let mark = comment(language)
        let parts = cells.map { cell -> String in
            guard let magic = cell.magic else { return cell.text }
            return "%\(magic)\n\(cell.text)".split(separator: "\n", omittingEmptySubsequences: false).map { "\(mark) MAGIC \($0)" }.joined(
                separator: "\n")
        }
        return header(language) + "\n" + parts.joined(separator: "\n\n\(mark) COMMAND ----------\n\n") + "\n"
    }

    // MARK: Jupyter

    static func jupyter(_ cells: [Cell], _ language: String, name: String) -> [UInt8] {
        let shown = cells.map { cell -> JSONValue in
            let isText = cell.magic == "md"
            let text = cell.magic.map { isText ? cell.text : "%\($0)\n\(cell.text)" } ?? cell.text
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let source = lines.enumerated().map { JSONValue.string($1 + ($0 + 1 < lines.count ? "\n" : "")) }
            var object = JSONObject([("cell_type", isText ? "markdown" : "code"), ("metadata", [:]), ("source", .array(source))])
            if !isText {
                object["execution_count"] = 0
                object["outputs"] = []
            }
            return .object(object)
        }
        let notebook: JSONValue = [
            "cells": .array(shown),
            "metadata": [
                "application/vnd.databricks.v1+notebook": ["notebookName": .string(name), "language": .string(language.lowercased())],
                "language_info": ["name": .string(language.lowercased())],
            ],
            "nbformat": 4, "nbformat_minor": 0,
        ]
        return notebook.encoded()
    }

    /// Nil for what is no Jupyter notebook.
    static func parse(jupyter bytes: [UInt8]) -> (cells: [Cell], language: String)? {
        guard let notebook = try? JSONValue(parsing: bytes), let cells = notebook["cells"]?.arrayValue else { return nil }
        let info = notebook["metadata"]?["language_info"]?["name"]?.stringValue ?? notebook["metadata"]?["kernelspec"]?["language"]?.stringValue
        let language = (info ?? "python").uppercased()
        let known = ["PYTHON", "SQL", "SCALA", "R"].contains(language) ? language : "PYTHON"
        let read = cells.map { cell -> Cell in
            let text = cell["source"]?.stringValue ?? (cell["source"]?.arrayValue ?? []).compactMap(\.stringValue).joined()
            if cell["cell_type"] == "markdown" { return Cell(text: text, magic: "md") }
            guard text.hasPrefix("%"), !text.hasPrefix("%%") else { return Cell(text: text) }
            let word = text.dropFirst().prefix { $0.isLetter }
            return Cell(text: String(text.dropFirst(word.count + 1).drop { $0 == " " || $0 == "\n" }), magic: String(word))
        }
        return (read, known)
    }

    // MARK: HTML

    /// A page with the cells, and the source inside so that it can be read back.
    static func html(_ source: String, _ language: String, name: String) -> [UInt8] {
        let cells = cells(source, language).map { "<pre class=\"cell\(($0.magic.map { " " + $0 }) ?? "")\">\(escaped($0.text))</pre>" }
        let page = """
            <!DOCTYPE html>
            <html><head><meta charset="utf-8"><meta name="databricks-html-version" content="1"><title>\(escaped(name)) - Databricks</title></head>
            <body data-language="\(language)">
            \(cells.joined(separator: "\n"))
            <script type="application/x-notebook-source">\(Base64.encode(Array(source.utf8)))</script>
            </body></html>

            """
        return Array(page.utf8)
    }

    static func parse(html bytes: [UInt8]) -> (source: String, language: String)? {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let open = text.firstRange(of: "<script type=\"application/x-notebook-source\">"),
            let close = text[open.upperBound...].firstRange(of: "</script>"),
            let source = Base64.decode(String(text[open.upperBound..<close.lowerBound])),
            let attribute = text.firstRange(of: "data-language=\"")
        else { return nil }
        let language = String(text[attribute.upperBound...].prefix { $0 != "\"" })
        guard ["PYTHON", "SQL", "SCALA", "R"].contains(language) else { return nil }
        return (String(decoding: source, as: UTF8.self), language)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let found = rest.firstRange(of: separator) {
            parts.append(String(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return parts + [String(rest)]
    }

    fileprivate var trimmingNewlines: String {
        var text = Substring(self).drop { $0 == "\n" }
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
