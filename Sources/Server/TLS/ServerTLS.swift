import Foundation
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import NIOTLS

/// How the listener speaks TLS: with a certificate of the local authority's, or with the user's own. Clients choose HTTP/2 or HTTP/1.1.
package struct ServerTLS: Sendable {
    private let context: NIOSSLContext

    /// `host` is the address to listen on, `now` the real time in seconds.
    package init(_ authority: CertificateAuthority, host: String, now: Int64) throws {
        let (key, certificate) = try authority.server(host, now: now)
        context = try Self.context(
            [try NIOSSLCertificate(bytes: certificate, format: .der), try NIOSSLCertificate(bytes: authority.der, format: .der)],
            try NIOSSLPrivateKey(bytes: key, format: .der))
    }

    /// A chain of certificates and its key, as PEM files.
    package init(certificateFile: String, keyFile: String) throws {
        let chain = PEM.blocks(try String(contentsOfFile: certificateFile, encoding: .utf8)).filter { $0.label == "CERTIFICATE" }
        guard !chain.isEmpty else { throw NIOSSLError.failedToLoadCertificate }
        let blocks = PEM.blocks(try String(contentsOfFile: keyFile, encoding: .utf8))
        guard let key = blocks.first(where: { $0.label.hasSuffix("PRIVATE KEY") }) else { throw NIOSSLError.failedToLoadPrivateKey }
        context = try Self.context(
            try chain.map { try NIOSSLCertificate(bytes: $0.der, format: .der) }, try NIOSSLPrivateKey(bytes: key.der, format: .der))
    }

    private static func context(_ chain: [NIOSSLCertificate], _ key: NIOSSLPrivateKey) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }

    /// The handlers of a new connection; those of its protocol follow when the client has said which one it speaks.
    func addHandlers(_ channel: any Channel, _ pipeline: Pipeline, _ connections: Connections) throws {
        let handlers = channel.pipeline.syncOperations
        try handlers.addHandler(NIOSSLServerHandler(context: context))
        try handlers.addHandler(
            ApplicationProtocolNegotiationHandler { result, channel in
                channel.eventLoop.makeCompletedFuture {
                    switch result {
                    case .negotiated("h2"): try Self.addHTTP2(channel, pipeline, connections)
                    default: try Listener.addHTTP1(channel, pipeline, connections, scheme: "https")
                    }
                }
            })
    }

    private static func addHTTP2(_ channel: any Channel, _ pipeline: Pipeline, _ connections: Connections) throws {
        let members = StreamMembers(channel, connections)
        guard members.isTaken else { return channel.close(promise: nil) }
        let bound = NIOLoopBound(members, eventLoop: channel.eventLoop)
        let peer = channel.remoteAddress?.ipAddress
        let handlers = channel.pipeline.syncOperations
        try handlers.addHandler(
            NIOHTTP2Handler(mode: .server, eventLoop: channel.eventLoop) { stream in
                stream.eventLoop.makeCompletedFuture {
                    let handlers = stream.pipeline.syncOperations
                    try handlers.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                    try handlers.addHandler(StreamExchange(pipeline, bound.value, peer: peer))
                }
            })
        try handlers.addHandler(members)
    }
}

/// The streams of an HTTP/2 connection that are under way, and what still works for them. On the connection's event loop.
final class StreamMembers: ChannelInboundHandler {
    typealias InboundIn = Any

    private let channel: any Channel
    private let connections: Connections
    private(set) var isTaken = false
    private var count = 0
    private var isFinishing = false

    init(_ channel: any Channel, _ connections: Connections) {
        self.channel = channel
        self.connections = connections
        let bound = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let loop = channel.eventLoop
        isTaken = connections.add(channel) { loop.execute { bound.value.finish() } }
    }

    func begin() { count += 1 }

    func end() {
        count -= 1
        settle()
    }

    private func finish() {
        isFinishing = true
        settle()
    }

    private func settle() {
        guard count == 0 else { return }
        if !channel.isActive { connections.remove(channel) } else if isFinishing { channel.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        settle()
        context.fireChannelInactive()
    }

    /// What came is no HTTP/2, or the connection broke.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
