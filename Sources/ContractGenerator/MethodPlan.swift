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
    /// How the contract's own engine has it carried out.
    let step: PatternStep
    let way: Way
    let name: String
    /// Operations of the same pattern on other kinds of items, by their places: "Bikes".
    let others: [String]

    /// The operation as it is carried out.
    var operation: PatternOperation { step.operation }

    /// How many of the values that a Query's sort key is made of the caller gives, from the left.
    var sortValues: Int { step.sortValues }

    /// The index of which all is read; nil where it is the table, or no Scan.
    var scannedIndex: String? {
        guard case .key = way, operation.operation == "Scan" else { return nil }
        return operation.index
    }

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

    /// Why some of its operations have none, where others do.
    var omissions: [String] = []

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
        for step in reader.work(of: pattern).steps {
            let operation = step.operation
            var bare = operation
            (bare.isGuess, bare.isOperationGuess, bare.guess) = (false, false, nil)
            (bare.itemsPerCall, bare.consistency, bare.isEntityGuess) = (nil, nil, false)
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
            if let reason = refusal(of: step, on: owner) {
                reasons.append(reason)
                continue
            }
            let method = method(for: pattern, step, on: owner)
            methods[owner.typeName, default: []].append(method)
            plan.methods.append((owner.repositoryName, method))
        }
        if plan.methods.isEmpty { plan.refusal = reasons.joined(separator: "; ") } else { plan.omissions = reasons }
        return plan
    }

    private func owner(of operation: PatternOperation) -> EntityPlan? {
        let inTable = plans.filter { $0.table.name == operation.table }
        guard let entity = operation.entity else { return inTable.count == 1 ? inTable.first : nil }
        return inTable.first { $0.entity.name == entity }
    }

    private func refusal(of step: PatternStep, on owner: EntityPlan) -> String? {
        if let reason = step.refusal { return reason }
        let operation = step.operation
        var read: ContractIndex?
        if case .index(let index) = step.way { read = index }
        if let name = operation.index {
            guard let index = owner.table.index(named: name) else { return "\(operation.table) has no index \(name)" }
            guard owner.entity.appears(in: index, of: owner.table) else {
                return "items \(owner.entity.name) are not in the index \(name)"
            }
            read = read ?? index
        }
        guard let read, operation.operation != "Scan",
            let key = [read.partitionKey, read.sortKey].compactMap(\.self).first(where: { !$0.type.isAllowedInKey })
        else { return nil }
        return "the key \(key.name) of the index \(read.name) is \(key.type.rawValue), and a key is S, N or B"
    }

    private mutating func method(for pattern: AccessPattern, _ step: PatternStep, on owner: EntityPlan) -> MethodPlan {
        let operation = step.operation
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
            pattern: pattern, step: step, way: way(of: step, on: owner), name: name,
            others: others.map { other in other.entity.map { "\(other.table) \($0)" } ?? other.table })
    }

    private func way(of step: PatternStep, on owner: EntityPlan) -> MethodPlan.Way {
        switch step.way {
        case .key: return .key
        case .index(let index): return .index(index)
        case .partition: return .partition
        case .scan(let attribute): return owner.property(named: attribute).map { .scan($0) } ?? .key
        }
    }
}
