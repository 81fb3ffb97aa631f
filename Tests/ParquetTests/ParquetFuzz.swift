import Columnar
import Parquet
import TestSupport

/// Damages files and reads them: each is read or refused, and what is read is well formed.
enum ParquetFuzz {
    static let limits = ParquetReader.Limits(rowsPerGroup: 1 << 14, bytesPerColumn: 1 << 20)

    /// Gives how many columns were read, and how many refused.
    @discardableResult
    static func run(_ bytes: [UInt8], _ random: inout SeededRandom) -> (read: Int, refused: Int) { readAll(mutate(bytes, &random)) }

    @discardableResult
    static func readAll(_ bytes: [UInt8]) -> (read: Int, refused: Int) {
        guard let reader = try? ParquetReader(bytes: bytes, limits: limits) else { return (0, 1) }
        var (read, refused) = (0, 0)
        for group in 0..<min(reader.rowGroupCount, 3) {
            for column in reader.schema.fields.indices {
                _ = reader.statistics(column: column, rowGroup: group)
                guard let batch = try? reader.read(columns: [column], rowGroup: group) else {
                    refused += 1
                    continue
                }
                read += 1
                for row in [0, batch.rowCount / 2, batch.rowCount - 1] where row >= 0 && row < batch.rowCount {
                    _ = batch.columns[0].value(at: row)
                }
                let pieces = [batch.rowCount / 3, 0, batch.rowCount - batch.rowCount / 3]
                let parts = try? reader.read(columns: [column], rowGroup: group, pieces: pieces)
                precondition(parts?.first?.map(\.count) == pieces)
                precondition(batch.columns[0].take((0..<Int32(batch.rowCount)).reversed()).count == batch.rowCount)
            }
        }
        return (read, refused)
    }

    private static func mutate(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            // The footer decides what is read how: half of the changes go there.
            let from = Bool.random(using: &random) ? result.count * 2 / 3 : 0
            guard from < result.count else { break }
            let at = Int.random(in: from..<result.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: result[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: result[at] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF].randomElement(using: &random) ?? 0
            case 2: result[at] = UInt8.random(in: 0...255, using: &random)
            case 3: for index in at..<min(at + 8, result.count) { result[index] = 0xFF }
            case 4: result.remove(at: at)
            default: result.insert(UInt8.random(in: 0...255, using: &random), at: at)
            }
        }
        return result
    }
}
