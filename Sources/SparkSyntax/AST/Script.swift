package import SparkErrors

/// `[label:] BEGIN … END [label]` of SQL scripting.
package struct CompoundBlock: Sendable {
    package let label: Identifier?
    package let isAtomic: Bool
    package let statements: [ScriptStatement]
    package let span: SourceSpan

    package init(label: Identifier?, isAtomic: Bool, statements: [ScriptStatement], span: SourceSpan) {
        self.label = label
        self.isAtomic = isAtomic
        self.statements = statements
        self.span = span
    }
}

package indirect enum ScriptStatement: Sendable {
    case statement(Statement)
    case block(CompoundBlock)
    case ifElse(branches: [(condition: Expression, body: [ScriptStatement])], otherwise: [ScriptStatement]?)
    /// CASE statement; `operand` for the simple form.
    case caseWhen(operand: Expression?, branches: [(condition: Expression, body: [ScriptStatement])], otherwise: [ScriptStatement]?)
    case whileLoop(label: Identifier?, condition: Expression, body: [ScriptStatement])
    case repeatLoop(label: Identifier?, body: [ScriptStatement], until: Expression)
    case forLoop(label: Identifier?, variable: Identifier?, query: Query, body: [ScriptStatement])
    case loop(label: Identifier?, body: [ScriptStatement])
    case leave(Identifier)
    case iterate(Identifier)
    case declareCondition(Identifier, sqlState: String?)
    /// DECLARE EXIT|CONTINUE HANDLER FOR conditions.
    case declareHandler(isExit: Bool, conditions: [HandlerCondition], body: [ScriptStatement])
    case signal(Signal)
    case getDiagnostics(Identifier, [Assignment])
    case declareCursor(Identifier, Query)
    /// OPEN with the values of the query's parameters.
    case openCursor(MultipartIdentifier, using: [NamedExpression])
    case fetch(MultipartIdentifier, into: [MultipartIdentifier])
    case closeCursor(MultipartIdentifier)

    package enum HandlerCondition: Sendable {
        case sqlException
        case notFound
        case sqlState(String)
        case condition(MultipartIdentifier)
    }

    package struct Signal: Sendable {
        /// SIGNAL of a condition or SQLSTATE; neither for RESIGNAL.
        package let condition: MultipartIdentifier?
        package let sqlState: String?
        package let message: Expression?
        package let arguments: Expression?
        package let isResignal: Bool

        package init(condition: MultipartIdentifier?, sqlState: String?, message: Expression?, arguments: Expression?, isResignal: Bool) {
            self.condition = condition
            self.sqlState = sqlState
            self.message = message
            self.arguments = arguments
            self.isResignal = isResignal
        }
    }
}
