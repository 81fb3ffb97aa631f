import Columnar

extension SchemaElement {
    /// A flat column as Spark writes it (its intervals are integers in files).
    init(_ field: Field, fieldID: Int32?) throws(ParquetError) {
        var element = SchemaElement()
        element.name = field.name
        element.repetition = field.nullable ? .optional : .required
        element.fieldID = fieldID
        switch field.type {
        case .boolean: element.type = .boolean
        case .byte:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.int8, .integer(bits: 8, isSigned: true))
        case .short:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.int16, .integer(bits: 16, isSigned: true))
        case .int, .yearMonthInterval: element.type = .int32
        case .long, .dayTimeInterval: element.type = .int64
        case .float: element.type = .float
        case .double: element.type = .double
        case .date:
            element.type = .int32
            (element.convertedType, element.logicalType) = (.date, .date)
        case .timestamp:
            element.type = .int64
            (element.convertedType, element.logicalType) = (.timestampMicros, .timestamp(isAdjustedToUTC: true, .micros))
        case .timestampNTZ:
            element.type = .int64
            element.logicalType = .timestamp(isAdjustedToUTC: false, .micros)
        case .decimal(let type):
            if type.precision <= 9 {
                element.type = .int32
            } else if type.fitsLong {
                element.type = .int64
            } else {
                element.type = .fixedLenByteArray
                element.typeLength = Int32(truncatingIfNeeded: type.byteLength)
            }
            element.convertedType = .decimal
            element.scale = Int32(truncatingIfNeeded: type.scale)
            element.precision = Int32(truncatingIfNeeded: type.precision)
            element.logicalType = .decimal(scale: type.scale, precision: type.precision)
        case .string, .char, .varchar:
            element.type = .byteArray
            (element.convertedType, element.logicalType) = (.utf8, .string)
        case .binary: element.type = .byteArray
        case .void, .array, .map, .structure, .variant:
            throw .unsupported("the column '\(field.name)' of type \(field.type.sqlText)")
        }
        self = element
    }
}

extension DecimalType {
    /// The fewest bytes that hold the precision's greatest value with a sign.
    var byteLength: Int { (129 - DecimalMath.greatest(precision: precision).leadingZeroBitCount + 7) / 8 }
}
