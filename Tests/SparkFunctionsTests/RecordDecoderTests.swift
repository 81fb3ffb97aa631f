import Columnar
import SparkFunctions
import TestSupport
import Testing

/// Records of files: what comes of well-formed ones, and that no bytes are a trap.
@Suite struct RecordDecoderTests {
    private let fields = [Field("a", .int), Field("b", .text), Field("c", .decimal(DecimalType(10, 2))), Field("d", .timestamp)]

    @Test func quotesAndEscapes() throws {
        func tokens(_ line: String, _ options: [String: String] = [:]) -> [String?] {
            CSVRecords(options).tokens(Array(line.utf8)[...]).map { $0.map { String(decoding: $0, as: UTF8.self) } }
        }
        // As Spark 4.1 answers.
        #expect(tokens("a,\"\"") == ["a", nil])
        #expect(tokens("\"x \"\"y\"\" z\",b") == ["\"x \"\"y\"\" z\"", "b"])
        #expect(tokens("\"x\" ,b") == ["x", "b"])
        #expect(tokens("\"x\"y,b") == ["\"x\"y", "b"])
        #expect(tokens("\"x \"\"y\"\" z\",b", ["escape": "\""]) == ["x \"y\" z", "b"])
        #expect(tokens("1||2||", ["sep": "||"]) == ["1", "2", nil])
        #expect(tokens("-;x", ["sep": ";", "nullvalue": "-"]) == [nil, "x"])
    }

    @Test func whatDoesNotFitIsRescued() throws {
        let values = try CSVRecords([:]).reader(EvaluationContext())
        let record = values.decode(CSVRecords([:]).tokens(Array("x,y,1.5".utf8)[...]), fields, at: [0, 1, 2, 3])
        #expect(record.values == [.null, .string("y"), .decimal(150), .null])
        #expect(record.isMalformed)
        #expect(JSONRecords.rescue(record, path: "/p") == .string("{\"a\":\"x\",\"_file_path\":\"/p\"}"))
        #expect(values.widened(.int, Array("3000000000".utf8)) == .long)
        #expect(values.widened(.date, Array("2026-01-01 10:00:00".utf8)) == .timestamp)
        #expect(values.widened(.void, Array("99999999999999999999".utf8)) == .decimal(DecimalType(20, 0)))
        #expect(values.widened(.boolean, Array("1".utf8)) == .text)
    }

    @Test func anyBytes() throws {
        let seeds = ["1,\"a\",2.50,2026-01-01", "{\"a\":1,\"b\":[{\"x\":null}],\"c\":\"1.5\"}", "[{\"a\":1},{\"b\":2}]", "\"\\\"\",,\"", "a|b||\"c"]
        var random = SeededRandom(seed: 11)
        let context = EvaluationContext()
        let options = [[:], ["escape": "\""], ["sep": "||"], ["quote": ""], ["sep": "", "nullvalue": "a"], ["dateformat": "yyyy/MM/dd"]]
        var json = try JSONRecords([:], context)
        for round in 0..<2000 {
            var bytes = Array(seeds[round % seeds.count].utf8)
            for _ in 0..<Int.random(in: 1...5, using: &random) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: index)
                default: bytes.insert(contentsOf: bytes[index...], at: index)
                }
            }
            let format = CSVRecords(options[round % options.count])
            let tokens = format.tokens(bytes[...])
            let reader = try format.reader(context)
            #expect(reader.decode(tokens, fields, at: [0, 1, nil, 2]).values.count == fields.count)
            for token in tokens { _ = reader.widened(.void, token) }
            for record in json.decode(bytes[...], fields) ?? [] { #expect(record.values.count == fields.count) }
            _ = json.widened(.void, bytes[...])
        }
    }
}
