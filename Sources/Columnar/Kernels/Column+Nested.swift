extension Column {
    /// How many rows have NULL in a field within structs, by the fields' positions; a NULL around it counts.
    package func nullCount(at path: [Int]) -> Int {
        var column = self
        for position in path {
            guard case .structure(let array) = column.values, array.children.indices.contains(position) else { return column.nullCount }
            column = array.children[position].with(validity: Kernel.combinedValidity(array.children[position].validity, array.validity))
        }
        return column.nullCount
    }
}

extension DataType {
    /// The fields within structs that may not be NULL, by their positions and names; what is in lists and maps is left out.
    package var requiredFields: [(path: [Int], names: [String])] {
        guard case .structure(let fields) = self else { return [] }
        return fields.enumerated().flatMap { index, field in
            let own: [(path: [Int], names: [String])] = field.nullable ? [] : [([index], [field.name])]
            return own + field.type.requiredFields.map { ([index] + $0.path, [field.name] + $0.names) }
        }
    }
}
