import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension ExpressionResolver {
    func windowCall(
        _ name: String, _ call: FunctionCall, _ reference: WindowReference, _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        windowDepth += 1
        defer { windowDepth -= 1 }
        try refuseIgnoredNulls(name, call, span)
        let specification = try windowSpecification(reference, span)
        let partition = try resolve(specification.partitionBy)
        var order: [OrderKey] = []
        for item in specification.orderBy { order.append(try orderKey(item)) }
        for key in order where !key.expression.type.isOrderable(mapsAllowed: false) {
            throw invalidOrdering(key.expression, span)
        }
        if let function = analyzer.registry.window(name) {
            return try windowFunction(function, name, call, specification, partition, order, span)
        }
        guard analyzer.registry.aggregate(name) != nil else {
            guard isScalarName(name) else { throw unresolvedRoutine([name], span) }
            let inner = try function(named: [name], try arguments(call, name, span), span)
            throw SQLError(.unsupportedExprForWindow, ["sqlExpr": SQLQuote.expr(inner.sql)], at: span)
        }
        let aggregate = try self.aggregate(name, call, span, isWindow: true)
        let isOrdered = ["median", "percentile_cont", "percentile_disc", "listagg", "string_agg"].contains(name)
        if isOrdered, !order.isEmpty || specification.frame != nil {
            throw SQLError(.invalidWindowSpecForAggregationFunc, ["aggFunc": SQLQuote.expr(aggregate.sql)], at: span)
        }
        let frame = try self.frame(specification, order, span) ?? (order.isEmpty ? .whole : .running)
        let sql = aggregate.sql + windowSQL(partition, order, frame, specification)
        try refuseAliases(in: aggregate.arguments + partition + order.map(\.expression), sql, span)
        if aggregate.filter != nil { throw SQLError(.legacyWindowFilter, at: span, phase: .analysis) }
        if aggregate.isDistinct {
            throw SQLError(.distinctWindowFunctionUnsupported, ["windowExpr": SQLQuote.expr(sql)], at: span)
        }
        return .window(
            WindowExpression(function: .aggregate(aggregate), partition: partition, order: order, frame: frame, sql: sql, span: span))
    }

    private func refuseAliases(in inputs: [ResolvedExpression], _ sql: String, _ span: SourceSpan?) throws(SQLError) {
        let ids = Set(aliases.map(\.attribute.id))
        for input in inputs {
            guard let alias = input.first(where: { if case .column(let column) = $0 { ids.contains(column.id) } else { false } }) else { continue }
            throw SQLError(
                .unsupportedFeatureLateralColumnAliasInWindow,
                ["lca": SQLQuote.id(alias.plainName), "windowExpr": SQLQuote.expr(sql)], at: span)
        }
    }

    private func isScalarName(_ name: String) -> Bool {
        analyzer.registry.scalar(name) != nil || ["coalesce", "if", "nvl", "nullif", "ifnull", "nvl2"].contains(name)
    }

    private func invalidOrdering(_ expression: ResolvedExpression, _ span: SourceSpan?) -> SQLError {
        SQLError(
            .datatypeMismatchInvalidOrderingType,
            [
                "sqlExpr": SQLQuote.expr("\(expression.sql) ASC NULLS FIRST"), "functionName": "`sortorder`",
                "dataType": SQLQuote.type(expression.type.sqlText),
            ], at: span)
    }

    private func windowSpecification(_ reference: WindowReference, _ span: SourceSpan?) throws(SQLError) -> WindowSpecification {
        var reference = reference
        // A name may stand for another name, but not for itself.
        for _ in 0...windows.count {
            switch reference {
            case .inline(let specification): return specification
            case .named(let name):
                guard let found = windows[name.text.lowercased()] else {
                    throw SQLError(
                        .missingWindowSpecification, ["windowName": name.text, "docroot": "https://spark.apache.org/docs/latest"], at: span)
                }
                reference = found.window
            }
        }
        throw .unsupported("a window that is defined by itself", at: span)
    }

    // MARK: Functions that exist over windows only

    private func windowFunction(
        _ function: WindowFunction, _ name: String, _ call: FunctionCall, _ specification: WindowSpecification,
        _ partition: [ResolvedExpression], _ order: [OrderKey], _ span: SourceSpan?
    ) throws(SQLError) -> ResolvedExpression {
        var inputs = try arguments(call, name, span)
        let ignoresNulls = call.nullTreatment == .ignore
        let isOffset = name == "lag" || name == "lead"
        if isOffset {
            if inputs.count == 1 { inputs.append(.constant(Constant(.integer(1), .int, isLiteral: true))) }
            if inputs.count == 2 { inputs.append(.constant(Constant(.null, .void, isLiteral: true))) }
            inputs = try unified(name, inputs, span) { "\(name)(\($0.joined(separator: ", ")))" }
        }
        let bound: BoundWindow
        do throws(SQLError) {
            bound = try function.bind(inputs.map(info), analyzer.callContext(), calledAs: name, ignoreNulls: ignoresNulls)
        } catch {
            throw error.with(span: span).with(phase: .analysis)
        }
        let printed = inputs.map(\.sql).joined(separator: ", ")
        let shown = windowFunctionSQL(name, inputs, ignoresNulls: ignoresNulls)
        let given = try frame(specification, order, span)
        var frame: WindowExpression.Frame
        switch bound.frame {
        case .given: frame = given ?? (order.isEmpty ? .whole : .running)
        case .fixed:
            if isOffset {
                let offset: Int64 = if case .integer(let number)? = constantValue(inputs[1]) { name == "lag" ? 0 &- number : number } else { 0 }
                frame = .init(isRange: false, start: .rows(offset), end: .rows(offset))
            } else {
                frame = .init(isRange: name == "cume_dist", start: .unboundedPreceding, end: .currentRow)
            }
            if let given, !Self.same(given, frame) {
                throw SQLError(
                    .legacyWindowFrame, ["wf": frameName(given), "required": frameName(frame)], at: span, phase: .analysis)
            }
            guard !order.isEmpty else { throw SQLError(.legacyWindowOrder, ["wf": "\(name)(\(printed))"], at: span, phase: .analysis) }
        }
        let sql = shown + windowSQL(partition, order, frame, specification)
        try refuseAliases(in: inputs + partition + order.map(\.expression), sql, span)
        let cast = try coerce(inputs, to: bound.argumentTypes, span)
        return .window(
            WindowExpression(
                function: .window(name: function.name, bound, arguments: cast), partition: partition, order: order, frame: frame, sql: sql,
                span: span))
    }

    /// A window function's call without its window.
    func windowFunctionSQL(_ name: String, _ inputs: [ResolvedExpression], ignoresNulls: Bool) -> String {
        let printed = inputs.map(\.sql)
        switch name {
        case "rank", "dense_rank", "percent_rank": return "\(name.uppercased())()"
        // What says whether NULLs are passed over is not shown as an argument.
        case "first", "first_value", "last", "last_value", "any_value":
            let name = ignoresNulls && name.hasSuffix("t_value") ? String(name.dropLast("_value".count)) : name
            return "\(name)(\(printed.prefix(1).joined()))"
        case "nth_value":
            var ignoresNulls = ignoresNulls
            if inputs.count > 2, case .boolean(true)? = constantValue(inputs[2]) { ignoresNulls = true }
            return "nth_value(\(printed.prefix(2).joined(separator: ", ")))\(ignoresNulls ? " ignore nulls" : "")"
        default: return "\(name)(\(printed.joined(separator: ", ")))"
        }
    }

    private static let ignoringNulls: Set<String> = [
        "any_value", "first", "first_value", "lag", "last", "last_value", "lead", "nth_value",
    ]

    /// IGNORE NULLS belongs to those functions alone that could give a NULL of their input.
    func refuseIgnoredNulls(_ name: String, _ call: FunctionCall, _ span: SourceSpan?) throws(SQLError) {
        guard call.nullTreatment == .ignore, !Self.ignoringNulls.contains(name) else { return }
        throw SQLError(
            .invalidSqlSyntaxFunctionWithUnsupportedSyntax,
            ["prettyName": SQLQuote.id(name), "syntax": SQLQuote.statement("IGNORE NULLS")], at: span)
    }

    private static func same(_ a: WindowExpression.Frame, _ b: WindowExpression.Frame) -> Bool {
        func same(_ a: WindowExpression.Bound, _ b: WindowExpression.Bound) -> Bool {
            switch (a, b) {
            case (.unboundedPreceding, .unboundedPreceding), (.unboundedFollowing, .unboundedFollowing), (.currentRow, .currentRow): true
            case (.rows(let x), .rows(let y)): x == y
            default: false
            }
        }
        return a.isRange == b.isRange && same(a.start, b.start) && same(a.end, b.end)
    }

    private func frameName(_ frame: WindowExpression.Frame) -> String {
        func text(_ bound: WindowExpression.Bound) -> String {
            switch bound {
            case .unboundedPreceding: "unboundedpreceding$()"
            case .unboundedFollowing: "unboundedfollowing$()"
            case .currentRow: "currentrow$()"
            case .rows(let count): "\(count)"
            case .range(let offset, _): offset.sql
            }
        }
        return "specifiedwindowframe(\(frame.isRange ? "RangeFrame" : "RowFrame"), \(text(frame.start)), \(text(frame.end)))"
    }

    // MARK: Frames

    /// The frame as written; nil if none is.
    private func frame(
        _ specification: WindowSpecification, _ order: [OrderKey], _ span: SourceSpan?
    ) throws(SQLError) -> WindowExpression.Frame? {
        guard let written = specification.frame else { return nil }
        let isRange = written.units == .range
        let shown = frameText(specification)
        if isRange, written.start.hasOffset || written.end.hasOffset {
            guard !order.isEmpty else {
                throw SQLError(.datatypeMismatchRangeFrameWithoutOrder, ["sqlExpr": SQLQuote.expr("(\(shown))")], at: at(specification.span))
            }
            guard order.count == 1 else {
                throw SQLError(
                    .datatypeMismatchRangeFrameMultiOrder,
                    [
                        "sqlExpr": SQLQuote.expr("(ORDER BY \(order.map(\.sql).joined(separator: ", ")) \(shown))"),
                        "orderSpec": order.map(\.sql).joined(separator: ","),
                    ], at: at(specification.span))
            }
        }
        let start = try bound(written.start, isRange: isRange, order.first, "lower", shown, specification)
        let end = try bound(written.end, isRange: isRange, order.first, "upper", shown, specification)
        // A frame between the current row and one before it is an empty one.
        let isComparable =
            [start.position, end.position].allSatisfy { $0 != 0 } || [start.position, end.position].contains { $0?.isFinite == false }
        if let low = start.position, let high = end.position, low > high, isComparable {
            throw SQLError(
                .datatypeMismatchSpecifiedWindowFrameWrongComparison, ["sqlExpr": SQLQuote.expr(shown), "comparison": "less than or equal"],
                at: at(specification.span))
        }
        return WindowExpression.Frame(isRange: isRange, start: start.bound, end: end.bound)
    }

    /// A bound, and where it lies if that can be said: to see that the lower one is not above the upper one.
    private func bound(
        _ bound: WindowFrame.Bound, isRange: Bool, _ key: OrderKey?, _ location: String, _ shown: String, _ specification: WindowSpecification
    ) throws(SQLError) -> (bound: WindowExpression.Bound, position: Double?) {
        let written: SyntaxExpression
        let isPreceding: Bool
        switch bound {
        case .unboundedPreceding: return (.unboundedPreceding, -.infinity)
        case .unboundedFollowing: return (.unboundedFollowing, .infinity)
        case .currentRow: return (.currentRow, 0)
        case .preceding(let offset): (written, isPreceding) = (offset, true)
        case .following(let offset): (written, isPreceding) = (offset, false)
        }
        let place = at(specification.span)
        var offset = try resolve(written)
        guard offset.isFoldable else {
            throw SQLError(
                .datatypeMismatchSpecifiedWindowFrameWithoutFoldable,
                ["sqlExpr": SQLQuote.expr(shown), "location": location, "expression": SQLQuote.expr(offset.sql)], at: place)
        }
        // Beside other keys than points in time the offset is one of the key's type.
        if isRange, let key, !key.expression.type.isTemporal, Cast.canCast(offset.type, key.expression.type, ansi: context.ansi) {
            offset = try coerce(offset, to: key.expression.type, place)
        }
        let wanted = isRange ? offset.type.isNumeric || offset.type.isInterval : offset.type.isInteger
        guard wanted else {
            throw SQLError(
                .datatypeMismatchSpecifiedWindowFrameUnacceptedType,
                [
                    "sqlExpr": SQLQuote.expr(shown), "location": location, "exprType": SQLQuote.type(offset.type.sqlText),
                    "expectedType": isRange ? "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL\")" : "\"INT\"",
                ], at: place)
        }
        let value = constantValue(offset)
        guard isRange, let key else {
            guard case .integer(let number)? = value, let rows = Int32(exactly: number) else {
                throw .unsupported("a window frame's bound \(offset.sql)", at: place)
            }
            let signed = isPreceding ? -Int64(rows) : Int64(rows)
            return (.rows(signed), Double(signed))
        }
        // The bound's value: what the order's value is less or plus the offset, in the order's direction.
        let subtracts = isPreceding == key.ascending
        let target: ResolvedExpression
        do throws(SQLError) {
            target = try coerce(try call(subtracts ? "-" : "+", [key.expression, offset], place), to: key.expression.type)
        } catch {
            throw SQLError(
                .datatypeMismatchRangeFrameInvalidType,
                [
                    "sqlExpr": SQLQuote.expr("(\(shown))"), "orderSpecType": SQLQuote.type(key.expression.type.sqlText),
                    "valueBoundaryType": SQLQuote.type(offset.type.sqlText),
                ], at: place)
        }
        let size = value.flatMap(Self.magnitude).map { isPreceding ? -$0 : $0 }
        return (.range(target, isPreceding: isPreceding), size)
    }

    private static func magnitude(_ value: Value) -> Double? {
        switch value {
        case .integer(let number): Double(number)
        case .double(let number): number
        case .float(let number): Double(number)
        case .decimal(let number): Double(number)
        default: nil
        }
    }

    // MARK: Printing

    private func windowSQL(
        _ partition: [ResolvedExpression], _ order: [OrderKey], _ frame: WindowExpression.Frame, _ specification: WindowSpecification
    ) -> String {
        var parts: [String] = []
        if !partition.isEmpty { parts.append("PARTITION BY " + partition.map(\.sql).joined(separator: ", ")) }
        if !order.isEmpty { parts.append("ORDER BY " + order.map(\.sql).joined(separator: ", ")) }
        parts.append(specification.frame == nil ? frameText(frame) : frameText(specification, order.first?.expression.type))
        return " OVER (" + parts.joined(separator: " ") + ")"
    }

    private func frameText(_ frame: WindowExpression.Frame) -> String {
        func text(_ bound: WindowExpression.Bound) -> String {
            switch bound {
            case .unboundedPreceding: "UNBOUNDED PRECEDING"
            case .unboundedFollowing: "UNBOUNDED FOLLOWING"
            case .currentRow: "CURRENT ROW"
            case .rows(let count): "\(count) FOLLOWING"
            case .range(let target, _): target.sql
            }
        }
        return "\(frame.isRange ? "RANGE" : "ROWS") BETWEEN \(text(frame.start)) AND \(text(frame.end))"
    }

    /// A written frame, bounds as written.
    private func frameText(_ specification: WindowSpecification, _ keyType: DataType? = nil) -> String {
        guard let frame = specification.frame else { return "" }
        func text(_ bound: WindowFrame.Bound) -> String {
            switch bound {
            case .unboundedPreceding: return "UNBOUNDED PRECEDING"
            case .unboundedFollowing: return "UNBOUNDED FOLLOWING"
            case .currentRow: return "CURRENT ROW"
            case .preceding(let offset):
                let value = try? resolve(offset)
                let sql = value?.sql ?? ""
                // Where the offset is cast to the key's type, its sign does not show as a direction.
                let isCast = frame.units == .range && keyType?.isNumeric ?? false && value?.type != keyType
                return isCast ? "(- \(sql)) FOLLOWING" : "\(sql) PRECEDING"
            case .following(let offset): return "\((try? resolve(offset))?.sql ?? "") FOLLOWING"
            }
        }
        return "\(frame.units.rawValue) BETWEEN \(text(frame.start)) AND \(text(frame.end))"
    }
}

extension WindowFrame.Bound {
    fileprivate var hasOffset: Bool {
        switch self {
        case .preceding, .following: true
        case .unboundedPreceding, .unboundedFollowing, .currentRow: false
        }
    }
}

extension DataType {
    var isInterval: Bool {
        switch self {
        case .yearMonthInterval, .dayTimeInterval: true
        default: false
        }
    }
}
