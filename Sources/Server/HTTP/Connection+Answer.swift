import API
import HTTPTypes
import NIOCore

/// A connection's answers.
extension Connection {
    func respond(to request: ServedRequest) {
        answering = .waiting
        switch pipeline.begin(request) {
        case .answered(let answer): deliver(answer)
        case .open(let exchange): wait(for: exchange)
        }
    }

    /// Begins on the event loop, where that is fit, and stays there as long as nothing has to be waited for.
    private func wait(for exchange: Pipeline.OpenExchange) {
        guard let context else { return }
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let work: @Sendable () async -> Void = { [pipeline] in
            let answer = await pipeline.finish(exchange)
            if loop.inEventLoop { bound.value.arrive(answer) } else { loop.execute { bound.value.arrive(answer) } }
        }
        beginTask()
        guard exchange.isLight, #available(macOS 26.0, *) else {
            Task(operation: work)
            return
        }
        isBeginning = true
        Task.immediate(executorPreference: pipeline.backend.staysOnLoop ? executor(loop) : nil, operation: work)
        isBeginning = false
    }

    private func executor(_ loop: any EventLoop) -> LoopExecutor {
        if let executor { return executor }
        let made = LoopExecutor(loop)
        executor = made
        return made
    }

    private func arrive(_ answer: Answer) {
        endTask()
        deliver(answer)
        if !isBeginning { proceed() }
    }

    func deliver(_ answer: Answer) {
        guard let context, context.channel.isActive else { return }
        if answer.headers.only(.connection)?.lowercased() == "close" { closesAfterAnswer = true }
        switch answer.delivery {
        case .reset:
            isEnding = true
            BrokenConnection.reset(context.channel)
        case .close:
            isEnding = true
            BrokenConnection.close(context.channel)
        case .stall: answering = .stalled
        case .whole where answer.stream == nil || isHead: deliverWhole(answer, context)
        case .closeMidBody where answer.stream == nil && !isHead:
            write(bytes(of: answer, .bytes(answer.body.count), body: answer.body.prefix(answer.body.count / 2), context))
            closeAfterWrites()
        case .whole, .closeMidBody, .malformedChunk, .throttled:
            if isHead { deliverWhole(answer, context) } else { deliverSlowly(answer, context) }
        }
    }

    private func deliverWhole(_ answer: Answer, _ context: ChannelHandlerContext) {
        let hasNoBody = isHead || answer.status == 204 || answer.status == 304
        // An answer to HEAD tells the length of what GET would send, which only the operation knows.
        let isCounted = !hasNoBody || isHead && answer.status != 204 && answer.status != 304 && answer.headers.only(.contentLength) == nil
        var rest = hasNoBody ? [] : answer.body[...]
        write(bytes(of: answer, isCounted ? .bytes(answer.body.count) : .none, body: rest.prefix(Self.pieceLength), context))
        rest = rest.dropFirst(Self.pieceLength)
        while !rest.isEmpty {
            flush()
            guard context.channel.isActive else { break }
            var piece = context.channel.allocator.buffer(capacity: min(rest.count, Self.pieceLength))
            piece.writeBytes(rest.prefix(Self.pieceLength))
            write(piece)
            rest = rest.dropFirst(Self.pieceLength)
        }
        endAnswer()
    }

    /// Long bodies go to the socket piece by piece, each from memory that the one before has left: fresh pages cost more than the copy into them.
    private static let pieceLength = 128 << 10

    private func bytes(
        of answer: Answer, _ length: ResponseHead.Length, body: ArraySlice<UInt8>, _ context: ChannelHandlerContext
    ) -> ByteBuffer {
        var buffer = context.channel.allocator.buffer(capacity: 512 + body.count)
        ResponseHead(status: answer.status, headers: answer.headers, length: length, connection: connectionHeader).write(to: &buffer, date: date.now)
        buffer.writeBytes(body)
        return buffer
    }

    private var connectionHeader: String? {
        if closesAfterAnswer { return "close" }
        return isHTTP10 ? "keep-alive" : nil
    }

    private func deliverSlowly(_ answer: Answer, _ context: ChannelHandlerContext) {
        answering = .delivering
        flush()
        let length: ResponseHead.Length =
            if let stream = answer.stream, answer.delivery != .malformedChunk {
                stream.length.map { .bytes($0) } ?? (isHTTP10 ? .untilClose : .chunked)
            } else {
                answer.delivery == .malformedChunk ? .chunked : .bytes(answer.body.count)
            }
        if length == .untilClose { closesAfterAnswer = true }
        var head = context.channel.allocator.buffer(capacity: 512)
        ResponseHead(status: answer.status, headers: answer.headers, length: length, connection: connectionHeader).write(to: &head, date: date.now)
        let delivery = SlowDelivery(channel: context.channel, head: head, isChunked: length == .chunked)
        let loop = context.eventLoop
        let bound = NIOLoopBound(self, eventLoop: loop)
        let parcel = Parcel(answer)
        beginTask()
        Task {
            // The task keeps nothing of the answer beyond this.
            let isWhole = await delivery.run(parcel.take())
            loop.execute { bound.value.endDelivery(isWhole) }
        }
    }

    private func endDelivery(_ isWhole: Bool) {
        endTask()
        guard isWhole else {
            // Half an answer must not look like a whole one.
            isEnding = true
            context?.close(promise: nil)
            return
        }
        endAnswer()
        proceed()
    }

    private func endAnswer() {
        answering = .nothing
        if case .feeding = reading { reading = .discarding }
        guard closesAfterAnswer else { return }
        if case .discarding = reading { closeLingering() } else { closeAfterWrites() }
    }
}
