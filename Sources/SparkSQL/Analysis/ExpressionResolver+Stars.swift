import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    struct ExpandedColumn {
        let name: String
        let expression: ResolvedExpression
        let qualifier: [String]
    }

    /// The columns of `*`, `t.*` or `struct.*`, less EXCEPT's.
    func expand(_ star: SyntaxExpression.Star, _ span: SourceSpan?) throws(SQLError) -> [ExpandedColumn] {
        guard let scope = scopes.first else { return [] }
        var columns: [ExpandedColumn]
        if let qualifier = star.qualifier {
            columns = try expandQualified(qualifier.names, scope, span)
        } else {
            columns = scope.columns.map(Self.whole)
        }
        guard !star.except.isEmpty else { return columns }
        if let qualifier = star.qualifier, scope.columns(qualifiedBy: qualifier.names) == nil,
            let base = try structure(qualifier.names, scope, span), case .structure = base.type
        {
            return try fields(of: base, leaving: star.except, span)
        }
        let within =
            star.qualifier == nil
            ? scope : scope.limited(to: columns.compactMap { if case .column(let column) = $0.expression { column.id } else { nil } })
        return try leave(out: star.except, of: columns, within, span)
    }

    private static func whole(_ column: Scope.Column) -> ExpandedColumn {
        ExpandedColumn(name: column.attribute.name, expression: column.attribute.reference, qualifier: column.qualifier)
    }

    private func expandQualified(_ parts: [String], _ scope: Scope, _ span: SourceSpan?) throws(SQLError) -> [ExpandedColumn] {
        if let found = scope.columns(qualifiedBy: parts) { return found.map(Self.whole) }
        if let base = try structure(parts, scope, span) { return try spread(base, parts, span) }
        // The columns of an enclosing query: `SELECT t.*` in a lateral subquery.
        var level = environment.level
        while let current = level {
            for outer in current.scopes {
                guard let found = outer.columns(qualifiedBy: parts) else { continue }
                var result: [ExpandedColumn] = []
                for column in found {
                    let expression = try resolveName(column.qualifier.suffix(1) + [column.attribute.name], span)
                    result.append(ExpandedColumn(name: column.attribute.name, expression: expression, qualifier: column.qualifier))
                }
                return result
            }
            level = current.parent
        }
        throw SQLError(
            .cannotResolveStarExpand,
            [
                "targetString": SQLQuote.id(parts),
                "columns": scope.columns.map { SQLQuote.id($0.attribute.name) }.joined(separator: ", "),
            ], at: span)
    }

    private func structure(_ parts: [String], _ scope: Scope, _ span: SourceSpan?) throws(SQLError) -> ResolvedExpression? {
        guard let match = try scope.resolve(parts, at: span) else { return nil }
        return try fields(.column(ColumnReference(match.attribute, name: match.name, span: span)), match.rest, span)
    }

    private func spread(_ base: ResolvedExpression, _ parts: [String], _ span: SourceSpan?) throws(SQLError) -> [ExpandedColumn] {
        guard case .structure(let fields) = base.type else {
            throw SQLError(
                .invalidExtractBaseFieldType, ["base": SQLQuote.expr(base.sql), "other": SQLQuote.type(base.type.sqlText)], at: span)
        }
        return fields.enumerated().map { index, field in
            ExpandedColumn(name: field.name, expression: .field(base, index: index, field), qualifier: [])
        }
    }

    /// `* EXCEPT (a, t.b, s.field)`.
    private func leave(
        out names: [MultipartIdentifier], of columns: [ExpandedColumn], _ scope: Scope, _ span: SourceSpan?
    ) throws(SQLError) -> [ExpandedColumn] {
        var dropped: [ColumnID: [[String]]] = [:]
        for name in names {
            let parts = name.names
            guard let match = try scope.resolve(parts, at: at(name.span)) else {
                throw Suggestions.unresolvedColumn(parts, among: scope.columns, at: span)
            }
            let path = Array(match.rest)
            var paths = dropped[match.attribute.id] ?? []
            if paths.contains(where: { $0.starts(with: path) || path.starts(with: $0) }) {
                throw SQLError(.exceptOverlappingColumns, ["columns": names.map { SQLQuote.id($0.names) }.joined(separator: ", ")], at: span)
            }
            paths.append(path)
            dropped[match.attribute.id] = paths
        }
        var result: [ExpandedColumn] = []
        for column in columns {
            guard case .column(let reference) = column.expression, let paths = dropped[reference.id] else {
                result.append(column)
                continue
            }
            if paths.contains(where: \.isEmpty) { continue }
            let rest = try without(paths[...].map { $0[...] }, column.expression, column.name, span)
            result.append(ExpandedColumn(name: column.name, expression: rest, qualifier: []))
        }
        return result
    }

    /// `struct.* EXCEPT (field, field.inner)`.
    private func fields(
        of base: ResolvedExpression, leaving names: [MultipartIdentifier], _ span: SourceSpan?
    ) throws(SQLError) -> [ExpandedColumn] {
        guard case .structure(let fields) = base.type else { return [] }
        let paths = names.map { $0.names[...] }
        for (index, path) in paths.enumerated() {
            guard fields.contains(where: { Names.same($0.name, path.first ?? "") }) else {
                let columns = fields.map { Scope.Column(attribute: analyzer.attribute($0.name, $0.type, nullable: $0.nullable), qualifier: []) }
                throw Suggestions.unresolvedColumn(Array(path), among: columns, at: span)
            }
            if paths[..<index].contains(where: { $0.starts(with: path) || path.starts(with: $0) }) {
                throw SQLError(.exceptOverlappingColumns, ["columns": names.map { SQLQuote.id($0.names) }.joined(separator: ", ")], at: span)
            }
        }
        var result: [ExpandedColumn] = []
        for (index, field) in fields.enumerated() {
            let own = paths.filter { Names.same($0.first ?? "", field.name) }.map { $0.dropFirst() }
            if own.contains(where: \.isEmpty) { continue }
            let value = ResolvedExpression.field(base, index: index, field)
            result.append(
                ExpandedColumn(name: field.name, expression: own.isEmpty ? value : try without(own, value, field.name, span), qualifier: []))
        }
        return result
    }

    /// A struct less some of its fields.
    private func without(
        _ paths: [ArraySlice<String>], _ base: ResolvedExpression, _ name: String, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        guard case .structure(let fields) = base.type else {
            throw SQLError(.exceptNestedColumnInvalidType, ["columnName": SQLQuote.id(name), "dataType": SQLQuote.type(base.type.sqlText)], at: span)
        }
        for path in paths where !fields.contains(where: { Names.same($0.name, path.first ?? "") }) {
            throw SQLError(
                .fieldNotFound,
                [
                    "fieldName": SQLQuote.id(path.first ?? ""), "fields": fields.map { SQLQuote.id($0.name) }.joined(separator: ", "),
                ], at: span)
        }
        var arguments: [ResolvedExpression] = []
        for (index, field) in fields.enumerated() {
            let own = paths.filter { Names.same($0.first ?? "", field.name) }.map { $0.dropFirst() }
            if own.contains(where: \.isEmpty) { continue }
            var value = ResolvedExpression.field(base, index: index, field)
            if !own.isEmpty { value = try without(own, value, field.name, span) }
            arguments.append(.constant(Constant(.string(field.name), .text, isLiteral: true)))
            arguments.append(value)
        }
        return .replaced(sql: name, try call("named_struct", arguments, span))
    }
}
