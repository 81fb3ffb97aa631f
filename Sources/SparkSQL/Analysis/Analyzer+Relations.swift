import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

typealias SyntaxRelation = SparkSyntax.Relation

extension Analyzer {
    /// A FROM clause's relation. `lateral`: the columns to its left, which LATERAL may use.
    func relation(
        _ syntax: SyntaxRelation, _ environment: Environment, lateral: Scope? = nil
    ) throws(SQLError) -> AnalyzedRelation {
        var result: AnalyzedRelation
        let span = environment.at(syntax.span)
        switch syntax.kind {
        case .table(let reference): result = try table(reference, environment, span)
        case .subquery(let query):
            result = try analyze(query, environment).ordered
            result.scope = Scope(columns: result.scope.columns.map { .init(attribute: $0.attribute, qualifier: []) })
        case .values(let table): return try values(table, syntax.alias, environment)
        case .function(let function):
            result = try tableFunction(function, environment, span)
            if let alias = syntax.alias, !alias.columns.isEmpty, alias.columns.count != result.scope.columns.count {
                throw SQLError(
                    .numTableValueAliasesMismatch,
                    [
                        "funcName": SQLQuote.id(try name(function.name, environment)), "aliasesNum": "\(alias.columns.count)",
                        "outColsNum": "\(result.scope.columns.count)",
                    ], at: span)
            }
        case .join(let join): result = try self.join(join, environment, span)
        case .parenthesized(let inner): result = try relation(inner, environment, lateral: lateral)
        case .lateralView(let view): result = try lateralView(view, environment, span)
        case .pivot(let pivot): result = try self.pivot(pivot, environment, span)
        case .unpivot(let unpivot): result = try self.unpivot(unpivot, environment, span)
        case .pipeInput:
            guard let input = environment.pipeInput else { throw .unsupported("the input of a pipe here", at: span) }
            result = input
        }
        if let sample = syntax.sample { result.plan = try self.sample(result.plan, sample, environment) }
        return try alias(result, syntax.alias, span)
    }

    func alias(_ relation: AnalyzedRelation, _ alias: TableAlias?, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        guard let alias else { return relation }
        var result = try renamed(relation, alias.columns, span)
        result.scope = result.scope.aliased(alias.name.text)
        return result
    }

    // MARK: Tables and views

