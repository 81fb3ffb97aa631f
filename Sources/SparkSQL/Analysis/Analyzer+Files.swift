import Columnar
import SparkErrors
import SparkFunctions
import SparkSyntax

extension Analyzer {
    /// `read_files(path, option => value, …)`: all arguments are constants.
    func readFiles(_ function: TableFunction, _ resolver: ExpressionResolver, _ span: SourceSpan?) throws(SQLError) -> AnalyzedRelation {
        var path: String?
        var options: [(name: String, value: String)] = []
        for argument in function.arguments {
            guard case .expression(let name, let expression) = argument else { throw .unsupported("TABLE arguments", at: span) }
            let value = try resolver.resolve(expression)
            guard value.isFoldable else { throw .unsupported("read_files with an argument that is not constant", at: span) }
            let text = try Evaluation.constant(try resolver.explicitCast(value, to: .text, isTry: false, span), context).value(at: 0)
            guard case .string(let text) = text else { throw .unsupported("read_files with an argument that is NULL", at: span) }
            if let name, name.text.lowercased() != "path" {
                options.append((name.text.lowercased(), text))
            } else if path == nil {
                path = text
            } else {
                throw .unsupported("read_files with options that have no names", at: span)
            }
        }
        guard let path else { throw resolver.wrongArity("read_files", "> 0", 0, span) }
        let place = span ?? SourceSpan(start: 0, end: 0)
        guard case .table(let provider, let name) = try catalog.files(path, options: options, at: place) else {
            throw .unsupported("read_files of a view", at: span)
        }
        return scan(provider, name)
    }
}
