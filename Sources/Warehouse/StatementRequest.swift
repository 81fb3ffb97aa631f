/// A request to run a statement, already checked for form (`POST /api/2.0/sql/statements`).
package struct StatementRequest: Sendable {
    package struct Parameter: Sendable {
        /// nil: a positional parameter.
        package var name: String?
        /// 1-based; nil: the place in the list.
        package var ordinal: Int?
        /// nil: NULL.
        package var value: String?
        /// A SQL type's text; STRING unless said otherwise.
        package var type: String
        /// The elements of an ARRAY, or a MAP's keys and values in turn; `value` is not read then, nor are the elements' names. nil: no such type.
        package var elements: [Parameter]?

        package init(name: String?, ordinal: Int?, value: String?, type: String, elements: [Parameter]? = nil) {
            self.name = name
            self.ordinal = ordinal
            self.value = value
            self.type = type
            self.elements = elements
        }
    }

    /// What happens to a statement that is still running when the wait is over.
    package enum OnTimeout: Sendable {
        case goOn
        case cancel
    }

    package var text: String
    /// Of the warehouse, or of the cluster.
    package var warehouseID: String
    /// It runs on a cluster, whose state the caller has seen to.
    package var isOnCluster = false
    /// It is refused, instead of waiting, while a warehouse starts that is not serverless.
    package var isRefusedDuringStart = false
    package var catalog: String?
    package var schema: String?
    package var sessionID: String?
    package var parameters: [Parameter] = []
    /// Zero: the caller does not want to wait.
    package var wait = Duration.seconds(10)
    package var onTimeout = OnTimeout.goOn
    package var rowLimit: Int?
    package var form = ResultForm()
    /// The rows stay as they are, for callers that encode them themselves, up to so many bytes; larger results take `form`. nil: all do.
    package var keepsRowsUpTo: Int?
    /// In seconds; nil: the session's.
    package var timeoutSeconds: Int64?
    /// The program that sent the statement, as it names itself.
    package var client: String?
    /// Scheme and host by which the client reached the server, for links to files and to activations; nil: there is no client that could follow one.
    package var baseURL: String?
    package var hooks: StatementHooks?
    /// Set for the statements of a pipeline's update.
    package var update: DatasetUpdate?
    /// It is checked, and nothing comes of it.
    var isDryRun = false

    package init(text: String, warehouseID: String) {
        self.text = text
        self.warehouseID = warehouseID
    }
}
