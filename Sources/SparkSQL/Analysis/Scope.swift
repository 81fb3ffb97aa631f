import SparkErrors

/// The columns that names can mean at one place of a query.
struct Scope {
    struct Column {
        var attribute: Attribute
        /// Table alias, or catalog, schema and table; empty for columns that a SELECT list made.
        var qualifier: [String]
    }

    var columns: [Column]
    /// The keys of USING and NATURAL joins as each side has them: only reached with a qualifier.
    var hidden: [Column] = []
    /// What tables tell of their files: only reached by its name, where no column has it.
    var metadata: [Column] = []

    static let empty = Scope(columns: [])

    init(columns: [Column], hidden: [Column] = []) {
        self.columns = columns
        self.hidden = hidden
    }

    init(_ attributes: [Attribute], qualifier: [String]) {
        columns = attributes.map { Column(attribute: $0, qualifier: qualifier) }
    }

    var attributes: [Attribute] { columns.map(\.attribute) }

    static func + (left: Scope, right: Scope) -> Scope {
        var both = Scope(columns: left.columns + right.columns, hidden: left.hidden + right.hidden)
        both.metadata = left.metadata + right.metadata
        return both
    }

    /// Some of the columns.
    func limited(to ids: [ColumnID]) -> Scope {
        let wanted = Set(ids)
        var part = Scope(columns: columns.filter { wanted.contains($0.attribute.id) }, hidden: hidden.filter { wanted.contains($0.attribute.id) })
        part.metadata = metadata.filter { wanted.contains($0.attribute.id) }
        return part
    }

    /// What outer joins do to one side.
    func nullable() -> Scope {
        var scope = Scope(
            columns: columns.map { Column(attribute: $0.attribute.with(nullable: true), qualifier: $0.qualifier) },
            hidden: hidden.map { Column(attribute: $0.attribute.with(nullable: true), qualifier: $0.qualifier) })
        scope.metadata = metadata.map { Column(attribute: $0.attribute.with(nullable: true), qualifier: $0.qualifier) }
        return scope
    }

    /// A table alias replaces what the columns were called after.
    func aliased(_ name: String) -> Scope {
        var scope = Scope(columns: columns.map { Column(attribute: $0.attribute, qualifier: [name]) })
        scope.metadata = metadata.map { Column(attribute: $0.attribute, qualifier: [name]) }
        return scope
    }
}

extension Scope {
    struct Match {
        let attribute: Attribute
        let qualifier: [String]
        /// Name parts behind the column's: fields of a struct.
        let rest: ArraySlice<String>
        /// The part that named the column, as written.
        let name: String
    }

    /// The column that a name means. The longest qualifier wins (`catalog.schema.table.column`, then `table.column`, then `column`), what is
    /// left over are fields. nil if there is none; throws `AMBIGUOUS_REFERENCE` if there are several.
    func resolve(_ parts: [String], at span: SourceSpan?) throws(SQLError) -> Match? {
        for qualifierCount in [3, 2, 1] where parts.count > qualifierCount {
            let found = candidates(parts[qualifierCount], qualifier: parts[..<qualifierCount])
            if let match = try choose(found, parts, position: qualifierCount, span) { return match }
        }
        guard let first = parts.first else { return nil }
        return try choose(candidates(first, qualifier: []), parts, position: 0, span)
    }

    private func candidates(_ name: String, qualifier: ArraySlice<String>) -> [Column] {
        var found: [Column] = []
        for column in columns where Names.same(column.attribute.name, name) && column.matches(qualifier) { found.append(column) }
        if !qualifier.isEmpty {
            for column in hidden where Names.same(column.attribute.name, name) && column.matches(qualifier) {
                if !found.contains(where: { $0.attribute.id == column.attribute.id }) { found.append(column) }
            }
        }
        guard found.isEmpty, !metadata.isEmpty else { return found }
        return metadata.filter { Names.same($0.attribute.name, name) && $0.matches(qualifier) }
    }

