import Columnar
import SparkErrors
import SparkFunctions
import Testing

/// Every function's examples are run: as constants, as columns with a NULL row between, and aggregates whole and in parts.
@Suite struct ExampleTests {
    /// Their rows differ by design.
    private static let drawing: Set<String> = ["rand", "randn", "uniform", "randstr"]

    @Test(arguments: FunctionRegistry.builtin.scalars.map(\.name))
    func scalar(_ name: String) throws {
        let function = try #require(FunctionRegistry.builtin.scalar(name))
        #expect(!function.usage.isEmpty)
        for example in function.examples {
            let context = MiniEvaluator.context()
            do {
                let query = try MiniSQL.parse(example.sql)
                let constant = try MiniEvaluator(context: context).evaluate(query.expression)
                #expect(MiniText.text(constant.column.value(at: 0), constant.type, context) == example.result, "\(example.sql)")
                var columns: MiniEvaluator.Result
                do {
                    columns = try MiniEvaluator(context: context, rows: 3).evaluate(query.expression)
                } catch let error as SQLError where error.condition == .nullMapKey || error.condition == .userRaisedException {
                    // The NULL row is what the function refuses.
                    columns = try MiniEvaluator(context: context, rows: 3, nullRow: nil).evaluate(query.expression)
                }
                guard columns.type == constant.type, !Self.drawing.contains(name) else { continue }
                for row in [0, 2] {
                    #expect(MiniText.text(columns.column.value(at: row), columns.type, context) == example.result, "\(example.sql), as row \(row)")
                }
            } catch {
                Issue.record("\(example.sql): \((error as? SQLError)?.message ?? "\(error)")")
            }
        }
    }

    @Test(arguments: FunctionRegistry.builtin.aggregates.map(\.name))
    func aggregate(_ name: String) throws {
        let function = try #require(FunctionRegistry.builtin.aggregate(name))
        #expect(!function.usage.isEmpty)
        #expect(!function.examples.isEmpty)
        // What wraps an aggregate in other calls is the engine's to run.
        for example in function.examples where ([function.name] + function.aliases).contains(where: { example.sql.hasPrefix($0 + "(") }) {
            let context = MiniEvaluator.context()
            for parts in [1, 2, 3] {
                do {
                    let result = try MiniEvaluator(context: context).aggregate(try MiniSQL.parse(example.sql), parts: parts)
                    let text = MiniText.text(result.column.value(at: 0), result.type, context)
                    #expect(Self.near(text, example.result, result.type), "\(example.sql) in \(parts) parts: \(text)")
                } catch {
                    Issue.record("\(example.sql): \((error as? SQLError)?.message ?? "\(error)")")
                }
            }
        }
    }

    /// The last digits of floating results depend on how the rows are parted, here and in Spark.
    private static func near(_ text: String, _ expected: String, _ type: DataType) -> Bool {
        if text == expected { return true }
        guard type == .double, let a = Double(text), let b = Double(expected) else { return false }
        return (a - b).magnitude <= 1e-12 * b.magnitude
    }
}
