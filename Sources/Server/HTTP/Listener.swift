import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// The HTTP side: accepts connections, each of which is then a `Connection`'s.
package struct Listener: Service {
    /// Larger bodies are refused with 413 before they are held in memory.
    static let maxBodyBytes = 32 << 20
    /// Where requests stream, what of a larger body is read before it is answered.
    static let streamedBodyBytes = 1 << 20

    private let host: String
    private let port: Int
    private let pipeline: Pipeline
    /// nil: without.
    private let tls: ServerTLS?
    private let onReady: @Sendable (_ port: Int) -> Void

    package init(host: String, port: Int, pipeline: Pipeline, tls: ServerTLS? = nil, onReady: @escaping @Sendable (_ port: Int) -> Void) {
        self.host = host
        self.port = port
        self.pipeline = pipeline
        self.tls = tls
        self.onReady = onReady
    }

    static func addHTTP1(_ channel: any Channel, _ pipeline: Pipeline, _ connections: Connections, scheme: String) throws {
        let handlers = channel.pipeline.syncOperations
        try handlers.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try handlers.addHandler(Connection(pipeline, connections, scheme: scheme))
    }

    /// Ends when the program is asked to, with all answers that are under way; cancelled, at once.
    package func run() async throws {
        let connections = Connections()
        let loops = MultiThreadedEventLoopGroup.singleton
        for loop in loops.makeIterator() { loop.execute { ThreadPriority.takeProgramsOwn() } }
        let server = try await ServerBootstrap(group: loops)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: tls == nil)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [pipeline, tls] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try tls.addHandlers(channel, pipeline, connections)
                    } else {
                        try Self.addHTTP1(channel, pipeline, connections, scheme: "http")
                    }
                }
            }
            .bind(host: host, port: port).get()
        onReady(server.localAddress?.port ?? 0)
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await server.closeFuture.get()
                await connections.end()
            } onGracefulShutdown: {
                server.close(promise: nil)
                connections.finish()
            }
        } onCancel: {
            server.close(promise: nil)
            connections.abort()
        }
    }
}
