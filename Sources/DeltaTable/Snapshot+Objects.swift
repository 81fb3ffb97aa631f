extension Snapshot {
    /// The object of a data file of the table; nil for a place outside of it.
    package func objectPath(_ path: String) -> String? { log.object(path) }

    /// The object that holds a deletion vector; nil for an inline one, or for a place outside of the table.
    package func objectPath(_ vector: DeletionVectorDescriptor) -> String? {
        vector.storageType == "i" ? nil : DeletionVector.path(vector, log)
    }
}
