package enum Use: Sendable {
    /// `USE CATALOG c`.
    case catalog(NameReference)
    /// `USE [SCHEMA|DATABASE|NAMESPACE] [c.]s`.
    case schema(NameReference)
}

package enum SetStatement: Sendable {
    /// `SET k = v`, `SET k v`-less: the key trimmed, the value as written between `=` and the end, trimmed, quotes undone.
    case configuration(key: String, value: String)
    /// `SET k`.
    case showConfiguration(key: String)
    /// `SET` and `SET -v`.
    case showAll(verbose: Bool)
    /// `RESET [k]`.
    case reset(key: String?)
    case timeZone(TimeZoneSetting)
    case variables([Assignment])
    /// `SET VAR (a, b) = (query)`.
    case variablesFromQuery([MultipartIdentifier], Query)
    case catalog(NameReference)
}

package enum TimeZoneSetting: Sendable {
    case local
    case name(String)
    /// Microseconds east of Greenwich.
    case interval(microseconds: Int64)
}

package struct DeclareVariable: Sendable {
    package let names: [NameReference]
    package let orReplace: Bool
    package let type: TypeName?
    package let defaultValue: Expression?

    package init(names: [NameReference], orReplace: Bool, type: TypeName?, defaultValue: Expression?) {
        self.names = names
        self.orReplace = orReplace
        self.type = type
        self.defaultValue = defaultValue
    }
}

package struct ExecuteImmediate: Sendable {
    /// A string literal, variable or constant expression.
    package let statement: Expression
    package let into: [MultipartIdentifier]
    package let using: [NamedExpression]

    package init(statement: Expression, into: [MultipartIdentifier], using: [NamedExpression]) {
        self.statement = statement
        self.into = into
        self.using = using
    }
}

package struct Explain: Sendable {
    /// LOGICAL, FORMATTED, EXTENDED, CODEGEN, COST; nil without.
    package let mode: String?
    package let statement: Statement

    package init(mode: String?, statement: Statement) {
        self.mode = mode
        self.statement = statement
    }
}

/// CACHE, UNCACHE and CLEAR CACHE.
package enum CacheStatement: Sendable {
    case cache(NameReference, isLazy: Bool, options: [Property], query: Query?)
    /// Databricks' `CACHE SELECT …` for the disk cache.
    case select(Query)
    case uncache(NameReference, ifExists: Bool)
    case clear
}

package enum Refresh: Sendable {
    /// TABLE, FUNCTION, MATERIALIZED VIEW, STREAMING TABLE, …
    case object(ObjectKind, NameReference, full: Bool)
    case path(String)
}

package struct Optimize: Sendable {
    package let table: NameReference
    package let full: Bool
    package let filter: Expression?
    package let zOrderBy: [MultipartIdentifier]

    package init(table: NameReference, full: Bool, filter: Expression?, zOrderBy: [MultipartIdentifier]) {
        self.table = table
        self.full = full
        self.filter = filter
        self.zOrderBy = zOrderBy
    }
}

package struct Vacuum: Sendable {
    package let table: NameReference
    /// FULL or LITE.
    package let mode: String?
    package let retainHours: Expression?
    package let dryRun: Bool

    package init(table: NameReference, mode: String?, retainHours: Expression?, dryRun: Bool) {
        self.table = table
        self.mode = mode
        self.retainHours = retainHours
        self.dryRun = dryRun
    }
}

package struct Analyze: Sendable {
    package enum Scope: Sendable {
        case table(NameReference, partition: PartitionSpec?)
        case tables(in: NameReference?)
    }

    package enum Columns: Sendable {
        case none
        case all
        case listed([Identifier])
    }

    package let scope: Scope
    package let noScan: Bool
    package let columns: Columns
    /// COMPUTE DELTA STATISTICS.
    package let delta: Bool

    package init(scope: Scope, noScan: Bool, columns: Columns, delta: Bool) {
        self.scope = scope
        self.noScan = noScan
        self.columns = columns
        self.delta = delta
    }
}
