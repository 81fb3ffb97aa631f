import Storage
import TestSupport
import Testing
import ThriftServer
import Warehouse
import Workspace

/// Calls as a driver makes them, without HTTP.
struct Driver {
    static let admin = Principal(id: "1001", userName: "admin@example.com", displayName: "Ada Admin", isAdmin: true)
    static let other = Principal(id: "1002", userName: "bob@example.com", displayName: "Bob", isAdmin: false)
    private static let pool = WorkerPool(threads: 1)

    let clock = VirtualClock()
    let service: ThriftService
    var warehouse: String

    init() throws {
        let workspace = try Workspace(id: 42, name: "test", environment: Environment(seed: 7, clock: clock), admin: Self.admin)
        service = ThriftService(sql: SQLService(workspace: workspace, objects: MemoryStore(), pool: Self.pool))
        warehouse = try workspace.warehouses.list(limit: 1).first?.id ?? ""
    }

    /// A cluster by which calls go instead of the warehouse.
    var cluster: String?

    func raw(_ bytes: [UInt8], as principal: Principal = admin) async throws -> [UInt8] {
        let context = ThriftService.Context(
            computeID: cluster ?? warehouse, isOnCluster: cluster != nil, baseURL: "http://127.0.0.1", principal: principal, hooks: nil
        ) { ("http://127.0.0.1/\($0)/\($1)", 7) }
        return try await service.answer(bytes, context)
    }

    /// The answer's fields.
    func call(_ name: String, as principal: Principal = admin, _ request: (inout BinaryWriter) -> Void) async throws -> ThriftStructure {
        let bytes = BinaryWriter.message(name, 5, kind: 1) { $0.structure(1, request) }
        let (kind, reply) = try BinaryReader.reply(try await raw(bytes, as: principal))
        #expect(kind == 2)
        #expect(reply.name == name)
        #expect(reply.sequence == 5)
        return try #require(reply.arguments.structure(0))
    }

    func open() async throws -> ThriftStructure {
        let answer = try await call("OpenSession") { $0.i64(1282, 42_249) }
        #expect(answer.structure(1)?.integer(1) == 0)
        #expect(answer.integer(2) == 42_248)
        return try #require(answer.structure(3)?.structure(1))
    }

    static func handle(_ handle: ThriftStructure, _ id: Int16 = 1) -> (inout BinaryWriter) -> Void {
        { writer in
            writer.structure(id) { writer in
                writer.structure(1) { writer in
                    writer.binary(1, handle.bytes(1) ?? [])
                    writer.binary(2, handle.bytes(2) ?? [])
                }
            }
        }
    }

    func execute(_ text: String, in session: ThriftStructure, direct: Bool = true) async throws -> ThriftStructure {
        try await call("ExecuteStatement") { writer in
            Self.handle(session)(&writer)
            writer.string(2, text)
            if direct {
                writer.structure(1281) { writer in
                    writer.i64(1, 2)
                    writer.i64(2, 1 << 20)
                }
            }
        }
    }
}

