/// Why a text is not JSON (or not a JSON path), and where.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    /// Byte offset into the text.
    package let offset: Int
    /// From 1.
    package let line: Int
    /// From 1, in bytes.
    package let column: Int

    package init(_ message: String, offset: Int, line: Int, column: Int) {
        self.message = message
        self.offset = offset
        self.line = line
        self.column = column
    }

    init(_ message: String, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        var line = 1
        var lineStart = 0
        for (index, byte) in bytes.prefix(max(offset, 0)).enumerated() where byte == 0x0A {
            line += 1
            lineStart = index + 1
        }
        self.init(message, offset: offset, line: line, column: offset - lineStart + 1)
    }

    package var description: String { "\(message) at line \(line), column \(column)" }
}
