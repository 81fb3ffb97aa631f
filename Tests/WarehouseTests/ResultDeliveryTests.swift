import Columnar
import Testing
import Warehouse
import Workspace

/// Results that are fetched by links, cut into chunks and encoded by several threads.
@Suite struct ResultDeliveryTests {
    private func delivery(_ sql: String, format: ResultForm.Format, isCompressed: Bool, helpers: Int) async throws -> ResultDelivery {
        let pool = WorkerPool(threads: helpers + 1, helpers: helpers)
        defer { pool.stop() }
        let session = try SQLSession(pool: pool)
        var request = StatementRequest(text: sql, warehouseID: session.warehouseID)
        request.sessionID = session.session.id
        request.form.disposition = .externalLinks
        request.form.format = format
        request.form.isCompressed = isCompressed
        let statement = try session.service.submit(request, as: SQLSession.admin)
        while !statement.status.state.isFinal { await statement.wait(atMost: .seconds(30)) }
        return try #require(statement.status.delivery)
    }

    private static let rows =
        "SELECT id, IF(id % 7 = 0, NULL, concat('row ', id % 100)) AS name, CAST(id AS DECIMAL(12, 2)) AS price FROM range(300000)"

    @Test(arguments: [ResultForm.Format.arrowStream, .jsonArray, .csv])
    func chunksAreTheSameWhateverTheNumberOfThreads(_ format: ResultForm.Format) async throws {
        let alone = try await delivery(Self.rows, format: format, isCompressed: false, helpers: 0)
        let helped = try await delivery(Self.rows, format: format, isCompressed: false, helpers: 3)
        #expect(alone.chunks.map(\.rowOffset) == [0, 122_880, 245_760])
        #expect(alone.chunks.map(\.rowCount) == [122_880, 122_880, 54_240])
        #expect(helped.chunks.map(\.body) == alone.chunks.map(\.body))
        #expect(helped.chunks.map(\.rowOffset) == alone.chunks.map(\.rowOffset))
        #expect(helped.rowCount == 300_000)
    }

    /// A frame by itself for each of several chunks; its head says how many bytes come out (LZ4 frame format, FLG and content size).
    @Test func framesTellTheirSize() async throws {
        let plain = try await delivery(Self.rows, format: .arrowStream, isCompressed: false, helpers: 1)
        let packed = try await delivery(Self.rows, format: .arrowStream, isCompressed: true, helpers: 1)
        #expect(packed.chunks.map(\.byteCount) == plain.chunks.map(\.body.count))
        for (chunk, whole) in zip(packed.chunks, plain.chunks) {
            #expect(chunk.body.prefix(5) == [0x04, 0x22, 0x4D, 0x18, 0x68])
            #expect(chunk.body[6..<14].reversed().reduce(0) { $0 << 8 | Int($1) } == whole.body.count)
        }
    }
}
