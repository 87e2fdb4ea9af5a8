package import ContractModel

/// How whoever carries out a pattern comes to the items of one of its operations, by what its caller knows.
package enum OperationAccess: Equatable {
    /// By the key: its caller knows it, or nothing is known of what it knows.
    case key
    /// An index finds the item by what its caller knows; then it is read or changed by its key.
    case index(ContractIndex, knows: String, lacks: [String])
    /// Its caller knows the partition, and not which of its items: a Query finds them.
    case partition(lacks: [String])
    /// Only a Scan finds what has this value.
    case scan(attribute: String)
}

/// Tells of a document's operations how their items are found.
package struct OperationAccessReader {
    private let entities: [String: [EntityView]]

    package init(_ document: ContractDocument) {
        entities = Dictionary(
            EntityView.all(of: document).compactMap { views in views.first.map { ($0.table.name, views) } },
            uniquingKeysWith: { first, _ in first })
    }

    /// How the operation's items are found: what `lint` warns of, and what `generate` makes methods for.
    package func access(of operation: PatternOperation, in pattern: AccessPattern) -> OperationAccess {
        EntityView.of(operation, among: entities[operation.table] ?? [])?.access(of: operation, in: pattern) ?? .key
    }

    /// The operations by which generated code finds the items of one, besides it.
    package func findings(of operation: PatternOperation, in pattern: AccessPattern) -> [PatternOperation] {
        let table = operation.table
        switch access(of: operation, in: pattern) {
        case .key: return []
        case .index(let index, _, _): return [PatternOperation(operation: "Query", table: table, index: index.name)]
        case .partition:
            let query = PatternOperation(operation: "Query", table: table)
            guard operation.operation == "DeleteItem" else { return [query] }
            return [query, PatternOperation(operation: "BatchWriteItem", table: table)]
        case .scan: return [PatternOperation(operation: "Scan", table: table)]
        }
    }

    /// Whether the documents name anything that the pattern's caller knows.
    package static func knowsAnything(_ pattern: AccessPattern) -> Bool { !KeyWords.known(to: pattern).isEmpty }
}

extension EntityView {
    /// The kind of item that an operation touches; nil where that is not known.
    static func of(_ operation: PatternOperation, among entities: [EntityView]) -> EntityView? {
        let views = entities.filter { $0.table.name == operation.table }
        return operation.entity.flatMap { name in views.first { $0.entity.name == name } }
            ?? (views.count == 1 ? views.first : nil)
    }

    func access(of operation: PatternOperation, in pattern: AccessPattern) -> OperationAccess {
        let needsWhole = ["GetItem", "UpdateItem", "DeleteItem"].contains(operation.operation)
        let known = Set(KeyWords.known(to: pattern).map { KeyWords.of($0) })
        guard needsWhole || operation.operation == "Query", !known.isEmpty else { return .key }
        if let name = operation.index {
            guard let index = table.index(named: name), let partition = partition(of: index),
                !partition.missing(knowing: known).isEmpty
            else { return .key }
            return scan(knowing: known)
        }
        guard let partition else { return .key }
        let missing = partition.missing(knowing: known) + (needsWhole ? sort?.missing(knowing: known) ?? [] : [])
        guard !missing.isEmpty else { return .key }
        if let (index, source) = index(knowing: known) { return .index(index, knows: source, lacks: missing) }
        return partition.missing(knowing: known).isEmpty ? .partition(lacks: missing) : scan(knowing: known)
    }

    /// Only where the caller looks for an attribute that the items have: of any other name nothing is known.
    private func scan(knowing known: Set<Set<String>>) -> OperationAccess {
        attribute(knowing: known).map { .scan(attribute: $0) } ?? .key
    }
}
