/// A built-in that is no function of values to a value: syntax, higher-order functions and row generators. The engine resolves these itself.
package struct SpecialForm: Sendable {
    package let name: String
    package let usage: String
    /// The version of Spark that has it.
    package let since: String

    init(_ name: String, _ usage: String, _ since: String) {
        self.name = name
        self.usage = usage
        self.since = since
    }

    /// Nil for other names; case does not matter.
    package static func named(_ name: String) -> SpecialForm? {
        let name = name.lowercased()
        return all.first { $0.name == name }
    }

    /// In the order of their names.
    package static let all: [SpecialForm] = syntax + higherOrder + generators

    private static let syntax: [SpecialForm] = [
        .init("and", "expr1 and expr2 - Logical AND of three values.", "1.0.0"),
        .init("between", "input [NOT] between lower AND upper - Whether input lies within both bounds, these included.", "1.0.0"),
        .init(
            "case", "CASE [operand] WHEN expr THEN result … [ELSE other] END - The result of the first branch that holds, or is equal to operand.",
            "1.0.1"),
        .init("cast", "cast(expr AS type) - The value as another type; an error if there is none.", "1.0.0"),
        .init("coalesce", "coalesce(expr1, expr2, …) - The first argument that is not NULL.", "1.0.0"),
        .init("grouping", "grouping(col) - 1 where col is left out of the grouping set, else 0.", "2.0.0"),
        .init("grouping_id", "grouping_id([col, …]) - The bits of grouping() of the columns as one number.", "2.0.0"),
        .init("if", "if(condition, then, otherwise) - then where the condition is true, else otherwise.", "1.0.0"),
        .init("in", "expr in (value, …) - Whether expr is equal to one of the values.", "1.0.0"),
        .init("or", "expr1 or expr2 - Logical OR of three values.", "1.0.0"),
        .init("when", "when(condition, result[, condition, result] …[, other]) - CASE as a call.", "1.0.1"),
    ]

    private static let higherOrder: [SpecialForm] = [
        .init("aggregate", "aggregate(array, start, merge[, finish]) - Merges the elements one by one into start, then applies finish.", "2.4.0"),
        .init("exists", "exists(array, predicate) - Whether the predicate holds for an element.", "2.4.0"),
        .init("filter", "filter(array, predicate) - The elements for which the predicate holds.", "2.4.0"),
        .init("forall", "forall(array, predicate) - Whether the predicate holds for every element.", "3.0.0"),
        .init("map_filter", "map_filter(map, predicate) - The entries for which the predicate of key and value holds.", "3.0.0"),
        .init("map_zip_with", "map_zip_with(map1, map2, function) - Both maps' values of a key merged into one.", "3.0.0"),
        .init("reduce", "reduce(array, start, merge[, finish]) - Merges the elements one by one into start, then applies finish.", "3.4.0"),
        .init("transform", "transform(array, function) - The function of each element, perhaps of its position too.", "2.4.0"),
        .init("transform_keys", "transform_keys(map, function) - The map with other keys.", "3.0.0"),
        .init("transform_values", "transform_values(map, function) - The map with other values.", "3.0.0"),
        .init("zip_with", "zip_with(left, right, function) - Two arrays' elements merged one by one; NULL stands for what is missing.", "2.4.0"),
    ]

    private static let generators: [SpecialForm] = [
        .init("collations", "collations() - A row for each collation.", "4.0.0"),
        .init("explode", "explode(collection) - A row for each element of an array, or entry of a map.", "1.0.0"),
        .init("explode_outer", "explode_outer(collection) - As explode; one row of NULL where there is no element.", "1.0.0"),
        .init("inline", "inline(array) - A row for each STRUCT of an array.", "2.0.0"),
        .init("inline_outer", "inline_outer(array) - As inline; one row of NULLs where there is no element.", "2.0.0"),
        .init("json_tuple", "json_tuple(json, name, …) - The named members of a JSON object, a column each.", "1.6.0"),
        .init("posexplode", "posexplode(collection) - As explode, with the element's position from 0.", "2.0.0"),
        .init("posexplode_outer", "posexplode_outer(collection) - As posexplode; one row of NULLs where there is no element.", "2.0.0"),
        .init("range", "range([start, ]end[, step[, partitions]]) - A row for each number from start up to end, which is left out.", "2.0.0"),
        .init("sql_keywords", "sql_keywords() - A row for each keyword of SQL, and whether it is reserved.", "3.5.0"),
        .init("stack", "stack(n, expr, …) - The expressions parted into n rows.", "2.0.0"),
        .init("variant_explode", "variant_explode(expr) - A row for each element of a VARIANT's array, or field of its object.", "4.0.0"),
        .init("variant_explode_outer", "variant_explode_outer(expr) - As variant_explode; one row of NULLs where there is none.", "4.0.0"),
    ]
}
