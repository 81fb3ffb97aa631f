package import Foundation

/// Compares a text with the file that holds what it must be, under `Tests/Golden/`.
///
/// `UPDATE_GOLDEN=1` (`make golden`) rewrites the files instead; the rewritten files are then read by a person.
package enum Golden {
    package struct Mismatch: Error, CustomStringConvertible {
        package let file: String
        package let difference: String

        package var description: String { "\(file): \(difference)\nRun 'make golden' if the new text is right." }
    }

    package static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("Golden")

    package static var updates: Bool { ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" }

    /// Throws `Mismatch` with the first line that differs, or that the file is missing.
    package static func check(_ text: String, _ path: String) throws {
        let file = root.appendingPathComponent(path)
        if updates {
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
            return
        }
        guard let expected = try? String(contentsOf: file, encoding: .utf8) else {
            throw Mismatch(file: path, difference: "there is no such golden file; the text is:\n\(text)")
        }
        if expected == text { return }
        let wanted = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let got = text.split(separator: "\n", omittingEmptySubsequences: false)
        for line in 0..<max(wanted.count, got.count) {
            let left = line < wanted.count ? String(wanted[line]) : "(end of text)"
            let right = line < got.count ? String(got[line]) : "(end of text)"
            if left != right { throw Mismatch(file: path, difference: "line \(line + 1)\n  expected: \(left)\n  got:      \(right)") }
        }
    }

    /// The files below a folder of `Tests/Golden/` with this ending, sorted, as paths relative to `Tests/Golden/`.
    package static func files(in folder: String, ending: String) -> [String] {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(folder).path)) ?? []
        return names.filter { $0.hasSuffix(ending) }.sorted().map { folder + "/" + $0 }
    }
}
