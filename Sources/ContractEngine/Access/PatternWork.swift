package import ContractModel

/// A call by which a pattern is carried out.
package struct PatternCall: Equatable {
    /// How many items it is about.
    package enum Items {
        /// As many as the documents or the assumptions say.
        case told
        /// The one that was looked for.
        case one
        /// All of a partition that are of its kind.
        case partition
    }

    /// The operation and what it touches.
    package var operation: PatternOperation
    /// How many items it is about.
    package var items: Items = .told
}

/// How one of a pattern's operations is carried out.
package struct PatternStep {
    /// How it comes to its items.
    package enum Way: Equatable {
        /// By their key, or as the operation itself says.
        case key
        /// An index finds the item; then it is read or changed by its key.
        case index(ContractIndex)
        /// All items of a partition.
        case partition
        /// Only a Scan finds what has this value.
        case scan(attribute: String)
    }

    /// The operation as the documents have it.
    package var asked: PatternOperation
    /// The operation as it is carried out: of another index where the caller does not know the key of the one that is named.
    package var operation: PatternOperation
    /// How it comes to its items.
    package var way: Way = .key
    /// What the documents' operation needs and its caller does not know: "email".
    package var lacks: [String] = []
    /// Those that the caller has to hand in, since nothing here finds the items without them.
    package var handedIn: [String] = []
    /// What its caller knows, by the documents.
    package var knows: [String] = []
    /// How many of the values that a Query's sort key is made of its caller knows, from the left, and not all of them: it reads
    /// what belongs to these, "ORDER#7#LINE#…".
    package var sortValues = 0
    /// A time that its caller knows and of which the Query reads a stretch, while no words say so.
    package var openTime: String?
    /// Attributes by which a deletion of many tells those that are meant from the others that its Query finds.
    package var filters: [String] = []
    /// Why nothing is generated of it, as a sentence without its end: it would do more than the documents say.
    package var refusal: String?
    /// Whether it is a deletion of several items that an index or a Scan finds, and of which the documents name a DeleteItem.
    package var isOfSeveral = false
    /// What of the item's own key the documents say that the update changes, which DynamoDB does not do.
    package var changedKey: String?
    /// Where those stand: "Users.GSI1"; nil where no table of the contract has them.
    package var source: String?
    /// Why the calls are not those of the documents, as sentences without their ends.
    package var reasons: [String] = []
    /// The calls, in their order.
    package var calls: [PatternCall] = []
}

/// How a pattern is carried out: by generated code, and by whoever does as the contract says.
package struct PatternWork {
    /// An operation that the documents name and nobody carries out.
    package struct Omission: Equatable {
        /// The operation.
        package var operation: PatternOperation
        /// Why, as a sentence without its end.
        package var reason: String
    }

    /// What is carried out, in the documents' order.
    package var steps: [PatternStep] = []
    /// What is not.
    package var omissions: [Omission] = []

    /// All calls, in their order.
    package var calls: [PatternCall] { steps.flatMap(\.calls) }
}

extension OperationAccessReader {
    /// How the pattern is carried out.
    package func work(of pattern: AccessPattern) -> PatternWork {
        let known = names.words(knownTo: pattern)
        let all = pattern.operations.map { operation -> (access: OperationAccess, step: PatternStep) in
            let access = access(of: operation, in: pattern, knowing: known)
            return (access, step(operation, access, of: pattern, isTold: !known.isEmpty))
        }
        var work = PatternWork()
        for (place, one) in all.enumerated() {
            let others = all.enumerated().filter { $0.offset != place }.map(\.element.step)
            if let reason = reasonToLeave(one.step, one.access, beside: others) {
                work.omissions.append(PatternWork.Omission(operation: one.step.asked, reason: reason))
            } else {
                work.steps.append(one.step)
            }
        }
        return work
    }

    // MARK: What is left out

    /// Why a Query of an index is nobody's work: it only finds what another operation of the pattern is about, and that one
    /// already says how.
    private func reasonToLeave(
        _ query: PatternStep, _ access: OperationAccess, beside others: [PatternStep]
    ) -> String? {
        guard query.asked.operation == "Query", let index = query.asked.index else { return nil }
        let place = "\(query.asked.table).\(index)"
        for other in others {
            guard Self.keyed.contains(other.asked.operation), other.asked.table == query.asked.table,
                (other.asked.entity ?? query.asked.entity) == (query.asked.entity ?? other.asked.entity)
            else { continue }
            let action = "\(other.asked.operation) on \(other.asked.table)"
            switch (other.way, query.way) {
            case (.index(let found), _) where found.name == index: return "\(action) finds its item by it"
            case (.scan, .scan): return "only a Scan finds the item of \(action)"
            default: break
            }
            guard query.asked.isGuess else { continue }
            if other.asked.isWrite { return "\(action) does not need \(place) to find its item" }
            switch access.inPlace {
            case .instead, .scan: return "its caller does not know the key of \(place); \(action) reads the item"
            default: break
            }
        }
        return nil
    }

