/// What to do to one request, for the server to carry out.
package struct Injection: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// Go on as if nothing were; the delay was all.
        case proceed
        /// Send this instead of (before the handler) or in place of (after it) the real answer.
        case answer(FaultAnswer)
        /// The same, because a rate was exceeded; the answer carries `Retry-After` with these seconds.
        case rateLimited(FaultAnswer, retryAfterSeconds: Int)
        case connection(ConnectionFault)
        /// Send the real answer's body no faster than this.
        case throttle(bytesPerSecond: Int)
        /// This read sees the state before the last write.
        case stale
        /// The caller's token is expired from now on.
        case expireToken
        /// Wait until the ticket is released, or fail after `FaultPlan.holdLimit` with an error that names the rule; end the ticket with the work.
        case hold(HoldTicket)
        /// The request held by this ticket goes on first: wait for its end.
        case follow(HoldTicket)
        /// Commit a competing change first.
        case conflict
    }

    /// The name of the rule that fired.
    package let rule: String
    /// The scenario it belongs to; nil for rules added by the control API.
    package let scenario: String?
    /// To wait before `kind` is carried out.
    package let delay: Duration?
    package let kind: Kind
}

/// What happens to the connection, in the sense of the word's use in WireMock and toxiproxy.
package enum ConnectionFault: String, Sendable, Hashable, CaseIterable {
    /// TCP reset at once.
    case reset
    /// An orderly close without a byte of answer.
    case close
    /// Head and half of the body, then close.
    case closeMidBody = "close_mid_body"
    /// Accept and never answer.
    case stall
    /// A chunked answer whose framing is broken.
    case malformedChunk = "malformed_chunk"
}
