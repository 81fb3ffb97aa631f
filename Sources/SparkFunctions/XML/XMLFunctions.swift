import Columnar
import SparkErrors

/// What the options of the XML functions say.
struct XMLDialect: Sendable {
    let attributePrefix: String
    let valueTag: String
    let excludesAttributes: Bool
    let trims: Bool
    let nullValue: String?
    let rowTag: String
    let itemTag: String
    let declaration: String
    let ignoresNamespaces: Bool

    init(_ options: JSONOptions) {
        attributePrefix = options["attributePrefix"] ?? "_"
        valueTag = options["valueTag"] ?? "_VALUE"
        excludesAttributes = options.flag("excludeAttribute", false)
        trims = options.flag("ignoreSurroundingSpaces", true)
        nullValue = options["nullValue"]
        rowTag = options["rowTag"] ?? "ROW"
        itemTag = options["arrayElementName"] ?? "item"
        declaration = options["declaration"] ?? ""
        ignoresNamespaces = options.flag("ignoreNamespace", false)
    }

    /// An element's or attribute's name, without its prefix if namespaces are not looked at.
    func name(_ node: Int, _ document: XMLDocument) -> String {
        let name = document.nodes[node].name
        guard ignoresNamespaces, let colon = name.lastIndex(of: ":") else { return name }
        return String(name[name.index(after: colon)...])
    }

    /// An element's own text, without its children's.
    func ownText(_ element: Int, _ document: XMLDocument) -> String {
        let text = document.nodes[element].children.filter { document.nodes[$0].kind == .text }.map { document.nodes[$0].value }.joined()
        guard trims else { return text }
        return String(decoding: DateTimeText.trimmed(text.utf8), as: UTF8.self)
    }

    func elements(_ element: Int, _ document: XMLDocument) -> [Int] {
        document.nodes[element].children.filter { document.nodes[$0].kind == .element }
    }

    func attributes(_ element: Int, _ document: XMLDocument) -> [(name: String, value: String)] {
        if excludesAttributes { return [] }
        return document.nodes[element].attributes.map { (attributePrefix + name($0, document), document.nodes[$0].value) }
    }
}

/// XML to values of a schema's types.
struct XMLConverter {
    private let dialect: XMLDialect
    private let reader: FieldReader
    private let corruptName: String
    private var failed = false

    init(_ options: JSONOptions, _ context: EvaluationContext) throws(SQLError) {
        dialect = XMLDialect(options)
        reader = try FieldReader(options, context)
        corruptName = options["columnNameOfCorruptRecord"] ?? "_corrupt_record"
    }

    mutating func record(_ text: ByteSlice, _ fields: [Field], failFast: Bool) throws(SQLError) -> Value? {
        failed = false
        var parts = [Value](repeating: .null, count: fields.count)
        do throws(XMLDocument.Failure) {
            let document = try XMLDocument(text)
            if let root = document.rootElement { parts = structure(root, document, fields) }
        } catch {
            failed = true
        }
        if failed, failFast {
            throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": "[null]", "failFastMode": "FAILFAST"])
        }
        if failed, let index = fields.firstIndex(where: { $0.name == corruptName && $0.type.isString }) {
            parts[index] = .string(String(decoding: text, as: UTF8.self))
        }
        return .structure(parts)
    }

    /// An element as a VARIANT: an object of its attributes and elements, or a plain value.
    mutating func variant(_ text: ByteSlice, failFast: Bool) throws(SQLError) -> Value? {
        do throws(XMLDocument.Failure) {
            let document = try XMLDocument(text)
            return document.rootElement.map { node($0, document).encoded }
        } catch {
            if failFast {
                throw SQLError(.malformedRecordInParsingWithoutSuggestion, ["badRecord": "[null]", "failFastMode": "FAILFAST"])
            }
            return nil
        }
    }

    private func node(_ element: Int, _ document: XMLDocument) -> VariantNode {
        func plain(_ text: String) -> VariantNode { text.isEmpty || text == dialect.nullValue ? .null : reader.variant(text) }
        let attributes = dialect.attributes(element, document)
        let children = dialect.elements(element, document)
        let text = dialect.ownText(element, document)
        if attributes.isEmpty, children.isEmpty { return plain(text) }
        var members: [(name: String, values: [VariantNode])] = []
        func add(_ name: String, _ value: VariantNode) {
            if let index = members.firstIndex(where: { $0.name == name }) {
                members[index].values.append(value)
            } else {
                members.append((name, [value]))
            }
        }
        for (name, value) in attributes { add(name, plain(value)) }
        for child in children { add(dialect.name(child, document), node(child, document)) }
        if !text.isEmpty { add(dialect.valueTag, plain(text)) }
        return .object(VariantNode.sorted(members.map { .init($0.name, $0.values.count == 1 ? $0.values[0] : .array($0.values)) }))
    }

