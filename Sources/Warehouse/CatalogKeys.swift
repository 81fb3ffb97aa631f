import Workspace

/// A primary or foreign key as the catalog keeps it; the parser has a type of the same name.
typealias CatalogKey = TableConstraint
