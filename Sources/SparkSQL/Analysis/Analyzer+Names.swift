package import Columnar
package import SparkErrors
import SparkFunctions
package import SparkSyntax

extension Analyzer {
    /// The parts of an object's name, computed if need be.
    func name(_ reference: NameReference, _ environment: Environment) throws(SQLError) -> [String] {
        switch reference {
        case .name(let name): return name.names
        case .computed(let expression, let suffix, _): return try computedName(expression, suffix, environment)
        }
    }

    /// `IDENTIFIER(expression)`: a constant string that is read as a name.
    func computedName(_ expression: SyntaxExpression, _ suffix: [Identifier], _ environment: Environment) throws(SQLError) -> [String] {
        let resolver = ExpressionResolver(self, environment, scopes: [])
        let value = try resolver.resolve(expression)
        let span = environment.at(expression.span)
        let shown = ["expr": SQLQuote.expr(value.sql), "name": "IDENTIFIER"]
        guard value.isFoldable else { throw SQLError(.notAConstantStringNotConstant, shown, at: span) }
        guard value.type.isString || value.type == .void else {
            throw SQLError(.notAConstantStringWrongType, shown.merging(["dataType": SQLQuote.type(value.type.sqlText)]) { $1 }, at: span)
        }
        guard case .string(let text)? = resolver.constantValue(value) else { throw SQLError(.notAConstantStringNull, shown, at: span) }
        return try Parser.parseMultipartIdentifier(text).names + suffix.map(\.text)
    }

    func type(_ name: TypeName, _ environment: Environment) throws(SQLError) -> DataType {
        do throws(SQLError) {
            return try DataType(name, collation: environment.collation)
        } catch {
            throw error.with(span: environment.at(name.span))
        }
    }
}

extension DataType {
    /// The type that a name in SQL means; `collation` is that of strings without one.
    package init(_ name: TypeName, collation: Collation = .utf8Binary) throws(SQLError) {
        switch name.kind {
        case .boolean: self = .boolean
        case .tinyint: self = .byte
        case .smallint: self = .short
        case .int: self = .int
        case .bigint: self = .long
        case .float: self = .float
        case .double: self = .double
        case .date: self = .date
        case .timestamp: self = .timestamp
        case .timestampNTZ: self = .timestampNTZ
        case .time: throw SQLError(.unsupportedTimeType)
        case .string(let written): self = .string(try written.map(Collation.named) ?? collation)
        case .char(let length, _): self = .char(length)
        case .varchar(let length, _): self = .varchar(length)
        case .binary: self = .binary
        case .decimal(let precision, let scale):
            guard precision <= DecimalType.maxPrecision else {
                throw SQLError(.decimalPrecisionExceedsMaxPrecision, ["precision": "\(precision)", "maxPrecision": "\(DecimalType.maxPrecision)"])
            }
            guard scale <= precision, precision > 0, scale >= 0 else {
                throw SQLError(.legacyDecimalScale, ["scale": "\(scale)", "precision": "\(precision)"], phase: .analysis)
            }
            self = .decimal(DecimalType(precision, scale))
        case .void: self = .void
        case .variant: self = .variant
        case .calendarInterval: throw .unsupported("the type INTERVAL without fields")
        case .yearMonthInterval(let from, let to):
            guard let range = YearMonthRange(from, to) else { throw .unsupported("this INTERVAL type") }
            self = .yearMonthInterval(range)
        case .dayTimeInterval(let from, let to):
            guard let range = DayTimeRange(from, to) else { throw .unsupported("this INTERVAL type") }
            self = .dayTimeInterval(range)
        case .array(let element): self = .array(element: try DataType(element, collation: collation), containsNull: true)
        case .map(let key, let value):
            self = .map(
                key: try DataType(key, collation: collation), value: try DataType(value, collation: collation), valueContainsNull: true)
        case .structure(let fields):
            var result: [Field] = []
            for field in fields {
                result.append(
                    Field(field.name.text, try DataType(field.type, collation: collation), nullable: field.isNullable, comment: field.comment))
            }
            self = .structure(result)
        case .geometry, .geography, .object: throw .unsupported("the types GEOMETRY, GEOGRAPHY and OBJECT")
        }
    }
}
