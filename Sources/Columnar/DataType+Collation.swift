extension DataType {
    /// Whether a string in it, at any depth, is compared in another way than by its bytes.
    package var hasCollation: Bool {
        switch self {
        case .string(let collation): collation != .utf8Binary
        case .array(let element, _): element.hasCollation
        case .map(let key, let value, _): key.hasCollation || value.hasCollation
        case .structure(let fields): fields.contains { $0.type.hasCollation }
        default: false
        }
    }

    /// Whether a string in it, at any depth, has a collation that is not known.
    package var hasIndeterminateCollation: Bool {
        switch self {
        case .string(let collation): collation == .indeterminate
        case .array(let element, _): element.hasIndeterminateCollation
        case .map(let key, let value, _): key.hasIndeterminateCollation || value.hasIndeterminateCollation
        case .structure(let fields): fields.contains { $0.type.hasIndeterminateCollation }
        default: false
        }
    }

    /// The same with `collation` for every string of the default one, at any depth: what a DEFAULT COLLATION does to a type.
    package func defaultingCollation(to collation: Collation) -> DataType {
        switch self {
        case .string(.utf8Binary): .string(collation)
        case .array(let element, let containsNull): .array(element: element.defaultingCollation(to: collation), containsNull: containsNull)
        case .map(let key, let value, let containsNull):
            .map(
                key: key.defaultingCollation(to: collation), value: value.defaultingCollation(to: collation), valueContainsNull: containsNull)
        case .structure(let fields):
            .structure(
                fields.map { Field($0.name, $0.type.defaultingCollation(to: collation), nullable: $0.nullable, comment: $0.comment) })
        default: self
        }
    }
}

extension Collation {
    /// The text as UTF8_LCASE compares it: each code point in lower case, and the two small sigmas as one.
    package static func folded(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "\u{03C2}" {
                result.append("\u{03C3}")
            } else {
                result.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return String(result)
    }
}

extension Column {
    /// The same values as a type that differs in the collations of its strings alone.
    package func retyped(_ type: DataType) -> Column {
        switch (type, values) {
        case (.array(let element, _), .list(let array)):
            Column(type, .list(ListArray(offsets: array.offsets, child: array.child.retyped(element), validity: array.validity)))
        case (.map(let key, let value, let containsNull), .list(let array)):
            Column(
                type,
                .list(
                    ListArray(
                        offsets: array.offsets, child: array.child.retyped(.mapEntry(key, value, valueContainsNull: containsNull)),
                        validity: array.validity)))
        case (.structure(let fields), .structure(let array)):
            Column(
                type,
                .structure(
                    StructArray(
                        children: zip(array.children, fields).map { $0.retyped($1.type) }, validity: array.validity, count: array.count)))
        default: with(type: type)
        }
    }
}