    // MARK: What is done

    private func step(
        _ operation: PatternOperation, _ access: OperationAccess, of pattern: AccessPattern, isTold: Bool
    ) -> PatternStep {
        var step = PatternStep(asked: operation, operation: operation)
        let view = view(of: operation)
        take(access, into: &step, of: pattern, view)
        if !isTold, Self.keyed.contains(operation.operation), let view { untold(&step, of: pattern, view) }
        step.knows = names.known(to: pattern)
        if let view { confine(&step, of: pattern, view) }
        if let view { refuseSeveral(&step, of: pattern, view) }
        if step.refusal == nil, operation.isEntityGuess, operation.operation == "DeleteItem", let view,
            !isKindTold(view, by: pattern)
        {
            step.refusal =
                "only its words say that it deletes \(view.shortName), whose key is not just what its caller knows; `entity` in an "
                + "overlay or a column of its row says which kind of item it deletes"
        }
        step.calls = calls(of: step, view)
        if let view, let changed = changedKey(by: operation, of: pattern, view) {
            step.changedKey = changed
            replace(changed, in: &step, view)
        }
        return step
    }

    private func take(
        _ access: OperationAccess, into step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView?
    ) {
        let asked = "\(step.asked.operation) on \(OperationCost.place(step.asked))"
        func needs(_ lacks: [String]) -> String {
            "\(asked) needs \(Figures.list(lacks)), which its caller does not know"
        }
        switch access {
        case .key: break
        case .index(let index, _, let lacks):
            step.way = .index(index)
            step.lacks += lacks
            guard !lacks.isEmpty else {
                let place = "\(step.asked.table).\(index.name)"
                return step.reasons.append("\(asked) reads \(place), whose key is just what its caller knows")
            }
            step.reasons.append("\(needs(lacks)): \(step.asked.table).\(index.name) finds it")
        case .partition(let lacks):
            // Which one of its items is read or changed, the caller has to say.
            let isOfAll = view.map { self.isOfAll(step.asked, pattern, $0) } ?? false
            guard step.asked.operation == "GetItem" || isOfAll else { return }
            step.way = .partition
            step.lacks += lacks
            step.reasons.append(
                isOfAll
                    ? "\(needs(lacks)), and its words speak of all that there is: a Query finds what is deleted"
                    : "\(needs(lacks)): a Query of the partition finds it")
        case .instead(let index, _, let lacks):
            step.operation.index = index?.name
            step.lacks += lacks
            step.reasons.append("\(needs(lacks)): \(OperationCost.place(step.operation)) is read instead")
        case .scan(let attribute):
            guard let view, EntityLayout(table: view.table, entity: view.entity).field(named: attribute) != nil else {
                return
            }
            step.way = .scan(attribute: attribute)
            step.reasons.append(
                "\(asked) is by \(attribute), of which no key and no index is made: only a Scan finds it")
        case .handed(let lacks, let source, let then):
            step.lacks += lacks
            (step.handedIn, step.source) = (lacks, source)
            let elsewhere =
                source.map { "a read of \($0) for that is not charged" } ?? "no table of the contract has that"
            step.reasons.append("\(needs(lacks)) and has to hand in: \(elsewhere)")
            take(then, into: &step, of: pattern, view)
        }
    }

    /// Where no document says what the caller knows: its words, and an index that it reads besides, tell.
    private func untold(_ step: inout PatternStep, of pattern: AccessPattern, _ view: EntityView) {
        // One that is written down is of one item, whatever the words beside it say.
        if step.asked.isOperationGuess, isOfAll(step.asked, pattern, view), view.hasManyInPartition {
            step.way = .partition
            step.reasons.append(
                "no document says what its caller knows, and its words speak of all that there is: a Query finds what is deleted"
            )
            return
        }
        let found = pattern.operations.first {
            $0.operation == "Query" && $0.index != nil && $0.table == step.asked.table
        }
        guard let index = found?.index.flatMap({ view.table.index(named: $0) }), view.appears(in: index) else {
            return
        }
        step.way = .index(index)
        step.reasons.append(
            "no document says what its caller knows: \(step.asked.table).\(index.name), which it reads, finds the item")
    }