    private mutating func structure(_ element: Int, _ document: XMLDocument, _ fields: [Field]) -> [Value] {
        var parts = [Value](repeating: .null, count: fields.count)
        for (name, value) in dialect.attributes(element, document) {
            if let index = fields.firstIndex(where: { $0.name == name }) { parts[index] = plain(value, fields[index].type) }
        }
        if let index = fields.firstIndex(where: { $0.name == dialect.valueTag }) {
            let text = dialect.ownText(element, document)
            if !text.isEmpty { parts[index] = plain(text, fields[index].type) }
        }
        var lists: [Int: [Value]] = [:]
        for child in dialect.elements(element, document) {
            let name = dialect.name(child, document)
            guard let index = fields.firstIndex(where: { $0.name == name }) else { continue }
            if case .array(let item, _) = fields[index].type {
                lists[index, default: []].append(convert(child, document, item))
            } else {
                parts[index] = convert(child, document, fields[index].type)
            }
        }
        for (index, values) in lists { parts[index] = .list(values) }
        return parts
    }

    private mutating func convert(_ element: Int, _ document: XMLDocument, _ type: DataType) -> Value {
        switch type {
        case .structure(let fields): return .structure(structure(element, document, fields))
        case .map(_, let inner, _):
            var entries: [Value.MapEntry] = []
            for (name, value) in dialect.attributes(element, document) { entries.append(.init(.string(name), plain(value, inner))) }
            for child in dialect.elements(element, document) {
                entries.append(.init(.string(dialect.name(child, document)), convert(child, document, inner)))
            }
            return .map(entries)
        case .array(let item, _):
            var values: [Value] = []
            for child in dialect.elements(element, document) { values.append(convert(child, document, item)) }
            return .list(values)
        case .variant: return node(element, document).encoded
        case .string where !dialect.elements(element, document).isEmpty: return .string(Self.inner(element, document))
        default:
            let text = dialect.ownText(element, document)
            if text.isEmpty, !type.isString { return .null }
            return plain(text, type)
        }
    }

    private mutating func plain(_ text: String, _ type: DataType) -> Value {
        if text == dialect.nullValue { return .null }
        let text = dialect.trims ? DateTimeText.trimmed(text.utf8) : Array(text.utf8)
        if let value = reader.value(text, type) { return value }
        failed = true
        return .null
    }

    /// The markup between an element's tags.
    private static func inner(_ element: Int, _ document: XMLDocument) -> String {
        document.nodes[element].children.map { child in
            let node = document.nodes[child]
            switch node.kind {
            case .text: return XMLText.escaped(node.value)
            case .element:
                let attributes = node.attributes.map {
                    " \(document.nodes[$0].name)=\"\(XMLText.escaped(document.nodes[$0].value, quotes: true))\""
                }
                return "<\(node.name)\(attributes.joined())>\(inner(child, document))</\(node.name)>"
            default: return ""
            }
        }.joined()
    }
}

/// The schema of an element.
struct XMLInference {
    let dialect: XMLDialect
    let reader: FieldReader

    func type(_ element: Int, _ document: XMLDocument) -> DataType {
        let attributes = dialect.attributes(element, document)
        let children = dialect.elements(element, document)
        let text = dialect.ownText(element, document)
        if attributes.isEmpty, children.isEmpty { return plain(text) }
        var fields: [Field] = []
        func add(_ name: String, _ type: DataType, repeats: Bool) {
            guard let index = fields.firstIndex(where: { $0.name == name }) else { return fields.append(Field(name, type)) }
            if case .array(let item, _) = fields[index].type, repeats {
                fields[index].type = .array(element: JSONInference.merge(item, type), containsNull: true)
            } else {
                fields[index].type = .array(element: JSONInference.merge(fields[index].type, type), containsNull: true)
            }
        }
        var counts: [String: Int] = [:]
        for (name, value) in attributes { add(name, plain(value), repeats: false) }
        for child in children {
            let name = dialect.name(child, document)
            counts[name, default: 0] += 1
            add(name, type(child, document), repeats: (counts[name] ?? 0) > 2)
        }
        if !text.isEmpty { fields.append(Field(dialect.valueTag, plain(text))) }
        return .structure(fields.sorted { $0.name < $1.name })
    }

