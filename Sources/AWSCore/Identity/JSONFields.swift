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

/// What is missing or malformed of credentials, for a sentence: `"SecretAccessKey" is missing`. It holds no value.
struct CredentialDefect: Error, Equatable {
    var words: String
}

extension JSONFields {
    /// Text that has to be there.
    fileprivate func needed(_ name: String) throws(CredentialDefect) -> String {
        guard let text = try optional(name) else { throw CredentialDefect(words: "\"\(name)\" is missing") }
        return text
    }

    /// Text that may be missing, null or empty, and nothing else.
    fileprivate func optional(_ name: String) throws(CredentialDefect) -> String? {
        guard let value = root[name], value != .null else { return nil }
        guard let text = value.stringValue else { throw CredentialDefect(words: "\"\(name)\" is no text") }
        return text.isEmpty ? nil : text
    }
}

extension Credentials {
    /// Credentials in the form that containers, instances and programs give them in, by their names there.
    init(_ fields: JSONFields, token: String, accountID: String? = nil) throws(CredentialDefect) {
        let expiration = try fields.optional("Expiration").map { text throws(CredentialDefect) in
            guard let time = Timestamp(expiry: text) else {
                throw CredentialDefect(words: "\"Expiration\" is no time")
            }
            return time
        }
        self.init(
            accessKeyID: try fields.needed("AccessKeyId"), secretAccessKey: try fields.needed("SecretAccessKey"),
            sessionToken: try fields.optional(token), expiration: expiration,
            accountID: fields.text("AccountId") ?? accountID)
    }
}

extension JSONFields {
    /// An object without fields.
    static let empty = JSONFields(.object([]))
}
