extension FaultKind {
    static let stale = FaultKind(
        name: "stale", keys: ["stale"],
        summary: "Shows the state before the last write for some reads.",
        description: "After a write, the next `reads` reads of the same thing see it as it was before: eventual consistency.",
        example: """
            - name: not-yet-visible
              match: {operation: catalog.tables.get}
              inject: {stale: {reads: 2}}
            """
    ) { mapping in
        mapping["stale"]?.mapping("a mapping with reads", keys: ["reads"])?
            .required("reads", "a number of reads")?.integer("a number of reads", in: 1...1_000_000)
            .map { .effect(.stale(reads: $0)) }
    }

    static let expireToken = FaultKind(
        name: "expire_token", keys: ["expire_token"],
        summary: "Expires the caller's token.",
        description: "The request and all later ones with this token are refused until the client gets a new one. The admin token does not expire.",
        example: """
            - name: token-dies
              match: {principal: "*@example.com"}
              when: {skip: 10, times: 1}
              inject: {expire_token: true}
            """
    ) { mapping in
        mapping["expire_token"]?.mustBeTrue() == true ? .effect(.expireToken) : nil
    }

    static let hold = FaultKind(
        name: "hold", keys: ["hold"],
        summary: "Stops at a named point until another request gets there.",
        description: """
            `until_next` waits until the rule matches once more, so that two writers meet: both have read, neither has written. A hold ends after \
            five seconds with an error that names the rule. Use `match.point`, such as `delta.commit.before_put`.
            """,
        example: """
            - name: race
              match: {point: delta.commit.before_put}
              when: {times: 1}
              inject: {hold: until_next}
            """
    ) { mapping in
        mapping["hold"]?.choice(HoldUntil.self).map { _ in .effect(.hold) }
    }

    static let conflict = FaultKind(
        name: "conflict", keys: ["conflict"],
        summary: "Commits a competing change first.",
        description: """
            Just before a commit is put, another one takes its version, so that the real conflict check decides: the statement retries or fails \
            with `DELTA_CONCURRENT_*`. Acts at the point `delta.commit.before_put` unless `match.point` names another.
            """,
        example: """
            - name: lost-race
              match: {operation: sql.statements.execute_statement}
              when: {times: 1}
              inject: {conflict: true}
            """
    ) { mapping in
        mapping["conflict"]?.mustBeTrue() == true ? .effect(.conflict) : nil
    }
}

private enum HoldUntil: String, CaseIterable {
    case next = "until_next"
}