    private func plain(_ text: String) -> DataType {
        if text.isEmpty || text == dialect.nullValue { return .void }
        switch reader.inferred(DateTimeText.trimmed(text.utf8)) {
        case .int: return .long
        case let type: return type
        }
    }
}

/// Values as XML.
struct XMLText {
    let dialect: XMLDialect
    let writer: FieldWriter
    private(set) var text = ""

    init(dialect: XMLDialect, writer: FieldWriter) {
        self.dialect = dialect
        self.writer = writer
    }

    static func escaped(_ text: String, quotes: Bool = false) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">" where !quotes: result += "&gt;"
            case "\"" where quotes: result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    private func indent(_ depth: Int) -> String { "\n" + String(repeating: "    ", count: depth) }

    mutating func write(_ name: String, _ value: Value, _ type: DataType, depth: Int) {
        switch (value, type) {
        case (.null, _):
            if let null = dialect.nullValue { text += "\(indent(depth))<\(name)>\(Self.escaped(null))</\(name)>" }
        case (.list(let values), .array(let element, _)):
            for item in values {
                if case .array(let inner, _) = element, case .list(let parts) = item {
                    text += "\(indent(depth))<\(name)>"
                    for part in parts { write(dialect.itemTag, part, inner, depth: depth + 1) }
                    text += "\(indent(depth))</\(name)>"
                } else {
                    write(name, item, element, depth: depth)
                }
            }
        case (.map(let entries), .map(let key, let inner, _)):
            text += "\(indent(depth))<\(name)>"
            for entry in entries { write(writer.text(entry.key, key), entry.value, inner, depth: depth + 1) }
            text += "\(indent(depth))</\(name)>"
        case (.structure(let parts), .structure(let fields)): structure(name, parts, fields, depth: depth)
        default: text += "\(indent(depth))<\(name)>\(Self.escaped(writer.text(value, type)))</\(name)>"
        }
    }

    mutating func structure(_ name: String, _ parts: [Value], _ fields: [Field], depth: Int) {
        func isAttribute(_ field: Field) -> Bool {
            guard field.name.hasPrefix(dialect.attributePrefix), field.name != dialect.valueTag else { return false }
            switch field.type {
            case .array, .map, .structure: return false
            default: return true
            }
        }
        text += (text.isEmpty ? "" : indent(depth)) + "<\(name)"
        for (part, field) in zip(parts, fields) where isAttribute(field) && !part.isNull {
            text += " \(field.name.dropFirst(dialect.attributePrefix.count))=\"\(Self.escaped(writer.text(part, field.type), quotes: true))\""
        }
        text += ">"
        var hasChildren = false
        for (part, field) in zip(parts, fields) where !isAttribute(field) {
            if field.name == dialect.valueTag {
                if !part.isNull { text += Self.escaped(writer.text(part, field.type)) }
            } else {
                let before = text.utf8.count
                write(field.name, part, field.type, depth: depth + 1)
                if text.utf8.count > before { hasChildren = true }
            }
        }
        text += (hasChildren ? indent(depth) : "") + "</\(name)>"
    }
}

