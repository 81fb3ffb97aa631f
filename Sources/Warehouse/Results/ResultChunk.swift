/// A part of a result, encoded.
package struct ResultChunk: Sendable {
    package let rowOffset: Int
    package let rowCount: Int
    /// The size without compression.
    package let byteCount: Int
    /// INLINE: the rows as JSON arrays between brackets; else the bytes that a link gives.
    package let body: [UInt8]
}
