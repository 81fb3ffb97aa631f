import Columnar
import SparkErrors

extension Caster {
    /// Part by part. What lies under a null, or outside of the lists, is not looked at.
    func toNested(_ column: Column) throws(SQLError) -> Column {
        switch (column.values, from, to) {
        case (.list(let array), .array(let source, _), .array(let target, _)):
            let compact = array.compacted()
            let child = try inner(compact.child, source, target)
            return Column(to, .list(ListArray(offsets: compact.offsets, child: child, validity: array.validity)))
        case (.list(let array), .map(let sourceKey, let sourceValue, _), .map(let key, let value, let containsNull)):
            let compact = array.compacted()
            guard case .structure(let entries) = compact.child.values, entries.children.count == 2 else { throw unsupported() }
            let children = [try inner(entries.children[0], sourceKey, key), try inner(entries.children[1], sourceValue, value)]
            let child = Column(
                .mapEntry(key, value, valueContainsNull: containsNull), .structure(StructArray(children: children, count: entries.count)))
            return Column(to, .list(ListArray(offsets: compact.offsets, child: child, validity: array.validity)))
        case (.structure(let array), .structure(let source), .structure(let target)) where source.count == target.count:
            var children: [Column] = []
            for (index, field) in target.enumerated() {
                var child = array.children[index]
                if let validity = array.validity { child = child.nullWhereNot(validity) }
                children.append(try inner(child, source[index].type, field.type))
            }
            return Column(to, .structure(StructArray(children: children, validity: array.validity, count: array.count)))
        default: throw unsupported()
        }
    }

    private func inner(_ column: Column, _ source: DataType, _ target: DataType) throws(SQLError) -> Column {
        if source == target { return column }
        if case .void = column.values { return .nulls(target, count: column.count) }
        return try Caster(from: source, to: target, mode: mode, context: context).cast(column)
    }
}

extension ListArray {
    /// The same lists over a child that holds nothing else: nulls are empty, and offsets begin at zero.
    func compacted() -> ListArray {
        var offsets: [Int32] = [0]
        offsets.reserveCapacity(count + 1)
        var indices: [Int32] = []
        var needed = self.offsets[0] != 0 || Int(self.offsets[count]) != child.count
        for row in 0..<count {
            if let validity, !validity[row] {
                if self.offsets[row] != self.offsets[row + 1] { needed = true }
            } else {
                indices.append(contentsOf: self.offsets[row]..<self.offsets[row + 1])
            }
            offsets.append(Int32(indices.count))
        }
        return needed ? ListArray(offsets: offsets, child: child.take(indices), validity: validity) : self
    }
}