    /// Whether what the caller knows is the whole key of that kind, and of no other one in that order. A partition key alone is what its
    /// other kinds are found by too.
    private func isKindTold(_ view: EntityView, by pattern: AccessPattern) -> Bool {
        guard view.hasManyInPartition else { return false }
        let known = names.words(knownTo: pattern)
        let exact = views(of: view.table).filter { $0.isExact(knowing: known) }
        guard exact.contains(where: { $0.entity.name == view.entity.name }) else { return false }
        let listed = names.known(to: pattern)
        return exact.count == 1 || view.begins(with: listed) && exact.count { $0.begins(with: listed) } == 1
    }

    private func isOfAll(_ operation: PatternOperation, _ pattern: AccessPattern, _ view: EntityView) -> Bool {
        operation.operation == "DeleteItem" && view.isOfAll(pattern.summary, knowing: names.known(to: pattern))
    }

    private func calls(of step: PatternStep, _ view: EntityView?) -> [PatternCall] {
        let operation = step.operation
        if step.isOfSeveral { return callsOfSeveral(step, isGuarded: view?.hasGuardedValues == true) }
        func finding(_ name: String, _ index: String? = nil) -> PatternOperation {
            var found = operation
            (found.operation, found.index, found.itemsPerCall) = (name, index, nil)
            if operation.isWrite || index != nil { found.consistency = nil }
            return found
        }
        switch step.way {
        case .key: return [PatternCall(operation: operation)]
        case .index(let index):
            if operation.operation == "Query" {
                var query = operation
                query.index = index.name
                return [PatternCall(operation: query)]
            }
            let query = PatternCall(operation: finding("Query", index.name), items: .one)
            // Of an entry that does not hold all, the item is read by its key.
            let isDone = !operation.isWrite && index.projection == .all
            return isDone ? [query] : [query, PatternCall(operation: operation, items: .one)]
        case .partition:
            var query = operation
            query.operation = "Query"
            guard operation.isWrite else { return [PatternCall(operation: query)] }
            query.consistency = .strong
            var deletion = operation
            if view?.hasGuardedValues != true { deletion.operation = "BatchWriteItem" }
            return [
                PatternCall(operation: query, items: .partition), PatternCall(operation: deletion, items: .partition),
            ]
        case .scan:
            let scan = PatternCall(operation: finding("Scan"))
            return operation.isWrite ? [scan, PatternCall(operation: operation, items: .one)] : [scan]
        }
    }

    /// What keeping unique values may take besides the call itself: a read of the item, and a transaction with the items that hold
    /// the places.
    package func besides(_ operation: PatternOperation) -> [PatternOperation] {
        guard operation.isWrite, let view = view(of: operation), view.hasGuardedValues else { return [] }
        let lookups = view.entity.uniqueConstraints.compactMap(\.lookup?.table)
        return [PatternOperation(operation: "GetItem", table: operation.table)]
            + ([operation.table] + lookups).map { PatternOperation(operation: "TransactWriteItems", table: $0) }
    }
}

extension EntityView {
    /// Whether a partition can hold several items of this kind.
    fileprivate var hasManyInPartition: Bool {
        let layout = EntityLayout(table: table, entity: entity)
        guard let sort = layout.keys.first(where: { $0.role == .sort }) else { return false }
        let partition = layout.keys.first { $0.role == .partition }?.rule.fields ?? []
        return sort.rule.fields.contains { !partition.contains($0) }
    }

    /// Whether they are its whole key, and nothing that its items have not.
    fileprivate func isExact(knowing known: Set<Set<String>>) -> Bool {
        hasWholeKey(knowing: known) && known.allSatisfy { hasValue(called: $0) }
    }

    /// Whether lookup items keep values of this kind unique.
    fileprivate var hasGuardedValues: Bool {
        guard !entity.uniqueConstraints.isEmpty else { return false }
        return !EntityLayout(table: table, entity: entity).guarded(entity.uniqueConstraints).isEmpty
    }
}

extension OperationAccessReader {
    /// How each of a document's patterns is carried out, by its id.
    package func works(of document: ContractDocument) -> [String: PatternWork] {
        Dictionary(document.patterns.map { ($0.id, work(of: $0)) }, uniquingKeysWith: { first, _ in first })
    }
}
