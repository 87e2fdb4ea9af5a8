internal import ContractEngine
internal import ContractModel

/// A method of a repository that serves an access pattern.
struct MethodPlan {
    /// How the method comes to its items.
    enum Way {
        /// By their key, or as the operation itself says.
        case key
        /// An index finds the item; then it is read or changed by its key.
        case index(ContractIndex)
        /// All items of a partition.
        case partition
        /// Only a Scan finds what has this value.
        case scan(PropertyPlan)
    }

    let pattern: AccessPattern
    let operation: PatternOperation
    let way: Way
    let name: String
    /// What the documents' operation needs and its caller does not know: "email".
    let lacks: [String]
    /// Operations of the same pattern on other kinds of items, by their places: "Bikes".
    let others: [String]

    /// Whether all of a table is read.
    var isScan: Bool { if case .scan = way { true } else { operation.operation == "Scan" } }
}

/// What becomes of an access pattern.
struct PatternPlan {
    let pattern: AccessPattern
    /// Each method that serves it, as `Repository.method`, with the operation.
    var methods: [(repository: String, method: MethodPlan)] = []
    /// Why it has no method; nil where it has one.
    var refusal: String?

    /// Whether only a Scan serves it.
    var isScan: Bool { methods.contains { $0.method.isScan } }
}

/// Chooses a repository and a method for each operation of each pattern.
struct MethodPlanner {
    let plans: [EntityPlan]
    private let reader: OperationAccessReader
    private(set) var methods: [String: [MethodPlan]] = [:]
    private(set) var patterns: [PatternPlan] = []
    private var names: [String: Set<String>] = [:]

    init(plans: [EntityPlan], document: ContractDocument) {
        self.plans = plans
        reader = OperationAccessReader(document)
        for plan in plans { names[plan.typeName] = MethodPlanner.takenNames }
        for pattern in document.patterns { patterns.append(plan(pattern)) }
    }

    /// Names that a repository has for itself, or that no method can be called by.
    private static let takenNames: Set = ["items", "init", "self", "Type", "Protocol"]

    private mutating func plan(_ pattern: AccessPattern) -> PatternPlan {
        var plan = PatternPlan(pattern: pattern)
        guard pattern.type != .none else {
            plan.refusal = "no work in DynamoDB"
            return plan
        }
        if let reason = pattern.unsolvedReason {
            plan.refusal = "not served by DynamoDB: \(reason)"
            return plan
        }
        guard !pattern.operations.isEmpty else {
            plan.refusal = "no document says what it does in DynamoDB"
            return plan
        }
        var reasons: [String] = []
        var seen: Set<PatternOperation> = []
        for operation in pattern.operations {
            var bare = operation
            (bare.isGuess, bare.guess, bare.itemsPerCall, bare.consistency) = (false, nil, nil, nil)
            guard seen.insert(bare).inserted else { continue }
            guard let owner = owner(of: operation) else {
                reasons.append("\(operation.table) has several kinds of items, and none is named")
                continue
            }
            // One transaction is one method, of the repository that it touches first.
            if operation.isTransactional,
                plan.methods.contains(where: { $0.method.operation.operation == operation.operation })
            {
                continue
            }
            if isPartOfAnother(operation, of: pattern) { continue }
            if let reason = refusal(of: operation, on: owner) {
                reasons.append(reason)
                continue
            }
            let method = method(for: pattern, operation, on: owner)
            methods[owner.typeName, default: []].append(method)
            plan.methods.append((owner.repositoryName, method))
        }
        if plan.methods.isEmpty { plan.refusal = reasons.joined(separator: "; ") }
        return plan
    }

    private func owner(of operation: PatternOperation) -> EntityPlan? {
        let inTable = plans.filter { $0.table.name == operation.table }
        guard let entity = operation.entity else { return inTable.count == 1 ? inTable.first : nil }
        return inTable.first { $0.entity.name == entity }
    }

    private func refusal(of operation: PatternOperation, on owner: EntityPlan) -> String? {
        guard let name = operation.index else { return nil }
        guard let index = owner.table.index(named: name) else { return "\(operation.table) has no index \(name)" }
        return owner.entity.appears(in: index)
            ? nil : "items \(owner.entity.name) are not in the index \(name)"
    }

