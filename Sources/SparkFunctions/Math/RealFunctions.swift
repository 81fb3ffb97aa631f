import Columnar
import SparkErrors

extension ScalarFunction {
    /// A function of one DOUBLE, named in capitals in results; nil from it is NULL.
    private static func real(
        _ name: String, aliases: [String] = [], since: String = "1.4.0", syntax: CallSyntax? = nil, mayBeNull: Bool = false, usage: String,
        examples: [Example],
        _ body: @escaping @Sendable (Double) -> Double?
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([.exact(.double)], returns: .double), group: .math, since: since, usage: usage, examples: examples,
            syntax: syntax ?? .custom { name, arguments in "\(name.uppercased())(\(arguments.joined(separator: ", ")))" },
            nulls: mayBeNull ? .always : .propagate,
            kernel: .unary { (x: Double) in body(x) })
    }

    /// The C library's is off by a digit at times: a step of Newton's puts it right.
    private static func cubeRoot(_ x: Double) -> Double {
        let root = Libm.cbrt(x)
        guard root != 0, root.isFinite else { return root }
        return root - (root * root * root - x) / (3 * root * root)
    }

    static let realFunctions: [ScalarFunction] = [
        real(
            "sqrt", since: "1.1.1", usage: "sqrt(expr) - The square root; NaN of negative numbers.",
            examples: [Example("sqrt(4)", "2.0"), Example("sqrt(-1)", "NaN")]
        ) {
            $0.squareRoot()
        },
        real("cbrt", usage: "cbrt(expr) - The cube root.", examples: [Example("cbrt(27.0)", "3.0")]) { cubeRoot($0) },
        real("exp", usage: "exp(expr) - e to the power of expr.", examples: [Example("exp(0)", "1.0")]) { Libm.exp($0) },
        real("expm1", usage: "expm1(expr) - exp(expr) - 1, exactly for small numbers.", examples: [Example("expm1(1e-10)", "1.00000000005E-10")]) {
            Libm.expm1($0)
        },
        real(
            "ln", syntax: .call, mayBeNull: true, usage: "ln(expr) - The natural logarithm; NULL if expr is not positive.",
            examples: [Example("ln(1)", "0.0"), Example("ln(0)", "NULL")]
        ) { $0 <= 0 ? nil : Libm.log($0) },
        real(
            "log2", mayBeNull: true, usage: "log2(expr) - The logarithm to base 2.",
            examples: [Example("log2(8)", "3.0"), Example("log2(-1)", "NULL")]
        ) {
            $0 <= 0 ? nil : Libm.log($0) / Libm.log(2)
        },
        real("log10", mayBeNull: true, usage: "log10(expr) - The logarithm to base 10.", examples: [Example("log10(1000)", "3.0")]) {
            $0 <= 0 ? nil : Libm.log10($0)
        },
        real(
            "log1p", mayBeNull: true, usage: "log1p(expr) - ln(1 + expr), exactly for small numbers.",
            examples: [Example("log1p(0)", "0.0"), Example("log1p(-1)", "NULL")]
        ) {
            $0 <= -1 ? nil : Libm.log1p($0)
        },
        real(
            "rint", syntax: .call, usage: "rint(expr) - The nearest whole number, the even one of two.",
            examples: [Example("rint(12.3456)", "12.0"), Example("rint(2.5)", "2.0")]
        ) {
            $0.rounded(.toNearestOrEven)
        },
        real("degrees", usage: "degrees(expr) - An angle in radians as degrees.", examples: [Example("degrees(3.141592653589793)", "180.0")]) {
            $0 * 180 / .pi
        },
        real("radians", usage: "radians(expr) - An angle in degrees as radians.", examples: [Example("radians(180)", "3.141592653589793")]) {
            $0 / 180 * .pi
        },
        real("sin", usage: "sin(expr) - The sine.", examples: [Example("sin(0)", "0.0"), Example("sin(1)", "0.8414709848078965")]) { Libm.sin($0) },
        real("cos", usage: "cos(expr) - The cosine.", examples: [Example("cos(0)", "1.0")]) { Libm.cos($0) },
        real("tan", usage: "tan(expr) - The tangent.", examples: [Example("tan(0)", "0.0")]) { Libm.tan($0) },
        real("cot", since: "2.3.0", usage: "cot(expr) - The cotangent.", examples: [Example("cot(1)", "0.6420926159343306")]) { 1 / Libm.tan($0) },
        real("sec", since: "3.3.0", usage: "sec(expr) - The secant.", examples: [Example("sec(0)", "1.0")]) { 1 / Libm.cos($0) },
        real("csc", since: "3.3.0", usage: "csc(expr) - The cosecant.", examples: [Example("csc(1)", "1.1883951057781212")]) { 1 / Libm.sin($0) },
        real("asin", usage: "asin(expr) - The angle of a sine.", examples: [Example("asin(0)", "0.0"), Example("asin(2)", "NaN")]) { Libm.asin($0) },
        real("acos", usage: "acos(expr) - The angle of a cosine.", examples: [Example("acos(1)", "0.0"), Example("acos(2)", "NaN")]) {
            Libm.acos($0)
        },
        real("atan", usage: "atan(expr) - The angle of a tangent.", examples: [Example("atan(0)", "0.0")]) { Libm.atan($0) },
        real("sinh", usage: "sinh(expr) - The hyperbolic sine.", examples: [Example("sinh(0)", "0.0")]) { Libm.sinh($0) },
        real("cosh", usage: "cosh(expr) - The hyperbolic cosine.", examples: [Example("cosh(0)", "1.0")]) { Libm.cosh($0) },
        real("tanh", usage: "tanh(expr) - The hyperbolic tangent.", examples: [Example("tanh(0)", "0.0")]) { Libm.tanh($0) },
        real("asinh", since: "3.0.0", usage: "asinh(expr) - The inverse hyperbolic sine.", examples: [Example("asinh(0)", "0.0")]) {
            if $0 == -.infinity { return $0 }
            return $0.sign == .minus ? -Libm.log(-$0 + ($0 * $0 + 1).squareRoot()) : Libm.log($0 + ($0 * $0 + 1).squareRoot())
        },
        real(
            "acosh", since: "3.0.0", usage: "acosh(expr) - The inverse hyperbolic cosine.",
            examples: [Example("acosh(1)", "0.0"), Example("acosh(0)", "NaN")]
        ) {
            Libm.log($0 + ($0 * $0 - 1).squareRoot())
        },
        real(
            "atanh", since: "3.0.0", usage: "atanh(expr) - The inverse hyperbolic tangent.",
            examples: [Example("atanh(0)", "0.0"), Example("atanh(2)", "NaN")]
        ) {
            0.5 * (Libm.log1p($0) - Libm.log1p(-$0))
        },
    ]

    private static func pair(
        _ name: String, aliases: [String] = [], capitals: Bool = true, usage: String, examples: [Example],
        _ body: @escaping @Sendable (Double, Double) -> Double?
    ) -> ScalarFunction {
        ScalarFunction(
            name, aliases: aliases, Signature([.exact(.double), .exact(.double)], returns: .double), group: .math, since: "1.4.0", usage: usage,
            examples: examples,
            syntax: .custom { name, arguments in "\(capitals || name == "power" ? name.uppercased() : name)(\(arguments.joined(separator: ", ")))" },
            kernel: .binary { (x: Double, y: Double) in body(x, y) })
    }

    static let pairFunctions: [ScalarFunction] = [
        pair(
            "pow", aliases: ["power"], capitals: false, usage: "pow(expr1, expr2) - expr1 to the power of expr2.",
            examples: [Example("pow(2, 3)", "8.0"), Example("power(2, 0.5)", "1.4142135623730951")]
        ) { Libm.pow($0, $1) },
        pair("hypot", usage: "hypot(expr1, expr2) - The square root of the sum of both squares.", examples: [Example("hypot(3, 4)", "5.0")]) {
            Libm.hypot($0, $1)
        },
        pair(
            "atan2", usage: "atan2(exprY, exprX) - The angle of a point.",
            examples: [Example("atan2(0, 0)", "0.0"), Example("atan2(1, 2)", "0.4636476090008061")]
        ) {
            Libm.atan2($0 + 0.0, $1 + 0.0)
        },
    ]

    static let log = ScalarFunction(
        "log", Signature([.exact(.double), .exact(.double)], optional: 1, returns: .double), group: .math, since: "1.5.0",
        usage: "log([base, ]expr) - The logarithm, to base e if not said; NULL if an argument is not positive.",
        examples: [Example("log(10, 100)", "2.0"), Example("log(10)", "2.302585092994046"), Example("log(0, 1)", "NULL")],
        syntax: .custom { _, arguments in arguments.count == 1 ? "LOG(E(), \(arguments[0]))" : "LOG(\(arguments.joined(separator: ", ")))" },
        nulls: .always,
        kernel: RowKernel { (arguments, type, _, _) throws(SQLError) in
            if arguments.count == 1 {
                return try Rows.map(arguments[0], to: type) { (x: Double) throws(SQLError) -> Double? in x <= 0 ? nil : Libm.log(x) }
            }
            return try Rows.map(arguments[0], arguments[1], to: type) { (base: Double, x: Double) throws(SQLError) -> Double? in
                x <= 0 || base <= 0 ? nil : Libm.log(x) / Libm.log(base)
            }
        })

    static let e = ScalarFunction(
        "e", Signature([], returns: .double), group: .math, since: "1.5.0", usage: "e() - Euler's number.",
        examples: [Example("e()", "2.718281828459045")],
        syntax: .named("E"), nulls: .never, kernel: .constant { _ in .double(2.718281828459045) })
    static let pi = ScalarFunction(
        "pi", Signature([], returns: .double), group: .math, since: "1.5.0", usage: "pi() - Pi.", examples: [Example("pi()", "3.141592653589793")],
        syntax: .named("PI"), nulls: .never, kernel: .constant { _ in .double(.pi) })

    static let sign = ScalarFunction(
        "sign", aliases: ["signum"], group: .math, since: "1.4.0", usage: "sign(expr) - -1.0, 0.0 or 1.0 as expr is negative, zero or positive.",
        examples: [Example("sign(40)", "1.0"), Example("signum(-2.5)", "-1.0"), Example("sign(INTERVAL '-1' DAY)", "-1.0")],
        syntax: .custom { name, arguments in "\(name == "signum" ? "SIGNUM" : name)(\(arguments.joined()))" }
    ) { (call, _) throws(SQLError) in
        try call.checkCount(1...1)
        let given = call.arguments[0].type
        if TemporalArithmetic.isInterval(given) {
            return BoundScalar([given], returns: .double, nullable: call.anyNullable) { (arguments, rowCount, _) throws(SQLError) in
                try Rows.make(.double, rowCount, validity: arguments[0].validity) { (row) throws(SQLError) -> Double? in
                    guard case .integer(let value) = arguments[0].value(at: row) else { return nil }
                    return Double(value.signum())
                }
            }
        }
        guard Coercion.implicitCast(given, to: .exact(.double)) != nil else {
            throw call.unexpectedType(0, "(\"DOUBLE\" or \"INTERVAL YEAR TO MONTH\" or \"INTERVAL DAY TO SECOND\")")
        }
        return BoundScalar([.double], returns: .double, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            try Rows.map(arguments[0], to: .double) { (x: Double) throws(SQLError) -> Double? in x == 0 || x.isNaN ? x : (x < 0 ? -1 : 1) }
        }
    }

    static let abs = ScalarFunction(
        "abs", group: .math, since: "1.2.0", usage: "abs(expr) - The magnitude of a number or interval.",
        examples: [Example("abs(-1)", "1"), Example("abs(-1.5)", "1.5"), Example("abs(INTERVAL '-1-1' YEAR TO MONTH)", "1-1")]
    ) { (call, context) throws(SQLError) in
        let type = try signedType(call, "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\")")
        let handling: FaultHandling = context.ansi ? .raise : .wrap
        return BoundScalar([type], returns: type, nullable: call.anyNullable) { (arguments, _, _) throws(SQLError) in
            do throws(KernelError) { return try Kernel.absolute(arguments[0], onFault: handling) } catch { throw signFault(error, type) }
        }
    }

    static let pmod = ScalarFunction(
        "pmod", group: .math, since: "1.5.0", usage: "pmod(expr1, expr2) - The remainder, made positive by adding expr2.",
        examples: [Example("pmod(10, 3)", "1"), Example("pmod(-10, 3)", "2"), Example("pmod(-7.5, 2)", "0.5")]
    ) { (call, context) throws(SQLError) in
        // The types of `%`, whose result's type this has too.
        let remainder = try Arithmetic.bind(.remainder, call, context)
        let mode = Arithmetic.FaultMode(attempt: false, ansi: context.ansi)
        return BoundScalar(remainder.argumentTypes, returns: remainder.returnType, nullable: remainder.nullable) {
            (arguments, _, _) throws(SQLError) in
            do throws(KernelError) {
                if case .decimal(let type) = remainder.returnType {
                    return try Kernel.decimal(
                        .positiveModulus, arguments[0], arguments[1], result: type, onFault: mode.handling == .raise ? .raise : .null)
                }
                return try Kernel.arithmetic(.positiveModulus, arguments[0], arguments[1], onFault: mode.handling)
            } catch {
                if case .divideByZero = error { throw .remainderByZero }
                throw .arithmeticOverflow("Overflow")
            }
        }
    }
}

let realFunctions: [ScalarFunction] =
    ScalarFunction.realFunctions + ScalarFunction.pairFunctions + [.log, .e, .pi, .sign, .abs, .pmod]
