package import SparkErrors

package struct CreateTable: Sendable {
    package enum Mode: Sendable {
        case create
        case createOrReplace
        /// REPLACE TABLE: the table must exist.
        case replace
    }

    package struct Clone: Sendable {
        package let isShallow: Bool
        package let source: NameReference
        package let timeTravel: TimeTravelClause?

        package init(isShallow: Bool, source: NameReference, timeTravel: TimeTravelClause?) {
            self.isShallow = isShallow
            self.source = source
            self.timeTravel = timeTravel
        }
    }

    package var mode = Mode.create
    package var kind = ObjectKind.table
    package var isTemporary = false
    package var isExternal = false
    package var ifNotExists = false
    package let name: NameReference
    /// Nil without a column list.
    package var columns: [ColumnDefinition]?
    package var constraints: [TableConstraint] = []
    /// USING: `delta`, `parquet`, …
    package var provider: MultipartIdentifier?
    package var options: [Property] = []
    package var partitionedBy: [PartitionField] = []
    package var clusterBy: ClusterBy?
    package var location: String?
    package var comment: String?
    package var properties: [Property] = []
    package var defaultCollation: String?
    package var rowFilter: ColumnMask?
    /// Clauses that are recognised and ignored or refused by the catalog, by their first words: "CLUSTERED BY", "STORED AS PARQUET", "SCHEDULE".
    package var otherClauses: [String] = []
    package var expectations: [Expectation] = []
    /// `CREATE STREAMING LIVE TABLE`: the older words of pipelines.
    package var isLive = false
    /// AS query.
    package var query: Query?
    /// `FLOW AUTO CDC …` of a streaming table.
    package var changes: ChangeFlow?
    package var clone: Clone?

    package init(name: NameReference) {
        self.name = name
    }
}

package struct CreateTableLike: Sendable {
    package let name: NameReference
    package let source: NameReference
    package let ifNotExists: Bool
    package var provider: MultipartIdentifier?
    package var location: String?
    package var properties: [Property] = []

    package init(name: NameReference, source: NameReference, ifNotExists: Bool) {
        self.name = name
        self.source = source
        self.ifNotExists = ifNotExists
    }
}

package struct CreateView: Sendable {
    package struct Column: Sendable {
        package let name: Identifier
        package let comment: String?
        /// Only of a materialized view, which may leave it to its query.
        package let hasType: Bool

        package init(name: Identifier, comment: String?, hasType: Bool = false) {
            self.name = name
            self.comment = comment
            self.hasType = hasType
        }
    }

    package enum Form: Sendable {
        case persisted
        case temporary
        case globalTemporary
        case materialized
    }

    package var form = Form.persisted
    package var orReplace = false
    package var ifNotExists = false
    package let name: NameReference
    package var columns: [Column] = []
    package var comment: String?
    package var properties: [Property] = []
    /// BINDING, COMPENSATION, EVOLUTION or TYPE EVOLUTION.
    package var schemaBinding: String?
    package var defaultCollation: String?
    package var otherClauses: [String] = []
    package var expectations: [Expectation] = []
    /// Of a materialized view, what it says of the table that keeps its rows: columns, constraints, layout, row filter.
    package var table: CreateTable?
    /// `CREATE LIVE VIEW`, `CREATE LIVE TABLE`: the older words of pipelines.
    package var isLive = false
    /// Its span cuts the view's text. Nil for the form with USING.
    package var query: Query?
    /// `CREATE TEMPORARY VIEW v USING provider OPTIONS (…)`.
    package var provider: MultipartIdentifier?
    package var options: [Property] = []

    package init(name: NameReference) {
        self.name = name
    }
}

package struct CreateSchema: Sendable {
    package let name: NameReference
    package let ifNotExists: Bool
    package var comment: String?
    package var location: String?
    package var managedLocation: String?
    package var properties: [Property] = []
    package var defaultCollation: String?

    package init(name: NameReference, ifNotExists: Bool) {
        self.name = name
        self.ifNotExists = ifNotExists
    }
}

package struct CreateCatalog: Sendable {
    package enum Source: Sendable {
        case none
        case share(MultipartIdentifier)
        case connection(MultipartIdentifier)
    }

    package let name: NameReference
    package let ifNotExists: Bool
    package var isForeign = false
    package var source = Source.none
    package var comment: String?
    package var managedLocation: String?
    package var options: [Property] = []
    package var defaultCollation: String?

    package init(name: NameReference, ifNotExists: Bool) {
        self.name = name
        self.ifNotExists = ifNotExists
    }
}

package struct CreateVolume: Sendable {
    package let name: NameReference
    package let isExternal: Bool
    package let ifNotExists: Bool
    package let location: String?
    package let comment: String?

    package init(name: NameReference, isExternal: Bool, ifNotExists: Bool, location: String?, comment: String?) {
        self.name = name
        self.isExternal = isExternal
        self.ifNotExists = ifNotExists
        self.location = location
        self.comment = comment
    }
}

package struct CreateFunction: Sendable {
    package struct Parameter: Sendable {
        package let name: Identifier
        package let type: TypeName
        package let defaultValue: Expression?
        package let comment: String?

        package init(name: Identifier, type: TypeName, defaultValue: Expression?, comment: String?) {
            self.name = name
            self.type = type
            self.defaultValue = defaultValue
            self.comment = comment
        }
    }

    package enum Returns: Sendable {
        /// Left out: derived from the body.
        case derived
        case type(TypeName)
        /// RETURNS TABLE (columns); no columns if only TABLE is written.
        case table([Parameter])
    }

    package enum Body: Sendable {
        /// RETURN expression.
        case expression(Expression)
        /// RETURN query.
        case query(Query)
        /// AS $$ … $$ of LANGUAGE PYTHON.
        case external(String)
        /// AS 'class name' [USING …], Hive's form.
        case className(String)
    }

    package var orReplace = false
    package var isTemporary = false
    package var ifNotExists = false
    package let name: NameReference
    package var parameters: [Parameter] = []
    package var returns = Returns.derived
    /// "SQL", "PYTHON", … in upper case; nil if left out.
    package var language: String?
    package var isDeterministic: Bool?
    package var comment: String?
    package var specificName: Identifier?
    /// CONTAINS SQL, READS SQL DATA, in upper case.
    package var dataAccess: String?
    package var otherClauses: [String] = []
    package var body: Body
    /// From the start of the body to its end, to keep its text.
    package var bodySpan: SourceSpan

    package init(name: NameReference, body: Body, bodySpan: SourceSpan) {
        self.name = name
        self.body = body
        self.bodySpan = bodySpan
    }
}
