package import Workspace

/// One column of a search's order: `metrics.rmse DESC`.
package struct TrackingOrder: Sendable, Hashable {
    package let field: TrackingField
    package let ascending: Bool

    package init(field: TrackingField, ascending: Bool) {
        self.field = field
        self.ascending = ascending
    }

    package init(_ text: String, _ grammar: TrackingGrammar) throws(WorkspaceError) {
        let refusal = WorkspaceError.invalid("Invalid order_by clause '\(text.prefix(256))'. Could not be parsed.")
        guard text.utf8.count <= 4096 else { throw refusal }
        let tokens: [TrackingToken]
        do { tokens = try TrackingLexer.tokens(text) } catch { throw refusal }
        guard case .identifier(let entity, let key)? = tokens.first, tokens.count <= 2 else { throw refusal }
        field = try grammar.field(entity, key)
        if case .dataset = field { throw .invalid("Invalid order_by entity: datasets") }
        if tokens.count == 2 {
            guard tokens[1].isWord("ASC") || tokens[1].isWord("DESC") else {
                throw .invalid("Invalid ordering key in order_by clause '\(text.prefix(256))'.")
            }
            ascending = tokens[1].isWord("ASC")
        } else {
            ascending = true
        }
    }

    package static func parse(_ texts: [String], _ grammar: TrackingGrammar) throws(WorkspaceError) -> [TrackingOrder] {
        guard texts.count <= 20 else { throw .invalid("`order_by` can have at most 20 columns.") }
        var orders: [TrackingOrder] = []
        for text in texts {
            let order = try TrackingOrder(text, grammar)
            guard !orders.contains(where: { $0.field == order.field }) else {
                throw .invalid("`order_by` contains duplicate fields: \(texts.map { "'\($0.prefix(64))'" }.joined(separator: ", "))")
            }
            orders.append(order)
        }
        return orders
    }

    /// Nil if the two are equal. Values that are not there come last in both directions, metrics that are no numbers before them.
    func isBefore(_ left: TrackingValue?, _ right: TrackingValue?) -> Bool? {
        func rank(_ value: TrackingValue?) -> Int {
            switch value {
            case nil: 2
            case .number(let number)?: number.isNaN ? 1 : 0
            case .text?: 0
            }
        }
        let ranks = (rank(left), rank(right))
        if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
        guard ranks.0 == 0, let left, let right else { return nil }
        switch (left, right) {
        case (.number(let left), .number(let right)): return left == right ? nil : (left < right) == ascending
        case (.text(let left), .text(let right)):
            if left.utf8.elementsEqual(right.utf8) { return nil }
            return left.utf8.lexicographicallyPrecedes(right.utf8) == ascending
        default: return nil
        }
    }

    /// Sorts by the columns; `values` gives an object's value of a column. Objects that are equal in all of them keep their order.
    static func sort<Row>(_ rows: [Row], _ orders: [TrackingOrder], values: (TrackingField, Row) -> TrackingValue?) -> [Row] {
        guard !orders.isEmpty else { return rows }
        let keyed = rows.enumerated().map { place, row in (place: place, row: row, keys: orders.map { values($0.field, row) }) }
        return keyed.sorted { left, right in
            for (column, order) in orders.enumerated() {
                if let before = order.isBefore(left.keys[column], right.keys[column]) { return before }
            }
            return left.place < right.place
        }.map(\.row)
    }
}

/// A page of a search's result, whose order is the caller's: the token says what the page before ended with and how many came before it, so that
/// what is made or deleted meanwhile moves the next page only if its last object is gone.
struct SearchPage {
    let limit: Int
    private let after: (id: String, count: Int)?
    private let scope: UInt64

    /// `scope`: all that the search depends on.
    init(_ body: Fields, standard: Int, most: Int, scope: String) throws {
        let asked = try body.int(optional: "max_results") ?? standard
        guard asked > 0, asked <= most else {
            throw WorkspaceError.invalid(
                "Invalid value \(asked) for parameter 'max_results' supplied: it must be a positive integer and at most \(most).")
        }
        try self.init(limit: asked, token: try body.string(optional: "page_token"), scope: scope)
    }

    init(limit: Int, token: String?, scope: String) throws(WorkspaceError) {
        self.limit = limit
        self.scope = SeededGenerator.hash(scope, seed: 0)
        guard let token, !token.isEmpty else {
            after = nil
            return
        }
        guard let key = PageToken.key(of: token, scope: self.scope), let space = key.firstIndex(of: " "), let count = Int(key[..<space]), count >= 0
        else { throw .invalid("Invalid page token: '\(token.prefix(64))'") }
        after = (String(key[key.index(after: space)...]), count)
    }

    func page<Row>(_ rows: [Row], id: (Row) -> String) -> (rows: ArraySlice<Row>, token: String?) {
        var start = 0
        if let after { start = rows.firstIndex { id($0) == after.id }.map { $0 + 1 } ?? min(after.count, rows.count) }
        let page = rows[start...].prefix(limit)
        guard page.endIndex < rows.count, let last = page.last else { return (page, nil) }
        return (page, PageToken.make(after: "\(page.endIndex) \(id(last))", scope: scope))
    }
}
