extension FileMetadata {
    func write(_ writer: inout ThriftWriter) {
        writer.structure { writer in
            writer.int32(1, version)
            writer.list(2, of: .structure, schema) { $1.write(&$0) }
            writer.int64(3, rowCount)
            writer.list(4, of: .structure, rowGroups) { $1.write(&$0) }
            if !keyValues.isEmpty {
                writer.list(5, of: .structure, keyValues) { writer, entry in
                    writer.structure { writer in
                        writer.string(1, entry.key)
                        if let value = entry.value { writer.string(2, value) }
                    }
                }
            }
            if let createdBy { writer.string(6, createdBy) }
            // Without an order for each leaf readers disregard min_value and max_value; 1 is the order that the type defines.
            writer.list(7, of: .structure, schema.filter { $0.type != nil }) { writer, _ in
                writer.structure { $0.structure(1) { _ in } }
            }
        }
    }
}

extension SchemaElement {
    fileprivate func write(_ writer: inout ThriftWriter) {
        writer.structure { writer in
            if let type { writer.int32(1, type.rawValue) }
            if let typeLength { writer.int32(2, typeLength) }
            if let repetition { writer.int32(3, repetition.rawValue) }
            writer.string(4, name)
            if let childCount { writer.int32(5, childCount) }
            if let convertedType { writer.int32(6, convertedType.rawValue) }
            if let scale { writer.int32(7, scale) }
            if let precision { writer.int32(8, precision) }
            if let fieldID { writer.int32(9, fieldID) }
            if let logicalType { writer.structure(10) { logicalType.write(&$0) } }
        }
    }
}

extension LogicalType {
    fileprivate func write(_ writer: inout ThriftWriter) {
        switch self {
        case .string: writer.structure(1) { _ in }
        case .map: writer.structure(2) { _ in }
        case .list: writer.structure(3) { _ in }
        case .enum: writer.structure(4) { _ in }
        case .decimal(let scale, let precision):
            writer.structure(5) { writer in
                writer.int32(1, Int32(truncatingIfNeeded: scale))
                writer.int32(2, Int32(truncatingIfNeeded: precision))
            }
        case .date: writer.structure(6) { _ in }
        case .timestamp(let adjusted, let unit):
            writer.structure(8) { writer in
                writer.boolean(1, adjusted)
                writer.structure(2) { $0.structure(unit.rawValue) { _ in } }
            }
        case .integer(let bits, let isSigned):
            writer.structure(10) { writer in
                writer.int8(1, Int8(truncatingIfNeeded: bits))
                writer.boolean(2, isSigned)
            }
        // Never written: no Spark type calls for them.
        case .time, .unknown, .json, .bson, .uuid, .float16, .other: break
        }
    }
}

extension RowGroupMetadata {
    fileprivate func write(_ writer: inout ThriftWriter) {
        writer.structure { writer in
            writer.list(1, of: .structure, columns) { $1.write(&$0) }
            writer.int64(2, totalByteSize)
            writer.int64(3, rowCount)
            if let fileOffset { writer.int64(5, fileOffset) }
            writer.int64(6, columns.reduce(0) { $0 + $1.compressedSize })
        }
    }
}

extension ColumnChunkMetadata {
    fileprivate func write(_ writer: inout ThriftWriter) {
        writer.structure { writer in
            writer.int64(2, dictionaryPageOffset ?? dataPageOffset)
            writer.structure(3) { writer in
                if let type { writer.int32(1, type.rawValue) }
                writer.list(2, of: .int32, encodings) { $0.element($1) }
                writer.list(3, of: .binary, path) { $0.element(Array($1.utf8)) }
                writer.int32(4, codec)
                writer.int64(5, valueCount)
                writer.int64(6, uncompressedSize)
                writer.int64(7, compressedSize)
                writer.int64(9, dataPageOffset)
                if let dictionaryPageOffset { writer.int64(11, dictionaryPageOffset) }
                if let statistics {
                    writer.structure(12) { writer in
                        if let count = statistics.nullCount { writer.int64(3, count) }
                        if let max = statistics.max { writer.binary(5, max) }
                        if let min = statistics.min { writer.binary(6, min) }
                        if let exact = statistics.isMaxExact { writer.boolean(7, exact) }
                        if let exact = statistics.isMinExact { writer.boolean(8, exact) }
                    }
                }
            }
        }
    }
}

extension PageHeader {
    func write(_ writer: inout ThriftWriter) {
        writer.structure { writer in
            switch kind {
            case .data: writer.int32(1, 0)
            case .dictionary: writer.int32(1, 2)
            case .dataV2: writer.int32(1, 3)
            case .other: writer.int32(1, 1)
            }
            writer.int32(2, uncompressedSize)
            writer.int32(3, compressedSize)
            switch kind {
            case .data(let header):
                writer.structure(5) { writer in
                    writer.int32(1, header.valueCount)
                    writer.int32(2, header.encoding)
                    writer.int32(3, header.definitionLevelEncoding)
                    writer.int32(4, header.repetitionLevelEncoding)
                }
            case .dictionary(let header):
                writer.structure(7) { writer in
                    writer.int32(1, header.valueCount)
                    writer.int32(2, header.encoding)
                }
            // The writer makes pages of the first version alone.
            case .dataV2, .other: break
            }
        }
    }
}
