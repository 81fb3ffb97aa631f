/// The type of a column or value, by Spark's names (`org.apache.spark.sql.types`). How each is laid out is said in `ColumnValues`.
package indirect enum DataType: Sendable, Hashable {
    /// The type of NULL alone.
    case void
    case boolean
    case byte
    case short
    case int
    case long
    case float
    case double
    case decimal(DecimalType)
    case string(Collation)
    case char(Int)
    case varchar(Int)
    case binary
    /// Days since 1970-01-01, proleptic Gregorian.
    case date
    /// Microseconds since 1970-01-01T00:00:00Z; shown in the session's time zone.
    case timestamp
    /// Microseconds since 1970-01-01T00:00:00 of a wall clock without a zone.
    case timestampNTZ
    /// Months.
    case yearMonthInterval(YearMonthRange)
    /// Microseconds.
    case dayTimeInterval(DayTimeRange)
    case array(element: DataType, containsNull: Bool)
    case map(key: DataType, value: DataType, valueContainsNull: Bool)
    case structure([Field])
    case variant

    /// STRING with the default collation.
    package static let text = DataType.string(.utf8Binary)
}

/// DECIMAL(precision, scale); 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision.
package struct DecimalType: Sendable, Hashable {
    package static let maxPrecision = 38
    /// Up to this precision values fit 64 bits, and are stored so.
    package static let maxLongPrecision = 18

    package let precision: Int
    package let scale: Int

    package init(_ precision: Int, _ scale: Int) {
        self.precision = precision
        self.scale = scale
    }

    package var fitsLong: Bool { precision <= Self.maxLongPrecision }
}

package enum Collation: String, Sendable, Hashable {
    case utf8Binary = "UTF8_BINARY"
    case utf8LCase = "UTF8_LCASE"
    /// Of strings that were made of columns with different collations: nothing can compare them.
    case indeterminate = "null"

    /// Those that a statement can name.
    package static let named: [Collation] = [.utf8Binary, .utf8LCase]
}

/// Which fields an INTERVAL YEAR…MONTH type spans.
package struct YearMonthRange: Sendable, Hashable {
    package enum Unit: Int, Sendable, Hashable { case year, month }
    package let start: Unit
    package let end: Unit

    package init(_ start: Unit, _ end: Unit) {
        self.start = start
        self.end = end
    }
}

/// Which fields an INTERVAL DAY…SECOND type spans.
package struct DayTimeRange: Sendable, Hashable {
    package enum Unit: Int, Sendable, Hashable { case day, hour, minute, second }
    package let start: Unit
    package let end: Unit

    package init(_ start: Unit, _ end: Unit) {
        self.start = start
        self.end = end
    }
}

/// A named column of a table, a result or a struct.
package struct Field: Sendable, Hashable {
    package var name: String
    package var type: DataType
    package var nullable: Bool
    package var comment: String?

    package init(_ name: String, _ type: DataType, nullable: Bool = true, comment: String? = nil) {
        self.name = name
        self.type = type
        self.nullable = nullable
        self.comment = comment
    }
}

package struct Schema: Sendable, Hashable {
    package var fields: [Field]

    package init(_ fields: [Field]) { self.fields = fields }

    package var count: Int { fields.count }

    /// The position of a column; names are compared as Spark does by default, without regard to case.
    package func index(of name: String) -> Int? {
        fields.firstIndex { $0.name == name } ?? fields.firstIndex { $0.name.lowercased() == name.lowercased() }
    }
}
