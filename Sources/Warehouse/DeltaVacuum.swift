import DeltaTable

/// The syntax tree has a type of the same name.
typealias DeltaVacuum = Vacuum
