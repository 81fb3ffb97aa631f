import HTTPTypes

extension HTTPFields {
    /// The value of a header that is there once at most, as nearly all are: much cheaper than the subscript, which joins values. The joined values
    /// if it is there more often.
    func only(_ name: HTTPField.Name) -> String? {
        var found: String?
        for field in self where field.name == name {
            if found != nil { return self[name] }
            found = field.value
        }
        return found
    }
}
