import TestSupport
import Testing
import ThriftServer
import Workspace

/// Nested parameters, statements about files, and calls of any shape.
@Suite struct StatementFormTests {
    private typealias Fields = (inout BinaryWriter) -> Void

    private static func leaf(_ type: String, _ value: String?) -> Fields {
        { writer in
            writer.string(1, type)
            if let value { writer.string(2, value) }
        }
    }

    private static func nested(_ type: String, _ elements: [Fields]) -> Fields {
        { writer in
            writer.string(1, type)
            writer.structures(3, elements) { $1(&$0) }
        }
    }

    /// The answer's one value, or the error.
    private static func answer(_ text: String, _ type: String, _ elements: [Fields]) async throws -> ThriftStructure {
        let driver = try Driver()
        let session = try await driver.open()
        return try await driver.call("ExecuteStatement") { writer in
            Driver.handle(session)(&writer)
            writer.string(2, text)
            writer.structure(1281) { $0.i64(1, 10) }
            writer.structures(1288, [0]) { writer, _ in
                writer.i32(1, 0)
                writer.string(2, "p")
                writer.string(3, type)
                writer.structures(5, elements) { $1(&$0) }
            }
        }
    }

    private static func value(_ answer: ThriftStructure) -> ThriftValue? {
        guard case .list(let values)? = answer.structure(1281)?.structure(3)?.structure(3)?.structures(3)?.first?.structure(7)?[1] else { return nil }
        return values.first
    }

    @Test func nestedParametersAreTheirElementsCommonType() async throws {
        let array = try await Self.answer(
            "SELECT concat(typeof(:p), ' ', to_json(:p))", "ARRAY", [Self.leaf("INT", "1"), Self.leaf("BIGINT", "2"), Self.leaf("VOID", nil)])
        #expect(Self.value(array) == .bytes(Array("array<bigint> [1,2,null]".utf8)))
        let map = try await Self.answer(
            "SELECT concat(typeof(:p), ' ', to_json(:p))", "MAP",
            [Self.leaf("STRING", "k"), Self.nested("ARRAY", [Self.leaf("DATE", "2024-02-29")])])
        #expect(Self.value(map) == .bytes(Array("map<string,array<date>> {\"k\":[\"2024-02-29\"]}".utf8)))
        let empty = try await Self.answer("SELECT concat('', size(:p))", "ARRAY", [])
        #expect(Self.value(empty) == .bytes(Array("0".utf8)))
    }

    @Test func nestedParametersThatAreNoneAreRefused() async throws {
        var deep = Self.nested("ARRAY", [])
        for _ in 0..<12 { deep = Self.nested("ARRAY", [deep]) }
        let wrong: [(type: String, elements: [Fields], condition: String)] = [
            ("MAP", [Self.leaf("STRING", "k")], "INVALID_PARAMETER_MARKER_VALUE.INVALID_DATA_TYPE"),
            ("STRUCT", [Self.leaf("INT", "1")], "INVALID_PARAMETER_MARKER_VALUE.INVALID_DATA_TYPE"),
            ("ARRAY", [Self.leaf("INT", "x")], "INVALID_PARAMETER_MARKER_VALUE.INVALID_VALUE_FOR_DATA_TYPE"),
            ("ARRAY", [Self.leaf("INT", "1"), Self.nested("ARRAY", [])], "DATATYPE_MISMATCH.DATA_DIFF_TYPES"),
            ("MAP", [Self.leaf("INT", "1"), Self.leaf("INT", "1"), Self.leaf("INT", "1"), Self.leaf("INT", "2")], "DUPLICATED_MAP_KEY"),
        ]
        for (type, elements, condition) in wrong {
            let status = try await Self.answer("SELECT :p", type, elements).structure(1)
            #expect(status?.integer(1) == 3)
            #expect(status?.string(6)?.hasPrefix("[\(condition)]") == true, "\(status?.string(6) ?? "")")
        }
        #expect(try await Self.answer("SELECT concat('', size(:p))", "ARRAY", [deep]).structure(1)?.integer(1) == 0)
    }

