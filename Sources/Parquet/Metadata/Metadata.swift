// The structures of the format's parquet.thrift that are used here; names and numbers are the format's.

enum PhysicalType: Int32, Sendable {
    case boolean, int32, int64, int96, float, double, byteArray, fixedLenByteArray
}

enum Repetition: Int32, Sendable { case required, optional, repeated }

enum ConvertedType: Int32, Sendable {
    case utf8, map, mapKeyValue, list, `enum`, decimal, date, timeMillis, timeMicros, timestampMillis, timestampMicros
    case uint8, uint16, uint32, uint64, int8, int16, int32, int64, json, bson, interval
}

enum TimeUnit: Int, Sendable { case millis = 1, micros, nanos }

enum LogicalType: Sendable, Equatable {
    case string, map, list, `enum`
    case decimal(scale: Int, precision: Int)
    case date
    case time
    case timestamp(isAdjustedToUTC: Bool, TimeUnit)
    case integer(bits: Int, isSigned: Bool)
    case unknown, json, bson, uuid, float16
    /// One that the format has got since.
    case other(Int)
}

enum Encoding: Int32, Sendable {
    case plain = 0
    case plainDictionary = 2
    case rle, bitPacked, deltaBinaryPacked, deltaLengthByteArray, deltaByteArray, rleDictionary, byteStreamSplit

    var name: String {
        switch self {
        case .plain: "PLAIN"
        case .plainDictionary: "PLAIN_DICTIONARY"
        case .rle: "RLE"
        case .bitPacked: "BIT_PACKED"
        case .deltaBinaryPacked: "DELTA_BINARY_PACKED"
        case .deltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY"
        case .deltaByteArray: "DELTA_BYTE_ARRAY"
        case .rleDictionary: "RLE_DICTIONARY"
        case .byteStreamSplit: "BYTE_STREAM_SPLIT"
        }
    }
}

enum Codec: Int32, Sendable {
    case uncompressed, snappy, gzip, lzo, brotli, lz4, zstd, lz4Raw

    var name: String {
        switch self {
        case .uncompressed: "UNCOMPRESSED"
        case .snappy: "SNAPPY"
        case .gzip: "GZIP"
        case .lzo: "LZO"
        case .brotli: "BROTLI"
        case .lz4: "LZ4"
        case .zstd: "ZSTD"
        case .lz4Raw: "LZ4_RAW"
        }
    }
}

struct SchemaElement: Sendable {
    var type: PhysicalType?
    var typeLength: Int32?
    var repetition: Repetition?
    var name = ""
    var childCount: Int32?
    var convertedType: ConvertedType?
    var scale: Int32?
    var precision: Int32?
    var fieldID: Int32?
    var logicalType: LogicalType?
}

struct FileMetadata: Sendable {
    var version: Int32 = 1
    var schema: [SchemaElement] = []
    var rowCount: Int64 = 0
    var rowGroups: [RowGroupMetadata] = []
    var keyValues: [(key: String, value: String?)] = []
    var createdBy: String?
}

struct RowGroupMetadata: Sendable {
    var columns: [ColumnChunkMetadata] = []
    var totalByteSize: Int64 = 0
    var rowCount: Int64 = 0
    var fileOffset: Int64?
}

struct ColumnChunkMetadata: Sendable {
    /// Set if the data are in another file.
    var filePath: String?
    var type: PhysicalType?
    var encodings: [Int32] = []
    var path: [String] = []
    /// The format's number of the codec.
    var codec: Int32 = 0
    var valueCount: Int64 = 0
    var uncompressedSize: Int64 = 0
    var compressedSize: Int64 = 0
    var dataPageOffset: Int64 = 0
    var dictionaryPageOffset: Int64?
    var statistics: RawStatistics?
}

/// Statistics with the values as the file has them.
struct RawStatistics: Sendable {
    var nullCount: Int64?
    var min: [UInt8]?
    var max: [UInt8]?
    var isMinExact: Bool?
    var isMaxExact: Bool?
}

struct PageHeader: Sendable {
    enum Kind: Sendable {
        case data(DataPageHeader)
        case dataV2(DataPageHeaderV2)
        case dictionary(DictionaryPageHeader)
        /// An index page, or one of a type that is unknown.
        case other
    }

    var kind = Kind.other
    var uncompressedSize: Int32 = 0
    var compressedSize: Int32 = 0
}

struct DataPageHeader: Sendable {
    var valueCount: Int32 = 0
    var encoding: Int32 = 0
    var definitionLevelEncoding: Int32 = 3
    var repetitionLevelEncoding: Int32 = 3
}

struct DataPageHeaderV2: Sendable {
    var valueCount: Int32 = 0
    var nullCount: Int32 = 0
    var rowCount: Int32 = 0
    var encoding: Int32 = 0
    var definitionLevelsLength: Int32 = 0
    var repetitionLevelsLength: Int32 = 0
    var isCompressed = true
}

struct DictionaryPageHeader: Sendable {
    var valueCount: Int32 = 0
    var encoding: Int32 = 0
}
