import Columnar
import SparkFunctions

/// In which form a client takes rows (`TExecuteStatementReq` 1282 to 1286).
struct ResultOptions: Sendable {
    var format = TCLI.ResultFormat.columns
    /// Each Arrow batch is an LZ4 frame.
    var isCompressed = false
    var timestampsNative = true
    var decimalsNative = true
    var nestedNative = true
    var intervalsNative = true
    var nullsNative = true
    /// A metadata call, whose answers say nothing of Arrow at all.
    var isMetadata = false

    static let metadata: ResultOptions = {
        var options = ResultOptions()
        options.isMetadata = true
        return options
    }()

    private init() {}

    init(_ request: ThriftStructure) {
        if request.bool(1282) == true { format = .arrow }
        isCompressed = format == .arrow && request.bool(1284) == true
        let types = request.structure(1286)
        timestampsNative = types?.bool(1) ?? false
        decimalsNative = types?.bool(2) ?? false
        nestedNative = types?.bool(3) ?? false
        intervalsNative = types?.bool(4) ?? false
        nullsNative = types?.bool(5) ?? false
    }

    /// Whether a column goes as text although Arrow has a type for it.
    func isText(_ type: DataType) -> Bool {
        switch type {
        case .timestamp, .timestampNTZ: !timestampsNative
        case .decimal: !decimalsNative
        case .array, .map, .structure: !nestedNative
        case .yearMonthInterval, .dayTimeInterval: !intervalsNative
        case .void: !nullsNative
        default: false
        }
    }

    /// The fields of Arrow's schema.
    func arrowSchema(_ schema: Schema) -> Schema {
        Schema(schema.fields.map { isText($0.type) ? Field($0.name, .text, nullable: $0.nullable) : $0 })
    }

    func arrowBatch(_ batch: RecordBatch, _ context: EvaluationContext) -> RecordBatch {
        guard batch.columns.contains(where: { isText($0.type) }) else { return batch }
        let columns = batch.columns.map { column -> Column in
            guard isText(column.type) else { return column }
            var builder = BytesBuilder(capacity: column.count)
            for row in 0..<column.count {
                if column.isNull(row) {
                    builder.appendNull()
                } else {
                    builder.append(NativeText.text(column.value(at: row), column.type, context))
                }
            }
            return Column(.text, .bytes(builder.finish()))
        }
        return RecordBatch(schema: arrowSchema(batch.schema), columns: columns, rowCount: batch.rowCount)
    }
}
