package import SparkErrors

/// `(a, b)` or `* EXCEPT (a, b)` among columns; `*` alone is all of them.
package enum ColumnChoice: Sendable {
    case only([Identifier])
    case except([Identifier])

    package static let all = ColumnChoice.except([])

    package var named: [Identifier] {
        switch self {
        case .only(let columns), .except(let columns): columns
        }
    }
}

/// `FROM source KEYS (…) … SEQUENCE BY …` of AUTO CDC: changes of rows, told apart by their keys and put in order by a sequence.
package struct ChangeFlow: Sendable {
    /// All columns of the source, and behind them the sequence, whether a row is a delete, and whether it empties the table.
    package let query: Query
    package let keys: [Identifier]
    /// The columns whose NULLs leave what was there before; nil: NULLs are values like any other.
    package var ignoringNulls: ColumnChoice?
    package var hasTruncates = false
    package var columns = ColumnChoice.all
    /// SCD TYPE 2.
    package var keepsHistory = false
    /// Only with `keepsHistory`.
    package var tracked = ColumnChoice.all
    package let span: SourceSpan

    /// How many columns the query has behind those of the source.
    package static let addedColumns = 3

    package init(query: Query, keys: [Identifier], span: SourceSpan) {
        self.query = query
        self.keys = keys
        self.span = span
    }
}

/// `CREATE FLOW name [COMMENT text] AS {INSERT INTO table BY NAME query | AUTO CDC INTO table …}`, and `APPLY CHANGES INTO table …`, of a pipeline.
package struct CreateFlow: Sendable {
    package enum Source: Sendable {
        case insert(Insert)
        case changes(ChangeFlow, into: NameReference)
    }

    /// The table's where the statement gives none.
    package let name: NameReference
    package let comment: String?
    package let source: Source

    package init(name: NameReference, comment: String?, source: Source) {
        self.name = name
        self.comment = comment
        self.source = source
    }

    package var target: NameReference {
        switch source {
        case .insert(let insert): insert.table
        case .changes(_, let target): target
        }
    }
}
