import Columnar
import SparkErrors

extension ScalarFunction {
    /// A function that evaluates a constant XPath over each text. An empty text, or none, gives NULL.
    private static func xpath<R: Cell>(
        _ name: String, aliases: [String] = [], returns type: DataType, usage: String, examples: [Example],
        _ body: @escaping @Sendable (XPathEvaluation, XPath) throws(XPath.Failure) -> R?
    ) -> ScalarFunction {
        ScalarFunction(name, aliases: aliases, group: .xml, since: "2.0.0", usage: usage, examples: examples) { (call, context) throws(SQLError) in
            let types = try Signature([.string, .string], returns: type).argumentTypes(call)
            let path = try call.constant(1, "path", .text, context)
            guard case .string(let text) = path else {
                return BoundScalar(types, returns: type, nullable: true) { (_, rowCount, _) throws(SQLError) in .nulls(type, count: rowCount) }
            }
            return BoundScalar(types, returns: type, nullable: true) { (arguments, _, _) throws(SQLError) in
                let compiled: XPath
                do throws(XPath.Failure) { compiled = try XPath(text) } catch {
                    throw SQLError(
                        .invalidParameterValuePattern,
                        ["parameter": SQLQuote.id("path"), "functionName": SQLQuote.id(name), "value": "'\(text)': \(error.message)"])
                }
                return try Rows.map(arguments[0], to: type) { (xml: ByteSlice) throws(SQLError) -> R? in
                    if xml.isEmpty { return nil }
                    let document: XMLDocument
                    do throws(XMLDocument.Failure) { document = try XMLDocument(xml) } catch {
                        throw SQLError(
                            .malformedRecordInParsingWithoutSuggestion,
                            ["badRecord": String(decoding: xml.prefix(200), as: UTF8.self), "failFastMode": "FAILFAST"])
                    }
                    do throws(XPath.Failure) { return try body(XPathEvaluation(document: document), compiled) } catch {
                        throw SQLError(
                            .invalidParameterValuePattern,
                            ["parameter": SQLQuote.id("path"), "functionName": SQLQuote.id(name), "value": "'\(text)': \(error.message)"])
                    }
                }
            }
        }
    }

    private static let sample = "'<a><b>1</b><b>2</b></a>'"

    /// As Java narrows a double: NaN is 0, what is too large the greatest value.
    private static func narrowed<T: FixedWidthInteger>(_ value: Double, _: T.Type) -> T {
        value.isNaN ? 0 : value >= Double(T.max) ? .max : value <= Double(T.min) ? .min : T(value)
    }

    static let xpathFunctions: [ScalarFunction] = [
        .xpathList, .xpathBoolean, .xpathDouble, .xpathFloat, .xpathInt, .xpathLong, .xpathShort, .xpathString,
    ]

    private static let xpathList = xpath(
        "xpath", returns: .array(element: .text, containsNull: true),
        usage: "xpath(xml, path) - The values of the attributes and texts that a path leads to; an element has none.",
        examples: [Example("xpath('<a><b>b1</b><b>b2</b></a>', 'a/b/text()')", "[\"b1\",\"b2\"]")]
    ) { (evaluation, path) throws(XPath.Failure) -> Value? in
        guard case .nodes(let nodes) = try evaluation.value(path) else { throw .init(message: "a node set was expected") }
        return .list(
            nodes.map { index in
                switch evaluation.document.nodes[index].kind {
                case .root, .element: .null
                default: .string(evaluation.document.nodes[index].value)
                }
            })
    }
    private static let xpathBoolean = xpath(
        "xpath_boolean", returns: .boolean, usage: "xpath_boolean(xml, path) - Whether the path is true, or leads to something.",
        examples: [Example("xpath_boolean(\(sample), 'a/b')", "true"), Example("xpath_boolean(\(sample), 'a/b = 3')", "false")]
    ) { (evaluation, path) throws(XPath.Failure) -> Bool? in evaluation.boolean(try evaluation.value(path)) }
    private static let xpathDouble = xpath(
        "xpath_double", aliases: ["xpath_number"], returns: .double,
        usage: "xpath_double(xml, path) - The number that a path gives; NaN if it is none.",
        examples: [Example("xpath_double(\(sample), 'sum(a/b)')", "3.0"), Example("xpath_number(\(sample), 'a/c')", "NaN")]
    ) { (evaluation, path) throws(XPath.Failure) -> Double? in evaluation.number(try evaluation.value(path)) }
    private static let xpathFloat = xpath(
        "xpath_float", returns: .float, usage: "xpath_float(xml, path) - The number that a path gives; NaN if it is none.",
        examples: [Example("xpath_float(\(sample), 'sum(a/b)')", "3.0")]
    ) { (evaluation, path) throws(XPath.Failure) -> Float? in Float(evaluation.number(try evaluation.value(path))) }
    private static let xpathInt = xpath(
        "xpath_int", returns: .int, usage: "xpath_int(xml, path) - The whole number that a path gives; 0 if it is none.",
        examples: [Example("xpath_int(\(sample), 'sum(a/b)')", "3"), Example("xpath_int(\(sample), 'a/c')", "0")]
    ) { (evaluation, path) throws(XPath.Failure) -> Int32? in narrowed(evaluation.number(try evaluation.value(path)), Int32.self) }
    private static let xpathLong = xpath(
        "xpath_long", returns: .long, usage: "xpath_long(xml, path) - The whole number that a path gives; 0 if it is none.",
        examples: [Example("xpath_long(\(sample), 'sum(a/b)')", "3")]
    ) { (evaluation, path) throws(XPath.Failure) -> Int64? in narrowed(evaluation.number(try evaluation.value(path)), Int64.self) }
    private static let xpathShort = xpath(
        "xpath_short", returns: .short, usage: "xpath_short(xml, path) - The whole number that a path gives; 0 if it is none.",
        examples: [Example("xpath_short(\(sample), 'sum(a/b)')", "3")]
    ) { (evaluation, path) throws(XPath.Failure) -> Int16? in
        Int16(truncatingIfNeeded: narrowed(evaluation.number(try evaluation.value(path)), Int32.self))
    }
    private static let xpathString = xpath(
        "xpath_string", returns: .text, usage: "xpath_string(xml, path) - The text of the first node that a path leads to.",
        examples: [Example("xpath_string('<a><b>b</b><c>cc</c></a>', 'a/c')", "cc")]
    ) { (evaluation, path) throws(XPath.Failure) -> String? in evaluation.string(try evaluation.value(path)) }
}
