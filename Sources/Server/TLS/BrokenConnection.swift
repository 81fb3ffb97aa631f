import NIOCore
import NIOPosix
import NIOSSL

/// Ends connections as a network does that breaks: without the farewell that TLS has for it.
enum BrokenConnection {
    static func close(_ channel: any Channel) {
        // From behind TLS' own handler, which would say goodbye and wait for an answer.
        if let tls = try? channel.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
            tls.close(promise: nil)
        } else {
            channel.close(promise: nil)
        }
    }

    /// With a reset.
    static func reset(_ channel: any Channel) {
        // The option takes effect at once, on the connection's own event loop.
        _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        close(channel)
    }
}
