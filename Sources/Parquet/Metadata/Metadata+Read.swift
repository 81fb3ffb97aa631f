extension FileMetadata {
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var result = FileMetadata()
        try reader.structure { reader, field throws(ParquetError) in
            switch field.id {
            case 1: result.version = try reader.int32(field)
            case 2:
                result.schema = try reader.list(field, of: .structure) { reader throws(ParquetError) in try SchemaElement(&reader) }
            case 3: result.rowCount = try reader.int64(field)
            case 4:
                result.rowGroups = try reader.list(field, of: .structure) { reader throws(ParquetError) in try RowGroupMetadata(&reader) }
            case 5:
                result.keyValues = try reader.list(field, of: .structure) { reader throws(ParquetError) in
                    var key = ""
                    var value: String?
                    try reader.structure { reader, field throws(ParquetError) in
                        switch field.id {
                        case 1: key = try reader.string(field)
                        case 2: value = try reader.string(field)
                        default: try reader.skip(field)
                        }
                    }
                    return (key: key, value: value)
                }
            case 6: result.createdBy = try reader.string(field)
            case 8: throw .unsupported("encryption")
            default: try reader.skip(field)
            }
        }
        self = result
    }
}

extension SchemaElement {
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var result = SchemaElement()
        var isNamed = false
        try reader.structure { reader, field throws(ParquetError) in
            switch field.id {
            case 1:
                let number = try reader.int32(field)
                guard let type = PhysicalType(rawValue: number) else { throw .unsupported("physical type \(number)") }
                result.type = type
            case 2: result.typeLength = try reader.int32(field)
            case 3: result.repetition = Repetition(rawValue: try reader.int32(field))
            case 4:
                result.name = try reader.string(field)
                isNamed = true
            case 5: result.childCount = try reader.int32(field)
            case 6: result.convertedType = ConvertedType(rawValue: try reader.int32(field))
            case 7: result.scale = try reader.int32(field)
            case 8: result.precision = try reader.int32(field)
            case 9: result.fieldID = try reader.int32(field)
            case 10:
                try reader.structure(field) { reader, field throws(ParquetError) in
                    result.logicalType = try LogicalType(&reader, field)
                }
            default: try reader.skip(field)
            }
        }
        guard isNamed else { throw .malformed("a schema element without a name") }
        self = result
    }
}

extension LogicalType {
    /// `field` is the member of the union that is set.
    fileprivate init(_ reader: inout ThriftReader, _ field: ThriftField) throws(ParquetError) {
        switch field.id {
        case 5:
            var (scale, precision): (Int32, Int32) = (0, 0)
            try reader.structure(field) { reader, field throws(ParquetError) in
                switch field.id {
                case 1: scale = try reader.int32(field)
                case 2: precision = try reader.int32(field)
                default: try reader.skip(field)
                }
            }
            self = .decimal(scale: Int(scale), precision: Int(precision))
            return
        case 8:
            var adjusted = false
            var unit: TimeUnit?
            try reader.structure(field) { reader, field throws(ParquetError) in
                switch field.id {
                case 1: adjusted = try reader.boolean(field)
                case 2:
                    try reader.structure(field) { reader, field throws(ParquetError) in
                        unit = TimeUnit(rawValue: field.id)
                        try reader.skip(field)
                    }
                default: try reader.skip(field)
                }
            }
            guard let unit else { throw .malformed("a timestamp without a unit") }
            self = .timestamp(isAdjustedToUTC: adjusted, unit)
            return
        case 10:
            var bits: Int8 = 0
            var isSigned = true
            try reader.structure(field) { reader, field throws(ParquetError) in
                switch field.id {
                case 1: bits = try reader.int8(field)
                case 2: isSigned = try reader.boolean(field)
                default: try reader.skip(field)
                }
            }
            self = .integer(bits: Int(bits), isSigned: isSigned)
            return
        default: try reader.skip(field)
        }
        self =
            switch field.id {
            case 1: .string
            case 2: .map
            case 3: .list
            case 4: .enum
            case 6: .date
            case 7: .time
            case 11: .unknown
            case 12: .json
            case 13: .bson
            case 14: .uuid
            case 15: .float16
            default: .other(field.id)
            }
    }
}

extension RowGroupMetadata {
    fileprivate init(_ reader: inout ThriftReader) throws(ParquetError) {
        var result = RowGroupMetadata()
        try reader.structure { reader, field throws(ParquetError) in
            switch field.id {
            case 1:
                result.columns = try reader.list(field, of: .structure) { reader throws(ParquetError) in try ColumnChunkMetadata(&reader) }
            case 2: result.totalByteSize = try reader.int64(field)
            case 3: result.rowCount = try reader.int64(field)
            case 5: result.fileOffset = try reader.int64(field)
            default: try reader.skip(field)
            }
        }
        guard !result.columns.isEmpty else { throw .malformed("a row group without columns") }
        self = result
    }
}

