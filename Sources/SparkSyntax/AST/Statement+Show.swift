package struct Show: Sendable {
    package indirect enum Subject: Sendable {
        case catalogs
        case schemas(in: NameReference?)
        /// `SHOW TABLES [IN …]`; see `Show.pattern`.
        case tables(in: NameReference?)
        /// `SHOW TABLES IN CATALOG c [SCHEMA LIKE 'p'] [LIKE 'q']`, also `IN ALL CATALOGS` (no catalog); the drivers' form.
        case tablesAcross(catalog: NameReference?, schemaPattern: String?)
        /// `SHOW SCHEMAS IN ALL CATALOGS`.
        case schemasInAllCatalogs
        /// `SHOW TABLE EXTENDED [IN s] LIKE 'p' [PARTITION (…)]`.
        case tableExtended(in: NameReference?, partition: PartitionSpec?)
        case tablesDropped(in: NameReference?, limit: Expression?)
        case views(in: NameReference?)
        case columns(of: NameReference, in: NameReference?)
        /// The drivers' `SHOW COLUMNS IN CATALOG c [SCHEMA LIKE 'p'] [TABLE LIKE 'q'] [LIKE 'r']`; the last is `Show.pattern`.
        case columnsAcross(catalog: NameReference?, schemaPattern: String?, tablePattern: String?)
        /// `scope`: USER, SYSTEM or ALL. `name` for `SHOW FUNCTIONS f.g`.
        case functions(scope: String?, in: NameReference?, name: MultipartIdentifier?)
        /// The drivers' `SHOW FUNCTIONS|PROCEDURES IN CATALOG c …`.
        case routinesAcross(ObjectKind, catalog: NameReference?, schemaPattern: String?)
        case procedures(in: NameReference?)
        case volumes(in: NameReference?)
        case tableProperties(of: NameReference, key: String?)
        case partitions(of: NameReference, PartitionSpec?)
        case createTable(NameReference, asSerde: Bool)
        case currentSchema
        /// `principal` nil for everyone; the object nil for METASTORE and for `SHOW GRANTS p`.
        case grants(principal: Identifier?, on: ObjectKind?, NameReference?)
        case users
        case groups
        case variables
        case collations
        case keys(isForeign: Bool, in: NameReference)
        /// SHARES, RECIPIENTS or PROVIDERS; those of a provider for `SHOW SHARES IN PROVIDER p`.
        case sharing(ObjectKind, provider: NameReference?)
        case allInShare(NameReference)
        case grantsToRecipient(NameReference)
        /// Lists of other things, by their words in upper case: "CONNECTIONS", "ROLES", …
        case other(String)
    }

    package let subject: Subject
    /// The text behind LIKE.
    package let pattern: String?

    package init(subject: Subject, pattern: String? = nil) {
        self.subject = subject
        self.pattern = pattern
    }
}

package enum Describe: Sendable {
    /// `column` for `DESCRIBE t c`.
    case relation(NameReference, extended: Bool, partition: PartitionSpec?, column: MultipartIdentifier?, asJSON: Bool)
    case query(Query)
    case function(NameReference, extended: Bool)
    case schema(NameReference, extended: Bool)
    case catalog(NameReference, extended: Bool)
    case volume(NameReference)
    case history(NameReference, limit: Expression?)
    case detail(NameReference)
    case other(ObjectKind, NameReference, extended: Bool)
}
