import TestSupport
import Testing
import ThriftServer
import Warehouse
import Workspace

/// Who may use which handle, until when, and what he is told otherwise.
@Suite struct HandleTests {
    private static let operationCalls = ["FetchResults", "GetOperationStatus", "GetResultSetMetadata", "CancelOperation", "CloseOperation"]
    private static let sessionCalls = ["ExecuteStatement", "GetCatalogs", "GetInfo", "CloseSession"]

    private static func open(_ driver: Driver) async throws -> (session: ThriftStructure, operation: ThriftStructure) {
        let session = try await driver.open()
        let answer = try await driver.execute("SELECT id FROM range(5)", in: session)
        return (session, try #require(answer.structure(2)?.structure(1)))
    }

    private static func uuid(_ handle: ThriftStructure) -> String {
        let digits = (handle.bytes(1) ?? []).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits.dropFirst($0.lowerBound).prefix($0.count)) }.joined(separator: "-")
    }

    private static func refusal(_ driver: Driver, _ name: String, _ handle: ThriftStructure, as principal: Principal = Driver.admin) async throws
        -> WorkspaceError?
    {
        do {
            _ = try await driver.call(name, as: principal) { writer in
                Driver.handle(handle)(&writer)
                writer.string(2, "SELECT 1")
            }
            return nil
        } catch let error as WorkspaceError {
            return error
        }
    }

    @Test func anotherPrincipalsHandlesAreUnknownToAWarehousesGateway() async throws {
        let driver = try Driver()
        let (session, operation) = try await Self.open(driver)
        for name in Self.operationCalls.dropLast() {
            let error = try await Self.refusal(driver, name, operation, as: Driver.other)
            #expect(error?.status == 404)
            #expect(error?.description == "RESOURCE_DOES_NOT_EXIST: Command \(Self.uuid(operation)) does not exist.")
        }
        let closing = try await driver.call("CloseOperation", as: Driver.other, Driver.handle(operation))
        #expect(closing.structure(1)?.string(3) == "08000")
        for name in Self.sessionCalls.dropLast() {
            let error = try await Self.refusal(driver, name, session, as: Driver.other)
            #expect(error?.status == 400)
            #expect(error?.description == "BAD_REQUEST: Invalid SessionHandle: Session [\(Self.uuid(session))] is closed.")
        }
        #expect(try await Self.refusal(driver, "CloseSession", session, as: Driver.other)?.status == 404)
        // None of it has touched what is the owner's.
        #expect(try await driver.call("GetOperationStatus", Driver.handle(operation)).integer(2) == 2)
        #expect(try await driver.execute("SELECT 1", in: session).structure(1)?.integer(1) == 0)
    }

    @Test func anotherPrincipalsHandlesAreUnknownToACluster() async throws {
        var driver = try Driver()
        driver.cluster = "1121-160000-abcdefgh"
        let (session, operation) = try await Self.open(driver)
        for name in Self.operationCalls {
            let refused = try await driver.call(name, as: Driver.other, Driver.handle(operation))
            #expect(refused.structure(1)?.integer(1) == 3)
            #expect(refused.structure(1)?.string(3) == "08000")
            #expect(refused.structure(1)?.string(5)?.hasPrefix("Invalid OperationHandle") == true)
        }
        for name in Self.sessionCalls {
            let refused = try await driver.call(name, as: Driver.other, Driver.handle(session))
            #expect(refused.structure(1)?.string(5)?.hasPrefix("Invalid SessionHandle") == true)
        }
    }

    /// A right name with a wrong secret is no handle, nor is one of another warehouse's.
    @Test func handlesAreWholeAndOfTheirCompute() async throws {
        var driver = try Driver()
        let (session, operation) = try await Self.open(driver)
        func forged(_ handle: ThriftStructure) -> ThriftStructure {
            ThriftStructure([(1, .bytes(handle.bytes(1) ?? [])), (2, .bytes([UInt8](repeating: 0, count: 16)))])
        }
        #expect(try await Self.refusal(driver, "FetchResults", forged(operation))?.status == 404)
        #expect(try await Self.refusal(driver, "GetInfo", forged(session))?.status == 400)
        driver.cluster = "1121-160000-abcdefgh"
        #expect(try await driver.call("FetchResults", Driver.handle(operation)).structure(1)?.integer(1) == 3)
        #expect(try await driver.call("GetInfo", Driver.handle(session)).structure(1)?.integer(1) == 3)
    }

    @Test func anIdleSessionEnds() async throws {
        let driver = try Driver()
        let session = try await driver.open()
        _ = driver.clock.advance(byMicros: 7 * 3_600_000_000)
        #expect(try await driver.execute("SELECT 1", in: session).structure(1)?.integer(1) == 0)
        _ = driver.clock.advance(byMicros: 8 * 3_600_000_000 + 1)
        #expect(try await Self.refusal(driver, "ExecuteStatement", session)?.message.hasPrefix("Invalid SessionHandle") == true)
    }

    @Test func aStoppedWarehouseEndsItsSessions() async throws {
        let driver = try Driver()
        let (session, operation) = try await Self.open(driver)
        driver.service.sql.endStatements(of: driver.warehouse)
        #expect(try await Self.refusal(driver, "ExecuteStatement", session)?.message.hasSuffix("is closed.") == true)
        #expect(try await Self.refusal(driver, "FetchResults", operation)?.status == 404)
        let next = try await driver.open()
        #expect(try await driver.execute("SELECT 1", in: next).structure(1)?.integer(1) == 0)
    }

    /// Serverless warehouses let a statement wait; others let sessions be opened, and refuse statements until they are up.
    @Test func statementsAreRefusedWhileAWarehouseStarts() async throws {
        var driver = try Driver()
        let workspace = driver.service.sql.workspace
        try workspace.warehouses.set(.init(start: 90_500, stop: 0))
        var change = WarehouseChange()
        change.name = "Classic"
        change.clusterSize = "Small"
        change.serverless = false
        change.type = "CLASSIC"
        driver.warehouse = try workspace.warehouses.create(change, by: Driver.admin).id
        let session = try await driver.open()
        let error = try await Self.refusal(driver, "ExecuteStatement", session)
        #expect(error?.status == 503)
        #expect(error?.code == .temporarilyUnavailable)
        #expect(error?.headers == ["retry-after": "91"])
        #expect(try await Self.refusal(driver, "GetCatalogs", session)?.status == 503)
        _ = driver.clock.advance(byMicros: 90_500_000)
        #expect(try await driver.execute("SELECT 1", in: session).structure(1)?.integer(1) == 0)
    }

    @Test func handlesNameTheirStatements() async throws {
        let driver = try Driver()
        let (_, operation) = try await Self.open(driver)
        #expect(driver.service.sql.statement(Self.uuid(operation), for: Driver.admin)?.request.text == "SELECT id FROM range(5)")
    }
}
