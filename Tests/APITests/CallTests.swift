import API
import HTTPTypes
import JSON
import Testing
import Workspace

@Suite struct CallTests {
    private func fields(_ text: String, log: FieldLog? = nil) throws -> Fields {
        guard case .object(let object) = try JSONValue(parsing: text) else { throw WorkspaceError.malformed("test") }
        return Fields(object, log: log)
    }

    private func refusal(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "none"
        } catch { return "\(error)" }
    }

    @Test func fieldsOfEachType() throws {
        let body = try fields(
            #"{"s":"x","n":7,"big":9007199254740993,"t":"12","e":3e2,"f":3.5,"b":true,"bt":"false","o":{"i":1},"a":["x"],"m":{"k":1},"nil":null}"#
        )
        #expect(try body.string("s") == "x")
        #expect(try body.string("n") == "7")
        #expect(try body.int("big") == 9_007_199_254_740_993)
        #expect(try body.int("t") == 12)
        #expect(try body.int("e") == 300)
        #expect(try body.double(optional: "f") == 3.5)
        #expect(try body.bool("b"))
        #expect(try body.bool(optional: "bt") == false)
        #expect(try body.object("o").int("i") == 1)
        #expect(try body.strings(optional: "a") == ["x"])
        #expect(try body.stringMap(optional: "m")?.first?.value == "1")
        #expect(try body.string(optional: "nil") == nil)
        #expect(try body.string(optional: "absent") == nil)
        #expect(refusal { _ = try body.string("absent") } == "INVALID_PARAMETER_VALUE: Missing required field: absent")
        #expect(
            refusal { _ = try body.int("f") }
                == "MALFORMED_REQUEST: Could not parse request object: Expected Integer value for field 'f', got a number")
        #expect(
            refusal { _ = try body.bool("s") }
                == "MALFORMED_REQUEST: Could not parse request object: Expected Boolean value for field 'b', got a string".replacing(
                    "'b'", with: "'s'"))
        #expect(
            refusal { _ = try body.object("o").object("i") }
                == "MALFORMED_REQUEST: Could not parse request object: Expected Object value for field 'o.i', got a number")
        #expect(
            refusal { _ = try body.objects("a") }
                == "MALFORMED_REQUEST: Could not parse request object: Expected Object value for field 'a[0]', got a string")
        #expect(
            refusal { _ = try body.choice("s", of: ["A", "B"]) }
                == "INVALID_PARAMETER_VALUE: Invalid value 'x' for field 's'; valid values are: A, B")
    }

    @Test func unreadFieldsAreKnownAfterwards() throws {
        let log = FieldLog()
        let body = try fields(#"{"a":1,"b":{"c":2,"d":3},"e":[{"f":1,"g":2}]}"#, log: log)
        _ = try body.int("a")
        _ = try body.object("b").int("c")
        for item in try body.objects("e") { _ = try item.int("f") }
        #expect(log.unread == ["b.d", "e[0].g"])
    }

    @Test func queries() throws {
        let query = QueryItems("a=1&b=x+y%20z%2B&a=2&empty=&flag&t=TRUE&%C3%A9=%C3%A8")
        #expect(try query.int("a") == 1)
        #expect(query.all("a") == ["1", "2"])
        #expect(query.string("b") == "x y z+")
        #expect(query.string("empty") == nil)
        #expect(query.string("flag") == nil)
        #expect(query.items.count == 7)
        #expect(try query.bool("t") == true)
        #expect(query.string("é") == "è")
        #expect(throws: WorkspaceError.self) { try query.int("b") }
        #expect(throws: WorkspaceError.self) { try query.bool("a") }
        #expect(throws: WorkspaceError.self) { try query.required("none") }
        #expect(QueryItems("").items.isEmpty)
        #expect(QueryItems("&&=&").items.map(\.name) == [""])
    }

    @Test(arguments: [
        ("a%20b", "a b"), ("%", "%"), ("%4", "%4"), ("%zz", "%zz"), ("%%41", "%A"), ("%4%41", "%4A"), ("%E2%82%AC", "€"),
        ("%ff", "\u{FFFD}"), ("%00", "\u{FFFD}"), ("a+b", "a+b"),
    ])
    func percentDecoding(text: String, expected: String) {
        #expect(PercentCoding.decode(Array(text.utf8)) == expected)
    }

    @Test func percentEncodingIsUndone() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<200 {
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...20, using: &random)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 1...0x2FFF, using: &random))
                    }))
            #expect(PercentCoding.decode(Array(PercentCoding.encode(text).utf8)) == text)
        }
        #expect(PercentCoding.encode("/a b/é", keepingSlash: true) == "/a%20b/%C3%A9")
    }

    @Test func base64OfURLs() {
        var random = SeededGenerator(seed: 6)
        for length in 0..<64 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        #expect(Base64URL.encode([251, 255, 254]) == "-__-")
        #expect(Base64URL.decode("a+b") == nil)
    }

    @Test func shapesOfErrors() throws {
        func text(_ error: WorkspaceError) -> String { ErrorReply.body(of: error, requestID: "r").text }
        #expect(
            text(WorkspaceError(.permissionDenied, "Invalid access token.", shape: .gateway))
                == #"{"error_code":403,"message":"Invalid access token."}"#)
        #expect(
            text(WorkspaceError(.notFound, "m", shape: .oauth("invalid_client"))) == #"{"error":"invalid_client","error_description":"m"}"#)
        #expect(
            text(WorkspaceError(.notFound, "m", shape: .scim(type: "noTarget")))
                == #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"m","status":"404","scimType":"noTarget"}"#)
        struct Secret: Error {}
        var seen = 0
        let reply = ErrorReply.reply(for: Secret(), requestID: "r") { _ in seen += 1 }
        #expect((reply.status, seen) == (500, 1))
        let shown = String(decoding: reply.payload?.bytes ?? [], as: UTF8.self)
        #expect(!shown.contains("Secret"))
        let limited = ErrorReply.reply(
            for: WorkspaceError(.requestLimitExceeded, "m", headers: ["retry-after": "2", "not a header": "x"]), requestID: "r")
        #expect(limited.status == 429)
        #expect(limited.headers[.retryAfter] == "2")
    }

    /// Codes that clients know have the statuses that choose their exceptions.
    @Test func statusesOfCodes() {
        let statuses: [(ErrorCode, Int)] = [
            (.invalidParameterValue, 400), (.malformedRequest, 400), (.unauthenticated, 401), (.permissionDenied, 403),
            (.resourceDoesNotExist, 404),
            (.catalogDoesNotExist, 404), (.endpointNotFound, 404), (.resourceAlreadyExists, 409), (.alreadyExists, 409), (.aborted, 409),
            (.catalogAlreadyExists, 400), (.schemaNotEmpty, 400), (.requestLimitExceeded, 429), (.resourceExhausted, 429),
            (.cancelled, 499),
            (.internalError, 500), (.notImplemented, 501), (.temporarilyUnavailable, 503), (.deadlineExceeded, 504),
        ]
        for (code, status) in statuses { #expect(code.status == status, "\(code.rawValue)") }
    }
}
