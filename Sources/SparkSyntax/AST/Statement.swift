package import SparkErrors

/// One SQL statement as written.
package struct Statement: Sendable {
    package let kind: Kind
    /// Without trailing semicolons and comments.
    package let span: SourceSpan

    package init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    package indirect enum Kind: Sendable {
        // Queries and changes of data
        case query(Query)
        case insert(Insert)
        case update(Update)
        case delete(Delete)
        case merge(Merge)
        case truncate(NameReference, partition: PartitionSpec?)
        case copyInto(CopyInto)

        // Objects
        case createTable(CreateTable)
        case createTableLike(CreateTableLike)
        case createView(CreateView)
        case createSchema(CreateSchema)
        case createCatalog(CreateCatalog)
        case createVolume(CreateVolume)
        case createFunction(CreateFunction)
        case createShare(CreateShare)
        case createRecipient(CreateRecipient)
        case policy(PolicyStatement)
        case createFlow(CreateFlow)
        case drop(Drop)
        case undrop(Undrop)
        case alter(Alter)
        case comment(CommentOn)

        // Session
        case use(Use)
        case set(SetStatement)
        case declareVariable(DeclareVariable)
        case dropVariable(NameReference, ifExists: Bool)
        case executeImmediate(ExecuteImmediate)

        // Looking
        case show(Show)
        case describe(Describe)
        case explain(Explain)

        // Rights
        case grant(Grant)
        case revoke(Grant)

        // Upkeep
        case optimize(Optimize)
        case vacuum(Vacuum)
        case convert(ConvertToDelta)
        case restore(NameReference, to: TimeTravelClause)
        case analyze(Analyze)
        case cache(CacheStatement)
        case refresh(Refresh)
        case repair(NameReference, action: String?)
        case reorg(NameReference, filter: Expression?, apply: String)

        // Files in volumes
        case list(path: String, limit: Expression?)
        case put(local: String, path: String, overwrite: Bool)
        case get(path: String, local: String)
        case remove(path: String)

        case call(NameReference, [FunctionCall.Argument])
        case script(CompoundBlock)
    }
}

/// What a statement creates, drops, shows or is about.
package enum ObjectKind: String, Sendable, Hashable {
    case catalog = "CATALOG"
    /// SCHEMA, DATABASE and NAMESPACE.
    case schema = "SCHEMA"
    case table = "TABLE"
    case view = "VIEW"
    case materializedView = "MATERIALIZED VIEW"
    case streamingTable = "STREAMING TABLE"
    case volume = "VOLUME"
    case function = "FUNCTION"
    case temporaryFunction = "TEMPORARY FUNCTION"
    case procedure = "PROCEDURE"
    case model = "MODEL"
    case connection = "CONNECTION"
    case share = "SHARE"
    case recipient = "RECIPIENT"
    case provider = "PROVIDER"
    case metastore = "METASTORE"
    case externalLocation = "EXTERNAL LOCATION"
    case storageCredential = "STORAGE CREDENTIAL"
    case serviceCredential = "SERVICE CREDENTIAL"
    case credential = "CREDENTIAL"
    case cleanRoom = "CLEAN ROOM"
    case anyFile = "ANY FILE"
    case column = "COLUMN"
}

/// `PARTITION (a = 1, b)`.
package struct PartitionSpec: Sendable {
    /// No value for a dynamic partition; `DEFAULT` is the name `DEFAULT`.
    package let values: [(column: Identifier, value: Expression?)]
    package let span: SourceSpan

    package init(values: [(column: Identifier, value: Expression?)], span: SourceSpan) {
        self.values = values
        self.span = span
    }
}
