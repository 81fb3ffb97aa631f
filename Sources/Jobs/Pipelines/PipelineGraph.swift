import SparkErrors
import SparkSyntax

/// Why an update cannot go on.
struct PipelineFailure: Error {
    /// The class that the service names in an event's `error.exceptions`.
    var className = "com.databricks.pipelines.common.errors.DLTAnalysisException"
    let message: String
    /// Nothing is tried again within the update.
    var isFatal = true
}

/// The datasets that a pipeline's sources define, each behind those that it reads.
struct PipelineGraph {
    enum Kind: String {
        case streamingTable = "STREAMING_TABLE"
        case materializedView = "MATERIALIZED_VIEW"
        case view = "VIEW"
    }

    struct Flow {
        /// Catalog, schema and name by dots; a view's name alone.
        let name: String
        /// The dataset that it fills.
        let dataset: String
        let kind: Kind
        /// What `flow_definition` events call it: `APPEND`, `CHANGE` (AUTO CDC), `MATERIALIZED_VIEW`, `VIEW`.
        let type: String
        let statement: String
        /// The flows that it reads, by place.
        var sources: [Int] = []
        /// The statement that defines the dataset, where the flow's does not.
        var definition: String?
        /// The names of tables that its own refers to by foreign keys, as written, and those of them that the pipeline defines, by place.
        var parents: [[String]] = []
        var parentFlows: [Int] = []
        /// The first one of its dataset.
        var isFirst = true

        /// The statement makes the flow alone: another one defines its dataset.
        let isSeparate: Bool

        /// `dataset`: where a statement of its own makes the flow.
        init(name: String, dataset: String? = nil, kind: Kind, type: String? = nil, statement: String) {
            self.name = name
            self.dataset = dataset ?? name
            self.kind = kind
            self.type = type ?? (kind == .streamingTable ? "APPEND" : kind.rawValue)
            self.statement = statement
            isSeparate = dataset != nil
        }

        var isView: Bool { kind == .view }
        /// What the service calls a flow of this kind in its messages.
        var action: String { kind == .streamingTable ? "streaming update" : "complete recompute" }
    }

    private(set) var flows: [Flow] = []

    init(_ sources: [(path: String, text: String)], catalog: String, schema: String) throws {
        var found: [Flow] = []
        var reads: [[[String]]] = []
        var definitions: [(name: String, statement: String, parents: [[String]])] = []
        for (path, text) in sources {
            for statement in StatementSplitter.statements(in: text) {
                do throws(SQLError) {
                    if let (name, parents) = try Self.emptyTable(statement, catalog, schema) {
                        definitions.append((name, statement, parents))
                        continue
                    }
                    guard let flow = try Self.flow(statement, catalog, schema) else { continue }
                    reads.append(try Parser.relationNames(in: statement))
                    found.append(flow)
                } catch {
                    throw PipelineFailure(message: "\(path): \(error.with(statement: statement).message)")
                }
            }
        }
        try Self.define(&found, definitions)
        var places: [String: [Int]] = [:]
        for (place, flow) in found.enumerated() { places[flow.dataset.lowercased(), default: []].append(place) }
        for (place, names) in reads.enumerated() {
            let sources = names.flatMap { Self.places($0, places, catalog, schema) }
            found[place].sources = Set(sources).sorted()
            found[place].parentFlows = found[place].parents.flatMap { Self.places($0, places, catalog, schema) }.filter { $0 != place }
        }
        flows = try Self.ordered(found)
        var seen: Set<String> = []
        for place in flows.indices { flows[place].isFirst = seen.insert(flows[place].dataset.lowercased()).inserted }
    }

    /// Gives each flow into a table that is defined without a query that definition.
    private static func define(
        _ flows: inout [Flow], _ definitions: [(name: String, statement: String, parents: [[String]])]
    ) throws(PipelineFailure) {
        var tables: [String: (statement: String, parents: [[String]])] = [:]
        for (name, statement, parents) in definitions where tables.updateValue((statement, parents), forKey: name.lowercased()) != nil {
            throw PipelineFailure(message: "Found duplicate dataset '\(name)'.")
        }
        var names: Set<String> = []
        var datasets: Set<String> = []
        for place in flows.indices {
            let flow = flows[place]
            guard names.insert(flow.name.lowercased()).inserted else { throw PipelineFailure(message: "Found duplicate dataset '\(flow.name)'.") }
            guard flow.isSeparate else {
                if tables[flow.dataset.lowercased()] != nil { throw PipelineFailure(message: "Found duplicate dataset '\(flow.dataset)'.") }
                continue
            }
            guard let definition = tables[flow.dataset.lowercased()] else {
                throw PipelineFailure(
                    message:
                        "Flow '\(flow.name)' fills '\(flow.dataset)', which is no streaming table that the pipeline defines without a query.")
            }
            if let other = flows.first(where: { $0.dataset.lowercased() == flow.dataset.lowercased() && $0.type != flow.type }) {
                throw PipelineFailure(
                    message: "Flow '\(flow.name)' cannot fill '\(flow.dataset)': only one of this flow and '\(other.name)' is of AUTO CDC.")
            }
            (flows[place].definition, flows[place].parents) = definition
            datasets.insert(flow.dataset.lowercased())
        }
        for (name, _, _) in definitions where !datasets.contains(name.lowercased()) {
            throw PipelineFailure(message: "Streaming table '\(name)' has no query and no flow.")
        }
    }

