import SparkErrors
import Workspace

/// Why a sharing server outside of this one gave nothing. Messages name hosts and what was asked for, never tokens or links.
package struct SharingFailure: Error, Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case unauthenticated = "UNAUTHENTICATED"
        case forbidden = "PERMISSION_DENIED"
        case notFound = "NOT_FOUND"
        case refused = "REQUEST_REFUSED"
        case throttled = "TOO_MANY_REQUESTS"
        case failed = "SERVER_ERROR"
        case unreachable = "UNREACHABLE"
        case brokenOff = "CONNECTION_LOST"
        case timedOut = "TIMEOUT"
        case insecure = "TLS_ERROR"
        case malformed = "MALFORMED_ANSWER"
        case tooLarge = "ANSWER_TOO_LARGE"
        case changed = "TABLE_CHANGED"
        case notSupported = "NOT_SUPPORTED"

        /// Whether to ask again may help.
        var isPassing: Bool {
            switch self {
            case .throttled, .failed, .unreachable, .brokenOff: true
            default: false
            }
        }

        fileprivate var sqlState: String {
            switch self {
            case .unauthenticated: "28000"
            case .forbidden: "42501"
            case .notFound: "42704"
            case .refused: "42000"
            case .notSupported: "0A000"
            case .changed: "40000"
            case .tooLarge: "54000"
            case .malformed: "XXKDS"
            case .throttled, .failed, .unreachable, .brokenOff, .timedOut, .insecure: "08000"
            }
        }
    }

    package let kind: Kind
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    var sqlError: SQLError {
        SQLError(.sharingProvider(kind.rawValue, kind.sqlState), ["message": message], phase: .execution)
    }

    /// As the API answers it. Not a status that clients ask again after: they would for minutes, and it has been asked again already.
    var workspaceError: WorkspaceError {
        let message = "[\(ErrorCondition.sharingProviderName).\(kind.rawValue)] \(message)"
        return switch kind {
        case .unauthenticated, .forbidden: .unityCatalog(.providerShareNotAccessible, message)
        case .notFound: .unityCatalog(.resourceDoesNotExist, message)
        case .notSupported: WorkspaceError(.notImplemented, message)
        default: .unityCatalog(.invalidState, message)
        }
    }
}
