package import Columnar
import SparkErrors
import SparkFunctions
package import SparkSyntax

/// A table that is to be written to, as the analyser must know it.
package struct WriteTarget: Sendable {
    package struct Column: Sendable {
        /// With the declared type, CHAR and VARCHAR included.
        package let field: Field
        package let defaultValue: SparkSyntax.Expression?
        /// Of a generated column, over the other columns.
        package let generation: SparkSyntax.Expression?
        package let identity: Identity?

        package init(
            _ field: Field, defaultValue: SparkSyntax.Expression? = nil, generation: SparkSyntax.Expression? = nil, identity: Identity? = nil
        ) {
            self.field = field
            self.defaultValue = defaultValue
            self.generation = generation
            self.identity = identity
        }
    }

    /// Whether values may be given for an identity column.
    package enum Identity: Sendable { case always, byDefault }

    /// Catalog, schema and name.
    package let name: [String]
    package let columns: [Column]

    package init(name: [String], columns: [Column]) {
        self.name = name
        self.columns = columns
    }
}

extension Analyzer {
    /// The source's rows as the table's columns, and the positions of identity columns that are still to be filled.
    /// `rows`: the source's, if they have been computed already.
    func insert(
        _ source: Query, rows: AnalyzedRelation? = nil, columns: Insert.Columns, partition: PartitionSpec?, into target: WriteTarget
    ) throws(SQLError) -> (relation: AnalyzedRelation, unfilled: [Int]) {
        let fixed = try fixedColumns(partition, target)
        let free = target.columns.indices.filter { index in !fixed.contains { $0.column == index } }
        // Columns in the order in which the source gives them; nil for BY NAME.
        let order = try writtenOrder(columns, free, target)
        // DEFAULT in every row leaves an identity or generated column to the table.
        let left = Set(
            source.body.defaultPositions.compactMap { position -> Int? in
                guard let order, order.indices.contains(position) else { return nil }
                let column = target.columns[order[position]]
                return column.identity != nil || column.generation != nil ? order[position] : nil
            })
        let query = source.replacingDefaults { position in
            guard let order, order.indices.contains(position) else { return nil }
            return target.columns[order[position]].defaultValue ?? SyntaxExpression(.literal(.null), span: source.span)
        }
        let relation = if let rows { rows } else { try analyze(query, environment).ordered }
        let made = relation.plan.output
        var sources = [ResolvedExpression?](repeating: nil, count: target.columns.count)
        for (column, value) in fixed { sources[column] = value }
        if let order {
            try checkArity(order, made, target)
            for (position, column) in order.enumerated() where !left.contains(column) { sources[column] = made[position].reference }
        } else {
            try matchByName(made, target, &sources)
        }
        let writer = StoreAssignment(self, target: target)
        var named: [LogicalPlan.NamedColumn] = []
        var computed: [Int: ResolvedExpression] = [:]
        var unfilled: [Int] = []
        for (index, column) in target.columns.enumerated() {
            let stored: ResolvedExpression
            if let given = sources[index] {
                if column.identity == .always { throw .identityGiven(column.field.name) }
                stored = try writer.assign(given, to: column)
            } else if column.generation != nil {
                computed[index] = .trueConstant
                stored = .null(column.field.type.inPlans)
            } else if column.identity != nil {
                unfilled.append(index)
                stored = .null(column.field.type.inPlans)
            } else {
                stored = try writer.assign(try writer.defaultValue(column), to: column)
            }
            named.append(.init(attribute(column.field.name, column.field.type.inPlans, nullable: column.field.nullable), stored))
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: named))
        let complete = try generating(plan, plan.output, target, computed)
        return (AnalyzedRelation(plan: complete.plan, scope: Scope(complete.columns, qualifier: [])), unfilled)
    }

    /// PARTITION (p = 1): columns with constant values.
    private func fixedColumns(_ partition: PartitionSpec?, _ target: WriteTarget) throws(SQLError) -> [(column: Int, value: ResolvedExpression)] {
        var result: [(column: Int, value: ResolvedExpression)] = []
        let resolver = ExpressionResolver(self, environment, scopes: [])
        for (name, value) in partition?.values ?? [] {
            guard let value else { continue }
            let column = try position(of: name, target)
            if case .name(let word) = value.kind, word.isWord("DEFAULT") {
                result.append((column, try StoreAssignment(self, target: target).defaultValue(target.columns[column])))
                continue
            }
            let resolved = try resolver.resolve(value)
            // A partition's value is text that is read as the column's type.
            result.append((column, try resolver.explicitCast(resolved, to: target.columns[column].field.type.inPlans, isTry: false, value.span)))
        }
        return result
    }

    private func position(of name: Identifier, _ target: WriteTarget) throws(SQLError) -> Int {
        guard let index = target.columns.firstIndex(where: { Names.same($0.field.name, name.text) }) else {
            let columns = target.columns.map {
                Scope.Column(attribute: attribute($0.field.name, $0.field.type, nullable: true), qualifier: [])
            }
            throw Suggestions.unresolvedColumn([name.text], among: columns, at: SourceSpan(start: 0, end: 0))
        }
        return index
    }

    private func writtenOrder(_ columns: Insert.Columns, _ free: [Int], _ target: WriteTarget) throws(SQLError) -> [Int]? {
        switch columns {
        case .positional: return free
        case .byName: return nil
        case .named(let names):
            var order: [Int] = []
            for name in names {
                let index = try position(of: name, target)
                if order.contains(index) { throw SQLError(.columnAlreadyExists, ["columnName": SQLQuote.id(name.text)]) }
                order.append(index)
            }
            return order
        }
    }

    private func checkArity(_ order: [Int], _ made: [Attribute], _ target: WriteTarget) throws(SQLError) {
        guard made.count != order.count else { return }
        throw SQLError(
            made.count < order.count ? .insertColumnArityMismatchNotEnoughDataColumns : .insertColumnArityMismatchTooManyDataColumns,
            [
                "tableName": SQLQuote.id(target.name),
                "tableColumns": order.map { SQLQuote.id(target.columns[$0].field.name) }.joined(separator: ", "),
                "dataColumns": made.map { SQLQuote.id($0.name) }.joined(separator: ", "),
            ], phase: .analysis)
    }

    private func matchByName(_ made: [Attribute], _ target: WriteTarget, _ sources: inout [ResolvedExpression?]) throws(SQLError) {
        var extra: [String] = []
        for column in made {
            guard let index = target.columns.firstIndex(where: { Names.same($0.field.name, column.name) }) else {
                extra.append(SQLQuote.id(column.name))
                continue
            }
            if sources[index] != nil {
                throw SQLError(
                    .incompatibleDataForTableAmbiguousColumnName, ["tableName": SQLQuote.id(target.name), "colName": SQLQuote.id(column.name)])
            }
            sources[index] = column.reference
        }
        if !extra.isEmpty {
            throw SQLError(
                .incompatibleDataForTableExtraColumns,
                ["tableName": SQLQuote.id(target.name), "extraColumns": extra.joined(separator: ", ")])
        }
    }
}