    /// The name of a streaming table that is defined without a query; nil for any other statement.
    private static func emptyTable(_ text: String, _ catalog: String, _ schema: String) throws(SQLError) -> (name: String, parents: [[String]])? {
        guard case .createTable(let table) = try Parser.parse(text).kind, table.kind == .streamingTable, table.query == nil,
            table.changes == nil
        else { return nil }
        return (try name(table.name, catalog, schema), parents(of: table))
    }

    private static func parents(of table: CreateTable) -> [[String]] {
        (table.constraints + (table.columns ?? []).flatMap(\.constraints)).compactMap { constraint in
            if case .foreignKey(_, let parent, _) = constraint.kind { parent.literal?.names } else { nil }
        }
    }

    /// Nil for a statement that defines nothing: SET.
    private static func flow(_ text: String, _ catalog: String, _ schema: String) throws(SQLError) -> Flow? {
        switch try Parser.parse(text).kind {
        case .createTable(let table) where table.kind == .streamingTable:
            var flow = Flow(
                name: try name(table.name, catalog, schema), kind: .streamingTable, type: table.changes == nil ? nil : "CHANGE", statement: text)
            flow.parents = parents(of: table)
            return flow
        case .createFlow(let flow):
            var type: String?
            if case .changes = flow.source { type = "CHANGE" }
            return Flow(
                name: try name(flow.name, catalog, schema), dataset: try name(flow.target, catalog, schema), kind: .streamingTable, type: type,
                statement: text)
        case .createView(let view) where view.form == .materialized:
            var flow = Flow(name: try name(view.name, catalog, schema), kind: .materializedView, statement: text)
            flow.parents = view.table.map { parents(of: $0) } ?? []
            return flow
        case .createView(let view) where view.form == .temporary:
            return Flow(name: view.name.literal?.names.last ?? "", kind: .view, statement: text)
        default:
            let words = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.prefix(3).joined(separator: " ")
            throw .notSimulated("\(words.prefix(64)) in a pipeline")
        }
    }

    private static func name(_ reference: NameReference, _ catalog: String, _ schema: String) throws(SQLError) -> String {
        guard var names = reference.literal?.names, (1...3).contains(names.count) else {
            throw .notSimulated("this name of a dataset", at: reference.span)
        }
        if names.count == 2, names[0].lowercased() == "live" { names.removeFirst() }
        return ([catalog, schema].prefix(3 - names.count) + names).joined(separator: ".")
    }

    private static func places(_ names: [String], _ places: [String: [Int]], _ catalog: String, _ schema: String) -> [Int] {
        var names = names.map { $0.lowercased() }
        if names.count == 2, names[0] == "live" { names.removeFirst() }
        if names.count == 1, let view = places[names[0]] { return view }
        guard names.count <= 3 else { return [] }
        return places[([catalog.lowercased(), schema.lowercased()].prefix(3 - names.count) + names).joined(separator: ".")] ?? []
    }

    /// Those that may go first go in the order of the text; tables that others refer to by foreign keys before these where that can be.
    private static func ordered(_ flows: [Flow]) throws(PipelineFailure) -> [Flow] {
        var order: [Int] = []
        var position = [Int?](repeating: nil, count: flows.count)
        while order.count < flows.count {
            let ready = flows.indices.filter { position[$0] == nil && flows[$0].sources.allSatisfy { position[$0] != nil } }
            guard let next = ready.first(where: { flows[$0].parentFlows.allSatisfy { position[$0] != nil } }) ?? ready.first else {
                let rest = flows.indices.filter { position[$0] == nil }.map { "'\(flows[$0].name)'" }
                throw PipelineFailure(message: "Circular dependencies detected: \(rest.joined(separator: ", ")).")
            }
            position[next] = order.count
            order.append(next)
        }
        return order.map { place in
            var flow = flows[place]
            flow.sources = flow.sources.compactMap { position[$0] }
            return flow
        }
    }
}
