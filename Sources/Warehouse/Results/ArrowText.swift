package import Columnar
import SparkFunctions

/// Makes into text what Arrow has no type for, or the caller does not read: a VARIANT becomes its JSON, at any depth, as the real service gives it.
package struct ArrowText {
    let zone: SessionTimeZone
    private let types: ArrowTypes
    private let context: EvaluationContext

    package init(timeZoneID: String, types: ArrowTypes = ArrowTypes()) {
        zone = SessionTimeZone(timeZoneID) ?? .utc
        self.types = types
        var context = EvaluationContext()
        context.timeZone = zone
        self.context = context
    }

    /// The real service names UTC so.
    package var zoneName: String { zone.id == "UTC" ? "Etc/UTC" : zone.id }

    package func schema(_ schema: Schema) -> Schema {
        Schema(schema.fields.map { types.isText($0.type) ? Field($0.name, .text, nullable: $0.nullable) : field($0) })
    }

    private func field(_ field: Field) -> Field { Field(field.name, type(field.type), nullable: field.nullable) }

    private func type(_ type: DataType) -> DataType {
        switch type {
        case .variant: .text
        case .array(let element, let containsNull): .array(element: self.type(element), containsNull: containsNull)
        case .map(let key, let value, let containsNull): .map(key: self.type(key), value: self.type(value), valueContainsNull: containsNull)
        case .structure(let fields): .structure(fields.map(field))
        default: type
        }
    }

    private func hasVariant(_ type: DataType) -> Bool {
        switch type {
        case .variant: true
        case .array(let element, _): hasVariant(element)
        case .map(let key, let value, _): hasVariant(key) || hasVariant(value)
        case .structure(let fields): fields.contains { hasVariant($0.type) }
        default: false
        }
    }

    package func batch(_ batch: RecordBatch) -> RecordBatch {
        guard batch.columns.contains(where: { types.isText($0.type) || hasVariant($0.type) }) else { return batch }
        return RecordBatch(
            schema: schema(batch.schema), columns: batch.columns.map { types.isText($0.type) ? plain($0) : column($0) }, rowCount: batch.rowCount)
    }

    private func plain(_ column: Column) -> Column {
        var builder = BytesBuilder(capacity: column.count)
        for row in 0..<column.count {
            if column.isNull(row) {
                builder.appendNull()
            } else {
                builder.append(NativeText.text(column.value(at: row), column.type, context))
            }
        }
        return Column(.text, .bytes(builder.finish()))
    }

    private func column(_ column: Column) -> Column {
        guard hasVariant(column.type) else { return column }
        let type = type(column.type)
        switch column.values {
        case .structure(let array):
            if column.type == .variant { return text(column) }
            return Column(type, .structure(StructArray(children: array.children.map(self.column), validity: array.validity, count: array.count)))
        case .list(let array):
            return Column(type, .list(ListArray(offsets: array.offsets, child: self.column(array.child), validity: array.validity)))
        default: return column
        }
    }

    private func text(_ column: Column) -> Column {
        let variants = VariantColumn(column)
        var builder = BytesBuilder(capacity: column.count)
        for row in 0..<column.count {
            guard !column.isNull(row), let node = variants?.node(row) else {
                builder.appendNull()
                continue
            }
            builder.append(node.json(zone))
        }
        return Column(.text, .bytes(builder.finish()))
    }
}
