import JSON
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    @Test func scalars() throws {
        #expect(try JSONValue(parsing: " null\n") == .null)
        #expect(try JSONValue(parsing: "true") == .bool(true))
        #expect(try JSONValue(parsing: "\tfalse\r") == .bool(false))
        #expect(try JSONValue(parsing: "\"\"") == .string(""))
        for number in ["0", "-0", "12", "-3.50", "1e5", "1E+05", "2.5e-7", "9223372036854775808", "123456789012345678901234567890.123"] {
            #expect(try JSONValue(parsing: number) == .number(number))
        }
    }

    @Test func structures() throws {
        let value = try JSONValue(parsing: #"{"b" : [1, {"x":null}, [] ], "a":{} , "c":"d"}"#)
        #expect(value == ["b": [1, ["x": .null], []], "a": [:], "c": "d"])
        #expect(value.objectValue?.names == ["b", "a", "c"])
    }

    @Test func lastOfDuplicatesWins() throws {
        let value = try JSONValue(parsing: #"{"a":1,"b":2,"a":3}"#)
        #expect(value.text == #"{"a":3,"b":2}"#)
        let many = (0..<100).map { "\"k\($0 % 50)\":\($0)" }.joined(separator: ",")
        let object = try JSONValue(parsing: "{\(many)}").objectValue
        #expect(object?.count == 50)
        #expect(object?["k7"] == 57)
        // Names with one digest are still told apart.
        let names = (0..<500).map { "\"\($0)\":\($0)" }.joined(separator: ",")
        #expect(try JSONValue(parsing: "{\(names)}").objectValue?.count == 500)
    }

    @Test func strings() throws {
        #expect(try JSONValue(parsing: #""a\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00z""#) == .string("a\"\\/\u{8}\u{c}\n\r\tAé€😀z"))
        #expect(try JSONValue(parsing: "\"naïve – 日本語 😀, and a tail long enough\"") == .string("naïve – 日本語 😀, and a tail long enough"))
        #expect(try JSONValue(parsing: #""\u0000""#) == .string("\0"))
        for length in 0..<40 {
            let plain = String(repeating: "x", count: length)
            #expect(
                try JSONValue(parsing: "[\"\(plain)\",\"\(plain)é\",\"\(plain)\\n\"]") == [
                    .string(plain), .string(plain + "é"), .string(plain + "\n"),
                ])
        }
    }

    static let refused: [(String, Int)] = [
        ("", 0), ("  ", 2), ("nul", 0), ("truE", 0), ("[1,]", 3), ("[1 2]", 3), ("{\"a\" 1}", 5), ("{\"a\":1,}", 7), ("{a:1}", 1), ("[", 1),
        ("{\"a\":", 5),
        ("1 2", 2), ("01", 0), ("-", 1), ("1.", 2), (".5", 0), ("1e", 2), ("1e+", 3), ("+1", 0), ("NaN", 0), ("-Infinity", 1), ("'a'", 0),
        ("\"abc", 0), ("\"a\nb\"", 2), ("\"\\x\"", 1), ("\"\\u12G4\"", 5), ("\"\\ud800\"", 1), ("\"\\ud800\\u0041\"", 1),
        ("\"\\udc00\"", 1),
        ("\"\\", 1), ("\"\\u12", 1), ("\u{FEFF}1", 0), ("// x\n1", 0), ("]", 0), ("[1}", 2),
    ]

    @Test(arguments: refused) func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.offset == offset, "\(text)")
    }

    static let illFormed: [[UInt8]] = [
        [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF0, 0x8F, 0x80, 0x80],
        [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80],
        [0xF0, 0x9F, 0x98], [0xFF],
    ]

    @Test(arguments: illFormed) func refusesIllFormedUTF8(_ sequence: [UInt8]) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0x61] + sequence + [0x22]) }
        #expect(error?.offset == 2)
        #expect(error?.message == "invalid UTF-8")
    }

    @Test func placesOfErrors() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "{\n  \"a\": 1,\n  \"b\": x\n}") }
        #expect(error?.line == 3)
        #expect(error?.column == 8)
        #expect(error.map { "\($0)" } == "unexpected 'x', expected a value at line 3, column 8")
    }

    @Test func depth() throws {
        func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSONValue(parsing: nested(256)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(257)) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: nested(100_000), maxDepth: .max) }
        // Siblings do not count.
        #expect(throws: Never.self) { try JSONValue(parsing: "[[[]],[[]],[[]]]", maxDepth: 3) }
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[{\"a\":[]}]", maxDepth: 2) }
    }

    /// Mutations of a valid document are read or refused, and what is read prints and reads back to the same value.
    @Test func fuzz() throws {
        let seed = Array(#"{"a":[1,-2.5e3,true,null,"x\u00e9\n\ud83d\ude00é"],"b":{"c":"","d":[{},[]]},"a":"日本"}"#.utf8)
        let alphabet = Array(#"{}[],:"\u0123456789eE+-.dtrufalsn "#.utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xE2, 0xF0, 0xFF]
        var random = SeededRandom(seed: 11)
        var accepted = 0
        for _ in 0..<30_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let position = Int.random(in: 0..<max(bytes.count, 1), using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where !bytes.isEmpty: bytes.remove(at: position)
                case 1: bytes.insert(alphabet.randomElement(using: &random) ?? 0, at: position)
                case 2 where !bytes.isEmpty: bytes[position] = alphabet.randomElement(using: &random) ?? 0
                default: bytes = Array(bytes.prefix(position))
                }
            }
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            accepted += 1
            #expect(try JSONValue(parsing: value.encoded()) == value)
        }
        #expect(accepted > 100)
    }
}
