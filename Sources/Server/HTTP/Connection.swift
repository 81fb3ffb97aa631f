import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One client's connection: gathers its requests, has them answered one by one in their order, and carries out the answers, broken connections
/// included. All on the connection's event loop.
///
/// What can be answered without waiting is answered there and then, in one write. While an answer is waited for, what else the client sends is
/// kept up to a bound, and then not read.
final class Connection: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// What happens on a connection, in its order.
    enum Event {
        case head(HTTPRequestHead)
        case body(ByteBuffer)
        case end
        /// What came is no HTTP.
        case nonsense
        /// The client sends no more.
        case inputEnd
    }

    /// How far the request at hand has been read.
    enum Reading {
        case nothing
        /// To be answered when it is whole.
        case gathering(HTTPRequestHead, [UInt8])
        /// It is being answered while the rest comes.
        case feeding(BodyFeed)
        /// It has its answer; the rest is not wanted.
        case discarding
    }

    /// How the answer at hand is coming on.
    enum Answering {
        case nothing
        case waiting
        case delivering
        /// Nothing will be sent, by a fault.
        case stalled
    }

    private static let maxBacklog = 64

    let pipeline: Pipeline
    /// `http` or `https`, for links back to the server.
    let scheme: String
    private let connections: Connections
    /// For backends that want to know when the client has gone.
    let hangUp: HangUp?
    var context: ChannelHandlerContext?
    /// The address at the other end.
    lazy var peer: String? = context?.remoteAddress?.ipAddress
    var reading = Reading.nothing
    var answering = Answering.nothing
    /// Of the request being answered.
    var isHead = false
    var isHTTP10 = false
    /// After the answer at hand the connection is closed.
    var closesAfterAnswer = false
    /// Nothing more is taken from the client.
    var isEnding = false
    /// Answers have been written that are not sent yet.
    var needsFlush = false
    /// The answer at hand has been begun by the call that is still on the stack.
    var isBeginning = false
    var headerCache = HeaderCache()
    var date = HTTPDate()
    var executor: LoopExecutor?
    private var tasks = 0
    /// For what is still to be done when the connection has ended.
    private var closedChannel: (any Channel)?
    private var backlog: CircularBuffer<Event> = []
    private var isReadWanted = false
    private var isProceeding = false

    init(_ pipeline: Pipeline, _ connections: Connections, scheme: String) {
        self.pipeline = pipeline
        self.scheme = scheme
        self.connections = connections
        hangUp = pipeline.backend.streams ? HangUp() : nil
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        // Behind TLS the connection has been there for a while.
        if context.channel.isActive { register(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        if tasks > 0 { closedChannel = context.channel }
    }

    func channelActive(context: ChannelHandlerContext) {
        register(context)
        context.fireChannelActive()
    }

    private func register(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let isTaken = connections.add(context.channel) { loop.execute { bound.value.finish() } }
        if !isTaken { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isEnding = true
        hangUp?.happen()
        if case .feeding(let feed) = reading { feed.fail() }
        reading = .nothing
        backlog.removeAll()
        if tasks == 0 { connections.remove(context.channel) }
        context.fireChannelInactive()
    }

    /// A task works for the connection, which is not over before it has ended.
    func beginTask() { tasks += 1 }

    func endTask() {
        tasks -= 1
        if tasks == 0, let channel = context?.channel ?? closedChannel, !channel.isActive { connections.remove(channel) }
    }

    /// The server ends: the connection does, when nothing is under way.
    private func finish() {
        switch (reading, answering) {
        case (.nothing, .nothing) where backlog.isEmpty: closeAfterWrites()
        case (_, .stalled): context?.close(promise: nil)
        default: closesAfterAnswer = true
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is IOError || error is ChannelError || error is NIOSSLError || error is BoringSSLError {
            context.close(promise: nil)
        } else {
            receive(.nonsense)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            // A client that closes its side for writing counts as gone: it would not, if it wanted the answer.
            hangUp?.happen()
            if case .stalled = answering { context.close(promise: nil) }
            receive(.inputEnd)
        }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): receive(.head(head))
        case .body(let bytes): receive(.body(bytes))
        case .end: receive(.end)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        flush()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if hasRoom { context.read() } else { isReadWanted = true }
    }

    private var hasRoom: Bool {
        if backlog.count >= Self.maxBacklog { return false }
        if case .feeding(let feed) = reading { return !feed.isFull }
        return true
    }

    func readMore() {
        guard isReadWanted, hasRoom else { return }
        isReadWanted = false
        context?.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { proceed() }
        context.fireChannelWritabilityChanged()
    }

    private func receive(_ event: Event) {
        if isEnding { return }
        if backlog.isEmpty, !isBlocked { take(event) } else { backlog.append(event) }
    }

    /// A new request waits for the end of the one before, and until the client has taken what it was sent.
    private var isBlocked: Bool {
        guard case .nothing = reading else { return false }
        guard case .nothing = answering, let context else { return true }
        if context.channel.isWritable { return false }
        flush()
        return !context.channel.isWritable
    }

    /// Goes on with what has been waiting.
    func proceed() {
        // A flush can make the channel writable, which leads here again.
        if isProceeding { return }
        isProceeding = true
        defer { isProceeding = false }
        while !isEnding, !backlog.isEmpty, !isBlocked, let event = backlog.popFirst() { take(event) }
        flush()
        readMore()
    }

    // MARK: Writing

    func flush() {
        guard needsFlush else { return }
        needsFlush = false
        context?.flush()
    }

    func write(_ buffer: ByteBuffer) {
        context?.write(wrapOutboundOut(buffer), promise: nil)
        needsFlush = true
    }

    /// Closes the connection when all that was written has been sent.
    func closeAfterWrites() {
        isEnding = true
        backlog.removeAll()
        guard let context else { return }
        needsFlush = false
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).whenComplete { _ in channel.close(promise: nil) }
    }

    /// The same for a client that may still be sending: closed at once, the connection would be reset, and the answer lost.
    func closeLingering() {
        isEnding = true
        backlog.removeAll()
        guard let context else { return }
        needsFlush = false
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(ByteBuffer())).flatMap { channel.close(mode: .output) }.whenFailure { _ in channel.close(promise: nil) }
        context.eventLoop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
    }
}
