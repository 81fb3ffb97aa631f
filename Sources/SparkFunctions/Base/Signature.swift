package import Columnar
import SparkErrors

/// What a function takes and gives, for those whose types follow from a table.
package struct Signature: Sendable {
    package let parameters: [TypeClass]
    /// How many of `parameters` must be given.
    package let required: Int
    /// What any number of further arguments must be.
    package let rest: TypeClass?
    package let returns: @Sendable ([DataType]) -> DataType

    init(_ parameters: [TypeClass], optional: Int = 0, rest: TypeClass? = nil, returns: @escaping @Sendable ([DataType]) -> DataType) {
        self.parameters = parameters
        self.required = parameters.count - optional
        self.rest = rest
        self.returns = returns
    }

    init(_ parameters: [TypeClass], optional: Int = 0, rest: TypeClass? = nil, returns: DataType) {
        self.init(parameters, optional: optional, rest: rest, returns: { _ in returns })
    }

    /// The types to which the arguments are cast.
    /// - Throws: WRONG_NUM_ARGS, DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE.
    func argumentTypes(_ call: Call) throws(SQLError) -> [DataType] {
        try call.checkCount(required...(rest == nil ? parameters.count : Int.max))
        var types: [DataType] = []
        for (index, argument) in call.arguments.enumerated() {
            let wanted = index < parameters.count ? parameters[index] : (rest ?? .any)
            guard let type = Coercion.implicitCast(argument.type, to: wanted) else { throw call.unexpectedType(index, wanted.text) }
            types.append(type)
        }
        return types
    }
}

/// Whether a call's result may be NULL.
enum NullRule: Sendable {
    /// If an argument may.
    case propagate
    case always
    case never
}

extension ScalarFunction {
    /// A function whose types come from its signature and whose kernel is one for all types that it accepts.
    init(
        _ name: String, aliases: [String] = [], _ signature: Signature, group: FunctionGroup, since: String = "1.0.0", usage: String,
        examples: [Example] = [], syntax: CallSyntax = .call, nulls: NullRule = .propagate, deterministic: Bool = true,
        constants: BoundScalar.ConstantArguments = .expanded, kernel: RowKernel
    ) {
        self.init(name, aliases: aliases, group: group, since: since, usage: usage, examples: examples, syntax: syntax) {
            (call, _) throws(SQLError) in
            let types = try signature.argumentTypes(call)
            return call.bound(
                types, returns: signature.returns(types), nulls: nulls, deterministic: deterministic, constants: constants, kernel: kernel)
        }
    }
}

extension Call {
    func bound(
        _ types: [DataType], returns type: DataType, nulls: NullRule = .propagate, deterministic: Bool = true,
        constants: BoundScalar.ConstantArguments = .expanded, kernel: RowKernel
    ) -> BoundScalar {
        let nullable =
            switch nulls {
            case .propagate: anyNullable
            case .always: true
            case .never: false
            }
        let run = kernel.run
        return BoundScalar(types, returns: type, nullable: nullable, deterministic: deterministic, constants: constants) {
            (arguments, rowCount, context) throws(SQLError) in
            try run(arguments, type, rowCount, context)
        }
    }

    /// WRONG_NUM_ARGS unless so many arguments were given; `Int.max` stands for any number.
    func checkCount(_ allowed: ClosedRange<Int>) throws(SQLError) {
        if allowed.contains(count) { return }
        let expected: String
        if allowed.upperBound == Int.max {
            expected = "> \(allowed.lowerBound - 1)"
        } else if allowed.lowerBound == allowed.upperBound {
            expected = "\(allowed.lowerBound)"
        } else {
            expected = "[" + allowed.map { "\($0)" }.joined(separator: ", ") + "]"
        }
        throw wrongCount(expected)
    }

    func wrongCount(_ expected: String) -> SQLError {
        SQLError(
            .wrongNumArgsWithoutSuggestion,
            [
                "functionName": SQLQuote.id(name), "expectedNum": expected, "actualNum": "\(count)",
                "docroot": "https://spark.apache.org/docs/latest",
            ])
    }

    /// DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE for an argument; `required` is quoted.
    func unexpectedType(_ index: Int, _ required: String) -> SQLError {
        mismatch(
            .datatypeMismatchUnexpectedInputType,
            [
                "paramIndex": Ordinal.text(index), "requiredType": required, "inputSql": SQLQuote.expr(arguments[index].sql),
                "inputType": SQLQuote.type(arguments[index].type.sqlText),
            ])
    }

    /// A DATATYPE_MISMATCH of this call.
    func mismatch(_ condition: ErrorCondition, _ parameters: [String: String]) -> SQLError {
        SQLError(condition, parameters.merging(["sqlExpr": SQLQuote.expr(sql)]) { first, _ in first }, phase: .analysis)
    }

    /// The argument's constant, of the type that it was cast to; an error if it depends on a row.
    func constant(_ index: Int, _ inputName: String, _ type: DataType, _ context: EvaluationContext) throws(SQLError) -> Value {
        guard let value = arguments[index].constant else {
            throw mismatch(
                .datatypeMismatchNonFoldableInput,
                [
                    "inputName": SQLQuote.id(inputName), "inputType": SQLQuote.type(type.sqlText),
                    "inputExpr": SQLQuote.expr(arguments[index].sql),
                ])
        }
        guard Cast.canCast(arguments[index].type, type, ansi: context.ansi) else { throw unexpectedType(index, SQLQuote.type(type.sqlText)) }
        return try Cast.cast(value, from: arguments[index].type, to: type, context)
    }
}

enum Ordinal {
    private static let names = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth", "thirteenth",
    ]

    static func text(_ index: Int) -> String { names.indices.contains(index) ? names[index] : "\(index + 1)th" }
}
