import JSON
import Warehouse
import Workspace

/// Reads the body of a request to execute a statement.
enum StatementBody {
    static func request(_ fields: Fields) throws(WorkspaceError) -> StatementRequest {
        let text = try fields.string("statement")
        guard text.utf8.count <= StatementsAPI.maxTextBytes else {
            throw .invalid("The statement text is larger than the limit of \(StatementsAPI.maxTextBytes) bytes.")
        }
        var request = StatementRequest(text: text, warehouseID: try fields.string("warehouse_id"))
        request.catalog = try fields.string(optional: "catalog").flatMap { $0.isEmpty ? nil : $0 }
        request.schema = try fields.string(optional: "schema").flatMap { $0.isEmpty ? nil : $0 }
        request.sessionID = try fields.string(optional: "session_id")
        request.parameters = try parameters(fields)
        if let wait = try fields.string(optional: "wait_timeout") { request.wait = try duration(wait) }
        // Values of these that the service does not know silently take the default.
        if try fields.string(optional: "on_wait_timeout") == "CANCEL" { request.onTimeout = .cancel }
        request.form = try form(fields)
        if let limit = try fields.int(optional: "row_limit") {
            guard (0...Int(Int32.max)).contains(limit) else { throw .invalid("row_limit must be between 0 and \(Int32.max).") }
            request.rowLimit = limit
        }
        return request
    }

    private static func parameters(_ fields: Fields) throws(WorkspaceError) -> [StatementRequest.Parameter] {
        guard let value = fields.value("parameters") else { return [] }
        guard let items = value.arrayValue else { throw .malformed("Could not parse request object: Expected Array for field 'parameters'") }
        var parameters: [StatementRequest.Parameter] = []
        for item in items {
            guard let object = item.objectValue else {
                throw .malformed("Could not parse request object: Expected Object in field 'parameters'")
            }
            let parameter = Fields(object, prefix: "parameters.")
            let name = try parameter.string(optional: "name")
            let ordinal = try parameter.int(optional: "ordinal")
            if let ordinal, ordinal < 1 { throw .invalid("parameters.ordinal counts from 1.") }
            parameters.append(
                .init(
                    name: name.flatMap { $0.isEmpty ? nil : $0 }, ordinal: ordinal, value: try parameter.string(optional: "value"),
                    type: try parameter.string(optional: "type") ?? "STRING"))
        }
        let isNamed = parameters.contains { $0.name != nil }
        if isNamed, parameters.contains(where: { $0.name == nil }) {
            throw .invalid("Parameters must be either all named or all positional.")
        }
        return parameters
    }

    private static func duration(_ text: String) throws(WorkspaceError) -> Duration {
        guard text.last == "s", let seconds = Double(text.dropLast()), seconds.isFinite, seconds >= 0 else {
            throw .invalid("Error while parsing type: duration.")
        }
        guard seconds == 0 || (5...50).contains(seconds) else {
            throw .invalid("The wait_timeout field must be 0 seconds (disables wait), or between 5 seconds and 50 seconds.")
        }
        return .seconds(seconds)
    }

    /// Values that the service does not know silently take the default.
    private static func form(_ fields: Fields) throws(WorkspaceError) -> ResultForm {
        var form = ResultForm()
        form.disposition = try fields.string(optional: "disposition").flatMap(ResultForm.Disposition.init) ?? .inline
        let format = try fields.string(optional: "format").flatMap(ResultForm.Format.init)
        form.format = format ?? (form.disposition == .hybrid ? .arrowStream : .jsonArray)
        form.isCompressed = try fields.string(optional: "result_compression") == "LZ4_FRAME" && form.format == .arrowStream
        switch (form.disposition, form.format) {
        case (.inline, .jsonArray), (.externalLinks, _), (.hybrid, .arrowStream): break
        case (.inline, _):
            throw .invalid("Incompatible parameters: The format field must be JSON_ARRAY when the disposition field is INLINE.")
        case (.hybrid, _):
            throw .invalid(
                "Incompatible parameters: The format field must be ARROW_STREAM when the disposition field is INLINE_OR_EXTERNAL_LINKS.")
        }
        if let limit = try fields.int(optional: "byte_limit") {
            let most = form.disposition == .inline ? ResultForm.maxInlineBytes : 100 << 30
            guard (1...most).contains(limit) else { throw .invalid("byte_limit must be between 1 and \(most).") }
            form.byteLimit = limit
        }
        return form
    }
}
