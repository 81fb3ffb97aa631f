import DeltaTable

/// Delta's time travel beside the engine's: in files that import both modules the names would clash, and `DeltaTable` names a type, too.
typealias DeltaTimeTravel = TimeTravel
