internal import ContractModel

/// What a team says outright about patterns whose documents cannot be followed: pattern -> operations.
package struct Overlay: Sendable {
    package var file: String
    package var operations: [String: [WrittenOperation]] = [:]
    /// Members that nothing knows.
    package var unknownFields: [UnknownFieldMark] = []
    private var positions: [String: Position] = [:]
    /// Patterns that a message lists at most.
    private static let mostNamesTold = 10
    /// What is wrong in it by itself: told together with the names that the contract has not.
    private var ownProblems: [ContractError.Problem] = []
    /// Numbers that could be read otherwise.
    private(set) var amounts: [ReadAmount] = []

    /// Reads `AP8: [{table: Products, index: GSI1, operation: Query, items: 20, consistency: eventual}]`.
    static func read(_ source: SourceText) throws(ContractError) -> Overlay {
        let format: DocumentTree.Format = DocumentFormat.of(source) == .json ? .json : .yaml
        let parsed = try DocumentTree.parse(source, as: format)
        let body = parsed.root["mapping"] ?? parsed.root
        guard let members = body.objectValue else {
            throw ContractError(
                file: source.name, line: body.line, column: body.column,
                text: "the mapping is \(body.kindName); it must be an object of patterns, each with its operations")
        }
        var overlay = Overlay(file: source.name)
        var reader = PatternTreeReader(file: source.name)
        var ids = 0
        for member in members {
            let operations = reader.readOperationList(member.value, table: nil)
            if member.value.arrayValue?.isEmpty == true {
                overlay.ownProblems.append(
                    ContractError.Problem(
                        file: source.name, at: member.value.position,
                        text:
                            "\(member.name.shown) has no operations here, which says nothing; name them, or take it out"
                    ))
            }
            let expanded = PatternID.expand(member.name)
            ids += expanded.count
            guard ids <= PatternID.mostInDocument else {
                throw ContractError(
                    file: source.name, line: member.value.line, column: member.value.column,
                    text: "the mapping has more than 200,000 patterns; are these ranges meant?")
            }
            for id in expanded.isEmpty ? [PatternID.canonical(member.name)] : expanded {
                overlay.operations[id] = operations
                overlay.positions[id] = member.value.position
            }
        }
        overlay.ownProblems += parsed.problems + reader.problems
        overlay.unknownFields = reader.unknown
        overlay.amounts = reader.amounts
        return overlay
    }

    /// Where it speaks of a pattern.
    func position(of id: String) -> Position? { positions[id] }

    /// What it says of patterns that no document has, in one message; nil where there are none.
    func strangers(to known: Set<String>) -> ContractError.Problem? {
        let strange = operations.keys.filter { !known.contains($0) }
        let order = strange.sorted { (positions[$0]?.line ?? 0, $0) < (positions[$1]?.line ?? 0, $1) }
        guard let first = order.first else { return nil }
        let told = order.prefix(Overlay.mostNamesTold).map(\.shown)
        let rest = order.count > told.count ? ["\(order.count - told.count) more"] : []
        let verb = order.count == 1 ? "is no pattern" : "are no patterns"
        return ContractError.Problem(
            file: file, at: positions[first] ?? Position(line: 1),
            text:
                "\(Figures.list(told + rest)) \(verb) of these documents: correct the name, or give the table that lists it "
                + "(--patterns)")
    }

    /// Every problem of it, in the file's order, names that the contract has not among them: an overlay is there to be exact.
    ///
    /// - Parameter names: the contract's; nil where it could not be read.
    func problems(against names: NameResolver?) -> [ContractError.Problem] {
        let foreign = operations.sorted { $0.key < $1.key }.flatMap { id, list in
            list.compactMap { written in
                names.flatMap { PatternResolver.problem(of: written, pattern: id, file: file, $0) }
            }
        }
        return (ownProblems + foreign).inOrder
    }
}
