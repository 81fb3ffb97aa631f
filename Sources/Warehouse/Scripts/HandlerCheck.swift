import SparkErrors
import SparkSyntax

/// What is wrong with the conditions and handlers of a script before it runs.
enum HandlerCheck {
    /// No two handlers of a block for the same, and no two conditions or cursors of one name.
    static func check(_ statements: [ScriptStatement]) throws(SQLError) {
        var declared: Set<String> = []
        var cursors: Set<String> = []
        var conditions: Set<String> = []
        var states: Set<String> = []
        for statement in statements {
            switch statement {
            case .declareCondition(let name, _):
                guard declared.insert(name.text.uppercased()).inserted else {
                    throw SQLError(.duplicateConditionInScope, ["condition": SQLQuote.id(name.text.uppercased())], at: name.span)
                }
            case .declareCursor(let name, _):
                guard cursors.insert(name.text.lowercased()).inserted else {
                    throw SQLError(.cursorAlreadyExists, ["cursorName": SQLQuote.id(name.text)], at: name.span)
                }
            case .declareHandler(_, let handled, _):
                try check(handled)
                for condition in handled {
                    if case .sqlState(let state) = condition {
                        guard states.insert(state.uppercased()).inserted else {
                            throw SQLError(.duplicateExceptionHandlerSqlstate, ["sqlState": state.uppercased()])
                        }
                    } else {
                        let key = text(condition)
                        guard conditions.insert(key).inserted else {
                            throw SQLError(.duplicateExceptionHandlerCondition, ["condition": key])
                        }
                    }
                }
            default: continue
            }
        }
    }

    /// Handlers name conditions that there are: those declared before in a block around, and the engine's.
    static func checkNames(_ statements: [ScriptStatement], _ outer: Set<String>) throws(SQLError) {
        var known = outer
        for statement in statements {
            switch statement {
            case .declareCondition(let name, _): known.insert(name.text.uppercased())
            case .declareHandler(_, let handled, let body):
                for case .condition(let name) in handled {
                    let key = name.names.joined(separator: ".").uppercased()
                    guard known.contains(key) || ErrorCondition.isKnown(key) else {
                        throw SQLError(.invalidHandlerDeclarationConditionNotFound, ["condition": key], at: name.span)
                    }
                }
                try checkNames(body, known)
            case .block(let block): try checkNames(block.statements, known)
            case .ifElse(let branches, let otherwise), .caseWhen(_, let branches, let otherwise):
                for branch in branches { try checkNames(branch.body, known) }
                try checkNames(otherwise ?? [], known)
            case .whileLoop(_, _, let body), .repeatLoop(_, let body, _), .loop(_, let body), .forLoop(_, _, _, let body):
                try checkNames(body, known)
            default: continue
            }
        }
    }

    /// One handler's list.
    static func check(_ conditions: [ScriptStatement.HandlerCondition]) throws(SQLError) {
        var names: Set<String> = []
        var states: Set<String> = []
        var general = 0
        for condition in conditions {
            switch condition {
            case .sqlException, .notFound: general += 1
            case .sqlState(let state):
                try check(sqlState: state)
                guard states.insert(state.uppercased()).inserted else {
                    throw SQLError(.invalidHandlerDeclarationDuplicateSqlstateInHandlerDeclaration, ["sqlState": state.uppercased()])
                }
            case .condition(let name):
                let key = text(condition)
                guard names.insert(key).inserted else {
                    throw SQLError(.invalidHandlerDeclarationDuplicateConditionInHandlerDeclaration, ["condition": key], at: name.span)
                }
            }
        }
        if general > 0, general < conditions.count { throw SQLError(.invalidHandlerDeclarationInvalidConditionCombination) }
    }

    static func check(sqlState state: String) throws(SQLError) {
        let bytes = Array(state.uppercased().utf8)
        let isPlain = bytes.allSatisfy { (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) }
        let family = String(decoding: bytes.prefix(2), as: UTF8.self)
        guard bytes.count == 5, isPlain, !["00", "01", "XX"].contains(family) else {
            throw SQLError(.invalidSqlstate, ["sqlState": state])
        }
    }

    private static func text(_ condition: ScriptStatement.HandlerCondition) -> String {
        switch condition {
        case .sqlException: "SQLEXCEPTION"
        case .notFound: "NOT FOUND"
        case .sqlState(let state): state.uppercased()
        case .condition(let name): name.names.joined(separator: ".").uppercased()
        }
    }
}
