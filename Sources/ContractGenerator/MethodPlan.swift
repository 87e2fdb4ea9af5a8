internal import ContractModel

/// A method of a repository that serves an access pattern.
struct MethodPlan {
    let pattern: AccessPattern
    let operation: PatternOperation
    let name: String
    /// Operations of the same pattern on other kinds of items, by their places: "Bikes".
    let others: [String]
}

/// What becomes of an access pattern.
struct PatternPlan {
    let pattern: AccessPattern
    /// Each method that serves it, as `Repository.method`, with the operation.
    var methods: [(repository: String, method: MethodPlan)] = []
    /// Why it has no method; nil where it has one.
    var refusal: String?

    /// Whether only a Scan serves it.
    var isScan: Bool { methods.contains { $0.method.operation.operation == "Scan" } }
}

/// Chooses a repository and a method for each operation of each pattern.
struct MethodPlanner {
    let plans: [EntityPlan]
    private(set) var methods: [String: [MethodPlan]] = [:]
    private(set) var patterns: [PatternPlan] = []
    private var names: [String: Set<String>] = [:]

    init(plans: [EntityPlan], patterns: [AccessPattern]) {
        self.plans = plans
        for pattern in patterns { self.patterns.append(plan(pattern)) }
    }

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
        return MethodPlan(
            pattern: pattern, operation: operation, name: name,
            others: others.map { other in other.entity.map { "\(other.table) \($0)" } ?? other.table })
    }
}
