import Columnar

/// Reads the text that Spark keeps beside a column of strings whose lengths are limited: `array<varchar(3)>`. Only CHAR and VARCHAR are taken
/// from it, the rest is known from the schema's JSON.
struct TypeText {
    private var rest: Substring

    private static let maxDepth = 64

    /// `type` with the lengths that the text says; as it is where the text is of another shape.
    static func overlay(_ text: String, on type: DataType) -> DataType {
        var parser = TypeText(rest: text[...])
        guard let result = parser.overlay(type, depth: 0), parser.rest.isEmpty else { return type }
        return result
    }

    /// Moves over the text of one type.
    private mutating func overlay(_ type: DataType, depth: Int) -> DataType? {
        guard depth < Self.maxDepth else { return nil }
        switch type {
        case .string, .char, .varchar: return text(type)
        case .array(let element, let containsNull):
            guard skip("array<"), let element = overlay(element, depth: depth + 1), skip(">") else { return nil }
            return .array(element: element, containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            guard skip("map<"), let key = overlay(key, depth: depth + 1), skip(","), let value = overlay(value, depth: depth + 1), skip(">")
            else { return nil }
            return .map(key: key, value: value, valueContainsNull: containsNull)
        case .structure(let fields):
            guard skip("struct<") else { return nil }
            var result: [Field] = []
            for (index, field) in fields.enumerated() {
                guard index == 0 || skip(","), skip(field.name + ":"), let inner = overlay(field.type, depth: depth + 1) else { return nil }
                result.append(Field(field.name, inner, nullable: field.nullable, comment: field.comment))
            }
            return skip(">") ? .structure(result) : nil
        default: return skip(type.simpleText) ? type : nil
        }
    }

    private mutating func text(_ type: DataType) -> DataType? {
        if skip("char("), let length = length() { return .char(length) }
        if skip("varchar("), let length = length() { return .varchar(length) }
        return skip(type.simpleText) || skip("string") ? type : nil
    }

    private mutating func length() -> Int? {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        guard let length = Int(digits), length > 0, skip(")") else { return nil }
        return length
    }

    private mutating func skip(_ part: String) -> Bool {
        guard rest.hasPrefix(part) else { return false }
        rest = rest.dropFirst(part.count)
        return true
    }
}
