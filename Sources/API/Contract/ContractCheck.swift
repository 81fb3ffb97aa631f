package import JSON
package import Workspace

/// Compares a request with the contract.
package struct ContractCheck: Sendable {
    package struct Finding: Sendable, Hashable {
        package enum Kind: Sendable, Hashable {
            case unknownField
            case unknownParameter
            case unknownValue(String, of: [String])
            case wrongType(expected: String)
            case missing
        }

        /// `columns[0].name`
        package let place: String
        package let kind: Kind
    }

    /// Deeper than any object of the contract.
    private static let deepest = 64
    private static let mostFindings = 100

    package private(set) var findings: [Finding] = []

    package init(_ endpoint: Contract.Endpoint, query: QueryItems, body: JSONValue?) {
        for item in query.items { check(parameter: item.name, item.value, endpoint.query) }
        for field in endpoint.query where field.isRequired && query.string(field.name) == nil && body?[field.name] == nil {
            add(field.name, .missing)
        }
        guard let body else { return }
        switch endpoint.body {
        case .opaque: break
        // Some clients send a query's fields in a body.
        case .none:
            check(body, endpoint.query.map { Contract.Field(name: $0.name, type: $0.type, isRequired: false) }, at: "", depth: 0)
        case .fields(let fields): check(body, fields, at: "", depth: 0)
        case .object(let type): check(body, type, at: "", depth: 0)
        }
    }

    /// One value of a request.
    init(_ value: JSONValue, _ type: Contract.FieldType, at place: String) {
        check(value, type, at: place, depth: 0)
    }

    private mutating func add(_ place: String, _ kind: Finding.Kind) {
        if findings.count < Self.mostFindings { findings.append(Finding(place: place, kind: kind)) }
    }

    /// `a.b` is a member of an object that is given piece by piece.
    private mutating func check(parameter name: String, _ value: String, _ fields: [Contract.Field]) {
        var fields = fields
        var path = name.split(separator: ".", omittingEmptySubsequences: false)[...]
        while let part = path.popFirst() {
            guard let field = fields.first(where: { $0.name == part }) else { return add(name, .unknownParameter) }
            if path.isEmpty {
                var type = field.type
                if case .list(let element) = type { type = element }
                // The Python SDK writes True and False.
                let text = type == .boolean ? value.lowercased() : value
                if !text.isEmpty { check(.string(text), type, at: name, depth: 0) }
            } else if case .named(let schema) = field.type, case .object(let inner) = Contract.schema(schema) {
                fields = inner
            } else {
                return add(name, .unknownParameter)
            }
        }
    }

    private mutating func check(_ value: JSONValue, _ fields: [Contract.Field], at place: String, depth: Int) {
        guard case .object(let object) = value else { return add(place.isEmpty ? "body" : place, .wrongType(expected: "Object")) }
        for (name, member) in object.members {
            guard let field = fields.first(where: { $0.name == name }) else {
                add(place + name, .unknownField)
                continue
            }
            check(member, field.type, at: place + name, depth: depth + 1)
        }
        for field in fields where field.isRequired && object[field.name]?.isNull ?? true { add(place + field.name, .missing) }
    }

    private mutating func check(_ value: JSONValue, _ type: Contract.FieldType, at place: String, depth: Int) {
        guard !value.isNull, depth < Self.deepest else { return }
        switch type {
        case .anything: return
        case .string, .bytes, .timestamp, .duration, .fieldMask:
            switch value {
            case .string, .number, .bool: return
            default: add(place, .wrongType(expected: "String"))
            }
        case .integer:
            if value.intValue != nil || value.stringValue.flatMap({ Int($0) }) != nil { return }
            if let number = value.doubleValue, Int(exactly: number) != nil { return }
            add(place, .wrongType(expected: "Integer"))
        case .number:
            if value.doubleValue?.isFinite == true || value.stringValue.flatMap({ Double($0) }) != nil { return }
            add(place, .wrongType(expected: "Double"))
        case .boolean:
            if value.boolValue != nil || value == "true" || value == "false" { return }
            add(place, .wrongType(expected: "Boolean"))
        case .list(let element):
            guard case .array(let elements) = value else { return add(place, .wrongType(expected: "Array")) }
            for (position, item) in elements.enumerated() where findings.count < Self.mostFindings {
                check(item, element, at: "\(place)[\(position)]", depth: depth + 1)
            }
        case .map(let element):
            guard case .object(let object) = value else { return add(place, .wrongType(expected: "Object")) }
            for (name, member) in object.members { check(member, element, at: place + "." + name, depth: depth + 1) }
        case .named(let name):
            switch Contract.schema(name) {
            case nil: return
            case .object(let fields)?: check(value, fields, at: place.isEmpty ? "" : place + ".", depth: depth)
            case .values(let values)?:
                guard let text = value.stringValue else { return add(place, .wrongType(expected: "String")) }
                if !values.contains(text) { add(place, .unknownValue(text, of: values)) }
            }
        }
    }
}

extension ContractCheck.Finding {
    package var isUnknown: Bool {
        switch kind {
        case .unknownField, .unknownParameter, .unknownValue: true
        case .wrongType, .missing: false
        }
    }

    package var error: WorkspaceError {
        switch kind {
        case .unknownField: .invalid("Unknown field '\(place.prefix(200))' in the request body.")
        case .unknownParameter: .invalid("Unknown query parameter '\(place.prefix(200))'.")
        case .unknownValue(let value, let values):
            .invalid("Invalid value '\(value.prefix(64))' for field '\(place.prefix(200))'; valid values are: \(values.joined(separator: ", "))")
        case .wrongType(let expected):
            .malformed("Could not parse request object: Expected \(expected) value for field '\(place.prefix(200))'")
        case .missing: .missing(String(place.prefix(200)))
        }
    }
}
