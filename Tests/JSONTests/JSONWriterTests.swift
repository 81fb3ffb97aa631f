import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func compact() throws {
        let text = #"{"z":[1,2.50,-0,1E5],"a":{"b":null,"c":true,"d":false},"e":[],"f":{},"g":"é/\"\\"}"#
        #expect(try JSONValue(parsing: text).text == text)
    }

    @Test func escapesOnlyWhatMustBe() {
        #expect(
            JSONValue.string("\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é\u{2028}😀").text
                == "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\u{7f}é\u{2028}😀\"")
        for length in 0..<20 {
            let plain = String(repeating: "é", count: length)
            #expect(JSONValue.string(plain + "\n" + plain).text == "\"\(plain)\\n\(plain)\"")
        }
    }

    @Test func streaming() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("a", 1)
        writer.name("rows")
        writer.beginArray()
        for row in 0..<2 {
            writer.beginArray()
            writer.int(Int64.min + Int64(row))
            writer.string("x")
            writer.null()
            writer.endArray()
        }
        writer.beginObject()
        writer.endObject()
        writer.endArray()
        writer.member("b", true)
        writer.member("c", ["d": 1])
        writer.name("e")
        writer.double(.infinity)
        writer.name("f")
        writer.double(1.5)
        writer.name("g")
        writer.raw("[1]".utf8)
        writer.member("h", "i")
        writer.name("j")
        writer.string(utf8: Array("k\"".utf8)[...])
        writer.endObject()
        let expected =
            #"{"a":1,"rows":[[-9223372036854775808,"x",null],[-9223372036854775807,"x",null],{}],"b":true,"c":{"d":1},"e":null,"f":1.5,"g":[1],"h":"i","j":"k\""}"#
        #expect(String(decoding: writer.finish(), as: UTF8.self) == expected)
    }

    @Test func pretty() {
        let value: JSONValue = ["a": [1, ["b": [:]]], "c": [], "d": "e"]
        #expect(
            value.prettyText == """
                {
                  "a": [
                    1,
                    {
                      "b": {}
                    }
                  ],
                  "c": [],
                  "d": "e"
                }
                """)
    }

    @Test func objectsAreEqualInAnyOrder() {
        let left: JSONValue = ["a": 1, "b": [2]]
        let right: JSONValue = ["b": [2], "a": 1]
        #expect(left == right)
        #expect(left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": [3]])
        #expect(left != ["a": 1])
    }
}
