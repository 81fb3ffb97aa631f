import Columnar

/// Puts nested columns together from the levels and values of their leaves.
struct ColumnAssembler {
    /// One for each leaf of the top-level column.
    let chunks: [ColumnChunk]
    let firstLeaf: Int

    func column(_ node: SchemaNode, rowCount: Int) throws(ParquetError) -> Column {
        // Lists are nothing but leaves whose levels agree: the first of each is checked here, the others against it.
        for chunk in chunks where !chunk.levels.repetitions.isEmpty {
            guard chunk.levels.repetitions[0] == 0 else { throw .malformed("the column '\(node.name)' begins within a list") }
        }
        let column = try assemble(node)
        guard column.count == rowCount else {
            throw .malformed("the column '\(node.name)' has \(column.count) rows where there are \(rowCount)")
        }
        return column
    }

    private func assemble(_ node: SchemaNode) throws(ParquetError) -> Column {
        switch node.kind {
        case .leaf(let leaf, let index):
            let chunk = chunks[index - firstLeaf]
            let (validity, count) = places(node)
            return try ValueConverter(leaf: leaf, values: chunk.values, validity: validity, count: count).column()
        case .structure(let fields):
            let (validity, count) = places(node)
            var children: [Column] = []
            for field in fields {
                let child = try assemble(field)
                guard child.count == count else { throw disagreement(node) }
                children.append(child)
            }
            return Column(node.type, .structure(StructArray(children: children, validity: validity, count: count)))
        case .list(let element):
            let (offsets, validity) = try lists(node)
            let child = try assemble(element)
            guard child.count == Int(offsets[offsets.count - 1]) else { throw disagreement(node) }
            return Column(node.type, .list(ListArray(offsets: offsets, child: child, validity: validity)))
        case .map(let key, let value):
            let (offsets, validity) = try lists(node)
            let (keys, values) = (try assemble(key), try assemble(value))
            let count = Int(offsets[offsets.count - 1])
            guard keys.count == count, values.count == count else { throw disagreement(node) }
            guard keys.nullCount == 0 else { throw .malformed("a null key in the map '\(node.name)'") }
            let entry = DataType.mapEntry(key.type, value.type, valueContainsNull: value.nullable)
            let child = Column(entry, .structure(StructArray(children: [keys, values], count: count)))
            return Column(node.type, .list(ListArray(offsets: offsets, child: child, validity: validity)))
        }
    }

    private func disagreement(_ node: SchemaNode) -> ParquetError { .malformed("the parts of the column '\(node.name)' disagree on its lists") }

    /// Which of the places for a node's values have one; by the levels of its first leaf.
    private func places(_ node: SchemaNode) -> (validity: Bitmap?, count: Int) {
        let levels = chunks[node.leaves.lowerBound - firstLeaf].levels
        // A leaf with structs alone around it, of which it and they have one optional at most.
        if levels.definitions.isEmpty {
            if node.levels.definition == 0 { return (nil, levels.count) }
            let validity = levels.validity
            return (validity.finishValidity(), levels.count)
        }
        var validity = BitmapBuilder()
        let place = UInt8(truncatingIfNeeded: node.levels.place)
        let present = UInt8(truncatingIfNeeded: node.levels.definition)
        let depth = UInt8(truncatingIfNeeded: node.levels.repetition)
        levels.definitions.withUnsafeBufferPointer { definitions in
            if levels.repetitions.isEmpty {
                validity.reserve(definitions.count)
                for definition in definitions { validity.append(definition >= present) }
                return
            }
            levels.repetitions.withUnsafeBufferPointer { repetitions in
                for index in definitions.indices where definitions[index] >= place && repetitions[index] <= depth {
                    validity.append(definitions[index] >= present)
                }
            }
        }
        let count = validity.count
        return (validity.finishValidity(), count)
    }

    /// The offsets of a node's lists, by the levels of its first leaf.
    private func lists(_ node: SchemaNode) throws(ParquetError) -> (offsets: [Int32], validity: Bitmap?) {
        let levels = chunks[node.leaves.lowerBound - firstLeaf].levels
        guard levels.definitions.count == levels.repetitions.count else { throw disagreement(node) }
        var validity = BitmapBuilder()
        var offsets: [Int32] = [0]
        var (elements, isBroken) = (0, false)
        let place = UInt8(truncatingIfNeeded: node.levels.place)
        let present = UInt8(truncatingIfNeeded: node.levels.definition)
        let depth = UInt8(truncatingIfNeeded: node.levels.repetition)
        levels.definitions.withUnsafeBufferPointer { definitions in
            levels.repetitions.withUnsafeBufferPointer { repetitions in
                for index in definitions.indices where definitions[index] >= place {
                    let (definition, repetition) = (definitions[index], repetitions[index])
                    if repetition <= depth {
                        if validity.count > 0 { offsets.append(Int32(truncatingIfNeeded: elements)) }
                        validity.append(definition >= present)
                        if definition > present { elements += 1 }
                    } else if repetition == depth + 1 {
                        // Another element of the list that is open, which must have one already.
                        if definition <= present || validity.count == 0 || elements == Int(offsets[offsets.count - 1]) { isBroken = true }
                        elements += 1
                    }
                }
            }
        }
        guard !isBroken, elements <= Int(Int32.max) else { throw disagreement(node) }
        let count = validity.count
        if count > 0 { offsets.append(Int32(truncatingIfNeeded: elements)) }
        guard offsets.count == count + 1 else { throw disagreement(node) }
        return (offsets, validity.finishValidity())
    }
}
