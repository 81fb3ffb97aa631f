import Warehouse

/// In which form a client takes rows (`TExecuteStatementReq` 1282 to 1286).
struct ResultOptions: Sendable {
    var format = TCLI.ResultFormat.columns
    /// Each Arrow batch, and each linked file, is an LZ4 frame.
    var isCompressed = false
    /// Large results may be fetched by links.
    var takesLinks = false
    var types = ArrowTypes()
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
        takesLinks = format == .arrow && request.bool(1283) == true
        let asked = request.structure(1286)
        types.timestamps = asked?.bool(1) ?? false
        types.decimals = asked?.bool(2) ?? false
        types.nested = asked?.bool(3) ?? false
        types.intervals = asked?.bool(4) ?? false
        types.nulls = asked?.bool(5) ?? false
    }

    /// What larger results are made into.
    var linkedForm: ResultForm {
        var form = ResultForm()
        form.disposition = .externalLinks
        form.format = .arrowStream
        form.isCompressed = isCompressed
        form.types = types
        return form
    }
}
