import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// A function that makes rows.
package enum Generator: String, Sendable, CaseIterable {
    case explode, posexplode, inline, stack
    case jsonTuple = "json_tuple"
    case variantExplode = "variant_explode"

    /// With whether the name asks for a row where there is none.
    static func parsed(_ name: String) -> (generator: Generator, isOuter: Bool)? {
        if let generator = Generator(rawValue: name) { return (generator, false) }
        guard name.hasSuffix("_outer"), let generator = Generator(rawValue: String(name.dropLast(6))) else { return nil }
        switch generator {
        case .stack, .jsonTuple: return nil
        case .explode, .posexplode, .inline, .variantExplode: return (generator, true)
        }
    }

    /// The name of the one parameter of a generator that takes it by name.
    static func parameter(_ name: String) -> String? {
        switch named(name.lowercased()) {
        case .explode, .posexplode: "collection"
        case .inline, .variantExplode: "input"
        default: nil
        }
    }

    static func named(_ name: String) -> Generator? { parsed(name)?.generator }
}

/// A generator's call with its arguments and the columns that it makes.
struct GeneratorCall {
    let generator: Generator
    var arguments: [ResolvedExpression]
    var isOuter: Bool
    let fields: [Field]
    let sql: String
}

extension Analyzer {
    /// Types of a generator's call.
    func generator(
        _ generator: Generator, _ arguments: [ResolvedExpression], isOuter: Bool, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> GeneratorCall {
        let name = generator.rawValue + (isOuter ? "_outer" : "")
        let sql = "\(name)(\(arguments.map(\.sql).joined(separator: ", ")))"
        func wrong(_ required: String) -> SQLError {
            SQLError(
                .datatypeMismatchUnexpectedInputType,
                [
                    "sqlExpr": SQLQuote.expr(sql), "paramIndex": "first", "requiredType": required, "inputSql": SQLQuote.expr(arguments[0].sql),
                    "inputType": SQLQuote.type(arguments[0].type.sqlText),
                ], at: span)
        }
        func made(_ fields: [Field]) -> GeneratorCall {
            GeneratorCall(generator: generator, arguments: arguments, isOuter: isOuter, fields: fields, sql: sql)
        }
        switch generator {
        case .explode, .posexplode:
            guard arguments.count == 1 else { throw resolver.wrongArity(name, "1", arguments.count, span) }
            let position = generator == .posexplode ? [Field("pos", .int, nullable: isOuter)] : []
            switch arguments[0].type {
            case .array(let element, let containsNull): return made(position + [Field("col", element, nullable: containsNull || isOuter)])
            case .map(let key, let value, let containsNull):
                return made(position + [Field("key", key, nullable: isOuter), Field("value", value, nullable: containsNull || isOuter)])
            default: throw wrong("(\"ARRAY\" or \"MAP\")")
            }
        case .inline:
            guard arguments.count == 1 else { throw resolver.wrongArity(name, "1", arguments.count, span) }
            guard case .array(.structure(let fields), let containsNull) = arguments[0].type else { throw wrong("\"ARRAY<STRUCT>\"") }
            return made(fields.map { Field($0.name, $0.type, nullable: $0.nullable || containsNull || isOuter) })
        case .stack: return try stack(arguments, sql, resolver, span)
        case .jsonTuple:
            guard arguments.count > 1 else { throw resolver.wrongArity(name, "> 1", arguments.count, span) }
            guard arguments.allSatisfy({ $0.type.isString }) else {
                throw SQLError(.datatypeMismatchNonStringType, ["sqlExpr": SQLQuote.expr(sql), "funcName": "`json_tuple`"], at: span)
            }
            return try jsonTuple(arguments, sql, resolver, span)
        case .variantExplode:
            guard arguments.count == 1 else { throw resolver.wrongArity(name, "1", arguments.count, span) }
            guard arguments[0].type == .variant || arguments[0].type == .void else { throw wrong("\"VARIANT\"") }
            return made([Field("pos", .int, nullable: isOuter), Field("key", .text), Field("value", .variant, nullable: isOuter)])
        }
    }

    /// Each field is a look-up of its own.
    private func jsonTuple(
        _ arguments: [ResolvedExpression], _ sql: String, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> GeneratorCall {
        func text(_ value: String) -> ResolvedExpression { .constant(Constant(.string(value), .text, isLiteral: true)) }
        let type = DataType.string(arguments[0].type.stringCollation ?? .utf8Binary)
        var calls: [ResolvedExpression] = []
        for name in arguments.dropFirst() {
            let path: ResolvedExpression
            if case .string(let field)? = resolver.constantValue(name) {
                path = text("$['\(field)']")
            } else {
                path = try resolver.call("concat", [text("$['"), try resolver.coerce(name, to: .text, span), text("']")], span)
            }
            calls.append(try resolver.coerce(try resolver.call("get_json_object", [arguments[0], path], span), to: type, span))
        }
        return GeneratorCall(
            generator: .jsonTuple, arguments: calls, isOuter: false, fields: calls.indices.map { Field("c\($0)", type) }, sql: sql)
    }

    private func stack(
        _ arguments: [ResolvedExpression], _ sql: String, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> GeneratorCall {
        guard arguments.count > 1 else { throw resolver.wrongArity("stack", "> 1", arguments.count, span) }
        guard arguments[0].type == .int, case .integer(let rows)? = resolver.constantValue(arguments[0]), rows > 0, rows <= 1 << 20 else {
            throw SQLError(
                .datatypeMismatchNonFoldableInput,
                [
                    "sqlExpr": SQLQuote.expr(sql), "inputName": "`n`", "inputType": "\"INT\"", "inputExpr": SQLQuote.expr(arguments[0].sql),
                ], at: span)
        }
        let values = Array(arguments.dropFirst())
        let width = (values.count + Int(rows) - 1) / Int(rows)
        var fields: [Field] = []
        var cast = values
        for column in 0..<width {
            let cells = stride(from: column, to: values.count, by: width).map { $0 }
            let types = cells.map { values[$0].type }.filter { $0 != .void }
            let type = types.first ?? .void
            guard types.allSatisfy({ $0.sameIgnoringNulls(as: type) }) else {
                throw SQLError(
                    .datatypeMismatchStackColumnDiffTypes,
                    [
                        "sqlExpr": SQLQuote.expr(sql), "columnIndex": "\(column)", "leftParamIndex": "\(cells[0] + 1)",
                        "leftType": SQLQuote.type(values[cells[0]].type.sqlText), "rightParamIndex": "\((cells.last ?? 0) + 1)",
                        "rightType": SQLQuote.type(values[cells.last ?? 0].type.sqlText),
                    ], at: span)
            }
            for cell in cells { cast[cell] = try resolver.coerce(values[cell], to: type, span) }
            fields.append(Field("col\(column)", type))
        }
        return GeneratorCall(generator: .stack, arguments: [arguments[0]] + cast, isOuter: false, fields: fields, sql: sql)
    }

    /// The generator over a plan, under these names (none: the generator's own).
    func generate(
        _ call: GeneratorCall, over plan: LogicalPlan, names: [String], _ span: SourceSpan?
    ) throws(SQLError) -> (plan: LogicalPlan, columns: [Attribute]) {
        if !names.isEmpty, names.count != call.fields.count {
            throw SQLError(
                .udtfAliasNumberMismatch, ["aliasesSize": "\(call.fields.count)", "aliasesNames": names.joined(separator: ",")], at: span)
        }
        let columns = call.fields.enumerated().map { index, field in
            attribute(names.indices.contains(index) ? names[index] : field.name, field.type, nullable: field.nullable || call.isOuter)
        }
        let plan = LogicalPlan.generate(
            .init(child: plan, generator: call.generator, arguments: call.arguments, isOuter: call.isOuter, output: columns))
        return (plan, columns)
    }

    func lateralView(_ view: LateralView, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let source = try relation(view.source, environment)
        let resolver = ExpressionResolver(self, environment, scopes: [source.scope], operatorName: "Generate")
        let place = environment.at(view.function.span)
        let name = view.function.last.lowercased()
        guard let (generator, isOuter) = Generator.parsed(name) else {
            guard registry.contains(name) else { throw resolver.unresolvedRoutine(view.function.names, place) }
            throw SQLError(
                .unsupportedGeneratorNotGenerator, ["functionName": SQLQuote.id(name), "classCanonicalName": name], at: place)
        }
        let arguments = try rowwise(try resolver.resolve(view.arguments), place)
        var call = try self.generator(generator, arguments, isOuter: isOuter, resolver, place)
        call.isOuter = call.isOuter || view.isOuter
        let (plan, columns) = try generate(call, over: source.plan, names: view.columns.map(\.text), place)
        return AnalyzedRelation(plan: plan, scope: source.scope + Scope(columns, qualifier: [view.table.text]))
    }

    /// `t, LATERAL explode(t.a)`: a generator over the left side's rows; nil for other relations.
    func lateralGenerator(
        _ join: SparkSyntax.Join, _ left: AnalyzedRelation, _ environment: Environment, isOuter: Bool
    ) throws(SQLError) -> AnalyzedRelation? {
        guard case .function(let function) = join.right.kind, case .none = join.criteria, join.right.sample == nil else { return nil }
        let written = try name(function.name, environment)
        guard written.count == 1, let (generator, ownOuter) = Generator.parsed(written[0].lowercased()) else { return nil }
        let resolver = ExpressionResolver(self, environment, scopes: [left.scope], operatorName: "Generate")
        let span = environment.at(join.right.span)
        var call = try self.generator(
            generator, try rowwise(try expressions(function, written[0], resolver, span), span), isOuter: ownOuter, resolver, span)
        call.isOuter = call.isOuter || isOuter
        let (plan, columns) = try generate(call, over: left.plan, names: [], span)
        let right = try alias(AnalyzedRelation(plan: plan, scope: Scope(columns, qualifier: [])), nil, span)
        var scope = right.scope
        if let alias = join.right.alias {
            if !alias.columns.isEmpty, alias.columns.count != columns.count {
                throw SQLError(
                    .assignmentArityMismatch, ["numTarget": "\(columns.count)", "numExpr": "\(alias.columns.count)"], at: span)
            }
            scope = Scope(
                columns: columns.enumerated().map { index, column in
                    .init(
                        attribute: alias.columns.indices.contains(index) ? column.with(name: alias.columns[index].text) : column,
                        qualifier: [alias.name.text])
                })
        }
        return AnalyzedRelation(plan: plan, scope: left.scope + scope)
    }

    /// In FROM there is nothing that aggregates and windows could be taken of.
    private func rowwise(_ arguments: [ResolvedExpression], _ span: SourceSpan?) throws(SQLError) -> [ResolvedExpression] {
        for argument in arguments {
            let misplaced = argument.first { part in
                switch part {
                case .aggregate, .window: true
                default: false
                }
            }
            if let misplaced { throw SQLError(.unsupportedExprForOperator, ["invalidExprSqls": SQLQuote.expr(misplaced.sql)], at: span) }
        }
        return arguments
    }

    func expressions(
        _ function: TableFunction, _ name: String, _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> [ResolvedExpression] {
        var result: [ResolvedExpression] = []
        for argument in function.arguments {
            switch argument {
            case .expression(nil, let expression): result.append(try resolver.resolve(expression))
            case .expression(let parameter?, let expression)
            where function.arguments.count == 1 && Generator.parameter(name) == parameter.text.lowercased():
                result.append(try resolver.resolve(expression))
            case .expression: throw SQLError(.namedParametersNotSupported, ["functionName": SQLQuote.id(name)], at: span)
            case .table: throw .unsupported("TABLE arguments", at: span)
            }
        }
        return result
    }

    // MARK: Table functions

    func tableFunction(_ function: TableFunction, _ environment: Environment, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        let written = try name(function.name, environment)
        let resolver = ExpressionResolver(self, environment, scopes: [], operatorName: "TableFunction")
        let isBuiltin = written.count == 1
        let name = written.last?.lowercased() ?? ""
        if isBuiltin, name == "range" { return try range(try expressions(function, name, resolver, span), resolver, span) }
        if isBuiltin, let (generator, isOuter) = Generator.parsed(name) {
            let arguments = try rowwise(try expressions(function, name, resolver, span), span)
            let call = try self.generator(generator, arguments, isOuter: isOuter, resolver, span)
            let (plan, columns) = try generate(call, over: .values(.oneRow), names: [], span)
            return AnalyzedRelation(plan: plan, scope: Scope(columns, qualifier: []))
        }
        if isBuiltin, name == "table_changes" {
            return try tableChanges(try expressions(function, name, resolver, span), resolver, environment, span)
        }
        if isBuiltin, name == "event_log" { return try eventLog(function, resolver, environment, span) }
        if isBuiltin, name == "read_files" { return try readFiles(function, resolver, span) }
        if isBuiltin, function.arguments.isEmpty, let relation = fixedTable(name) { return relation }
        if let relation = try userTableFunction(written, function, environment, span) { return relation }
        if isBuiltin, let refusal = RefusedFunctions.error(name) { throw refusal.with(span: span) }
        throw SQLError(.unresolvableTableValuedFunction, ["name": SQLQuote.id(written)], at: span)
    }

    /// `range(end)`, `range(start, end[, step[, partitions]])`.
    private func range(
        _ arguments: [ResolvedExpression], _ resolver: ExpressionResolver, _ span: SourceSpan?
    ) throws(SQLError) -> AnalyzedRelation {
        let names = arguments.count == 1 ? ["end"] : ["start", "end", "step", "numSlices"]
        guard (1...4).contains(arguments.count) else { throw resolver.wrongArity("range", "[1, 2, 3, 4]", arguments.count, span) }
        var numbers: [Int64] = []
        for (index, argument) in arguments.enumerated() {
            guard argument.isFoldable else {
                throw SQLError(
                    .nonFoldableArgument, ["funcName": "`range`", "paramName": SQLQuote.id(names[index]), "paramType": "\"BIGINT\""], at: span)
            }
            guard let type = Coercion.implicitCast(argument.type, to: .exact(.long)), argument.type != .void else {
                throw SQLError(
                    .unexpectedInputType,
                    [
                        "functionName": "`range`", "paramIndex": Ordinals.word(index), "requiredType": "\"BIGINT\"",
                        "inputSql": SQLQuote.expr(argument.sql), "inputType": SQLQuote.type(argument.type.sqlText),
                    ], at: span)
            }
            do throws(SQLError) {
                guard case .integer(let number) = try Evaluation.constant(try resolver.coerce(argument, to: type), context).value(at: 0) else {
                    throw SQLError(
                        .unexpectedInputType,
                        [
                            "functionName": "`range`", "paramIndex": Ordinals.word(index), "requiredType": "\"BIGINT\"",
                            "inputSql": SQLQuote.expr(argument.sql), "inputType": SQLQuote.type(argument.type.sqlText),
                        ], at: span)
                }
                numbers.append(number)
            } catch {
                throw error.with(span: span)
            }
        }
        let start = numbers.count == 1 ? 0 : numbers[0]
        let end = numbers.count == 1 ? numbers[0] : numbers[1]
        let step = numbers.count > 2 ? numbers[2] : 1
        guard step != 0 else { throw SQLError(.failedFunctionCall, ["funcName": "`range`"], at: span, phase: .analysis) }
        let output = attribute("id", .long, nullable: false)
        return AnalyzedRelation(
            plan: .sequence(.init(start: start, end: end, step: step, output: output)), scope: Scope([output], qualifier: []))
    }
}
