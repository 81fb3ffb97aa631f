import SparkErrors

/// The numbers of the drivers' protocol (`TCLIService.thrift`, in databricks-sql-connector `thrift_api/TCLIService/ttypes.py`).
enum TCLI {
    enum StatusCode: Int32 {
        case success = 0
        case error = 3
        case invalidHandle = 4
    }

    enum OperationState: Int32 {
        case running = 1
        case finished = 2
        case canceled = 3
        case closed = 4
        case error = 5
        case pending = 7
    }

    enum OperationType: Int32 {
        case executeStatement = 0
        case getTypeInfo = 1
        case getCatalogs = 2
        case getSchemas = 3
        case getTables = 4
        case getTableTypes = 5
        case getColumns = 6
        case getFunctions = 7
        case unknown = 8
    }

    enum ResultFormat: Int32 {
        case arrow = 0
        case columns = 1
        case links = 3
    }

    enum Orientation: Int64 {
        case next = 0
        case prior = 1
        case relative = 2
        case absolute = 3
        case first = 4
        case last = 5
    }

    enum TypeID: Int32 {
        case boolean = 0
        case tinyint = 1
        case smallint = 2
        case int = 3
        case bigint = 4
        case float = 5
        case double = 6
        case string = 7
        case timestamp = 8
        case binary = 9
        case array = 10
        case map = 11
        case structure = 12
        case decimal = 15
        case null = 16
        case date = 17
        case intervalYearMonth = 20
        case intervalDayTime = 21
    }

    static let oldestProtocol: Int64 = 42241
    /// SPARK_CLI_SERVICE_PROTOCOL_V8: what the real service answers to newer clients, too (recorded answers).
    static let newestProtocol: Int64 = 42248
}

/// The `TStatus` of a call that went wrong.
struct TStatus: Error, Sendable, Equatable {
    var code = TCLI.StatusCode.error
    var sqlState: String?
    var message: String
    var displayMessage: String

    init(_ message: String, sqlState: String? = nil, display: String? = nil) {
        self.message = message
        self.sqlState = sqlState
        displayMessage = display ?? message
    }

    /// A statement that failed (recorded answers of the real service).
    init(_ error: SQLError) {
        self.init("Error running query: " + Self.java(error), sqlState: error.condition.sqlState, display: error.message)
    }

    /// The class that Spark throws stands between the condition's name and the message.
    static func java(_ error: SQLError) -> String {
        let thrown =
            switch error.phase {
            case .parsing: "org.apache.spark.sql.catalyst.parser.ParseException"
            case .analysis: "org.apache.spark.sql.catalyst.ExtendedAnalysisException"
            case .execution: "org.apache.spark.SparkException"
            }
        return "[\(error.condition.name)] \(thrown): \(error.message)"
    }

    static func noSession(_ guid: [UInt8]) -> TStatus { TStatus("Invalid SessionHandle: SessionHandle [\(Handle.text(guid))]", sqlState: "08000") }

    /// Recorded: a closed operation is unknown, and answered so.
    static func noOperation(_ guid: [UInt8]) -> TStatus {
        TStatus(
            "Invalid OperationHandle: OperationHandle [opType=UNKNOWN_OPERATION, getHandleIdentifier()=\(Handle.text(guid))]", sqlState: "08000")
    }

    static func missing(_ name: String) -> TStatus { TStatus("Required field '\(name)' was not present!", sqlState: "HY000") }

    func write(to writer: inout BinaryWriter) {
        writer.i32(1, code.rawValue)
        // The real service puts its stack here; drivers read the first line at most.
        writer.strings(2, ["*org.apache.hive.service.cli.HiveSQLException:\(message)"])
        if let sqlState { writer.string(3, sqlState) }
        writer.i32(4, 0)
        writer.string(5, message)
        writer.string(6, displayMessage)
    }

    static func success(_ writer: inout BinaryWriter) { writer.structure(1) { $0.i32(1, TCLI.StatusCode.success.rawValue) } }
}

/// A `THandleIdentifier`: sixteen bytes that name a thing, and sixteen that only its owner knows.
struct Handle: Sendable, Hashable {
    let guid: [UInt8]
    let secret: [UInt8]

    init(guid: [UInt8], secret: [UInt8]) {
        self.guid = guid
        self.secret = secret
    }

    init?(_ structure: ThriftStructure?) {
        guard let guid = structure?.bytes(1), let secret = structure?.bytes(2), guid.count == 16, secret.count == 16 else { return nil }
        self.init(guid: guid, secret: secret)
    }

    func write(_ id: Int16, to writer: inout BinaryWriter) {
        writer.structure(id) { writer in
            writer.binary(1, guid)
            writer.binary(2, secret)
        }
    }

    /// As a uuid.
    static func text(_ guid: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for (index, byte) in guid.enumerated() {
            if [4, 6, 8, 10].contains(index) { text.append(UInt8(ascii: "-")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The bytes of hexadecimal digits; other characters are passed over.
    static func bytes(hex text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var high: UInt8?
        for character in text {
            guard let digit = character.hexDigitValue else { continue }
            if let first = high {
                bytes.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return bytes
    }
}
