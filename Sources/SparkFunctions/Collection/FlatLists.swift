import Columnar
import SparkErrors

/// A column of lists as one column of elements, each with the row it is of. Nulls and what lies outside of the lists are gone.
struct FlatLists {
    let elements: Column
    let offsets: [Int32]
    let validity: Bitmap?
    /// Per element its row.
    let rows: [Int32]

    init(_ column: Column) throws(SQLError) {
        let lists = try ArrayKernels.lists(column).compacted()
        elements = lists.child
        offsets = lists.offsets
        validity = lists.validity
        var rows: [Int32] = []
        rows.reserveCapacity(lists.child.count)
        for row in 0..<lists.count {
            rows.append(contentsOf: repeatElement(Int32(truncatingIfNeeded: row), count: Int(lists.offsets[row + 1] - lists.offsets[row])))
        }
        self.rows = rows
    }

    var count: Int { offsets.count - 1 }

    func range(_ row: Int) -> Range<Int> { Int(offsets[row])..<Int(offsets[row + 1]) }

    var rowColumn: Column { Column(.int, .int32(PrimitiveArray(rows))) }

    /// A value a row, beside each element of that row.
    func spread(_ column: Column) throws(SQLError) -> Column { try column.gather(rows) }

    /// The lists without the elements under zeros, and without the rows that are null there too.
    func keeping(_ mask: Bitmap, type: DataType, validity: Bitmap? = nil) -> Column {
        var bounds: [Int32] = [0]
        bounds.reserveCapacity(offsets.count)
        var kept: Int32 = 0
        for row in 0..<count {
            for element in range(row) where mask[element] { kept += 1 }
            bounds.append(kept)
        }
        let validity = Kernel.combinedValidity(self.validity, validity)
        return Column(type, .list(ListArray(offsets: bounds, child: elements.filter(mask), validity: validity)))
    }

    /// The elements in another order within the lists.
    func reordered(_ order: [Int32], type: DataType) -> Column {
        Column(type, .list(ListArray(offsets: offsets, child: elements.take(order), validity: validity)))
    }

    /// Numbers the pairs of row and element: equal elements of a row have one number, nulls too.
    func numbers(_ indexer: inout GroupIndexer) -> [Int32] { indexer.groups(of: [rowColumn, elements], rowCount: elements.count) }

    /// One where a number appears for the first time.
    static func firsts(_ numbers: [Int32], from base: Int) -> Bitmap {
        var next = Int32(truncatingIfNeeded: base)
        return Bitmap(
            numbers.map { number in
                if number == next {
                    next += 1
                    return true
                }
                return false
            })
    }
}

extension Call {
    /// The element type of an argument that must be an array; VOID counts as one unless `strict`.
    func element(_ index: Int, strict: Bool = true) throws(SQLError) -> (element: DataType, containsNull: Bool) {
        switch arguments[index].type {
        case .array(let element, let containsNull): return (element, containsNull)
        case .void where !strict: return (.void, true)
        default: throw unexpectedType(index, "\"ARRAY\"")
        }
    }

    /// The types of an array and of a value like its elements, brought together without changing strings.
    func arrayAndValue(_ array: Int = 0, _ value: Int = 1, decimals: Bool = false) throws(SQLError) -> (array: DataType, element: DataType) {
        let (element, containsNull) = try element(array)
        let given = arguments[value].type
        guard let common = decimals ? Coercion.widerWithoutStrings(element, given) : Coercion.tightestCommonType(element, given) else {
            throw mismatch(
                .datatypeMismatchArrayFunctionDiffTypes,
                [
                    "functionName": SQLQuote.id(name), "dataType": "\"ARRAY\"", "leftType": SQLQuote.type(arguments[array].type.sqlText),
                    "rightType": SQLQuote.type(given.sqlText),
                ])
        }
        return (.array(element: common, containsNull: containsNull), common)
    }
}
