import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

/// The built-in functions whose arguments may be given by name.
struct NamedParameters {
    let name: String
    /// What a parameter is that is not given; nil: it must be.
    let standard: Constant?

    init(_ name: String, _ standard: Constant? = nil) {
        self.name = name
        self.standard = standard
    }

    private static func text(_ value: String) -> Constant { Constant(.string(value), .text, isLiteral: true) }

    static let all: [String: [NamedParameters]] = [
        "mask": [
            .init("str"), .init("upperChar", text("X")), .init("lowerChar", text("x")), .init("digitChar", text("n")),
            .init("otherChar", Constant(.null, .void, isLiteral: true)),
        ],
        "count_min_sketch": [.init("column"), .init("epsilon"), .init("confidence"), .init("seed")],
    ]
}

extension ExpressionResolver {
    /// The arguments in the parameters' order.
    /// - Throws: UNRECOGNIZED_PARAMETER_NAME, DUPLICATE_ROUTINE_PARAMETER_ASSIGNMENT, UNEXPECTED_POSITIONAL_ARGUMENT, REQUIRED_PARAMETER_NOT_FOUND.
    func arguments(
        _ call: FunctionCall, _ function: String, _ parameters: [NamedParameters], _ span: SourceSpan?
    ) throws(SQLError) -> [ResolvedExpression] {
        let routine = SQLQuote.id(function)
        var given = [ResolvedExpression?](repeating: nil, count: parameters.count)
        var named: [Int] = []
        for (position, argument) in call.arguments.enumerated() {
            var index = position
            if let name = argument.name?.text {
                guard let found = parameters.firstIndex(where: { Names.same($0.name, name) }) else {
                    let wanted = Array(name.unicodeScalars.prefix(128))
                    let proposal = parameters.enumerated().map {
                        (offset: $0, name: $1.name, distance: Suggestions.distance(Array($1.name.unicodeScalars), wanted))
                    }.sorted { ($0.distance, $0.offset) < ($1.distance, $1.offset) }.prefix(3)
                    throw SQLError(
                        .unrecognizedParameterName,
                        [
                            "routineName": routine, "argumentName": SQLQuote.id(name),
                            "proposal": proposal.map { SQLQuote.id($0.name) }.joined(separator: " "),
                        ], at: span)
                }
                if given[found] != nil {
                    throw SQLError(
                        named.contains(found)
                            ? .duplicateRoutineParameterAssignmentDoubleNamedArgumentReference
                            : .duplicateRoutineParameterAssignmentBothPositionalAndNamed,
                        ["routineName": routine, "parameterName": SQLQuote.id(parameters[found].name)], at: span)
                }
                index = found
                named.append(found)
            } else if let last = named.last {
                throw SQLError(
                    .unexpectedPositionalArgument, ["routineName": routine, "parameterName": SQLQuote.id(parameters[last].name)], at: span)
            }
            guard given.indices.contains(index) else { throw wrongArity(function, "\(parameters.count)", call.arguments.count, span) }
            given[index] = try resolve(argument.value)
        }
        guard let last = given.lastIndex(where: { $0 != nil }) else { throw missing(parameters, 0, routine, span) }
        var result: [ResolvedExpression] = []
        for (index, parameter) in parameters.enumerated() {
            if let value = given[index] {
                result.append(value)
            } else if let standard = parameter.standard {
                if index < last { result.append(.constant(standard)) }
            } else {
                throw missing(parameters, index, routine, span)
            }
        }
        return result
    }

    private func missing(_ parameters: [NamedParameters], _ index: Int, _ routine: String, _ span: SourceSpan?) -> SQLError {
        SQLError(
            .requiredParameterNotFound,
            ["routineName": routine, "parameterName": SQLQuote.id(parameters[index].name), "index": "\(index)"], at: span)
    }
}