    private func choose(_ found: [Column], _ parts: [String], position: Int, _ span: SourceSpan?) throws(SQLError) -> Match? {
        guard let first = found.first else { return nil }
        if found.contains(where: { $0.attribute.id != first.attribute.id }) {
            throw SQLError(
                .ambiguousReference,
                [
                    "name": SQLQuote.id(parts),
                    "referenceNames": "[" + found.map { SQLQuote.id($0.qualifier + [$0.attribute.name]) }.joined(separator: ", ") + "]",
                ], at: span)
        }
        return Match(attribute: first.attribute, qualifier: first.qualifier, rest: parts[(position + 1)...], name: parts[position])
    }

    /// The columns of `name.*`; nil if no column has the qualifier.
    func columns(qualifiedBy qualifier: [String]) -> [Column]? {
        let found = columns.filter { $0.matches(qualifier[...]) }
        let keys = hidden.filter { key in key.matches(qualifier[...]) && !found.contains { $0.attribute.id == key.attribute.id } }
        return found.isEmpty && keys.isEmpty ? nil : keys + found
    }
}

extension Scope.Column {
    /// Whether the written qualifier is the end of the column's own.
    func matches(_ written: ArraySlice<String>) -> Bool {
        guard written.count <= qualifier.count else { return false }
        return zip(qualifier.suffix(written.count), written).allSatisfy { Names.same($0, $1) }
    }
}

/// Names are compared without regard to case.
enum Names {
    static func same(_ left: String, _ right: String) -> Bool {
        var first = left.utf8.makeIterator()
        var second = right.utf8.makeIterator()
        while true {
            switch (first.next(), second.next()) {
            case (nil, nil): return true
            case (let a?, let b?):
                // Beyond ASCII the case of letters is not a matter of one bit, nor of equal lengths.
                if a >= 0x80 || b >= 0x80 { return left.lowercased() == right.lowercased() }
                if a == b { continue }
                let folded = a | 0x20
                guard folded == b | 0x20, folded >= UInt8(ascii: "a"), folded <= UInt8(ascii: "z") else { return false }
            case (let a?, nil), (nil, let a?):
                return a >= 0x80 ? left.lowercased() == right.lowercased() : false
            }
        }
    }
}

/// A query that encloses another: what the inner one may refer to beyond its own FROM.
final class QueryLevel {
    /// The enclosing query's columns at the place where the inner one stands, tried in order.
    let scopes: [Scope]
    let parent: QueryLevel?
    /// The columns of enclosing queries that the inner one uses, in order of first use.
    private(set) var captured: [ColumnReference] = []
    /// Their names, each time that one is used: how Spark prints the subquery.
    private(set) var mentions: [String] = []
    /// Aggregates over the enclosing query's columns alone, which it computes: `HAVING EXISTS (SELECT … WHERE a > max(outer.b))`.
    private(set) var aggregates: [(aggregate: AggregateExpression, column: ColumnReference)] = []

    init(scopes: [Scope], parent: QueryLevel?) {
        self.scopes = scopes
        self.parent = parent
    }

    func add(_ aggregate: AggregateExpression, as column: ColumnReference) {
        aggregates.append((aggregate, column))
        capture(column)
    }

    func capture(_ column: ColumnReference) {
        mentions.append(column.name)
        if !captured.contains(where: { $0.id == column.id }) { captured.append(column) }
    }

    /// Finds a name in the enclosing query, and notes it. Queries further out are out of sight, as in Spark.
    func resolve(_ parts: [String], at span: SourceSpan?) throws(SQLError) -> Scope.Match? {
        for scope in scopes {
            guard let match = try scope.resolve(parts, at: span) else { continue }
            capture(ColumnReference(match.attribute, name: match.name, qualifier: match.qualifier, span: span))
            return match
        }
        // A level without columns of its own, such as a function's body, hides nothing.
        guard scopes.isEmpty, let match = try parent?.resolve(parts, at: span) else { return nil }
        capture(ColumnReference(match.attribute, name: match.name, qualifier: match.qualifier, span: span))
        return match
    }
}
