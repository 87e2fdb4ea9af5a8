/// Sets, whatever their elements.
protocol CodableSet {
    init()
    func encode(with session: EncodingSession, at trail: CodingTrail) throws -> AttributeValue?
}

extension Set: CodableSet where Element: Codable {
    /// A set of strings, of numbers or of binaries where the elements are such; else a list. DynamoDB has no empty sets.
    func encode(with session: EncodingSession, at trail: CodingTrail) throws -> AttributeValue? {
        guard !isEmpty else { return nil }
        var members: [AttributeValue] = []
        members.reserveCapacity(count)
        for element in self {
            members.append(try session.value(of: element, at: trail.appending(IndexKey(members.count))) ?? .null)
        }
        return .set(of: members)
    }
}
