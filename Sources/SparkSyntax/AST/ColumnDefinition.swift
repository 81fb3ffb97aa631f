package import SparkErrors

/// A column of CREATE TABLE and of ALTER TABLE … ADD/REPLACE COLUMNS.
package struct ColumnDefinition: Sendable {
    package enum Position: Sendable {
        case first
        case after(Identifier)
    }

    package enum Generation: Sendable {
        /// `GENERATED ALWAYS AS (expression)`.
        case expression(Expression)
        /// `GENERATED ALWAYS|BY DEFAULT AS IDENTITY (START WITH s INCREMENT BY i)`.
        case identity(always: Bool, start: Int64?, step: Int64?)
    }

    /// More than one part only in ALTER TABLE, for a field of a struct.
    package let name: MultipartIdentifier
    package let type: TypeName
    package var isNullable = true
    /// Its span cuts the text that the table keeps.
    package var defaultValue: Expression?
    package var generation: Generation?
    package var comment: String?
    package var constraints: [TableConstraint] = []
    package var position: Position?
    package var mask: ColumnMask?
    package let span: SourceSpan

    package init(name: MultipartIdentifier, type: TypeName, span: SourceSpan) {
        self.name = name
        self.type = type
        self.span = span
    }
}

/// `MASK function [USING COLUMNS (…)]`.
package struct ColumnMask: Sendable {
    package let function: NameReference
    package let arguments: [Expression]

    package init(function: NameReference, arguments: [Expression]) {
        self.function = function
        self.arguments = arguments
    }
}

package struct TableConstraint: Sendable {
    package enum Kind: Sendable {
        /// `isTimeSeries` runs beside `columns`. Empty columns: the constraint stands at a column, which is its only one.
        case primaryKey(columns: [Identifier], isTimeSeries: [Bool])
        case foreignKey(columns: [Identifier], parent: NameReference, parentColumns: [Identifier])
        /// The expression's span cuts its text.
        case check(Expression)
        case unique(columns: [Identifier])
    }

    package let name: Identifier?
    package let kind: Kind
    /// RELY, NORELY, NOT ENFORCED, DEFERRABLE, … in upper case as written.
    package let characteristics: [String]
    package let span: SourceSpan

    package init(name: Identifier?, kind: Kind, characteristics: [String], span: SourceSpan) {
        self.name = name
        self.kind = kind
        self.characteristics = characteristics
        self.span = span
    }
}

/// An item of PARTITIONED BY.
package enum PartitionField: Sendable {
    case column(MultipartIdentifier)
    /// `b INT` in CREATE TABLE … AS-less form: declares the column too.
    case definition(ColumnDefinition)
    /// `bucket(16, id)`, `years(ts)`.
    case transform(name: Identifier, arguments: [Expression])
}

package enum ClusterBy: Sendable {
    case columns([MultipartIdentifier])
    case auto
    case none
}