/// ANSI store assignment: the casts and checks between a value and the column that it is stored in.
struct StoreAssignment {
    private let analyzer: Analyzer
    private let target: WriteTarget
    private let resolver: ExpressionResolver

    init(_ analyzer: Analyzer, target: WriteTarget) {
        self.analyzer = analyzer
        self.target = target
        resolver = ExpressionResolver(analyzer, analyzer.environment, scopes: [])
    }

    func defaultValue(_ column: WriteTarget.Column) throws(SQLError) -> ResolvedExpression {
        guard let syntax = column.defaultValue else { return .null(column.field.type.inPlans) }
        // The default was written in another statement.
        var environment = analyzer.environment
        environment.showsPlaces = false
        return try ExpressionResolver(analyzer, environment, scopes: []).resolve(syntax)
    }

    /// - Throws: INCOMPATIBLE_DATA_FOR_TABLE if values of the type cannot be stored; the expression throws for values that cannot.
    func assign(_ value: ResolvedExpression, to column: WriteTarget.Column) throws(SQLError) -> ResolvedExpression {
        let field = column.field
        let wanted = field.type.inPlans
        var result = value
        if value.type != wanted {
            try check(value.type, wanted, [field.name])
            if value.type.sameIgnoringNulls(as: wanted) || value.type == .void {
                result = .cast(CastExpression(value, to: wanted, mode: .ansi, isImplicit: true))
            } else {
                result = .cast(CastExpression(value, to: wanted, mode: .ansi, isImplicit: true))
                result = .check(result, .overflow(from: value.type, column: field.name))
            }
        }
        switch field.type {
        case .char(let length): result = .check(result, .length(length, pads: true))
        case .varchar(let length): result = .check(result, .length(length, pads: false))
        default: break
        }
        if !field.nullable {
            result = .check(result, .notNull(Self.violation([field.name])))
        }
        for (path, names) in field.type.requiredFields { result = .check(result, .fieldNotNull(path, Self.violation([field.name] + names))) }
        return result
    }

