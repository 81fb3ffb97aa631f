extension Tables {
    /// Checks what a new table at a location of its own asks: the schema, the privileges on it and on the external location around, and that it
    /// overlaps no other table or volume. Nothing is written.
    package func checkExternal(_ name: ObjectName, at location: String, by principal: Principal) throws {
        try store.read { database in
            let schema = try Schemas.existing(database, name.schemaName)
            let access = try Access(principal, database)
            try access.requireUse(.createTable, on: schema.path)
            try ExternalPaths.check(location, .createExternalTable, rpc: "CreateTable", access, database)
        }
    }
}
