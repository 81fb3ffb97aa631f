import Workspace

/// What tasks find in the workspace's tree.
enum WorkspaceSources {
    /// Paths may begin with `/Workspace`, under which clusters see the tree.
    private static func place(_ path: String) -> String {
        path.hasPrefix("/Workspace/") ? String(path.dropFirst("/Workspace".count)) : path
    }

    /// The text of a file or a notebook; nil if there is none.
    static func text(_ path: String, _ workspace: Workspace) throws -> String? {
        guard try workspace.objects.get(place(path)) != nil else { return nil }
        return cells(String(decoding: try workspace.objects.content(place(path)), as: UTF8.self))
    }

    static func isPythonNotebook(_ path: String, _ workspace: Workspace) throws -> Bool {
        guard let object = try workspace.objects.get(place(path)) else { return false }
        return object.kind == .notebook && object.language == "PYTHON"
    }

    /// The statements of a notebook whose language is SQL; nil for all else.
    static func sqlNotebook(_ path: String, _ workspace: Workspace) throws -> String? {
        guard let object = try workspace.objects.get(place(path)), object.kind == .notebook, object.language == "SQL" else { return nil }
        return try text(path, workspace)
    }

    /// The marks between the cells of a notebook end statements; cells in other languages are comments to SQL.
    private static func cells(_ source: String) -> String {
        guard source.hasPrefix("-- Databricks notebook source") else { return source }
        return source.split(separator: "\n", omittingEmptySubsequences: false).map { $0.hasPrefix("-- COMMAND ----------") ? ";" : $0 }
            .joined(separator: "\n")
    }
}
