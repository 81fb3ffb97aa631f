import SparkErrors
import SparkSyntax

/// What is wrong with a script before it runs: the order of declarations, and labels.
struct ScriptCheck {
    private enum LabelKind { case block, loop }

    private static let forbidden: Set<String> = ["builtin", "session", "sys", "system"]

    static func check(_ block: CompoundBlock) throws(SQLError) {
        try HandlerCheck.checkNames(block.statements, [])
        try check(block, [])
    }

    private static func check(_ block: CompoundBlock, _ outer: [(name: String, kind: LabelKind)]) throws(SQLError) {
        let labels = try adding(block.label, .block, to: outer)
        try checkOrder(block.statements)
        try HandlerCheck.check(block.statements)
        for statement in block.statements { try check(statement, labels) }
    }

    private static func check(_ statements: [ScriptStatement], _ labels: [(name: String, kind: LabelKind)]) throws(SQLError) {
        for statement in statements {
            if case .statement(let inner) = statement, case .declareVariable(let declare) = inner.kind {
                throw SQLError(.invalidVariableDeclarationNotAllowedInScope, ["varName": SQLQuote.id(name(declare))], at: inner.span)
            }
            try check(statement, labels)
        }
    }

    private static func check(_ statement: ScriptStatement, _ labels: [(name: String, kind: LabelKind)]) throws(SQLError) {
        switch statement {
        case .block(let block): try check(block, labels)
        case .ifElse(let branches, let otherwise), .caseWhen(_, let branches, let otherwise):
            for branch in branches { try check(branch.body, labels) }
            if let otherwise { try check(otherwise, labels) }
        case .whileLoop(let label, _, let body), .repeatLoop(let label, let body, _), .loop(let label, let body):
            try check(body, try adding(label, .loop, to: labels))
        case .forLoop(let label, let variable, _, let body):
            try check(body, try adding(variable, .block, to: try adding(label, .loop, to: labels)))
        case .leave(let label):
            guard labels.contains(where: { $0.name == label.text.lowercased() }) else { throw unknown(label, "LEAVE") }
        case .iterate(let label):
            guard let found = labels.last(where: { $0.name == label.text.lowercased() }) else { throw unknown(label, "ITERATE") }
            if found.kind == .block {
                throw SQLError(.invalidLabelUsageIterateInCompound, ["labelName": SQLQuote.id(label.text)], at: label.span)
            }
        case .declareHandler(_, _, let body): try check(body, labels)
        case .declareCondition(_, let state): if let state { try HandlerCheck.check(sqlState: state) }
        case .signal(let signal): if let state = signal.sqlState { try HandlerCheck.check(sqlState: state) }
        case .statement, .getDiagnostics, .declareCursor, .openCursor, .fetch, .closeCursor: break
        }
    }

    private static func unknown(_ label: Identifier, _ statement: String) -> SQLError {
        SQLError(.invalidLabelUsageDoesNotExist, ["labelName": SQLQuote.id(label.text), "statementType": statement], at: label.span)
    }

    private static func adding(
        _ label: Identifier?, _ kind: LabelKind, to labels: [(name: String, kind: LabelKind)]
    ) throws(SQLError) -> [(name: String, kind: LabelKind)] {
        guard let label else { return labels }
        let name = label.text.lowercased()
        if forbidden.contains(name) { throw SQLError(.labelOrForVariableNameForbidden, ["label": SQLQuote.id(label.text)], at: label.span) }
        if labels.contains(where: { $0.name == name }) {
            throw SQLError(.labelOrForVariableAlreadyExists, ["label": SQLQuote.id(label.text)], at: label.span)
        }
        return labels + [(name, kind)]
    }

    /// Variables and conditions, then cursors, then handlers, then everything else.
    private static func checkOrder(_ statements: [ScriptStatement]) throws(SQLError) {
        var stage = 0
        for statement in statements {
            switch statement {
            case .statement(let inner):
                guard case .declareVariable(let declare) = inner.kind else {
                    stage = 3
                    continue
                }
                let shown = ["varName": SQLQuote.id(name(declare))]
                if stage > 0 { throw SQLError(.invalidVariableDeclarationOnlyAtBeginning, shown, at: inner.span) }
                if declare.orReplace { throw SQLError(.invalidVariableDeclarationReplaceLocalVariable, shown, at: inner.span) }
                if declare.names.contains(where: { ($0.literal?.parts.count ?? 1) > 1 }) {
                    throw SQLError(.invalidVariableDeclarationQualifiedLocalVariable, shown, at: inner.span)
                }
            case .declareCondition(let name, _):
                if stage > 0 {
                    throw SQLError(
                        .invalidErrorConditionDeclarationNotAtStartOfCompoundStatement, ["conditionName": SQLQuote.id(name.text)], at: name.span)
                }
            case .declareCursor(let name, _):
                if stage > 1 { throw SQLError(.invalidCursorDeclaration, ["cursorName": SQLQuote.id(name.text)], at: name.span) }
                stage = 1
            case .declareHandler:
                if stage > 2 { throw SQLError(.invalidHandlerDeclarationWrongPlaceOfDeclaration) }
                stage = 2
            default: stage = 3
            }
        }
    }

    private static func name(_ declare: DeclareVariable) -> [String] { declare.names.first?.literal?.names ?? [] }
}