    private static func violation(_ path: [String]) -> SQLError {
        SQLError(.deltaNotNullConstraintViolated, ["columnName": path.joined(separator: ".")], phase: .execution)
    }

    /// Delta tables take texts for whatever can be read from them; a text that cannot be read fails when it is stored (CAST_INVALID_INPUT).
    /// Source: Delta's `castIfNeeded`, which casts without Spark's check of the two types.
    private static func readsText(_ from: DataType, _ to: DataType) -> Bool {
        guard from.isString else { return false }
        switch to {
        case .boolean, .date, .timestamp, .timestampNTZ: return true
        default: return to.isNumeric
        }
    }

    private func check(_ from: DataType, _ to: DataType, _ path: [String]) throws(SQLError) {
        if Coercion.canStoreAssign(from.asNullable, to.asNullable) || Self.readsText(from, to) { return }
        let name = ["tableName": SQLQuote.id(target.name), "colName": SQLQuote.id(path)]
        if case .structure(let a) = from, case .structure(let b) = to {
            if a.count < b.count {
                let missing = b.filter { field in !a.contains { Names.same($0.name, field.name) } }.map { SQLQuote.id($0.name) }
                throw SQLError(
                    .incompatibleDataForTableStructMissingFields, name.merging(["missingFields": missing.joined(separator: ", ")]) { $1 })
            }
            if a.count > b.count {
                let extra = a.filter { field in !b.contains { Names.same($0.name, field.name) } }.map { SQLQuote.id($0.name) }
                throw SQLError(
                    .incompatibleDataForTableExtraStructFields, name.merging(["extraFields": extra.joined(separator: ", ")]) { $1 })
            }
            for (one, other) in zip(a, b) { try check(one.type, other.type, path + [other.name]) }
        }
        throw SQLError(
            .incompatibleDataForTableCannotSafelyCast,
            name.merging(["srcType": SQLQuote.type(from.sqlText), "targetType": SQLQuote.type(to.sqlText)]) { $1 })
    }
}

extension Query {
    /// The query with the keyword DEFAULT in its outermost VALUES or SELECT list replaced by position.
    fileprivate func replacingDefaults(_ value: (Int) -> SyntaxExpression?) -> Query {
        Query(with: with, body: body.replacingDefaults(value), organization: organization, span: span)
    }
}

extension QueryBody {
    fileprivate func replacingDefaults(_ value: (Int) -> SyntaxExpression?) -> QueryBody {
        switch self {
        case .values(let table, let alias):
            guard table.rows.contains(where: { $0.contains(where: \.isDefault) }) else { return self }
            let rows = table.rows.map { row in row.enumerated().map { $1.isDefault ? value($0) ?? $1 : $1 } }
            return .values(InlineTable(rows: rows, span: table.span), alias)
        case .select(var select):
            guard select.items.contains(where: { $0.expression.isDefault }) else { return self }
            select.items = select.items.enumerated().map { index, item in
                guard item.expression.isDefault, let replacement = value(index) else { return item }
                return NamedExpression(expression: replacement, aliases: item.aliases, span: item.span)
            }
            return .select(select)
        case .parenthesized(let query): return .parenthesized(query.replacingDefaults(value))
        case .setOperation, .table, .pipe: return self
        }
    }
}

extension QueryBody {
    /// Positions at which every row of VALUES, or the SELECT list, has the keyword DEFAULT.
    fileprivate var defaultPositions: [Int] {
        switch self {
        case .values(let table, _):
            guard let first = table.rows.first else { return [] }
            return first.indices.filter { index in table.rows.allSatisfy { $0.indices.contains(index) && $0[index].isDefault } }
        case .select(let select): return select.items.indices.filter { select.items[$0].expression.isDefault }
        case .parenthesized(let query): return query.body.defaultPositions
        case .setOperation, .table, .pipe: return []
        }
    }
}

extension SyntaxExpression {
    var isDefault: Bool { if case .name(let name) = kind { name.isWord("DEFAULT") } else { false } }
}
