extension FaultKind {
    static let connection = FaultKind(
        name: "connection", keys: ["connection"],
        summary: "Breaks the connection instead of answering.",
        description: """
            `reset` sends a TCP reset; `close` closes without a byte of answer; `close_mid_body` sends the head and half of the real body; \
            `stall` keeps the connection and never answers; `malformed_chunk` sends a chunked body whose framing is broken. With \
            `at: after_handler` the call has taken effect and the client cannot know.
            """,
        places: [.beforeHandler, .afterHandler],
        example: """
            - name: lost-answer
              match: {operation: jobs.create}
              when: {times: 1}
              at: after_handler
              inject: {connection: reset}
            """
    ) { mapping in
        mapping["connection"]?.choice(ConnectionFault.self).map { .effect(.connection($0)) }
    }
}
