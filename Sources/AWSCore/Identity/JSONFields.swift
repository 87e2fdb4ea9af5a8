internal import JSONBytes

/// The top-level fields of a small JSON object out of somebody else's hands.
struct JSONFields {
    private let root: JSONValue

    init(_ bytes: [UInt8]) throws(JSONError) {
        root = try JSONValue.parse(bytes)
        guard root.objectValue != nil else { throw JSONError(offset: 0, in: bytes, reason: "this is no object") }
    }

    private init(_ root: JSONValue) {
        self.root = root
    }

    /// Text that is not empty.
    func text(_ name: String) -> String? { root[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 } }
    func integer(_ name: String) -> Int? { root[name]?.intValue }
    func object(_ name: String) -> JSONFields? {
        guard let value = root[name], value.objectValue != nil else { return nil }
        return JSONFields(value)
    }
    /// The object with these fields set, every other one as it was.
    func replacing(_ fields: [(String, String)]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        for member in root.objectValue ?? [] where !fields.contains(where: { $0.0 == member.name }) {
            writer.key(member.name)
            writer.value(member.value)
        }
        for (name, text) in fields {
            writer.member(name, text)
        }
        writer.endObject()
        return writer.bytes
    }
}

extension Credentials {
    /// Credentials in the form that containers, instances and programs give them in, by their names there.
    init?(_ fields: JSONFields, token: String, accountID: String? = nil) {
        guard let keyID = fields.text("AccessKeyId"), let secret = fields.text("SecretAccessKey") else { return nil }
        var expiration: Timestamp?
        if let text = fields.text("Expiration") {
            guard let time = Timestamp(iso8601: text) else { return nil }
            expiration = time
        }
        self.init(
            accessKeyID: keyID, secretAccessKey: secret, sessionToken: fields.text(token), expiration: expiration,
            accountID: fields.text("AccountId") ?? accountID)
    }
}

extension JSONFields {
    /// An object without fields.
    static let empty = JSONFields(.object([]))
}
