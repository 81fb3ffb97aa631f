extension FaultKind {
    static let stale = FaultKind(
        name: "stale", keys: ["stale"],
        summary: "Shows the state before the last write for some reads.",
        description: """
            After a write that changes what a read answers, the next `reads` such reads (same path and query) are answered as before that write: \
            eventual consistency. The answers are computed from the workspace as it was, so a new object is not found, a changed one has its old \
            values and a deleted one is still there. For GET operations of the REST API; the last 16 writes are looked at. The rule counts only the \
            reads that it makes stale. What SQL statements read is never stale.
            """,
        places: [.beforeHandler], modes: [.serve],
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
        description: """
            The request and all later ones with this token are refused as the service refuses an expired token: 403 `Invalid access token.` A new \
            token (the SDKs ask for one when theirs is about to expire) is let in. With `at: after_handler` the request itself is still answered. The \
            admin token does not expire; `POST /_dbxsim/reset` brings expired tokens back. On replay and in front of a recording any bearer token \
            can expire.
            """,
        places: [.beforeHandler, .afterHandler],
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
        summary: "Stops until another request gets to the same place.",
        description: """
            `until_next` waits until the rule matches once more, so that two requests meet: at `delta.commit.before_put` both have read and neither has \
            written. The one that was held then goes on first; the one that came waits for it to end (or for five seconds) and goes on with \
            what it has read, so that it is always the second that meets the conflict. A third match begins a new pair. A retry of the \
            same commit is not held again. A hold that nobody ends fails after five seconds with an error that names the rule. Held \
            statements take no worker from others.
            """,
        example: """
            - name: race
              match: {point: delta.commit.before_put, table: main.default.orders}
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
            In SQL statements: just before a commit is put, another one takes its version. It rewrites the table's files with the same rows, as an \
            UPDATE that changes nothing does, so the real conflict check decides: an INSERT INTO goes on with the next version, what has read \
            or replaces rows fails with `DELTA_CONCURRENT_*`. (A table without files has its description set to what it is, which no writer gets past.) One commit loses one race; its second attempt is left alone. A CREATE TABLE finds its name taken. In the REST API, for creating and deleting \
            objects of the catalog and identities: the same request is carried out once before, as if another client had been faster, and the \
            caller's own meets the result. `match.point` narrows it down to statements.
            """,
        places: [.beforeHandler, .point], modes: [.serve],
        example: """
            - name: lost-race
              match: {operation: sql.statements.execute, table: main.default.orders}
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