@Suite struct ThriftServiceTests {
    @Test func rowsComeWithTheAnswerAndThenInPages() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        let answer = try await driver.execute("SELECT id FROM range(5)", in: session)
        let direct = try #require(answer.structure(1281))
        #expect(direct.structure(1)?.integer(2) == 2)
        let rows = try #require(direct.structure(3))
        #expect(rows.bool(2) == true)
        #expect(rows.structure(3)?.structures(3)?.first?.structure(5)?[1] == .list([.i64(0), .i64(1)]))
        // Not all rows went: the operation is open.
        #expect(direct.structure(4) == nil)
        let operation = try #require(answer.structure(2)?.structure(1))
        let next = try await driver.call("FetchResults") { writer in
            Driver.handle(operation)(&writer)
            writer.i32(2, 0)
            writer.i64(3, 10)
        }
        #expect(next.structure(3)?.integer(1) == 2)
        #expect(next.structure(3)?.structures(3)?.first?.structure(5)?[1] == .list([.i64(2), .i64(3), .i64(4)]))
        #expect(next.bool(2) == false)
        let first = try await driver.call("FetchResults") { writer in
            Driver.handle(operation)(&writer)
            writer.i32(2, 4)
            writer.i64(3, 1)
        }
        #expect(first.structure(3)?.structures(3)?.first?.structure(5)?[1] == .list([.i64(0)]))
        let closed = try await driver.call("CloseOperation", Driver.handle(operation))
        #expect(closed.structure(1)?.integer(1) == 0)
        let again = try await driver.call("CloseOperation", Driver.handle(operation))
        #expect(again.structure(1)?.integer(1) == 3)
        #expect(again.structure(1)?.string(3) == "08000")
    }

    /// A description of the rows is no fetch: the links begin with the first row still.
    @Test func describingALinkedResultLeavesItsRows() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        let answer = try await driver.call("ExecuteStatement") { writer in
            Driver.handle(session)(&writer)
            writer.string(2, "SELECT id, repeat('x', 1000000) FROM range(8)")
            for flag: Int16 in [1282, 1283] { writer.bool(flag, true) }
        }
        let operation = try #require(answer.structure(2)?.structure(1))
        let metadata = try await driver.call("GetResultSetMetadata", Driver.handle(operation))
        #expect(metadata.integer(1281) == 3)
        let fetched = try await driver.call("FetchResults") { writer in
            Driver.handle(operation)(&writer)
            writer.i32(2, 0)
        }
        let links = try #require(fetched.structure(3)?.structures(1282))
        #expect(fetched.structure(3)?.integer(1) == 0)
        #expect(links.compactMap { $0.integer(4) }.reduce(0, +) == 8)
    }

    @Test func unknownMethodsAndBrokenArgumentsAreThriftsOwnExceptions() async throws {
        let driver = try Driver()
        let unknown = try BinaryReader.reply(try await driver.raw(BinaryWriter.message("RenewDelegationToken", 9, kind: 1) { _ in }))
        #expect(unknown.kind == 3)
        #expect(unknown.call.sequence == 9)
        #expect(unknown.call.arguments.integer(2) == 1)
        let cut = BinaryWriter.message("OpenSession", 1, kind: 1) { $0.structure(1) { $0.string(2, "x") } }.dropLast(4)
        let broken = try BinaryReader.reply(try await driver.raw(Array(cut)))
        #expect(broken.kind == 3)
        #expect(broken.call.arguments.integer(2) == 7)
        await #expect(throws: ThriftError.self) { try await driver.raw([1, 2, 3]) }
    }

    @Test func noDamagedCallBringsTheServiceDown() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        var random = SeededRandom(seed: 5)
        let names = ThriftService.calls.sorted()
        var answered = 0
        for round in 0..<3_000 {
            var bytes = BinaryWriter.message(names[round % names.count], 1, kind: 1) { writer in
                writer.structure(1) { writer in
                    Driver.handle(session)(&writer)
                    writer.string(2, "SELECT 1")
                    writer.i64(3, Int64.random(in: .min ... .max, using: &random))
                    writer.strings(5, ["TABLE", "%"])
                    writer.i64(1282, Int64.random(in: .min ... .max, using: &random))
                    writer.structure(1281) { writer in
                        writer.i64(1, Int64.random(in: .min ... .max, using: &random))
                        writer.i64(2, Int64.random(in: .min ... .max, using: &random))
                    }
                }
            }
            if round % 3 != 0 { bytes[Int.random(in: 20..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random) }
            do {
                let kind = try BinaryReader.reply(try await driver.raw(bytes)).kind
                #expect(kind == 2 || kind == 3)
                answered += 1
            } catch is WorkspaceError {
                answered += 1
            } catch is ThriftError {}
        }
        #expect(answered > 2_000)
        #expect(try await driver.open().bytes(1)?.count == 16)
    }

    @Test(arguments: [("a%_", "a%_"), ("A\\_b", "a\\_b"), ("x\\y", "x\\\\y"), ("\\", "\\\\"), ("\\\\", "\\\\")])
    func patternsKeepTheirMeaning(pattern: String, like: String) async throws {
        let driver = try Driver()
        let session = try await driver.open()
        let answer = try await driver.call("GetSchemas") { writer in
            Driver.handle(session)(&writer)
            writer.string(2, "main")
            writer.string(3, pattern)
            writer.structure(1281) { $0.i64(1, 100) }
        }
        #expect(answer.structure(1)?.integer(1) == 0, "\(like)")
    }
}
