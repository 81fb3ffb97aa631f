package struct Drop: Sendable {
    package let kind: ObjectKind
    package let name: NameReference
    package let ifExists: Bool
    /// CASCADE is true, RESTRICT false; nil if neither is written.
    package let cascade: Bool?
    package let purge: Bool

    package init(kind: ObjectKind, name: NameReference, ifExists: Bool, cascade: Bool?, purge: Bool) {
        self.kind = kind
        self.name = name
        self.ifExists = ifExists
        self.cascade = cascade
        self.purge = purge
    }
}

package struct Undrop: Sendable {
    package enum Target: Sendable {
        case name(NameReference)
        /// `WITH ID 'uuid'`.
        case id(String)
    }

    package let kind: ObjectKind
    package let target: Target

    package init(kind: ObjectKind, target: Target) {
        self.kind = kind
        self.target = target
    }
}

package struct CommentOn: Sendable {
    package let kind: ObjectKind
    package let name: NameReference
    /// NULL takes the comment away.
    package let text: String?

    package init(kind: ObjectKind, name: NameReference, text: String?) {
        self.kind = kind
        self.name = name
        self.text = text
    }
}

package struct Alter: Sendable {
    package let kind: ObjectKind
    package let name: NameReference
    package let ifExists: Bool
    package let partition: PartitionSpec?
    package let action: Action

    package init(kind: ObjectKind, name: NameReference, ifExists: Bool, partition: PartitionSpec?, action: Action) {
        self.kind = kind
        self.name = name
        self.ifExists = ifExists
        self.partition = partition
        self.action = action
    }

    package indirect enum Action: Sendable {
        case rename(to: NameReference)
        case setOwner(Identifier)
        /// TBLPROPERTIES, DBPROPERTIES, OPTIONS.
        case setProperties([Property])
        case unsetProperties([String], ifExists: Bool)
        case setOptions([Property])
        case setTags([Property])
        case unsetTags([String])
        case setLocation(String)
        case setManagedLocation(String)
        case setComment(String?)
        case setDefaultCollation(String)
        /// ENABLE, DISABLE or INHERIT PREDICTIVE OPTIMIZATION.
        case predictiveOptimization(String)
        case clusterBy(ClusterBy)

        case addColumns([ColumnDefinition])
        case replaceColumns([ColumnDefinition])
        case renameColumn(MultipartIdentifier, to: Identifier)
        case dropColumns([MultipartIdentifier], ifExists: Bool)
        case alterColumn(MultipartIdentifier, ColumnAction)
        /// `ALTER TABLE t ALTER COLUMN a …, b …`.
        case alterColumns([(column: MultipartIdentifier, action: ColumnAction)])
        /// Hive's `CHANGE COLUMN a b INT …`.
        case changeColumn(MultipartIdentifier, ColumnDefinition)

        case addConstraint(TableConstraint)
        case dropConstraint(Identifier, ifExists: Bool, cascade: Bool?)
        case dropPrimaryKey(ifExists: Bool, cascade: Bool?)
        case dropForeignKey(columns: [Identifier], ifExists: Bool)
        case dropFeature(String, truncateHistory: Bool)

        case setRowFilter(ColumnMask)
        case dropRowFilter

        case addPartitions([(partition: PartitionSpec, location: String?)], ifNotExists: Bool)
        case dropPartitions([PartitionSpec], ifExists: Bool, purge: Bool)
        case renamePartition(to: PartitionSpec)
        case recoverPartitions

        /// ALTER VIEW v AS query.
        case setQuery(Query)
        case setSchemaBinding(String)
        /// Of ALTER SHARE: what happens to one object in it.
        case share(ShareChange)
        /// Recognised, to be refused by name: the words in upper case, e.g. "SET SERDE".
        case other(String)
    }

    package enum ColumnAction: Sendable {
        case setType(TypeName)
        case comment(String?)
        case position(ColumnDefinition.Position)
        case setNotNull
        case dropNotNull
        case setDefault(Expression)
        case dropDefault
        case setMask(ColumnMask)
        case dropMask
        case setTags([Property])
        case unsetTags([String])
        case syncIdentity
        case setCollation(String)
    }
}

package struct Grant: Sendable {
    /// In upper case, words parted by one space: `SELECT`, `USE CATALOG`, `ALL PRIVILEGES`. Empty never.
    package let privileges: [String]
    package let objectKind: ObjectKind
    /// Nil for METASTORE and ANY FILE.
    package let object: NameReference?
    /// A user, group or service principal.
    package let principal: Identifier

    package init(privileges: [String], objectKind: ObjectKind, object: NameReference?, principal: Identifier) {
        self.privileges = privileges
        self.objectKind = objectKind
        self.object = object
        self.principal = principal
    }
}

/// `CONVERT TO DELTA t [NO STATISTICS] [PARTITIONED BY (…)]`.
package struct ConvertToDelta: Sendable {
    /// A table, or ``parquet.`path` ``.
    package let table: NameReference
    package let noStatistics: Bool
    package let partitionedBy: [ColumnDefinition]?

    package init(table: NameReference, noStatistics: Bool, partitionedBy: [ColumnDefinition]?) {
        self.table = table
        self.noStatistics = noStatistics
        self.partitionedBy = partitionedBy
    }
}
