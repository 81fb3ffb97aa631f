/// How a caller wants a statement's result: the members `disposition`, `format`, `result_compression` and `byte_limit` of the request.
package struct ResultForm: Sendable, Hashable {
    package enum Disposition: String, Sendable, Hashable {
        case inline = "INLINE"
        case externalLinks = "EXTERNAL_LINKS"
        /// Small results are attached to the answer, larger ones are fetched by links; what the SQL drivers ask for.
        case hybrid = "INLINE_OR_EXTERNAL_LINKS"
    }

    package enum Format: String, Sendable, Hashable {
        case jsonArray = "JSON_ARRAY"
        case arrowStream = "ARROW_STREAM"
        case csv = "CSV"
    }

    package var disposition = Disposition.inline
    package var format = Format.jsonArray
    /// LZ4 frames around Arrow streams.
    package var isCompressed = false
    /// Of Arrow's types.
    package var types = ArrowTypes()
    /// Bytes of the result as it lies in memory, after which chunks are dropped.
    package var byteLimit: Int?

    package init() {}

    /// INLINE results are refused beyond this many bytes (API page "Statement Execution").
    package static let maxInlineBytes = 26_214_400
    /// Hybrid results up to this are attached (seen of the real service: about 5 MB).
    package static let maxAttachedBytes = 5 << 20
    /// The rows of a full chunk of the real service.
    static let chunkRows = 122_880
    /// About the bytes of a chunk in memory; the service's documentation names 20 MiB as the usual size of a chunk.
    static let chunkBytes = 20 << 20
}
