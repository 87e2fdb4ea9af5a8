internal import ContractModel

/// What a team says outright about patterns whose documents cannot be followed: pattern -> operations.
package struct Overlay: Sendable {
    package var file: String
    package var operations: [String: [WrittenOperation]] = [:]
    /// Members that nothing knows.
    package var unknownFields: [UnknownFieldMark] = []

    /// Reads `AP8: [{table: Products, index: GSI1, operation: Query, items: 20, consistency: eventual}]`.
    static func read(_ source: SourceText) throws(ContractError) -> Overlay {
        let format: DocumentTree.Format = DocumentFormat.of(source) == .json ? .json : .yaml
        let root = try DocumentTree.root(of: source, as: format)
        let body = root["mapping"] ?? root
        guard let members = body.objectValue else {
            throw ContractError(
                file: source.name, line: body.line, column: body.column,
                text: "the mapping is \(body.kindName); it must be an object of patterns, each with its operations")
        }
        var overlay = Overlay(file: source.name)
        var reader = PatternTreeReader(file: source.name)
        for member in members {
            let operations = reader.readOperationList(member.value, table: nil)
            let expanded = PatternID.expand(member.name)
            for id in expanded.isEmpty ? [PatternID.canonical(member.name)] : expanded {
                overlay.operations[id] = operations
            }
        }
        guard reader.problems.isEmpty else { throw ContractError(problems: reader.problems) }
        overlay.unknownFields = reader.unknown
        return overlay
    }

    /// Problems of names that the contract has not: an overlay is there to be exact.
    func problems(against names: NameResolver) -> [ContractError.Problem] {
        operations.sorted { $0.key < $1.key }.flatMap { id, list in
            list.compactMap { PatternResolver.problem(of: $0, pattern: id, file: file, names) }
        }
    }
}
