/// The methods that an application's interfaces have, as far as they look items up: `getOrdersByStatus` of `IOrderRepository`.
package struct InterfaceListing: Sendable {
    package var file: String
    package var methods: [Method] = []

    package struct Method: Sendable {
        package var name: String
        /// What the interface is about: ["shopping", "cart"] of `IShoppingCartRepository`.
        package var subject: [String]
        /// What is looked up by: ["status"] of `getOrdersByStatus`, [] of `findById`.
        package var by: [String]
        package var line: Int
    }

    /// Reads TypeScript, Java or Swift, or Markdown that quotes them. What is no method is passed over.
    static func read(_ source: SourceText) throws(ContractError) -> InterfaceListing {
        var listing = InterfaceListing(file: source.name)
        var subject: [String]?
        var seen: Set<String> = []
        var comments = source.name.lowercased().hasSuffix(".md") ? MarkdownComments(source.bytes) : nil
        for (index, written) in Markdown.split(source.bytes).enumerated() {
            let visible = comments == nil ? written : comments?.visible(written, number: index + 1)
            guard let line = visible, line.utf8.count < 2_000 else { continue }
            if let named = interface(in: line) { subject = named }
            guard let subject, let method = method(in: line), let (name, by) = lookup(method, in: line) else {
                continue
            }
            if seen.insert(subject.joined() + "." + name).inserted {
                listing.methods.append(Method(name: name, subject: subject, by: by, line: index + 1))
            }
        }
        guard !listing.methods.isEmpty else {
            throw ContractError(
                file: source.name, line: 1, column: 1,
                text:
                    "no interface of a repository with a method such as findByEmail(…) is here; give the file that has them"
            )
        }
        return listing
    }

    /// ["shopping", "cart"] where the line names `IShoppingCartRepository` as an interface, a protocol or a label.
    private static func interface(in line: Substring) -> [String]? {
        guard let range = line.firstRange(of: "Repository") else { return nil }
        let name = line[..<range.lowerBound].reversed().prefix { $0.isLetter || $0.isNumber }.reversed()
        var words = camelWords(String(name))
        if words.first == "i" { words.removeFirst() }
        for prefix in ["mysql", "my", "sql", "dynamo", "db"] where words.first == prefix { words.removeFirst() }
        return words.isEmpty ? nil : words
    }

    /// The name in front of the first parenthesis: a method, unless a keyword or a dot says otherwise.
    private static func method(in line: Substring) -> String? {
        guard let open = line.firstIndex(of: "("), !line.contains("=>"), !line.contains("return "),
            !line.contains("new ")
        else { return nil }
        let before = line[..<open]
        let name = String(before.reversed().prefix { $0.isLetter || $0.isNumber || $0 == "_" }.reversed())
        guard let first = name.first, first.isLowercase, !before.dropLast(name.count).hasSuffix(".") else { return nil }
        return name
    }

    /// What a method is called and looks up by: its name tells, else the label of Swift's `find(byBody body: String)`.
    private static func lookup(_ method: String, in line: Substring) -> (name: String, by: [String])? {
        if let by = lookup(method) { return (method, by) }
        guard let range = line.firstRange(of: method + "(") else { return nil }
        let label = line[range.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        guard label.hasPrefix("by"), label.dropFirst(2).first?.isUppercase == true else { return nil }
        return lookup(method + "By" + label.dropFirst(2)).map { ("\(method)(\(label):)", $0) }
    }

    /// The words behind the last "By", without "id".
    private static func lookup(_ name: String) -> [String]? {
        let words = camelWords(name)
        guard let place = words.lastIndex(of: "by"), place > 0, place + 1 < words.count else { return nil }
        return words[(place + 1)...].filter { $0 != "id" }
    }

    /// "getOrdersByStatus" is "get", "orders", "by", "status".
    static func camelWords(_ name: String) -> [String] {
        var words: [String] = []
        for character in name {
            if character.isUppercase || words.isEmpty { words.append("") }
            words[words.count - 1].append(contentsOf: character.lowercased())
        }
        return words
    }
}
