import JSON
import Workspace

/// A page of rows in any order that can be walked both ways. A token names the row beside the page and its place: if that row is gone, the page
/// begins where it was.
struct RowPage<Row> {
    private let rows: [Row]
    private let range: Range<Int>
    private let scope: UInt64
    private let id: (Row) -> String

    var count: Int { range.count }

    /// `offset`: where the page begins without a token. Throws for a token that another list gave.
    init(_ rows: [Row], scope: String, token: String?, limit: Int, offset: Int = 0, id: @escaping (Row) -> String) throws(WorkspaceError) {
        self.rows = rows
        self.scope = SeededGenerator.hash(scope, seed: 0)
        self.id = id
        let size = max(0, min(limit, rows.count))
        guard let token, !token.isEmpty else {
            let first = max(0, min(offset, rows.count))
            range = first..<min(first + size, rows.count)
            return
        }
        guard let mark = PageToken.key(of: token, scope: self.scope).flatMap(Mark.init) else {
            throw .invalid("Invalid page token: '\(token.prefix(64))'")
        }
        let found = rows.firstIndex { id($0) == mark.id }
        let place = found ?? max(0, min(mark.place, rows.count))
        if mark.isBackward {
            range = max(0, place - size)..<place
        } else {
            let first = found == nil ? place : place + 1
            range = first..<min(first + size, rows.count)
        }
    }

    /// `<name>`, `next_page_token` and, with `backward`, `prev_page_token`; each only if there is something.
    func reply(_ name: String, backward: Bool = false, item: (Row) throws -> JSONValue) rethrows -> JSONObject {
        var body = JSONObject()
        if !range.isEmpty { body[name] = .array(try rows[range].map(item)) }
        if range.upperBound < rows.count, range.upperBound > 0 { body["next_page_token"] = token("n", range.upperBound - 1) }
        if backward, range.lowerBound > 0, range.lowerBound < rows.count { body["prev_page_token"] = token("p", range.lowerBound) }
        return body
    }

    private func token(_ direction: String, _ place: Int) -> JSONValue {
        .string(PageToken.make(after: "\(direction)\(place):\(id(rows[place]))", scope: scope))
    }

    private struct Mark {
        let isBackward: Bool
        let place: Int
        let id: String

        init?(_ text: String) {
            guard let direction = text.first, direction == "n" || direction == "p", let colon = text.firstIndex(of: ":"),
                let place = Int(text[text.index(after: text.startIndex)..<colon])
            else { return nil }
            isBackward = direction == "p"
            self.place = place
            id = String(text[text.index(after: colon)...])
        }
    }
}

extension RowPage where Row == StoredResource {
    /// By `page_size` and `page_token`, at most 100 at once.
    init(_ call: Call, _ rows: [StoredResource], scope: String) throws {
        let asked = try call.query.int("page_size") ?? 0
        guard asked >= 0 else { throw WorkspaceError.invalid("Invalid value for page_size: \(asked). It must not be negative.") }
        try self.init(rows, scope: scope, token: call.query.string("page_token"), limit: asked == 0 ? 100 : min(asked, 100), id: \.id)
    }
}