    @Test func statementsAboutFilesAnswerWithLinks() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        func run(_ text: String) async throws -> ThriftStructure { try await driver.execute(text, in: session) }
        #expect(try await run("CREATE VOLUME main.default.v").structure(1)?.integer(1) == 0)
        let put = try #require(try await run("PUT '/tmp/a.csv' INTO '/Volumes/main/default/v/d/a.csv'").structure(1281))
        #expect(put.structure(2)?.bool(1287) == true)
        let columns = try #require(put.structure(3)?.structure(3)?.structures(3)).map { $0.structure(7)?.strings(1)?.first ?? "" }
        #expect([columns[0], columns[2], columns[3]] == ["PUT", "{}", "/tmp/a.csv"])
        #expect(columns[1].hasPrefix("http://127.0.0.1/"))
        #expect(columns[1].contains("X-Amz-Signature="))
        let remove = try #require(try await run("REMOVE '/Volumes/main/default/v/d/a.csv'").structure(1281))
        #expect(remove.structure(2)?.structure(2)?.structures(1)?.compactMap { $0.string(1) } == ["operation", "presignedUrl", "headers"])
        #expect(try await run("SELECT 1").structure(1281)?.structure(2)?.bool(1287) == false)
        for (text, condition) in [
            ("PUT '' INTO '/Volumes/main/default/v/a'", "EMPTY_LOCAL_FILE_IN_STAGING_ACCESS_QUERY"),
            ("PUT 'a' INTO 'stage://tmp/me/a'", "INVALID_STAGING_PATH_IN_STAGING_ACCESS_QUERY"),
            ("GET '/Volumes/main/default/v' TO 'a'", "INVALID_STAGING_PATH_IN_STAGING_ACCESS_QUERY"),
            ("GET '/Volumes/main/default/v/../w/a' TO 'a'", "UC_REQUEST_REFUSED"),
            ("REMOVE '/Volumes/main/default/none/a'", "UC_REQUEST_REFUSED"),
        ] {
            #expect(try await run(text).structure(1)?.string(6)?.hasPrefix("[\(condition)]") == true, "\(text)")
        }
    }

    /// Well-formed calls whose fields have any id and type, nested in any way.
    @Test func callsOfAnyShapeAreAnswered() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        var random = SeededRandom(seed: 23)
        let ids: [Int16] = [1, 2, 3, 4, 5, 7, 1281, 1282, 1283, 1284, 1286, 1287, 1288, 1289, -1, .max]
        func field(_ writer: inout BinaryWriter, _ depth: Int) {
            let id = ids[Int.random(in: 0..<ids.count, using: &random)]
            switch Int.random(in: 0..<(depth > 4 ? 5 : 9), using: &random) {
            case 0: writer.bool(id, Bool.random(using: &random))
            case 1: writer.i32(id, Int32.random(in: .min ... .max, using: &random))
            case 2: writer.i64(id, Int64.random(in: .min ... .max, using: &random))
            case 3: writer.string(id, ["", "SELECT 1", "ARRAY", "MAP", "\0é", "main"][Int.random(in: 0..<6, using: &random)])
            case 4: writer.double(id, .nan)
            case 5: writer.strings(id, ["TABLE", "%"])
            case 6: writer.stringMap(id, [("ansi_mode", "false"), ("", "")])
            case 7: writer.structure(id) { writer in for _ in 0..<3 { field(&writer, depth + 1) } }
            default: writer.structures(id, 0..<2) { writer, _ in field(&writer, depth + 1) }
            }
        }
        let names = ThriftService.calls.sorted().filter { $0 != "CloseSession" }
        for round in 0..<1_500 {
            let bytes = BinaryWriter.message(names[round % names.count], 1, kind: 1) { writer in
                writer.structure(1) { writer in
                    Driver.handle(session)(&writer)
                    for _ in 0..<Int.random(in: 0..<6, using: &random) { field(&writer, 0) }
                }
                if round.isMultiple(of: 7) { field(&writer, 0) }
            }
            do {
                let (kind, reply) = try BinaryReader.reply(try await driver.raw(bytes))
                #expect(kind == 2 || kind == 3)
                #expect(reply.name == names[round % names.count])
            } catch is WorkspaceError {}
        }
        #expect(try await driver.execute("SELECT 1", in: try await driver.open()).structure(1)?.integer(1) == 0)
    }
}
