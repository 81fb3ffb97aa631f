package import SparkErrors

package struct Insert: Sendable {
    package enum Mode: Sendable {
        case into
        case overwrite
        /// `INSERT INTO t REPLACE WHERE condition`.
        case replaceWhere(Expression)
        /// `INSERT INTO t REPLACE USING (columns)`, Databricks.
        case replaceUsing([Identifier])
        /// `INSERT INTO t REPLACE ON condition`, Databricks.
        case replaceOn(Expression)
    }

    package enum Columns: Sendable {
        /// In the table's order.
        case positional
        case named([Identifier])
        /// BY NAME: the source's column names.
        case byName
    }

    package let mode: Mode
    package let with: With?
    package let table: NameReference
    package let alias: TableAlias?
    package let partition: PartitionSpec?
    /// `IF NOT EXISTS` behind PARTITION.
    package let ifNotExists: Bool
    package let columns: Columns
    package let schemaEvolution: Bool
    /// `INSERT … DEFAULT VALUES` is refused as Spark does; the source is always a query.
    package let source: Query
    /// Behind the parentheses of REPLACE ON's query.
    package let sourceAlias: TableAlias?

    package init(
        mode: Mode, with: With?, table: NameReference, alias: TableAlias?, partition: PartitionSpec?, ifNotExists: Bool, columns: Columns,
        schemaEvolution: Bool, source: Query, sourceAlias: TableAlias? = nil
    ) {
        self.mode = mode
        self.with = with
        self.table = table
        self.alias = alias
        self.partition = partition
        self.ifNotExists = ifNotExists
        self.columns = columns
        self.schemaEvolution = schemaEvolution
        self.source = source
        self.sourceAlias = sourceAlias
    }
}

/// `column = value` in UPDATE, MERGE and SET VARIABLE.
package struct Assignment: Sendable {
    package let target: MultipartIdentifier
    package let value: Expression

    package init(target: MultipartIdentifier, value: Expression) {
        self.target = target
        self.value = value
    }
}

package struct Update: Sendable {
    package let with: With?
    package let table: NameReference
    package let alias: TableAlias?
    package let assignments: [Assignment]
    package let filter: Expression?

    package init(with: With?, table: NameReference, alias: TableAlias?, assignments: [Assignment], filter: Expression?) {
        self.with = with
        self.table = table
        self.alias = alias
        self.assignments = assignments
        self.filter = filter
    }
}

package struct Delete: Sendable {
    package let with: With?
    package let table: NameReference
    package let alias: TableAlias?
    package let filter: Expression?

    package init(with: With?, table: NameReference, alias: TableAlias?, filter: Expression?) {
        self.with = with
        self.table = table
        self.alias = alias
        self.filter = filter
    }
}

package struct Merge: Sendable {
    package enum Action: Sendable {
        case delete
        case updateAll
        case update([Assignment])
        case insertAll
        case insert(columns: [MultipartIdentifier], values: [Expression])
    }

    package enum MatchKind: Sendable {
        case matched
        /// NOT MATCHED [BY TARGET].
        case notMatched
        case notMatchedBySource
    }

    package struct Clause: Sendable {
        package let kind: MatchKind
        package let condition: Expression?
        package let action: Action
        package let span: SourceSpan

        package init(kind: MatchKind, condition: Expression?, action: Action, span: SourceSpan) {
            self.kind = kind
            self.condition = condition
            self.action = action
            self.span = span
        }
    }

    package let with: With?
    package let schemaEvolution: Bool
    package let target: NameReference
    package let targetAlias: TableAlias?
    /// A table or a subquery with its alias.
    package let source: Relation
    package let condition: Expression
    package let clauses: [Clause]

    package init(
        with: With?, schemaEvolution: Bool, target: NameReference, targetAlias: TableAlias?, source: Relation, condition: Expression,
        clauses: [Clause]
    ) {
        self.with = with
        self.schemaEvolution = schemaEvolution
        self.target = target
        self.targetAlias = targetAlias
        self.source = source
        self.condition = condition
        self.clauses = clauses
    }
}

/// `COPY INTO t [(columns)] FROM source FILEFORMAT = format …`.
package struct CopyInto: Sendable {
    package enum Source: Sendable {
        case path(String)
        /// `(SELECT … FROM 'path')`: the path is a table name of one quoted part in the query's FROM.
        case query(Query)
    }

    package let table: NameReference
    package let columns: Insert.Columns
    package let source: Source
    /// `WITH (CREDENTIAL …)` and `ENCRYPTION`: present but not kept, they hold secrets.
    package let hasCredential: Bool
    package let fileFormat: String?
    /// ALL is an empty list.
    package let validateRows: Expression?
    package let validates: Bool
    package let files: [String]
    package let pattern: String?
    package let formatOptions: [Property]
    package let copyOptions: [Property]

    package init(
        table: NameReference, columns: Insert.Columns, source: Source, hasCredential: Bool, fileFormat: String?, validateRows: Expression?,
        validates: Bool, files: [String], pattern: String?, formatOptions: [Property], copyOptions: [Property]
    ) {
        self.table = table
        self.columns = columns
        self.source = source
        self.hasCredential = hasCredential
        self.fileFormat = fileFormat
        self.validateRows = validateRows
        self.validates = validates
        self.files = files
        self.pattern = pattern
        self.formatOptions = formatOptions
        self.copyOptions = copyOptions
    }
}
