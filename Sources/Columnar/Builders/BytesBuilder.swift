/// Collects byte strings.
package struct BytesBuilder: Sendable {
    private var offsets: [Int32] = [0]
    private var bytes: [UInt8] = []
    private var validity = BitmapBuilder()

    package init(capacity: Int = 0) {
        offsets.reserveCapacity(capacity + 1)
        validity.reserve(capacity)
    }

    package var count: Int { offsets.count - 1 }
    /// Bytes so far; a column holds at most `Int32.max`, which callers with input from outside check.
    package var byteCount: Int { bytes.count }

    package mutating func append(_ value: some Sequence<UInt8>) {
        bytes.append(contentsOf: value)
        close(valid: true)
    }

    package mutating func append(_ value: String) { append(value.utf8) }

    package mutating func appendNull() { close(valid: false) }

    package mutating func append(_ value: String?) {
        if let value { append(value.utf8) } else { appendNull() }
    }

    private mutating func close(valid: Bool) {
        precondition(bytes.count <= Int(Int32.max), "a column of byte strings holds at most 2 GiB")
        offsets.append(Int32(truncatingIfNeeded: bytes.count))
        validity.append(valid)
    }

    package consuming func finish() -> BytesArray { BytesArray(offsets: offsets, bytes: bytes, validity: validity.finishValidity()) }
}
