package import Columnar
package import SparkErrors

extension BoundScalar {
    /// A step of a chain: what is done with the value so far.
    package enum ChainStep: Sendable {
        /// A call with the value so far as its first argument and the chain's next argument as its second.
        case call(BoundScalar, SourceSpan?)
        case cast(DataType, Cast.Mode, SourceSpan?)

        var type: DataType {
            switch self {
            case .call(let call, _): call.returnType
            case .cast(let type, _, _): type
            }
        }

        var nullable: Bool? {
            switch self {
            case .call(let call, _): call.nullable
            case .cast(_, let mode, _): mode == .ansi ? nil : true
            }
        }
    }

    /// `a + b - c …` as one call of all operands: long chains would else be as deep as they are long. nil without steps.
    package static func chain(_ argumentTypes: [DataType], _ steps: [ChainStep], deterministic: Bool) -> BoundScalar? {
        guard let last = steps.last else { return nil }
        let nullable = steps.reversed().lazy.compactMap(\.nullable).first ?? true
        return BoundScalar(argumentTypes, returns: last.type, nullable: nullable, deterministic: deterministic, constants: .passed) {
            (arguments, rowCount, context) throws(SQLError) in
            guard var value = arguments.first else { return .nulls(last.type, count: rowCount) }
            var next = 1
            for step in steps {
                switch step {
                case .cast(let type, let mode, let span):
                    do throws(SQLError) {
                        value = try Cast.cast(value, to: type, mode: mode, context)
                    } catch {
                        throw error.with(span: span)
                    }
                case .call(let call, let span):
                    guard arguments.indices.contains(next) else { return .nulls(last.type, count: rowCount) }
                    do throws(SQLError) {
                        value = try call.evaluate([value, arguments[next]], rowCount: rowCount, context)
                    } catch {
                        throw error.with(span: span)
                    }
                    next += 1
                }
            }
            return value
        }
    }
}
