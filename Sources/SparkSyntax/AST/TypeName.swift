package import SparkErrors

/// A data type as written in SQL.
package struct TypeName: Sendable {
    package let kind: Kind
    package let span: SourceSpan

    package init(_ kind: Kind, span: SourceSpan) {
        self.kind = kind
        self.span = span
    }

    package indirect enum Kind: Sendable {
        case boolean, tinyint, smallint, int, bigint, float, double
        case date, timestamp, timestampNTZ
        /// TIME(p), 0...6.
        case time(precision: Int)
        case string(collation: String?)
        case char(Int, collation: String?)
        case varchar(Int, collation: String?)
        case binary
        /// Precision and scale as written or Spark's defaults (10, 0); not yet checked against 38.
        case decimal(precision: Int, scale: Int)
        case void
        case variant
        /// The calendar interval of `CAST(x AS INTERVAL)`.
        case calendarInterval
        case yearMonthInterval(from: IntervalUnit, to: IntervalUnit)
        case dayTimeInterval(from: IntervalUnit, to: IntervalUnit)
        case array(TypeName)
        case map(key: TypeName, value: TypeName)
        case structure([StructField])
        /// GEOMETRY(srid) and GEOGRAPHY(srid); nil for ANY.
        case geometry(srid: Int?)
        case geography(srid: Int?)
        case object
    }

    package struct StructField: Sendable {
        package let name: Identifier
        package let type: TypeName
        package let isNullable: Bool
        package let comment: String?

        package init(name: Identifier, type: TypeName, isNullable: Bool, comment: String?) {
            self.name = name
            self.type = type
            self.isNullable = isNullable
            self.comment = comment
        }
    }
}
