import Foundation

/// One line on the terminal that tells how long work goes on; nothing where standard error is no terminal.
enum ProgressLine {
    private static let interval = Duration.milliseconds(200)

    /// Shows `text` while `work` runs, and takes the line away when it has ended.
    static func show<Result>(
        _ text: @escaping @Sendable () -> String, while work: () async throws -> Result, isolation: isolated (any Actor)? = #isolation
    ) async rethrows -> Result {
        guard isatty(STDERR_FILENO) == 1 else { return try await work() }
        // Shown even if the work is done in no time: what follows stands on a clean line.
        let first = text()
        write("\r\u{1B}[K\(first)")
        let painter = Task {
            var shown = first
            while !Task.isCancelled {
                let line = text()
                if line != shown { write("\r\u{1B}[K\(line)") }
                shown = line
                try? await Task.sleep(for: interval)
            }
            write("\r\u{1B}[K")
        }
        do {
            let result = try await work()
            painter.cancel()
            await painter.value
            return result
        } catch {
            painter.cancel()
            await painter.value
            throw error
        }
    }

    private static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
