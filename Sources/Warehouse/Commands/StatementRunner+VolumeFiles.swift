import Columnar
import SparkErrors
import Workspace

/// PUT, GET and REMOVE of files in volumes. The statement moves nothing: it answers with a link, and the driver follows it.
///
/// Facts: databricks-sql-connector `client.py` (`_handle_staging_operation`) for the columns, its end-to-end tests for the conditions.
extension StatementRunner {
    /// As the links of the Files API.
    private static let linkSeconds = 1799

    func put(_ local: String, to path: String, overwrite: Bool) throws(SQLError) -> ResultSet {
        let place = try place(path, local: local, "PUT")
        let exists = try onCatalog { try FileTree(place.store).isFile(place.object) }
        if exists, !overwrite { throw SQLError(.stagedFileExists, ["path": place.path]) }
        return try answer("PUT", place, local: local)
    }

    /// Whether there is a file shows when the link is followed.
    func get(_ path: String, to local: String) throws(SQLError) -> ResultSet {
        try answer("GET", try place(path, local: local, "GET"), local: local)
    }

    func remove(_ path: String) throws(SQLError) -> ResultSet { try answer("REMOVE", try place(path, local: nil, "REMOVE"), local: nil) }

    private func place(_ path: String, local: String?, _ operation: String) throws(SQLError) -> VolumePath {
        if let local, local.isEmpty { throw SQLError(.emptyLocalFile, ["operation": operation]) }
        guard VolumePath.parts(path) != nil else { throw SQLError(.invalidStagingPath, ["operation": operation, "path": path]) }
        let place = try onCatalog { try service.volumePath(path, writes: operation != "GET", by: principal) }
        guard !place.relative.isEmpty else { throw SQLError(.invalidStagingPath, ["operation": operation, "path": path]) }
        return place
    }

    private func answer(_ operation: String, _ place: VolumePath, local: String?) throws(SQLError) -> ResultSet {
        guard let base = request.baseURL else { throw .notSimulated("\(operation) without a driver that follows the link") }
        let method = operation == "REMOVE" ? "DELETE" : operation
        let link = service.link(method, to: place, base: base, seconds: Self.linkSeconds, by: principal)
        var fields = ["operation", "presignedUrl", "headers"].map { Field($0, .text) }
        var row: [Value] = [.string(operation), .string(link), .string("{}")]
        if let local {
            fields.append(Field("localFile", .text))
            row.append(.string(local))
        }
        var result = ResultSet(fields, rows: [row])
        result.isVolumeOperation = true
        return result
    }
}
