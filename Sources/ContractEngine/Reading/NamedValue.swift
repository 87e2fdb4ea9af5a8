/// A value of a YAML or JSON file of settings, with the names that lead to it.
package struct NamedValue: Sendable, Equatable {
    /// The names from the outside in: ["tables", "Users", "billing"].
    package var path: [String]
    /// The value; members of a list parted by commas.
    package var text: String
    /// Where it stands.
    package var position: Position

    /// Every value of the file, in its order.
    package static func read(_ source: SourceText) throws(ContractError) -> [NamedValue] {
        let format: DocumentTree.Format = DocumentFormat.of(source) == .json ? .json : .yaml
        let parsed = try DocumentTree.parse(source, as: format)
        let root = parsed.root
        guard root.objectValue != nil else {
            throw ContractError(
                file: source.name, line: root.line, column: root.column,
                text: "the file is \(root.kindName); it must be names, each with its value")
        }
        var values: [NamedValue] = []
        var problems = parsed.problems
        collect(root, [], source, &values, &problems)
        guard problems.isEmpty else { throw ContractError(problems: problems) }
        return values
    }

    private static func collect(
        _ node: DocumentNode, _ path: [String], _ source: SourceText, _ values: inout [NamedValue],
        _ problems: inout [ContractError.Problem]
    ) {
        if let members = node.objectValue {
            for member in members { collect(member.value, path + [member.name], source, &values, &problems) }
            return
        }
        let list = node.arrayValue.map { $0.compactMap(\.scalarText).joined(separator: ",") }
        let flag = node.boolValue.map { $0 ? "true" : "false" }
        guard let text = node.scalarText ?? list ?? flag else {
            problems.append(
                ContractError.Problem(
                    file: source.name, line: node.line, column: node.column,
                    text: "\(path.joined(separator: ".")) is \(node.kindName); give it a value, or leave it out"))
            return
        }
        values.append(NamedValue(path: path, text: text, position: node.position))
    }

    /// A problem at this value.
    package func problem(_ text: String, in source: SourceText) -> ContractError.Problem {
        ContractError.Problem(file: source.name, line: position.line, column: position.column, text: text)
    }
}
