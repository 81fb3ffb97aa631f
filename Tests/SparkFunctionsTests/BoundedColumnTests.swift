import Columnar
import SparkErrors
import SparkFunctions
import Testing

/// Columns that would outgrow 32-bit offsets are refused by name instead of trapping.
@Suite struct BoundedColumnTests {
    private let megabyte = Column(.text, of: [.string(String(repeating: "x", count: 1 << 20)), .null])

    @Test func repeatedRowsAreRefused() throws {
        let tooMany = [Int32](repeating: 0, count: 2048)
        let error = #expect(throws: SQLError.self) { try megabyte.gather(tooMany) }
        #expect(error?.condition == .unableToAcquireMemory)
        #expect(try megabyte.gather([0, 1, -1]).nullCount == 2)
        // As many rows, but empty ones.
        #expect(try megabyte.gather([Int32](repeating: 1, count: 4096)).count == 4096)
    }

    @Test func repeatedConstantsAreRefused() throws {
        let error = #expect(throws: SQLError.self) { try Column.repeated(megabyte.value(at: 0), type: .text, count: 1 << 20) }
        #expect(error?.condition == .unableToAcquireMemory)
        #expect(try Column.repeated(.string("ab"), type: .text, count: 3).value(at: 2) == .string("ab"))
    }

    @Test func joinedPartsAreRefused() throws {
        let large = try megabyte.gather([Int32](repeating: 0, count: 64))
        let parts = [Column](repeating: large, count: 33)
        let error = #expect(throws: SQLError.self) { try Column.joined(parts, type: .text) }
        #expect(error?.condition == .unableToAcquireMemory)
        #expect(try Column.joined([large, megabyte], type: .text).count == 66)
        let nested = Column(.array(element: .text, containsNull: true), .list(ListArray(offsets: [0, 64], child: large)))
        #expect(throws: SQLError.self) { try nested.gather([Int32](repeating: 0, count: 40)) }
        #expect(try nested.gather([0, 0]).count == 2)
    }
}
