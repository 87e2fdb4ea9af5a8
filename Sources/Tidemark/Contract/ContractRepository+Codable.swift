internal import ContractModel

extension ContractRepository {
    /// Reads the value under the values of a key; nil where there is none.
    ///
    /// The type's properties are fields: attributes, and what only keys hold. Texts that stand for no value are nil.
    ///
    /// - Throws: `decoding` where the item is no such value. Any failure of the call.
    public func get<Value: Decodable & Sendable>(
        _ type: Value.Type, _ values: KeyValues, coder: ItemCoder = ItemCoder(), pattern: String,
        options: CallOptions = CallOptions()
    ) async throws(TidemarkError) -> Value? {
        guard let item = try await get(values, pattern: pattern, options: options) else { return nil }
        return try decode(type, from: item, coder: coder)
    }

    /// Stores a value in place of one with the same key.
    public func put(
        _ value: some Encodable & Sendable, condition: Expression? = nil, coder: ItemCoder = ItemCoder(),
        pattern: String, options: CallOptions = CallOptions()
    ) async throws(TidemarkError) {
        let (item, options) = checked(pattern, options, else: [:]) { () throws(ContractBreach) -> Item in
            let fields: Item
            do throws(ItemCodingError) {
                fields = try coder.encode(value)
            } catch {
                throw ContractBreach(reason: "\(layout.place) cannot be stored: \(error.description)")
            }
            return try ready(fields)
        }
        try await store(item, condition, options)
    }

    /// The value that a stored item is.
    ///
    /// - Throws: `decoding` where it is no such value: the error names the attribute.
    public func decode<Value: Decodable>(
        _ type: Value.Type, from item: Item, coder: ItemCoder = ItemCoder()
    ) throws(TidemarkError) -> Value {
        do {
            return try coder.decode(type, from: fields(of: item))
        } catch {
            var failure = TidemarkError(code: .decoding, message: "", table: table.name)
            failure.say("the item is no \(type): \(error.description)")
            failure.unreadableKey = primaryKey(of: item)
            throw failure
        }
    }
}
