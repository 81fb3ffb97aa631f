import Columnar
import JSON
import Workspace

/// Columns and their types.
extension InformationSchema {
    /// What a type is in numbers: members of `columns`, `routines` and `parameters` alike.
    static let typeFields =
        integers("character_maximum_length") + texts("character_octet_length?")
        + integers("numeric_precision numeric_precision_radix numeric_scale datetime_precision") + texts("interval_type?")
        + integers("interval_precision maximum_cardinality")

    static let columns = Relation(
        fields: texts("table_catalog table_schema table_name column_name") + [Field("ordinal_position", .int, nullable: false)]
            + texts("column_default? is_nullable full_data_type data_type") + typeFields
            + texts(
                """
                is_identity identity_generation? identity_start? identity_increment? identity_maximum? identity_minimum? identity_cycle? is_generated \
                generation_expression? is_system_time_period_start is_system_time_period_end system_time_period_timestamp_generation? is_updatable
                """) + integers("partition_index") + texts("comment?")
    ) { view in
        try view.tableInfos(columns: true).flatMap { table in
            try table.columns.all.map { column -> [Value] in
                let field = try TableColumns.field(column)
                var row = names(table.name) + [.string(column.name), number(column.position), text(view.defaultValue(column))]
                row += [yes(column.nullable), .string(column.typeText), .string(column.typeName)] + typeValues(field.type)
                row += [yes(false), .null, .null, .null, .null, .null, .null, yes(false), .null, yes(false), yes(false), .null]
                return row + [yes(!table.type.isView), number(column.partitionIndex), text(column.comment)]
            }
        }
    }

    /// The default's text, which the field's metadata hold.
    private func defaultValue(_ column: ColumnInfo) -> String? {
        guard let json = try? JSONValue(parsing: column.typeJSON) else { return nil }
        return json["metadata"]?["CURRENT_DEFAULT"]?.stringValue
    }

    static func typeValues(_ type: DataType?) -> [Value] {
        var (precision, radix, scale, time): (Int?, Int?, Int?, Int?) = (nil, nil, nil, nil)
        var interval: String?
        switch type {
        case .byte: (precision, radix, scale) = (8, 2, 0)
        case .short: (precision, radix, scale) = (16, 2, 0)
        case .int: (precision, radix, scale) = (32, 2, 0)
        case .long: (precision, radix, scale) = (64, 2, 0)
        case .float: (precision, radix) = (32, 2)
        case .double: (precision, radix) = (64, 2)
        case .decimal(let decimal): (precision, radix, scale) = (decimal.precision, 10, decimal.scale)
        case .date: time = 0
        case .timestamp: time = 3
        case .yearMonthInterval?, .dayTimeInterval?:
            let text = String(type?.sqlText.dropFirst("INTERVAL ".count) ?? "")
            interval = text
            time = text.hasSuffix("SECOND") ? 3 : 0
        default: break
        }
        return [.null, .null, number(precision), number(radix), number(scale), number(time), text(interval), .null, .null]
    }
}