    private func table(_ reference: TableReference, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let written = try name(reference.name, environment)
        let travel = try reference.timeTravel.map { (clause) throws(SQLError) in try timeTravel(clause, environment) }
        if written.count == 1, let common = environment.tables[written[0].lowercased()] {
            guard travel == nil else {
                throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(written)], at: span)
            }
            return try use(common, span)
        }
        let place = reference.name.span
        let found: CatalogRelation
        if written.count == 1, environment.seesTemporary, let view = catalog.temporaryView(written[0]) {
            if travel != nil { throw SQLError(.unsupportedFeatureTimeTravel, ["relationId": SQLQuote.id(written)], at: span) }
            found = view
        } else {
            do throws(SQLError) {
                let (reader, full) = (environment.reader ?? catalog, environment.qualified(written))
                found = reference.isStream ? try reader.stream(full, at: place) : try reader.relation(full, travel, at: place)
            } catch {
                let isOfPlace = environment.showsPlaces && error.condition != .insufficientPermissions
                throw isOfPlace ? error.with(span: place) : error.withoutSpan
            }
        }
        switch found {
        case .table(let provider, let name): return scan(provider, name)
        case .view(let query, let name, let columns, let catalog, let schema, _, let reader, let collation):
            return try view(query, name, columns, catalog, schema, reader, collation, environment, span)
        }
    }

    func scan(_ provider: any TableProvider, _ name: [String]) -> AnalyzedRelation {
        let fields = provider.schema.fields
        var output = fields.map { attribute($0.name, $0.type.inPlans, nullable: $0.nullable, comment: $0.comment) }
        for (field, column) in zip(fields, output) {
            if case .char(let length) = field.type { charLengths[column.id] = length }
        }
        var scope = Scope(output, qualifier: name)
        if let field = provider.metadataColumn {
            let column = attribute(field.name, field.type.inPlans, nullable: field.nullable)
            output.append(column)
            scope.metadata = [Scope.Column(attribute: column, qualifier: name)]
        }
        let scan = LogicalPlan.Scan(provider: provider, name: name, output: output, columns: Array(output.indices))
        return AnalyzedRelation(plan: .scan(scan), scope: scope)
    }

    func view(
        _ query: Query, _ name: [String], _ columns: [Field], _ catalog: String, _ schema: String, _ reader: (any CatalogReader)?,
        _ collation: Collation, _ outer: Environment, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        guard outer.nesting < Environment.maximumNesting else {
            throw SQLError(.viewExceedMaxNestedDepth, ["viewName": SQLQuote.id(name), "maxNestedDepth": "\(Environment.maximumNesting)"], at: span)
        }
        var inner = Environment(
            catalog: catalog.isEmpty ? outer.catalog : catalog, schema: schema.isEmpty ? outer.schema : schema, nesting: outer.nesting + 1,
            qualifies: catalog.isEmpty ? outer.qualifies : true, depth: outer.depth, showsPlaces: false)
        inner.functionNesting = outer.functionNesting
        inner.reader = reader ?? outer.reader
        inner.collation = collation
        inner.seesTemporary = name.count == 1 && outer.seesTemporary
        var relation = try analyze(query, inner).ordered
        let isBarrier = reader?.hidesRows ?? false
        if isBarrier { relation.plan = relation.plan.asBarrier }
        guard !columns.isEmpty else { return AnalyzedRelation(plan: relation.plan, scope: Scope(relation.plan.output, qualifier: name)) }
        let made = relation.plan.output
        guard made.count == columns.count else {
            throw SQLError(
                .incompatibleViewSchemaChange,
                [
                    "viewName": SQLQuote.id(name), "colName": SQLQuote.id(columns.last?.name ?? ""), "expectedNum": "\(columns.count)",
                    "actualCols": "[\(made.map(\.name).joined(separator: ","))]", "suggestion": "",
                ], at: span)
        }
        let resolver = ExpressionResolver(self, inner, scopes: [])
        var named: [LogicalPlan.NamedColumn] = []
        for (column, field) in zip(made, columns) {
            let type = field.type.inPlans
            let expression = column.type.sameIgnoringNulls(as: type) ? column.reference : try resolver.coerce(column.reference, to: type)
            let attribute = self.attribute(field.name, expression.type, nullable: column.nullable, comment: field.comment)
            named.append(.init(attribute, expression))
        }
        let plan = LogicalPlan.project(.init(child: relation.plan, columns: named, isBarrier: isBarrier))
        return AnalyzedRelation(plan: plan, scope: Scope(plan.output, qualifier: name))
    }

    private func timeTravel(_ clause: TimeTravelClause, _ environment: Environment) throws(SQLError) -> TimeTravel {
        switch clause {
        case .version(let text): return .version(text)
        case .timestampDigits(let digits):
            let all = Array(digits)
            guard all.count == 17 else { throw SQLError(.invalidTimeTravelTimestampExprInput, ["expr": SQLQuote.expr(digits)]) }
            func part(_ range: Range<Int>) -> String { String(all[range]) }
            let text = "\(part(0..<4))-\(part(4..<6))-\(part(6..<8)) \(part(8..<10)):\(part(10..<12)):\(part(12..<14)).\(part(14..<17))"
            guard let micros = DateTimeText.parseTimestamp(text.utf8, in: context.timeZone, now: context.nowMicros) else {
                throw SQLError(.invalidTimeTravelTimestampExprInput, ["expr": SQLQuote.expr(digits)])
            }
            return .timestamp(micros: micros)
        case .timestamp(let expression):
            let resolver = ExpressionResolver(self, environment, scopes: [])
            let value = try resolver.resolve(expression)
            let shown = ["expr": SQLQuote.expr(value.sql)]
            let span = environment.at(expression.span)
            guard value.isDeterministic else { throw SQLError(.invalidTimeTravelTimestampExprNonDeterministic, shown, at: span) }
            guard value.isFoldable else { throw SQLError(.invalidTimeTravelTimestampExprUnevaluable, shown, at: span) }
            guard Cast.canCast(value.type, .timestamp, ansi: true) else { throw SQLError(.invalidTimeTravelTimestampExprInput, shown, at: span) }
            let cast = ResolvedExpression.cast(CastExpression(value, to: .timestamp, mode: .attempt, isImplicit: true))
            guard case .integer(let micros) = try Evaluation.constant(cast, context).value(at: 0) else {
                throw SQLError(.invalidTimeTravelTimestampExprInput, shown, at: span)
            }
            return .timestamp(micros: micros)
        }
    }

    // MARK: VALUES

    func values(_ table: InlineTable, _ alias: TableAlias?, _ environment: Environment) throws(SQLError) -> AnalyzedRelation {
        let span = environment.at(table.span)
        var environment = environment
        // Spark evaluates a table of literals before it looks at a view's DEFAULT COLLATION.
        if environment.collation != .utf8Binary, table.rows.allSatisfy({ $0.allSatisfy(\.isPlain) }) { environment.collation = .utf8Binary }
        let resolver = ExpressionResolver(self, environment, scopes: [.empty], operatorName: "InlineTable")
        let named = alias?.columns ?? []
        let width = named.isEmpty ? table.rows.first?.count ?? 0 : named.count
        var columns = [[ResolvedExpression]](repeating: [], count: width)
        for index in columns.indices { columns[index].reserveCapacity(table.rows.count) }
        for (index, row) in table.rows.enumerated() {
            guard row.count == width else {
                throw SQLError(
                    .invalidInlineTableNumColumnsMismatch,
                    ["expectedNumCols": "\(width)", "actualNumCols": "\(row.count)", "rowIndex": "\(index)"], at: span, phase: .execution)
            }
            for (position, cell) in row.enumerated() { columns[position].append(try resolver.resolve(cell)) }
        }
        var made: [Column] = []
        var output: [Attribute] = []
        for (position, cells) in columns.enumerated() {
            let name = named.indices.contains(position) ? named[position].text : "col\(position + 1)"
            let column = try self.column(cells, name, resolver, span)
            made.append(column)
            output.append(attribute(name, column.type, nullable: column.nullCount > 0))
        }
        let plan = LogicalPlan.values(.init(output: output, columns: made, rowCount: table.rows.count))
        let scope = Scope(output, qualifier: alias.map { [$0.name.text] } ?? [])
        return AnalyzedRelation(plan: plan, scope: scope)
    }

    /// The column of an inline table that these cells make.
    private func column(
        _ cells: [ResolvedExpression], _ name: String, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> Column {
        guard let type = inlineType(cells) else {
            throw SQLError(.invalidInlineTableIncompatibleTypesInInlineTable, ["colName": SQLQuote.id(name)], at: span)
        }
        var values: [Value] = []
        values.reserveCapacity(cells.count)
        for cell in cells {
            if case .constant(let constant) = cell, constant.type == type || constant.value.isNull {
                values.append(constant.value)
                continue
            }
            if cell.contains(where: { if case .subquery = $0 { true } else { false } }) {
                throw SQLError(.unsupportedSubqueryExpressionCategoryScalarSubqueryInValues, at: span)
            }
            guard
                !cell.contains(where: { part in
                    switch part {
                    case .column, .outer, .aggregate, .window, .grouping: true
                    case .call(let call): !call.bound.deterministic
                    default: false
                    }
                })
            else {
                throw SQLError(.invalidInlineTableCannotEvaluateExpressionInInlineTable, ["expr": SQLQuote.expr(cell.sql)], at: span)
            }
            do throws(SQLError) {
                values.append(try Evaluation.constant(try resolver.coerce(cell, to: type), context).value(at: 0))
            } catch {
                if error.phase != .execution { throw error }
                throw SQLError(.invalidInlineTableFailedSqlExpressionEvaluation, ["sqlExpr": SQLQuote.expr(cell.sql)], at: span)
            }
        }
        return Column(type, of: values)
    }

    /// The common type, without turning strings into numbers.
    private func inlineType(_ cells: [ResolvedExpression]) -> DataType? {
        guard let first = cells.first?.type else { return .void }
        if cells.allSatisfy({ $0.type == first }) { return first }
        let types = cells.map(\.type)
        let hasText = types.contains(where: \.isString)
        if hasText, types.contains(where: { !$0.isString && $0 != .void }) { return nil }
        return Coercion.commonType(types)
    }

    // MARK: TABLESAMPLE

    private func sample(_ plan: LogicalPlan, _ sample: Sample, _ environment: Environment) throws(SQLError) -> LogicalPlan {
        let span = environment.at(sample.span)
        let resolver = ExpressionResolver(self, environment, scopes: [])
        switch sample.method {
        case .rows(let expression):
            return .limit(.init(child: plan, count: try rowCount(expression, "limit", environment), offset: 0))
        case .percent(let text):
            guard let percent = Double(text), percent >= 0, percent <= 100 else {
                throw .unsupported("TABLESAMPLE of \(text) PERCENT", at: span)
            }
            return try keep(plan, fraction: percent / 100, sample.seed, resolver, span)
        case .bucket(let numerator, let denominator):
            guard denominator > 0, numerator > 0, numerator <= denominator else { throw .unsupported("this TABLESAMPLE bucket", at: span) }
            return try keep(plan, fraction: Double(numerator) / Double(denominator), sample.seed, resolver, span)
        case .bytes: throw .unsupported("TABLESAMPLE by bytes", at: span)
        }
    }

    private func keep(
        _ plan: LogicalPlan, fraction: Double, _ seed: Int64?, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> LogicalPlan {
        if fraction >= 1 { return plan }
        let seeds = seed.map { [ResolvedExpression.constant(Constant(.integer($0), .long, isLiteral: true))] } ?? []
        let draw = try resolver.call("rand", seeds, span)
        let bound = ResolvedExpression.constant(Constant(.double(fraction), .double, isLiteral: true))
        return .filter(.init(child: plan, condition: try resolver.call("<", [draw, bound], span)))
    }
}

extension SyntaxExpression {
    /// Made of literals, casts and operators alone.
    fileprivate var isPlain: Bool {
        switch kind {
        case .literal: true
        case .unary(_, let operand): operand.isPlain
        case .binary(_, let left, let right): left.isPlain && right.isPlain
        case .cast(let cast): cast.operand.isPlain
        case .collate(let operand, _): operand.isPlain
        default: false
        }
    }
}

extension SQLError {
    /// For errors within views, whose places are not the statement's.
    var withoutSpan: SQLError {
        var copy = self
        copy.span = nil
        return copy
    }
}

extension Environment {
    /// Names within views are looked up from the view's catalog and schema.
    func qualified(_ name: [String]) -> [String] {
        guard qualifies else { return name }
        switch name.count {
        case 1: return [catalog, schema, name[0]]
        case 2: return [catalog] + name
        default: return name
        }
    }
}

extension DataType {
    /// CHAR and VARCHAR are read as strings.
    var inPlans: DataType {
        switch self {
        case .char, .varchar: .text
        case .array(let element, let containsNull): .array(element: element.inPlans, containsNull: containsNull)
        case .map(let key, let value, let containsNull): .map(key: key.inPlans, value: value.inPlans, valueContainsNull: containsNull)
        case .structure(let fields):
            .structure(fields.map { Field($0.name, $0.type.inPlans, nullable: $0.nullable, comment: $0.comment) })
        default: self
        }
    }
}

extension LogicalPlan {
    /// The same rows; what they are made of cannot be asked of by a condition that could fail.
    fileprivate var asBarrier: LogicalPlan {
        guard case .project(var project) = self else {
            return .project(.init(child: self, columns: output.map { .init($0) }, isBarrier: true))
        }
        project.isBarrier = true
        return .project(project)
    }
}
