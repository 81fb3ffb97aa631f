import JSON
import Workspace

/// A place in a list that can be walked both ways: the keys of the element beside it.
struct ListPlace {
    let keys: [Int64]
    let isBackward: Bool
    private let scope: UInt64

    init(_ call: Call, list: String) throws {
        scope = SeededGenerator.hash(list, seed: 0)
        guard let token = call.query.string("page_token") else {
            (keys, isBackward) = ([], false)
            return
        }
        guard let key = PageToken.key(of: token, scope: scope), let direction = key.first, direction == "n" || direction == "p" else {
            throw WorkspaceError.invalid("Invalid page token: '\(token.prefix(64))'")
        }
        keys = key.dropFirst().split(separator: ".").compactMap { Int64($0) }
        isBackward = direction == "p"
        guard !keys.isEmpty else { throw WorkspaceError.invalid("Invalid page token: '\(token.prefix(64))'") }
    }

    private func token(_ direction: String, _ keys: [Int64]) -> JSONValue {
        .string(PageToken.make(after: direction + keys.map(String.init).joined(separator: "."), scope: scope))
    }

    /// `has_more`, and the tokens of the pages beside this one. `hasMore`: in the direction of the walk.
    func addTokens(to answer: inout JSONObject, first: [Int64]?, last: [Int64]?, hasMore: Bool) {
        let (isFirst, isLast) = isBackward ? (!hasMore, false) : (keys.isEmpty, !hasMore)
        answer["has_more"] = .bool(!isLast)
        if let last, !isLast { answer["next_page_token"] = token("n", last) }
        if let first, !isFirst { answer["prev_page_token"] = token("p", first) }
    }
}

/// A page of the long lists inside one object: the same hundred places of each.
struct ElementPage {
    static let size = 100
    let from: Int
    private let scope: UInt64

    init(_ call: Call, list: String) throws {
        scope = SeededGenerator.hash(list, seed: 0)
        guard let token = call.query.string("page_token") else {
            from = 0
            return
        }
        guard let key = PageToken.key(of: token, scope: scope), let place = Int(key), place > 0, place <= 1_000_000 else {
            throw WorkspaceError.invalid("Invalid page token: '\(token.prefix(64))'")
        }
        from = place
    }

    /// Leaves the page's elements in each list; the token of the next page if one of them goes on.
    func cut(_ object: inout JSONObject, _ names: [String]) -> String? {
        var hasMore = false
        for name in names {
            guard let elements = object[name]?.arrayValue else { continue }
            object[name] = .array(Array(elements.dropFirst(from).prefix(Self.size)))
            if elements.count - Self.size > from { hasMore = true }
        }
        return hasMore ? PageToken.make(after: String(from + Self.size), scope: scope) : nil
    }
}
