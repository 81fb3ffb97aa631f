import API
import HTTPTypes
import TestSupport
import Testing

@Suite struct ThriftMessageTests {
    static func word(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

    static func strict(_ name: String, type: UInt8 = 1) -> [UInt8] {
        word(0x8001_0000 | UInt32(type)) + word(UInt32(name.utf8.count)) + Array(name.utf8) + word(0) + [0]
    }

    static func old(_ name: String, type: UInt8 = 1) -> [UInt8] { word(UInt32(name.utf8.count)) + Array(name.utf8) + [type] + word(0) + [0] }

    @Test func namesOfBothForms() {
        #expect(ThriftMessage.name(of: Self.strict("ExecuteStatement")) == "ExecuteStatement")
        #expect(ThriftMessage.name(of: Self.old("FetchResults")) == "FetchResults")
        #expect(ThriftMessage.name(of: Self.strict("Notify", type: 4)) == "Notify")
        #expect(ThriftMessage.name(of: Self.strict(String(repeating: "a", count: 64))) != nil)
    }

    @Test func whatIsNoCallHasNoName() {
        // Replies, exceptions, the compact protocol, names that are none, and messages that end early.
        for bytes in [
            Self.strict("A", type: 2), Self.old("A", type: 3), [0x82, 0x21, 0, 1, 65], Self.strict(""), Self.strict("a/b"), Self.strict("a\n"),
            Self.strict(String(repeating: "a", count: 65)), Self.old(String(repeating: "a", count: 65)), [],
            Array(Self.strict("OpenSession").prefix(12)),
            Self.word(0x8001_0001) + Self.word(.max) + [65], Self.word(.max), Array("{\"json\":1}".utf8),
        ] as [[UInt8]] {
            #expect(ThriftMessage.name(of: bytes) == nil)
        }
    }

    @Test func operationsBehindOnePath() {
        let index = OperationIndex(simulated: [], known: KnownOperations.all)
        func operation(_ path: String, _ body: [UInt8]) -> String? {
            if case .known(let operation) = index.match(.post, path, body: body) { operation.id } else { nil }
        }
        for path in ["/sql/1.0/warehouses/abc", "/sql/1.0/endpoints/abc", "/sql/protocolv1/o/0/0123-456789-abcdefgh"] {
            #expect(operation(path, Self.strict("OpenSession")) == "thrift.OpenSession")
        }
        #expect(operation("/sql/1.0/warehouses/abc", Array("garbage".utf8)) == "thrift.warehouse")
        #expect(operation("/api/2.1/jobs/run-now", Self.strict("OpenSession")) == "jobs.run_now")
    }

    @Test func garbageIsHarmless() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<20_000 {
            var bytes = random.next() % 2 == 0 ? Self.strict("CloseOperation") : Self.old("CloseOperation")
            for _ in 0..<(random.next() % 4) { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
            bytes.removeLast(Int(random.next() % UInt64(bytes.count + 1)))
            if let name = ThriftMessage.name(of: bytes) { #expect(!name.isEmpty && name.utf8.count <= 64) }
        }
    }
}
