import Columnar

/// A column of a file or a part of one, with the levels that tell where it is there (the record shredding of Google's Dremel).
struct SchemaNode: Sendable {
    indirect enum Kind: Sendable {
        /// With its number among all leaves.
        case leaf(LeafColumn, index: Int)
        case list(SchemaNode)
        case map(key: SchemaNode, value: SchemaNode)
        case structure([SchemaNode])
    }

    let name: String
    let fieldID: Int32?
    let nullable: Bool
    let kind: Kind
    let levels: NodeLevels

    var type: DataType {
        switch kind {
        case .leaf(let leaf, _): leaf.type
        case .list(let element): .array(element: element.type, containsNull: element.nullable)
        case .map(let key, let value): .map(key: key.type, value: value.type, valueContainsNull: value.nullable)
        case .structure(let fields): .structure(fields.map(\.field))
        }
    }

    var field: Field { Field(name, type, nullable: nullable) }

    /// The numbers of the leaves beneath; never empty.
    var leaves: Range<Int> {
        switch kind {
        case .leaf(_, let index): index..<index + 1
        case .list(let element): element.leaves
        case .map(let key, let value): key.leaves.lowerBound..<value.leaves.upperBound
        case .structure(let fields): (fields.first?.leaves.lowerBound ?? 0)..<(fields.last?.leaves.upperBound ?? 0)
        }
    }

    /// The ids of fields within, by their paths: field names, and `element`, `key`, `value` for what is in lists and maps.
    func nestedFieldIDs(_ path: [String] = []) -> [[String]: Int32] {
        switch kind {
        case .leaf: return [:]
        case .list(let element): return element.fieldIDs(path + ["element"])
        case .map(let key, let value): return key.fieldIDs(path + ["key"]).merging(value.fieldIDs(path + ["value"])) { $1 }
        case .structure(let fields):
            return fields.reduce(into: [:]) { result, field in result.merge(field.fieldIDs(path + [field.name])) { $1 } }
        }
    }

    private func fieldIDs(_ path: [String]) -> [[String]: Int32] {
        var ids = nestedFieldIDs(path)
        ids[path] = fieldID
        return ids
    }
}

struct NodeLevels: Sendable {
    /// From this definition level on the value is not null.
    var definition = 0
    /// From this definition level on there is a place for the value: the list nearest around it has an element. 0 where there is no list.
    var place = 0
    /// How many lists are around.
    var repetition = 0

    /// Those of the elements of a list that is there at `definition`.
    var element: NodeLevels { NodeLevels(definition: definition + 1, place: definition + 1, repetition: repetition + 1) }

    func child(nullable: Bool) -> NodeLevels { NodeLevels(definition: definition + (nullable ? 1 : 0), place: place, repetition: repetition) }
}

/// The top-level columns of a file.
struct FileSchema: Sendable {
    private(set) var columns: [SchemaNode] = []
    private(set) var leafCount = 0

    init(_ elements: [SchemaElement]) throws(ParquetError) {
        guard let root = elements.first, root.type == nil else { throw .malformed("a schema without a root") }
        var walk = SchemaWalk(elements: elements)
        let children = try walk.childCount(root)
        for _ in 0..<children { columns.append(try walk.node(NodeLevels(), path: "", depth: 1)) }
        leafCount = walk.leafCount
        guard walk.isAtEnd else { throw .malformed("a schema with more elements than its root has") }
    }
}

/// Goes through the flattened schema once, from the element behind the root on. Lists and maps are told by the format's "backward-compatibility
/// rules" (LogicalTypes.md, "Nested Types").
private struct SchemaWalk {
    /// Levels are kept in a byte; each depth adds two at most.
    private static let maxDepth = 64

    let elements: [SchemaElement]
    private var next = 1
    private(set) var leafCount = 0

    init(elements: [SchemaElement]) { self.elements = elements }

    var isAtEnd: Bool { next == elements.count }

    private mutating func take() throws(ParquetError) -> SchemaElement {
        guard elements.indices.contains(next) else { throw .malformed("a schema with fewer elements than it says") }
        next += 1
        return elements[next - 1]
    }

    private func peek(_ ahead: Int = 0) -> SchemaElement? { elements.indices.contains(next + ahead) ? elements[next + ahead] : nil }

    func childCount(_ element: SchemaElement) throws(ParquetError) -> Int {
        let count = Int(element.childCount ?? 0)
        guard count >= 0, count <= elements.count - next else { throw .malformed("a schema with fewer elements than it says") }
        return count
    }

    /// The next field; `levels` are those of what it lies in.
    mutating func node(_ levels: NodeLevels, path: String, depth: Int) throws(ParquetError) -> SchemaNode {
        let element = try take()
        let name = path.isEmpty ? element.name : path + "." + element.name
        guard element.repetition == .repeated else {
            let nullable = element.repetition == .optional
            return try body(element, nullable: nullable, levels.child(nullable: nullable), name: name, depth: depth)
        }
        // Repeated without a list around it: a list that is never null, of elements that never are.
        let child = try body(element, nullable: false, levels.element, name: name, depth: depth + 1)
        return SchemaNode(name: element.name, fieldID: element.fieldID, nullable: false, kind: .list(child), levels: levels)
    }

    /// The element taken last, with what is beneath it, under its own levels.
    private mutating func body(
        _ element: SchemaElement, nullable: Bool, _ levels: NodeLevels, name: String, depth: Int
    ) throws(ParquetError) -> SchemaNode {
        guard depth <= Self.maxDepth else { throw .malformed("a schema nested too deeply") }
        let kind: SchemaNode.Kind
        if element.type != nil {
            let leaf = try LeafColumn(element, name: name, definition: levels.definition, repetition: levels.repetition)
            kind = .leaf(leaf, index: leafCount)
            leafCount += 1
        } else {
            kind = try group(element, levels, name: name, depth: depth)
        }
        return SchemaNode(name: element.name, fieldID: element.fieldID, nullable: nullable, kind: kind, levels: levels)
    }

    private mutating func group(
        _ element: SchemaElement, _ levels: NodeLevels, name: String, depth: Int
    ) throws(ParquetError) -> SchemaNode.Kind {
        let count = try childCount(element)
        guard count > 0 else { throw .malformed("the group '\(element.name)' without fields") }
        if count == 1, let repeated = peek(), repeated.repetition == .repeated {
            if element.logicalType == .list || element.convertedType == .list {
                _ = try take()
                let isElement =
                    repeated.type != nil || repeated.childCount != 1 || repeated.name == "array" || repeated.name == element.name + "_tuple"
                    || peek()?.repetition == .repeated
                return isElement
                    ? .list(try body(repeated, nullable: false, levels.element, name: name, depth: depth + 1))
                    : .list(try node(levels.element, path: name, depth: depth + 1))
            }
            if element.logicalType == .map || element.convertedType == .map || element.convertedType == .mapKeyValue, repeated.type == nil,
                repeated.childCount == 2
            {
                _ = try take()
                let key = try node(levels.element, path: name, depth: depth + 1)
                return .map(key: key, value: try node(levels.element, path: name, depth: depth + 1))
            }
        }
        var fields: [SchemaNode] = []
        for _ in 0..<count { fields.append(try node(levels, path: name, depth: depth + 1)) }
        return .structure(fields)
    }
}
