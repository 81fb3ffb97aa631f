import Columnar
import SparkErrors

extension VariantNode {
    /// The schema that `schema_of_variant` tells.
    indirect enum Shape: Equatable, Sendable {
        case plain(DataType)
        case array(Shape)
        case object([(name: String, shape: Shape)])
        case variant

        static func == (left: Shape, right: Shape) -> Bool { left.text == right.text }

        var text: String {
            switch self {
            case .plain(let type): type.sqlText
            case .array(let element): "ARRAY<\(element.text)>"
            case .object(let fields): "OBJECT<" + fields.map { "\(SQLName.quotedIfNeeded($0.name)): \($0.shape.text)" }.joined(separator: ", ") + ">"
            case .variant: "VARIANT"
            }
        }

        /// What holds values of both.
        func merged(_ other: Shape) -> Shape {
            switch (self, other) {
            case (.plain(.void), _): return other
            case (_, .plain(.void)): return self
            case (.array(let a), .array(let b)): return .array(a.merged(b))
            case (.object(let a), .object(let b)):
                var fields = a
                for field in b {
                    if let index = fields.firstIndex(where: { $0.name == field.name }) {
                        fields[index].shape = fields[index].shape.merged(field.shape)
                    } else {
                        fields.append(field)
                    }
                }
                return .object(fields.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) })
            case (.plain(let a), .plain(let b)):
                if a == b { return self }
                if a.isNumeric, b.isNumeric, let common = Coercion.widerWithoutStrings(a, b) { return .plain(common) }
                return .variant
            default: return .variant
            }
        }
    }

    var shape: Shape {
        switch self {
        case .null: .plain(.void)
        case .boolean: .plain(.boolean)
        case .integer: .plain(.long)
        case .decimal(let digits, let scale):
            .plain(.decimal(Self.type(digits, scale)))
        case .float: .plain(.float)
        case .double: .plain(.double)
        case .string: .plain(.text)
        case .binary: .plain(.binary)
        case .date: .plain(.date)
        case .timestamp: .plain(.timestamp)
        case .timestampNTZ: .plain(.timestampNTZ)
        case .array(let items): .array(items.map(\.shape).reduce(.plain(.void)) { $0.merged($1) })
        case .object(let members): .object(members.map { ($0.name, $0.value.shape) })
        }
    }

    /// The smallest type of a decimal, without zeros at its end.
    private static func type(_ digits: Int128, _ scale: Int) -> DecimalType {
        let text = trimmed(digits, scale)
        let digits = text.utf8.filter { $0 >= 48 && $0 <= 57 }
        let newScale = text.utf8.firstIndex(of: UInt8(ascii: ".")).map { text.utf8.distance(from: $0, to: text.utf8.endIndex) - 1 } ?? 0
        let significant = digits.drop { $0 == 48 }.count
        return DecimalType(max(1, max(significant, newScale)), newScale)
    }

    /// The scalar as a value of SQL with its type; nil for arrays and objects.
    private var scalar: (Value, DataType)? {
        switch self {
        case .boolean(let bit): (.boolean(bit), .boolean)
        case .integer(let number): (.integer(number), .long)
        case .decimal(let digits, let scale): (.decimal(digits), .decimal(DecimalType(38, scale)))
        case .float(let number): (.float(number), .float)
        case .double(let number): (.double(number), .double)
        case .string(let text): (.string(text), .text)
        case .binary(let bytes): (.binary(bytes), .binary)
        case .date(let days): (.integer(Int64(days)), .date)
        case .timestamp(let micros): (.integer(micros), .timestamp)
        case .timestampNTZ(let micros): (.integer(micros), .timestampNTZ)
        case .null, .array, .object: nil
        }
    }

    /// The value of a type; nil if it does not convert. Null converts to NULL.
    func value(as type: DataType, _ context: EvaluationContext) -> Value? {
        if type == .variant {
            let encoded = VariantEncoder.encode(self)
            return .structure([.binary(encoded.metadata), .binary(encoded.value)])
        }
        if self == .null { return .null }
        switch (self, type) {
        case (.string(let text), _) where type.isString: return .string(text)
        case (.array, _) where type.isString, (.object, _) where type.isString: return .string(json(context.timeZone))
        case (.decimal(let digits, let scale), _) where type.isString: return .string(Self.trimmed(digits, scale))
        case (.array(let items), .array(let element, _)):
            var values: [Value] = []
            for item in items {
                guard let value = item.value(as: element, context) else { return nil }
                values.append(value)
            }
            return .list(values)
        case (.object(let members), .map(let key, let inner, _)):
            guard key.isString else { return nil }
            var entries: [Value.MapEntry] = []
            for member in members {
                guard let value = member.value.value(as: inner, context) else { return nil }
                entries.append(.init(.string(member.name), value))
            }
            return .map(entries)
        case (.object(let members), .structure(let fields)):
            var parts: [Value] = []
            for field in fields {
                guard let member = members.first(where: { $0.name == field.name }) else {
                    parts.append(.null)
                    continue
                }
                guard let value = member.value.value(as: field.type, context) else { return nil }
                parts.append(value)
            }
            return .structure(parts)
        default:
            guard let (value, from) = scalar, Cast.canCast(from, type, ansi: true) else { return nil }
            guard let result = try? Cast.cast(value, from: from, to: type, mode: .attempt, context), !result.isNull else { return nil }
            return result
        }
    }
}

enum SQLName {
    /// In backquotes unless it is letters, digits and underscores.
    static func quotedIfNeeded(_ name: String) -> String {
        let plain =
            !name.isEmpty
            && name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
        return plain ? name : SQLQuote.id(name)
    }
}

extension SQLError {
    static func variantCast(_ node: VariantNode, _ type: DataType, _ context: EvaluationContext) -> SQLError {
        SQLError(
            .invalidVariantCast, ["value": "`\(node.json(context.timeZone))`", "dataType": SQLQuote.id(SQLQuote.type(type.sqlText))])
    }
}

extension Caster {
    /// From VARIANT: like `variant_get` with the path `$`.
    func fromVariant(_ column: Column) throws(SQLError) -> Column {
        guard let source = VariantColumn(column) else { throw unsupported() }
        return try Rows.make(to, column.count, validity: column.validity) { (row) throws(SQLError) -> Value? in
            guard let node = source.node(row) else { throw SQLError(.malformedVariant) }
            if let value = node.value(as: to, context) { return value.isNull ? nil : value }
            if mode == .attempt { return nil }
            throw SQLError.variantCast(node, to, context)
        }
    }

    func toVariant(_ column: Column) throws(SQLError) -> Column {
        VariantColumn.make((0..<column.count).map { column.isNull($0) ? nil : VariantNode(column.value(at: $0), from) })
    }
}
