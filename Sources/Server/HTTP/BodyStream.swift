import API
import Synchronization

extension BodyStream {
    /// The same body, of which the first bytes are kept and told when it has ended or nobody reads it any more.
    func observed(keeping limit: Int, _ report: @escaping @Sendable (_ beginning: [UInt8]) -> Void) -> BodyStream {
        let observer = Observer(limit, report)
        return BodyStream(length: length) { [self] in
            guard let part = try await next() else {
                observer.finish()
                return nil
            }
            observer.note(part)
            return part
        }
    }

    private final class Observer: Sendable {
        private let kept = Mutex<(bytes: [UInt8], isDone: Bool)>(([], false))
        private let limit: Int
        private let report: @Sendable ([UInt8]) -> Void

        init(_ limit: Int, _ report: @escaping @Sendable ([UInt8]) -> Void) {
            self.limit = limit
            self.report = report
        }

        deinit { finish() }

        func note(_ part: [UInt8]) {
            kept.withLock { kept in
                if kept.bytes.count < limit { kept.bytes += part.prefix(limit - kept.bytes.count) }
            }
        }

        func finish() {
            let bytes: [UInt8]? = kept.withLock { kept in
                guard !kept.isDone else { return nil }
                kept.isDone = true
                return kept.bytes
            }
            if let bytes { report(bytes) }
        }
    }
}
