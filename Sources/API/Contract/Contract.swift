package import HTTPTypes
import Synchronization

/// What the published SDK says of the API's fields: their names, types, enumerations' values, and which ones it demands. Read from `published` when
/// somebody asks, line by line.
package enum Contract {
    package indirect enum FieldType: Sendable, Hashable {
        case string, integer, number, boolean, anything, bytes, timestamp, duration, fieldMask
        case list(FieldType)
        case map(FieldType)
        /// An object or an enumeration.
        case named(String)
    }

    package struct Field: Sendable, Hashable {
        package let name: String
        package let type: FieldType
        package let isRequired: Bool
    }

    package enum Schema: Sendable {
        case object([Field])
        case values([String])
    }

    package enum Body: Sendable {
        case none
        case fields([Field])
        case object(FieldType)
        /// Not JSON.
        case opaque
    }

    package struct Endpoint: Sendable {
        package var query: [Field] = []
        package var body = Body.none
    }

    /// An object or an enumeration by its name, `compute.AutoScale`.
    package static func schema(_ name: String) -> Schema? {
        if let known = cache.withLock({ $0.schemas[name] }) { return known }
        guard let line = index.schemas[name] else { return nil }
        let schema: Schema = line.isEnumeration ? .values(line.rest.map { String($0) }) : .object(line.rest.compactMap { field(in: $0) })
        cache.withLock { $0.schemas[name] = schema }
        return schema
    }

    /// The endpoint of a route as `Operation` has it; nil if the SDK has none there.
    package static func endpoint(_ method: HTTPRequest.Method, _ path: String) -> Endpoint? {
        let key = shape(method.rawValue, path[...])
        if let known = cache.withLock({ $0.endpoints[key] }) { return known }
        guard let lines = index.endpoints[key] else { return nil }
        var endpoint = Endpoint()
        var fields: [Field] = []
        for part in lines.joined() {
            if part == "=*" {
                endpoint.body = .opaque
            } else if part.hasPrefix("=:") {
                endpoint.body = .object(type(part.dropFirst(2)))
            } else if let field = field(in: part.dropFirst()) {
                if part.hasPrefix("?") { endpoint.query.append(field) } else { fields.append(field) }
            }
        }
        if !fields.isEmpty { endpoint.body = .fields(fields) }
        cache.withLock { [endpoint] in $0.endpoints[key] = endpoint }
        return endpoint
    }

    // MARK: Reading

    private struct Cache {
        var schemas: [String: Schema] = [:]
        var endpoints: [String: Endpoint] = [:]
    }

    private struct Line {
        let isEnumeration: Bool
        let rest: [Substring]
    }

    private struct Index {
        var schemas: [String: Line] = [:]
        var endpoints: [String: [[Substring]]] = [:]
    }

    private static let cache = Mutex(Cache())

    private static let index: Index = {
        var index = Index()
        for list in [published, unlisted] {
            for line in "\(list)".split(separator: "\n") {
                let parts = line.split(separator: " ")
                guard parts.count > 1 else { continue }
                if parts[0] == "O" {
                    guard parts.count > 2 else { continue }
                    index.endpoints[shape(String(parts[1]), parts[2]), default: []].append(Array(parts.dropFirst(3)))
                } else {
                    let name = String(parts[1])
                    // What is not published adds values to an enumeration.
                    let known = parts[0] == "E" ? index.schemas[name]?.rest ?? [] : []
                    index.schemas[name] = Line(isEnumeration: parts[0] == "E", rest: known + parts.dropFirst(2))
                }
            }
        }
        return index
    }()

    /// Verb and path without the names of the parameters.
    private static func shape(_ verb: String, _ path: Substring) -> String {
        var shape = verb + " "
        var isInside = false
        for character in path {
            switch character {
            case "{": isInside = true
            case "}":
                isInside = false
                shape.append("{}")
            default: if !isInside { shape.append(character) }
            }
        }
        return shape
    }

    /// `name:type`, or `name!:type`.
    private static func field(in text: Substring) -> Field? {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        var name = text[..<colon]
        let isRequired = name.hasSuffix("!")
        if isRequired { name = name.dropLast() }
        return Field(name: String(name), type: type(text[text.index(after: colon)...]), isRequired: isRequired)
    }

    private static func type(_ text: Substring) -> FieldType {
        switch text.first {
        case "[": return .list(type(text.dropFirst()))
        case "{": return .map(type(text.dropFirst()))
        default: break
        }
        switch text {
        case "s": return .string
        case "i": return .integer
        case "f": return .number
        case "b": return .boolean
        case "a": return .anything
        case "y": return .bytes
        case "t": return .timestamp
        case "d": return .duration
        case "m": return .fieldMask
        default: return .named(String(text))
        }
    }
}

extension Contract {
    /// What the SQL drivers and MLflow's client send beside the published fields, what earlier versions of the SDK had, and privileges that its words on
    /// secrets name.
    static let unlisted: StaticString = """
        E catalog.Privilege CREATE_SECRET READ_SECRET
        O POST /api/2.0/preview/sql/dashboards =dashboard_filters_enabled:b =is_favorite:b =name!:s =parent:s =run_as_role:sql.RunAsRole =tags:[s
        O POST /api/2.0/sql/statements =session_id:s =result_compression:s
        O GET /api/2.0/mlflow/registered-models/get ?name!:s
        O GET /api/2.0/mlflow/registered-models/get-latest-versions ?name!:s ?stages:[s
        O POST /api/2.0/mlflow/model-versions/transition-stage =archive_existing_versions:b =name!:s =stage!:s =version!:s
        """
}