extension ScalarFunction {
    static let fromXML = ScalarFunction(
        "from_xml", group: .xml, since: "4.0.0",
        usage: "from_xml(xmlStr, schema[, options]) - A struct from an XML element, by a schema in DDL; what does not fit is NULL.",
        examples: [
            Example("from_xml('<p><a>1</a><b>0.8</b></p>', 'a INT, b DOUBLE')", "{\"a\":1,\"b\":0.8}"),
            Example("from_xml('<p x=\"5\"><a>1</a><a>2</a></p>', '_x INT, a ARRAY<INT>')", "{\"_x\":5,\"a\":[1,2]}"),
            Example("from_xml('<p><s><n>1</n></s></p>', 's STRUCT<n: INT>')", "{\"s\":{\"n\":1}}"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(2...3)
        guard Coercion.implicitCast(call.arguments[0].type, to: .string) != nil else { throw call.unexpectedType(0, "\"STRING\"") }
        let type = try schema(call, 1, context).asNullable
        var fields: [Field] = []
        switch type {
        case .structure(let given): fields = given
        case .variant: break
        default:
            throw SQLError(
                .invalidSchemaNonStructType,
                ["inputSchema": SQLQuote.expr(call.arguments[1].sql), "dataType": SQLQuote.type(type.sqlText)], phase: .analysis)
        }
        let (given, isVariant) = (fields, type == .variant)
        let options = try JSONOptions(call, 2, context).refusing(JSONOptions.refusedOfXML, "from_xml")
        let mode = (options["mode"] ?? "PERMISSIVE").uppercased()
        guard mode == "PERMISSIVE" || mode == "FAILFAST" else {
            throw SQLError(.parseModeUnsupported, ["funcName": SQLQuote.id("from_xml"), "mode": mode], phase: .analysis)
        }
        let types = [DataType.text, .text] + (call.count == 3 ? [call.types[2]] : [])
        return BoundScalar(types, returns: type, nullable: true) { (arguments, _, context) throws(SQLError) in
            var converter = try XMLConverter(options, context)
            return try Rows.map(arguments[0], to: type) { (text: ByteSlice) throws(SQLError) -> Value? in
                isVariant
                    ? try converter.variant(text, failFast: mode == "FAILFAST") : try converter.record(text, given, failFast: mode == "FAILFAST")
            }
        }
    }

    static let schemaOfXML = ScalarFunction(
        "schema_of_xml", group: .xml, since: "4.0.0", usage: "schema_of_xml(xml[, options]) - The schema of a constant XML element, in DDL.",
        examples: [
            Example("schema_of_xml('<p><a>1</a></p>')", "STRUCT<a: BIGINT>"),
            Example("schema_of_xml('<p><a b=\"x\">1</a><c>1</c><c>2</c></p>')", "STRUCT<a: STRUCT<_VALUE: BIGINT, _b: STRING>, c: ARRAY<BIGINT>>"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        let text = try call.constantText(0, "xml")
        let options = try JSONOptions(call, 1, context).refusing(JSONOptions.refusedOfXML + ["inferSchema", "preferDate"], "schema_of_xml")
        let inference = XMLInference(dialect: XMLDialect(options), reader: try FieldReader(options, context))
        var type = DataType.structure([Field("_corrupt_record", .text)])
        do throws(XMLDocument.Failure) {
            let document = try XMLDocument(text.utf8)
            if let root = document.rootElement { type = inference.type(root, document).settled }
        } catch {
            // What is no XML is one corrupt record.
        }
        switch type {
        case .structure: break
        default: type = .structure([Field(inference.dialect.valueTag, type)])
        }
        let schema = type.sqlText
        return BoundScalar(call.types, returns: .text, nullable: false) { (_, rowCount, _) throws(SQLError) in
            try Column.repeated(.string(schema), type: .text, count: rowCount)
        }
    }

    static let toXML = ScalarFunction(
        "to_xml", group: .xml, since: "4.0.0", usage: "to_xml(struct[, options]) - A struct as an XML element.",
        examples: [
            Example("to_xml(named_struct('a', 1, 'b', array(2, 3)))", "<ROW>\n    <a>1</a>\n    <b>2</b>\n    <b>3</b>\n</ROW>"),
            Example("to_xml(named_struct('_x', 1, 'a', 'p<q'), map('rowTag', 'r'))", "<r x=\"1\">\n    <a>p&lt;q</a>\n</r>"),
        ],
        syntax: .custom { name, arguments in "\(name)(\(arguments.prefix(1).joined()))" }
    ) { (call, context) throws(SQLError) in
        try call.checkCount(1...2)
        guard case .structure(let fields) = call.arguments[0].type else { throw call.unexpectedType(0, "\"STRUCT\"") }
        let options = try JSONOptions(call, 1, context).refusing(["validateName"], "to_xml")
        let dialect = XMLDialect(options)
        return BoundScalar(call.types, returns: .text, nullable: true) { (arguments, _, context) throws(SQLError) in
            let writer = try FieldWriter(options, context)
            return try Rows.map(arguments[0], to: .text) { (value: Value) throws(SQLError) -> String? in
                guard case .structure(let parts) = value else { return nil }
                var text = XMLText(dialect: dialect, writer: writer)
                text.structure(dialect.rowTag, parts, fields, depth: 0)
                return text.text
            }
        }
    }
}

let xmlFunctions: [ScalarFunction] = [.fromXML, .schemaOfXML, .toXML] + ScalarFunction.xpathFunctions
