internal import ContractModel
internal import JSONBytes

/// Reading single values, with a problem noted where they are not what they must be.
extension ContractReader {
    /// More problems than this are not gathered: they are one mistake made over and over.
    static let mostProblems = 1_000

    mutating func problem(_ place: DocumentNode, _ text: String) {
        guard problems.count < ContractReader.mostProblems else { return }
        problems.append(ContractError.Problem(file: file, at: place.position, text: text))
    }

    mutating func required(_ name: String, in object: DocumentNode, of label: String) -> DocumentNode? {
        guard let value = object[name], !value.isNull else {
            problem(object, "\(label) has no `\(name)`; add it")
            return nil
        }
        return value
    }

    mutating func requiredText(_ name: String, in object: DocumentNode, of label: String) -> String? {
        guard let value = required(name, in: object, of: label) else { return nil }
        guard let text = value.stringValue, !text.isEmpty else {
            problem(value, "`\(name)` of \(label) is \(value.kindName); it must be a text that is not empty")
            return nil
        }
        return printable(text, name, at: value)
    }

    mutating func optionalText(_ name: String, in object: DocumentNode) -> String? {
        object[name].flatMap { optionalText($0, called: name) }
    }

    mutating func optionalText(_ value: DocumentNode, called name: String) -> String? {
        guard !value.isNull else { return nil }
        guard let text = value.stringValue else {
            problem(value, "`\(name)` is \(value.kindName); it must be a text")
            return nil
        }
        return printable(text, name, at: value)
    }

    private mutating func printable(_ text: String, _ name: String, at value: DocumentNode) -> String? {
        guard !text.isPrintable else { return text }
        problem(value, "`\(name)` holds control characters; take them out")
        return nil
    }

    mutating func array(_ value: DocumentNode, called name: String) -> [DocumentNode] {
        guard let elements = value.arrayValue else {
            problem(value, "\(name) is \(value.kindName); it must be an array")
            return []
        }
        return elements
    }

    mutating func flag(_ name: String, in object: DocumentNode, of label: String) -> Bool? {
        guard let value = object[name], !value.isNull else { return nil }
        guard let flag = value.boolValue else {
            problem(value, "`\(name)` of \(label) is \(value.kindName); it must be true or false")
            return nil
        }
        return flag
    }

    /// A size in bytes that somebody could mean; whether an item of it fits is for lint to say.
    mutating func readSize(_ element: DocumentNode) -> Int? { count("estimated_item_size_bytes", in: element) }

    /// A number of things, rounded up: from 1 to a million million.
    mutating func count(_ name: String, in object: DocumentNode) -> Int? {
        guard let given = object[name], !given.isNull else { return nil }
        guard let number = given.doubleValue, number >= 1, number <= 1e12 else {
            problem(given, "`\(name)` must be a number, and 1 at least")
            return nil
        }
        return Int(number.rounded(.up))
    }

    /// The `type` of a join, calculation or transformation as its schema spells it: "ForeignKey" and "foreign_key" are meant.
    func typeName(of element: DocumentNode) -> String {
        let given = element["type"]?.stringValue ?? ""
        return given.lowercased().reduce(into: "") { $0.append($1 == "_" || $1 == " " ? "-" : $1) }
    }

    func unknown(_ element: DocumentNode, type: String) -> UnknownConstruct {
        let fields = (element.objectValue ?? []).filter { $0.name != "type" }
        return UnknownConstruct(
            type: type, fields: fields.map { ContractField(name: $0.name, text: $0.value.jsonText) })
    }

    /// The members that nothing knows, which are kept; their places are remembered, except for words that are for people only.
    mutating func unknownFields(
        of element: DocumentNode, known: Set<String>, owner: String
    ) -> [ContractField] {
        var fields: [ContractField] = []
        for member in element.objectValue ?? [] where !known.contains(member.name) {
            if ContractReader.indexTemplate(member.name) != nil { continue }
            fields.append(ContractField(name: member.name, text: member.value.jsonText))
            if DesignWords.isForPeople(member.name) { continue }
            marks.unknownFields.append(
                UnknownFieldMark(name: member.name.shown, owner: owner, position: member.value.position))
        }
        return fields
    }
}

extension DocumentNode {
    /// The value as compact JSON; a text or a number as it is.
    var jsonText: String {
        if let scalarText { return scalarText }
        var writer = JSONWriter()
        write(to: &writer)
        return writer.text
    }

    private func write(to writer: inout JSONWriter) {
        switch value {
        case .null: writer.null()
        case .bool(let flag): writer.bool(flag)
        case .number(let text): writer.number(text: text)
        case .string(let text): writer.string(text)
        case .array(let elements):
            writer.beginArray()
            for element in elements { element.write(to: &writer) }
            writer.endArray()
        case .object(let members):
            writer.beginObject()
            for member in members {
                writer.key(member.name)
                member.value.write(to: &writer)
            }
            writer.endObject()
        }
    }
}

extension String {
    /// The text as it may be shown on a terminal: short, and without what steers one.
    var shown: String { String(filter { !$0.isControl }.prefix(120)) }
}
