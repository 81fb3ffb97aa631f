import Columnar
import JSON
import Storage

/// Writes sets of deleted rows. Source: Delta's PROTOCOL.md, "Deletion Vector Storage Format", and the portable format of Roaring bitmaps.
extension DeletionVector {
    /// The bytes of one vector: magic number, and a 64-bit Roaring bitmap of the rows, which must ascend.
    static func encoded(_ rows: [Int32]) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ value: Int, _ size: Int) {
            for index in 0..<size { bytes.append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
        }
        append(1_681_511_377, 4)
        append(rows.isEmpty ? 0 : 1, 8)
        guard !rows.isEmpty else { return bytes }
        // Rows of a file lie below 2^31: one bitmap of 32 bits, with the high half 0.
        append(0, 4)
        var containers: [(key: Int, values: ArraySlice<Int32>)] = []
        var start = 0
        while start < rows.count {
            let key = rows[start] >> 16
            var end = start
            while end < rows.count, rows[end] >> 16 == key { end += 1 }
            containers.append((Int(key), rows[start..<end]))
            start = end
        }
        append(12346, 4)
        append(containers.count, 4)
        for container in containers {
            append(container.key, 2)
            append(container.values.count - 1, 2)
        }
        var offset = 8 + 8 * containers.count
        for container in containers {
            append(offset, 4)
            offset += container.values.count <= 4096 ? 2 * container.values.count : 8192
        }
        for container in containers {
            if container.values.count <= 4096 {
                for value in container.values { append(Int(value & 0xFFFF), 2) }
            } else {
                var words = [UInt64](repeating: 0, count: 1024)
                for value in container.values { words[Int(value & 0xFFFF) >> 6] |= 1 << UInt64(value & 63) }
                for word in words { for index in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index))) } }
            }
        }
        return bytes
    }

    /// Z85, as the log names a vector's file by its UUID.
    static func base85(encoding bytes: [UInt8]) -> String {
        let alphabet = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count - bytes.count % 4, by: 4) {
            var value = bytes[start..<start + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            var digits: [UInt8] = []
            for _ in 0..<5 {
                digits.append(alphabet[Int(value % 85)])
                value /= 85
            }
            text += digits.reversed()
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension DeltaTable {
    /// Writes sets of deleted rows, ascending, as one file of vectors; a descriptor for each.
    package func writeDeletionVectors(_ sets: [[Int32]], _ context: CommitContext) throws(DeltaError) -> [DeletionVectorDescriptor] {
        guard !sets.isEmpty else { return [] }
        let uuid = context.newUUID()
        var digits: [UInt8] = []
        for character in uuid.utf8 where character != UInt8(ascii: "-") {
            guard let digit = Character(UnicodeScalar(character)).hexDigitValue else { continue }
            digits.append(UInt8(digit))
        }
        guard digits.count == 32 else { throw .storage("Writing", log.location, "a UUID of \(digits.count) digits") }
        let name = DeletionVector.base85(encoding: stride(from: 0, to: 32, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
        func bigEndian(_ value: UInt32) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) } }
        // The format's version.
        var bytes: [UInt8] = [1]
        var descriptors: [DeletionVectorDescriptor] = []
        for rows in sets {
            let data = DeletionVector.encoded(rows)
            descriptors.append(
                DeletionVectorDescriptor(
                    storageType: "u", pathOrInlineDV: name, offset: Int64(bytes.count), sizeInBytes: Int64(data.count),
                    cardinality: Int64(rows.count)))
            bytes += bigEndian(UInt32(truncatingIfNeeded: data.count))
            bytes += data
            bytes += bigEndian(DeletionVector.checksum(data))
        }
        let path = log.path("deletion_vector_\(uuid).bin")
        let file = bytes
        try log.access("Writing", path) { () throws(StorageError) in try log.store.put(path, file) }
        return descriptors
    }
}

extension Snapshot {
    /// The places in a data file of the rows that its deletion vector leaves, ascending; nil if it hides none.
    package func livePositions(_ file: AddFile) throws(DeltaError) -> [Int32]? { try keptRows(file)?.indices() }

    /// As long as the file has rows, one where its deletion vector leaves a row; nil if it hides none.
    func keptRows(_ file: AddFile) throws(DeltaError) -> Bitmap? {
        guard let descriptor = file.deletionVector else { return nil }
        return try DeletionVector(descriptor, rowCount: try storedRowCount(file), log).kept
    }

    /// Rows in the data file, hidden ones too.
    package func storedRowCount(_ file: AddFile) throws(DeltaError) -> Int { try DataFileReader.rowCount(self, file) }

    /// Rows of the file that are part of the table.
    package func rowCount(_ file: AddFile) throws(DeltaError) -> Int {
        max(try storedRowCount(file) - file.hiddenRows, 0)
    }

    /// The same files under another description, as the commit that brings it will have it.
    package func described(by metadata: Metadata) throws(DeltaError) -> Snapshot {
        var state = SnapshotState(self)
        state.metadata = metadata
        state.tableSchema = nil
        return try Snapshot(state, version: version, timestamp: timestamp, log: log, cache: cache, tableName: tableName)
    }
}

extension AddFile {
    /// The same data file with other rows hidden.
    package func hiding(_ vector: DeletionVectorDescriptor) -> AddFile {
        var file = self
        file.deletionVector = vector
        file.dataChange = true
        // Least and greatest values may be those of hidden rows from now on.
        if let stats, var json = try? JSONValue(parsing: Array(stats.utf8)).objectValue {
            json["tightBounds"] = false
            file.stats = JSONValue.object(json).text
        }
        return file
    }
}
