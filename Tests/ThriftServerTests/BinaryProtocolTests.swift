import TestSupport
import Testing
import ThriftServer

/// Bytes against the protocol's description, and against what is broken.
@Suite struct BinaryProtocolTests {
    /// A call of every type, as Apache Thrift's own library would write it.
    private static let sample: [UInt8] = BinaryWriter.message("Sample", 7, kind: 1) { writer in
        writer.structure(1) { writer in
            writer.bool(1, true)
            writer.i16(2, -2)
            writer.i32(3, 1 << 20)
            writer.i64(1282, -42_247)
            writer.double(5, 1.5)
            writer.string(6, "é")
            writer.strings(7, ["a", ""])
            writer.stringMap(8, [("k", "v")])
            writer.structures(9, [1, 2]) { writer, number in writer.i32(1, Int32(number)) }
            writer.structureMap(10, [("scale", { $0.i32(1, 2) })])
            writer.i64s(11, count: 2) { Int64($0) }
        }
    }

    @Test func bytesAreTheProtocols() {
        let bytes = BinaryWriter.message("Hi", 3, kind: 2) { writer in
            writer.structure(0) { $0.i32(1, 5) }
        }
        #expect(
            bytes == [
                0x80, 0x01, 0, 2, 0, 0, 0, 2, 0x48, 0x69, 0, 0, 0, 3,
                12, 0, 0, 8, 0, 1, 0, 0, 0, 5, 0, 0,
            ])
    }

    @Test func whatIsWrittenIsRead() throws {
        let call = try BinaryReader.call(Self.sample)
        #expect(call.name == "Sample")
        #expect(call.sequence == 7)
        let request = try #require(call.arguments.structure(1))
        #expect(request.bool(1) == true)
        #expect(request.integer(2) == -2)
        #expect(request.integer(3) == 1 << 20)
        #expect(request.integer(1282) == -42_247)
        #expect(request[5] == .double(1.5))
        #expect(request.string(6) == "é")
        #expect(request.strings(7) == ["a", ""])
        #expect(request.stringMap(8).map { $0.key + "=" + $0.value } == ["k=v"])
        #expect(request.structures(9)?.map { $0.integer(1) } == [1, 2])
        #expect(request[11] == .list([.i64(0), .i64(1)]))
        #expect(request.string(3) == nil)
        #expect(request.structure(99) == nil)
    }

    @Test(
        arguments: [
            ([], "the message ends in the middle of a value"),
            ([0x80, 0x01, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0], "a message of type 2 is no call"),
            ([0x12, 0x34, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0], "no message of the strict binary protocol"),
            ([0x80, 0x01, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF], "a length of 2147483647 is beyond the message"),
            ([0x80, 0x01, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF], "a length of -1 is beyond the message"),
            ([0x80, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 99, 0, 1], "unknown type 99"),
            ([0x80, 0x01, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 15, 0, 1, 8, 0x10, 0, 0, 0, 0], "a count of 268435456 is beyond the message"),
        ] as [([UInt8], String)])
    func lengthsThatLieAreNamed(bytes: [UInt8], reason: String) {
        #expect(throws: ThriftError(reason)) { try BinaryReader.call(bytes) }
    }

    @Test func nestingHasALimit() {
        let deep = [0x80, 0x01, 0, 1] + [UInt8](repeating: 0, count: 8) + (0..<100_000).flatMap { _ in [12, 0, 1] as [UInt8] }
        #expect(throws: ThriftError("more than 32 levels")) { try BinaryReader.call(deep) }
    }

    @Test func damagedMessagesAreRefusedOrRead() {
        var random = SeededRandom(seed: 11)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = Self.sample
            for _ in 0...Int.random(in: 0..<4, using: &random) {
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
                default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: Int.random(in: 0...bytes.count, using: &random))
                }
                if bytes.isEmpty { break }
            }
            do { _ = try BinaryReader.call(bytes) } catch { refused += 1 }
        }
        #expect(refused > 10_000)
    }
}