    private mutating func method(
        for pattern: AccessPattern, _ operation: PatternOperation, on owner: EntityPlan
    ) -> MethodPlan {
        var name = SwiftName.method(pattern.summary, otherwise: pattern.id)
        if !names[owner.typeName, default: []].insert(name).inserted {
            let suffix = operation.index.map { "In" + SwiftName.part($0) } ?? "By" + operation.operation
            name += suffix
            while !names[owner.typeName, default: []].insert(name).inserted { name += pattern.id }
        }
        let others = pattern.operations.filter {
            $0.operation == operation.operation && operation.isTransactional
                && !($0.table == operation.table && $0.entity == operation.entity)
        }
        let (way, lacks) = way(of: operation, in: pattern, on: owner)
        return MethodPlan(
            pattern: pattern, operation: operation, way: way, name: name, lacks: lacks,
            others: others.map { other in other.entity.map { "\(other.table) \($0)" } ?? other.table })
    }

    // MARK: Ways

    private static let keyed: Set = ["GetItem", "UpdateItem", "DeleteItem"]

    /// Whether a read only finds what another operation of the pattern is about: an update is no Query of an index.
    private func isPartOfAnother(_ operation: PatternOperation, of pattern: AccessPattern) -> Bool {
        guard operation.operation == "Query", operation.index != nil else { return false }
        return pattern.operations.contains { other in
            guard Self.keyed.contains(other.operation), other.table == operation.table,
                (other.entity ?? operation.entity) == (operation.entity ?? other.entity)
            else { return false }
            if other.isWrite { return true }
            switch (reader.access(of: other, in: pattern), reader.access(of: operation, in: pattern)) {
            case (.index(let index, _, _), _): return index.name == operation.index
            case (.scan, .scan): return true
            default: return false
            }
        }
    }

    private func way(
        of operation: PatternOperation, in pattern: AccessPattern, on owner: EntityPlan
    ) -> (way: MethodPlan.Way, lacks: [String]) {
        switch reader.access(of: operation, in: pattern) {
        case .index(let index, _, let lacks): return (.index(index), lacks)
        case .scan(let attribute):
            guard let property = owner.property(named: attribute),
                property.type.presentAttributeValue(property.code) != nil
            else { return (.key, []) }
            return (.scan(property), [])
        case .partition(let lacks):
            // Which one of its items is read or changed, the caller has to say.
            let isWhole =
                operation.operation == "GetItem" || operation.operation == "DeleteItem" && Self.isWhole(pattern)
            return isWhole ? (.partition, lacks) : (.key, [])
        case .key:
            guard !OperationAccessReader.knowsAnything(pattern), Self.keyed.contains(operation.operation) else {
                return (.key, [])
            }
            if operation.operation == "DeleteItem", Self.isWhole(pattern), owner.hasManyInPartition {
                return (.partition, [])
            }
            let found = pattern.operations.first {
                $0.operation == "Query" && $0.index != nil && $0.table == operation.table
            }
            guard let index = found?.index.flatMap({ owner.table.index(named: $0) }), owner.entity.appears(in: index)
            else { return (.key, []) }
            return (.index(index), [])
        }
    }

    /// Whether the pattern's words speak of all that there is: "Clear entire cart".
    private static func isWhole(_ pattern: AccessPattern) -> Bool {
        let words = SwiftName.words(of: pattern.summary)
        if let verb = words.first, ["clear", "purge", "empty", "wipe"].contains(verb) { return true }
        return !Set(words).isDisjoint(with: ["all", "entire", "every", "whole"])
    }
}

extension EntityPlan {
    /// Whether a partition can hold several items of this kind.
    fileprivate var hasManyInPartition: Bool {
        guard let sort = layout.keys.first(where: { $0.role == .sort }) else { return false }
        let partition = layout.keys.first { $0.role == .partition }?.rule.fields ?? []
        return sort.rule.fields.contains { !partition.contains($0) }
    }
}
