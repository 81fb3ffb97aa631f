import Columnar
import SparkErrors
import SparkFunctions
import TestSupport
import Testing

/// Whatever bytes a sketch, a document or a line of CSV consists of: an answer or an error, never a trap.
@Suite struct DecoderFuzzTests {
    private func call(_ name: String, _ arguments: [(Value, DataType)]) throws {
        let function = try #require(FunctionRegistry.builtin.scalar(name))
        let context = EvaluationContext()
        let bound = try function.bind(arguments.map { ArgumentInfo($1, constant: $0, sql: "x") }, context)
        let columns = try zip(arguments, bound.argumentTypes).map { argument, type in
            try Cast.cast(Column(argument.1, of: [argument.0]), to: type, context)
        }
        _ = try bound.evaluate(columns, rowCount: 1, context)
    }

    /// Mutations of well-formed bytes.
    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where !bytes.isEmpty: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            case 1 where !bytes.isEmpty: bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
            case 2: bytes.insert(UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes += bytes.suffix(Int.random(in: 0...16, using: &random))
            }
        }
        return bytes
    }

    private static let sketches: [(String, [UInt8])] = [
        (
            "kll_sketch_to_string_bigint",
            bytes("05010F00C80008000300000000000000C8000100C500000004000000000000000600000000000000060000000000000004000000000000000500000000000000")
        ),
        ("kll_sketch_get_n_float", bytes("05010F00C80008000300000000000000C8000100C5000000000080400000C0400000C040000080400000B040")),
        ("hll_sketch_estimate", bytes("0201070C030003082BF2FB06862FF90D758166070000000000000000000000000000000000000000")),
        ("theta_sketch_estimate", bytes("0104033E011ACC930316861AF72DF7E4558FBE9C3477E9EAEFB2E5966BADAA3DC0")),
    ]

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8).map { UInt8($0 < 58 ? $0 - 48 : $0 - 55) }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test(arguments: sketches.indices) func sketchesOfAnyBytes(_ index: Int) throws {
        let (name, whole) = Self.sketches[index]
        try call(name, [(.binary(whole), .binary)])
        var random = SeededRandom(seed: UInt64(index) + 1)
        for _ in 0..<300 {
            let bytes = mutated(whole, &random)
            do { try call(name, [(.binary(bytes), .binary)]) } catch let error as SQLError {
                #expect(error.condition.name.contains("INVALID_INPUT_SKETCH_BUFFER"))
            }
        }
    }

    private static let avroSchema = """
        {"type":"record","name":"r","fields":[{"name":"i","type":["null","int"]},{"name":"s","type":"string"},
        {"name":"d","type":{"type":"bytes","logicalType":"decimal","precision":5,"scale":2}},{"name":"a","type":{"type":"array","items":["null","double"]}},
        {"name":"m","type":{"type":"map","values":{"type":"enum","name":"e","symbols":["x","y"]}}},{"name":"n","type":{"type":"array","items":"null"}},
        {"name":"f","type":{"type":"fixed","name":"f2","size":2}},{"name":"t","type":{"type":"long","logicalType":"timestamp-millis"}}]}
        """

    @Test func avroOfAnyBytes() throws {
        let whole = Self.bytes("02040261027B0202000000000000F83F0002026B02000400010280B0BA8AB2630200")
        var random = SeededRandom(seed: 11)
        for _ in 0..<1_000 {
            for schema in [Self.avroSchema, "\"long\"", "{\"type\":\"array\",\"items\":\"null\"}"] {
                do {
                    try call("from_avro", [(.binary(mutated(whole, &random)), .binary), (.string(schema), .text)])
                } catch let error as SQLError { #expect(error.condition.name == "MALFORMED_AVRO_MESSAGE") }
            }
        }
    }

    @Test func avroSchemasOfAnyText() throws {
        var random = SeededRandom(seed: 12)
        for _ in 0..<2_000 {
            let schema = String(decoding: mutated(Array(Self.avroSchema.utf8), &random), as: UTF8.self)
            do { try call("schema_of_avro", [(.string(schema), .text)]) } catch let error as SQLError {
                #expect(error.condition.name == "UNSUPPORTED_FEATURE.NOT_SIMULATED")
            }
        }
    }

    /// Names that stand for twice what the name before does, and for one level more than it.
    @Test func avroSchemasThatGrow() throws {
        func record(_ name: String, _ parts: [String]) -> String {
            let fields = parts.enumerated().map { "{\"name\":\"f\($0)\",\"type\":\($1)}" }.joined(separator: ",")
            return "{\"type\":\"record\",\"name\":\"\(name)\",\"fields\":[\(fields)]}"
        }
        for copies in [1, 2] {
            let parts = (1...200).map { record("r\($0)", [String](repeating: $0 == 1 ? "\"int\"" : "\"r\($0 - 1)\"", count: copies)) }
            let error = #expect(throws: SQLError.self) {
                try call("schema_of_avro", [(.string(record("all", parts)), .text)])
            }
            #expect(error?.summary.contains(copies == 1 ? "it is nested too deeply" : "it has more than 10000 parts") == true)
        }
    }

    @Test func documentsOfAnyBytes() throws {
        let document = Array("<?xml version=\"1.0\"?><!-- c --><p a='1'><b x=\"2\">t&lt;&#65;</b><c><![CDATA[<x>]]></c><b/></p>".utf8)
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            let text = Value.string(String(decoding: mutated(document, &random), as: UTF8.self))
            try call("from_xml", [(text, .text), (.string("_a INT, b ARRAY<STRUCT<_x: INT, _VALUE: STRING>>, c STRING"), .text)])
            do { try call("xpath_string", [(text, .text), (.string("//b[@x>1]/text()"), .text)]) } catch is SQLError {}
        }
    }

    @Test func pathsAndLinesOfAnyBytes() throws {
        let path = Array("/p/b[position()=last()]/@x | //c[contains(., 'x') and not(d)]/../*[1] + count(a) * -2".utf8)
        let line = Array("1,\"a\"\"b\\\"c\",2020-01-01, 1.5 ,,x".utf8)
        var random = SeededRandom(seed: 12)
        for _ in 0..<300 {
            let wanted = Value.string(String(decoding: mutated(path, &random), as: UTF8.self))
            do { try call("xpath_string", [(.string("<p><b x='1'/><c>x</c></p>"), .text), (wanted, .text)]) } catch is SQLError {}
            let csv = Value.string(String(decoding: mutated(line, &random), as: UTF8.self))
            try call("from_csv", [(csv, .text), (.string("a INT, b STRING, c DATE, d DOUBLE, e INT, f STRING"), .text)])
        }
    }
}
