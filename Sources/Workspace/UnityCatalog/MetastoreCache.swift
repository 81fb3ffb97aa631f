import Synchronization

/// The metastore's row, which every answer shows a part of.
final class MetastoreCache: Sendable {
    private let known = Mutex<Metastore?>(nil)

    var value: Metastore? {
        get { known.withLock { $0 } }
        set { known.withLock { $0 = newValue } }
    }
}
