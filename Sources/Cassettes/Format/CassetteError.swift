/// Why a cassette cannot be read, written or accepted.
package struct CassetteError: Error, Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// From 1; nil if it is about the whole file.
    package let line: Int?
    package let message: String

    package init(file: String, line: Int? = nil, _ message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    package var description: String {
        if let line { "\(file):\(line): \(message)" } else { "\(file): \(message)" }
    }
}