extension ColumnChunkMetadata {
    /// Reads a ColumnChunk with the ColumnMetaData in it.
    fileprivate init(_ reader: inout ThriftReader) throws(ParquetError) {
        var result = ColumnChunkMetadata()
        try reader.structure { reader, field throws(ParquetError) in
            switch field.id {
            case 1: result.filePath = try reader.string(field)
            case 3: try reader.structure(field) { reader, field throws(ParquetError) in try result.readMetadata(&reader, field) }
            case 8: throw .unsupported("encryption")
            default: try reader.skip(field)
            }
        }
        guard result.type != nil, !result.path.isEmpty else { throw .malformed("a column chunk without its metadata") }
        self = result
    }

    private mutating func readMetadata(_ reader: inout ThriftReader, _ field: ThriftField) throws(ParquetError) {
        switch field.id {
        case 1: type = PhysicalType(rawValue: try reader.int32(field))
        case 2: encodings = try reader.list(field, of: .int32) { reader throws(ParquetError) in try reader.int32() }
        case 3:
            path = try reader.list(field, of: .binary) { reader throws(ParquetError) in String(decoding: try reader.binary(), as: UTF8.self)
            }
        case 4: codec = try reader.int32(field)
        case 5: valueCount = try reader.int64(field)
        case 6: uncompressedSize = try reader.int64(field)
        case 7: compressedSize = try reader.int64(field)
        case 9: dataPageOffset = try reader.int64(field)
        case 11: dictionaryPageOffset = try reader.int64(field)
        case 12:
            var raw = RawStatistics()
            try reader.structure(field) { reader, field throws(ParquetError) in
                switch field.id {
                // 1 and 2 are the deprecated max and min, of an order that writers disagreed on.
                case 3: raw.nullCount = try reader.int64(field)
                case 5: raw.max = try reader.binary(field)
                case 6: raw.min = try reader.binary(field)
                case 7: raw.isMaxExact = try reader.boolean(field)
                case 8: raw.isMinExact = try reader.boolean(field)
                default: try reader.skip(field)
                }
            }
            statistics = raw
        default: try reader.skip(field)
        }
    }
}

extension PageHeader {
    init(_ reader: inout ThriftReader) throws(ParquetError) {
        var type: Int32 = -1
        var result = PageHeader()
        try reader.structure { reader, field throws(ParquetError) in
            switch field.id {
            case 1: type = try reader.int32(field)
            case 2: result.uncompressedSize = try reader.int32(field)
            case 3: result.compressedSize = try reader.int32(field)
            case 5:
                var header = DataPageHeader()
                try reader.structure(field) { reader, field throws(ParquetError) in
                    switch field.id {
                    case 1: header.valueCount = try reader.int32(field)
                    case 2: header.encoding = try reader.int32(field)
                    case 3: header.definitionLevelEncoding = try reader.int32(field)
                    case 4: header.repetitionLevelEncoding = try reader.int32(field)
                    default: try reader.skip(field)
                    }
                }
                result.kind = .data(header)
            case 7:
                var header = DictionaryPageHeader()
                try reader.structure(field) { reader, field throws(ParquetError) in
                    switch field.id {
                    case 1: header.valueCount = try reader.int32(field)
                    case 2: header.encoding = try reader.int32(field)
                    default: try reader.skip(field)
                    }
                }
                result.kind = .dictionary(header)
            case 8:
                var header = DataPageHeaderV2()
                try reader.structure(field) { reader, field throws(ParquetError) in
                    switch field.id {
                    case 1: header.valueCount = try reader.int32(field)
                    case 2: header.nullCount = try reader.int32(field)
                    case 3: header.rowCount = try reader.int32(field)
                    case 4: header.encoding = try reader.int32(field)
                    case 5: header.definitionLevelsLength = try reader.int32(field)
                    case 6: header.repetitionLevelsLength = try reader.int32(field)
                    case 7: header.isCompressed = try reader.boolean(field)
                    default: try reader.skip(field)
                    }
                }
                result.kind = .dataV2(header)
            default: try reader.skip(field)
            }
        }
        switch (type, result.kind) {
        case (0, .data), (2, .dictionary), (3, .dataV2): break
        case (0, _), (2, _), (3, _): throw .malformed("a page header without the header of its type")
        default: result.kind = .other
        }
        self = result
    }
}
