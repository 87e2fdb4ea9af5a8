internal import ContractModel
internal import JSONBytes

/// Casts source values to the types of the contract.
struct SourceCast {
    let attribute: String
    let place: String

    func breach(_ what: String) -> ContractBreach {
        ContractBreach(reason: "\(place)'s attribute '\(attribute)' \(what)")
    }

    /// What the body throws, with the attribute's name in front.
    func naming<Value>(_ body: () throws(ContractBreach) -> Value) throws(ContractBreach) -> Value {
        do {
            return try body()
        } catch {
            throw error.reason.hasPrefix(place) ? error : breach("cannot be computed: \(error.reason)")
        }
    }

    /// The value as that type. Nil for what is left out: NULL, and a set without members.
    func value(_ source: SourceValue, as type: AttributeType) throws(ContractBreach) -> AttributeValue? {
        if source.isNull { return type == .NULL ? .null : nil }
        switch type {
        case .S: return try text(source)
        case .N: return try number(source)
        case .B: return try binary(source)
        case .BOOL: return .bool(try flag(source))
        case .NULL: return .null
        case .M, .L: return try document(source, type)
        case .SS: return try members(source).map { .stringSet($0) }
        case .NS:
            guard let texts = try members(source) else { return nil }
            guard texts.allSatisfy({ NumberText($0) != nil }) else { throw breach("has a member that is no number") }
            return .numberSet(texts)
        case .BS: throw breach("is BS, and no column of MySQL holds a set of binaries")
        }
    }

    private func text(_ source: SourceValue) throws(ContractBreach) -> AttributeValue {
        if case .bytes(let bytes) = source {
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw breach("is S, and its bytes are no UTF-8: B holds them")
            }
            return .string(text)
        }
        return .string(source.text ?? "")
    }

    private func number(_ source: SourceValue) throws(ContractBreach) -> AttributeValue {
        if case .bytes(let bytes) = source, bytes.count <= 8 {
            return .number(String(bytes.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }))
        }
        if case .date = source { throw breach("is N, and a date is no number: give it the format 'epoch'") }
        guard let text = source.text, ExactDecimal(text) != nil else {
            throw breach("is N, and its value is no number")
        }
        guard NumberText(text) != nil else {
            throw breach("is a number beyond what DynamoDB holds: 38 digits, 1E-130 to 9.99E+125")
        }
        return .number(text)
    }

    private func binary(_ source: SourceValue) throws(ContractBreach) -> AttributeValue {
        if case .bytes(let bytes) = source { return .binary(bytes) }
        guard case .text(let text) = source else { throw breach("is B, and its value is neither bytes nor text") }
        return .binary(Array(text.utf8))
    }

    private func flag(_ source: SourceValue) throws(ContractBreach) -> Bool {
        if case .bytes(let bytes) = source { return bytes.contains { $0 != 0 } }
        if let number = source.number { return !number.isZero }
        switch source.text?.lowercased() {
        case "true", "yes", "y": return true
        case "false", "no", "n": return false
        default: throw breach("is BOOL, and its value is neither true nor false")
        }
    }

    private func document(_ source: SourceValue, _ type: AttributeType) throws(ContractBreach) -> AttributeValue {
        guard let text = source.text, let json = try? JSONValue.parse(Array(text.utf8)) else {
            throw breach("is \(type.rawValue), and its value is no JSON")
        }
        guard let value = JSONItems.value(json) else { throw breach("holds a number beyond what DynamoDB holds") }
        guard value.type == type else { throw breach("is \(type.rawValue), and its JSON is \(value.type.rawValue)") }
        return value
    }

    /// The members of a SET's text, or of a JSON array; nil for none.
    private func members(_ source: SourceValue) throws(ContractBreach) -> [String]? {
        var texts: [String] = []
        if case .json(let text) = source {
            guard case .array(let elements)? = try? JSONValue.parse(Array(text.utf8)) else {
                throw breach("is a set, and its value is no array")
            }
            for element in elements {
                switch element {
                case .string(let text), .number(let text): texts.append(text)
                default: throw breach("is a set, and a member is neither text nor number")
                }
            }
        } else {
            texts = (source.text ?? "").split(separator: ",").map(String.init)
        }
        var seen: Set<String> = []
        let distinct = texts.filter { seen.insert($0).inserted }
        return distinct.isEmpty ? nil : distinct
    }
}

/// JSON documents as attribute values, and back.
enum JSONItems {
    /// The value of a document; nil where it holds a number that DynamoDB does not.
    static func value(_ json: JSONValue) -> AttributeValue? {
        switch json {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .string(let text): return .string(text)
        case .number(let text): return NumberText(text) == nil ? nil : .number(text)
        case .array(let elements):
            var list: [AttributeValue] = []
            for element in elements {
                guard let value = value(element) else { return nil }
                list.append(value)
            }
            return .list(list)
        case .object(let members):
            var map: [String: AttributeValue] = [:]
            for member in members {
                guard let value = value(member.value) else { return nil }
                map[member.name] = value
            }
            return .map(map)
        }
    }

    /// The document of a value, members in the order of their names.
    static func json(_ value: AttributeValue) -> JSONValue {
        switch value {
        case .null: .null
        case .bool(let flag): .bool(flag)
        case .string(let text): .string(text)
        case .number(let text): .number(text)
        case .binary(let bytes): .string(Base64.encode(bytes))
        case .stringSet(let texts): .array(texts.map(JSONValue.string))
        case .numberSet(let texts): .array(texts.map(JSONValue.number))
        case .binarySet(let blobs): .array(blobs.map { .string(Base64.encode($0)) })
        case .list(let elements): .array(elements.map(json))
        case .map(let members):
            .object(
                members.sorted { $0.key < $1.key }.map { JSONMember(name: $0.key, value: json($0.value)) })
        }
    }

    /// The document as text.
    static func text(_ json: JSONValue) -> String {
        var writer = JSONWriter()
        writer.value(json)
        return writer.text
    }
}
