internal import ContractModel

extension Linter {
    /// Operations by key against what their callers know, and patterns that only a Scan serves.
    func service() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            var found: [Finding] = []
            // What only `satisfies` places is done all the same.
            let placed = placed(pattern)
            for operation in placed.isEmpty ? pattern.operations : placed {
                if let finding = scan(operation, of: pattern) ?? lack(operation, of: pattern),
                    !found.contains(where: { $0.rule == finding.rule })
                {
                    found.append(finding)
                }
            }
            return found
        }
    }

    private func scan(_ operation: PatternOperation, of pattern: AccessPattern) -> Finding? {
        guard operation.operation == "Scan" else { return nil }
        let rate = pattern.peakRPS.map { ", \(Figures.short($0)) times a second" } ?? ""
        let place = place(of: pattern)
        return finding(
            .patternNeedsScan, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(told(pattern)) is a Scan of \(OperationCost.place(operation))\(rate): every call reads it whole.",
            advice:
                "Add an index whose partition key the caller knows, cache the answer, or suppress this with the reason."
        )
    }

    /// Whether the caller knows the key that the operation needs.
    private func lack(_ operation: PatternOperation, of pattern: AccessPattern) -> Finding? {
        let access = access.access(of: operation, in: pattern)
        if operation.isNamedByRule, !operation.isWrite {
            switch access.inPlace {
            // Nobody said that it reads the table: it reads what serves it.
            case .index, .partition, .instead: return nil
            case .key, .handed, .scan: break
            }
        }
        return lack(operation, of: pattern, access)
    }

    private func lack(
        _ operation: PatternOperation, of pattern: AccessPattern, _ access: OperationAccess
    ) -> Finding? {
        guard let view = self.access.view(of: operation) else { return nil }
        let columns = self.access.names.known(to: pattern)
        func lacking(_ lacks: [String], _ way: String, _ advice: String) -> Finding {
            self.lacking(operation, pattern, lacks, columns, way, advice)
        }
        switch access {
        case .key: return nil
        case .index(_, _, []): return nil
        case .index(let index, _, let lacks) where isOfSeveral(operation, pattern):
            return lacking(
                lacks,
                "\(view.table.name).\(index.name) finds them: the documents speak of several items or a part of them, and a DeleteItem takes "
                    + "one. It is charged as a Query and a deletion of each, and no method is generated.",
                "Read the keys by a Query of \(index.name), and delete those that are meant with a BatchWriteItem: write both in the overlay "
                    + "(`--mapping`). Of one item say one, and let `items` be 1.")
        case .index(let index, let source, let lacks):
            return lacking(
                lacks, "\(view.table.name).\(index.name) finds it, since its partition key comes from \(source).",
                "Read \(index.name) first, as generated code does, or let the caller pass \(Figures.list(lacks)).")
        case .partition(let lacks):
            return lacking(
                lacks, "a Query of the partition finds it.",
                "Query first, or let the caller pass \(Figures.list(lacks)).")
        case .instead(let index, let source, let lacks):
            let other = index.map { "\(view.table.name).\($0.name)" } ?? "\(view.table.name) itself"
            return lacking(
                lacks, "\(other) is read instead, since its partition key comes from \(source).",
                "Name \(other) in the mapping, or let the caller pass \(Figures.list(lacks)).")
        case .scan(let attribute): return onlyScan(operation, pattern, attribute, view)
        case .handed(let lacks, let source, let then):
            let all = lacks + (then.lacks ?? [])
            let way =
                source.map { "\($0) has \(Figures.list(lacks)) by what the caller knows." }
                ?? "no table and no index of the contract has \(Figures.list(lacks)) by what the caller knows."
            let advice = source.map {
                "Let the caller pass \(Figures.list(all)), or say in the mapping that \($0) is read first: until then that read "
                    + "is not charged."
            }
            return lacking(all, way, advice ?? "Let the caller pass \(Figures.list(all)).")
        }
    }

    private func lacking(
        _ operation: PatternOperation, _ pattern: AccessPattern, _ missing: [String], _ columns: [String],
        _ way: String,
        _ advice: String
    ) -> Finding {
        let place = place(of: pattern)
        return finding(
            .operationLacksKey, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(told(pattern)) is \(operation.operation) on \(OperationCost.place(operation)), which needs "
                + "\(Figures.list(missing)); its caller knows \(Figures.list(columns)): \(way)",
            advice: advice)
    }

    private func onlyScan(
        _ operation: PatternOperation, _ pattern: AccessPattern, _ attribute: String, _ view: EntityView
    ) -> Finding {
        let place = place(of: pattern)
        let isRead = operation.isNamedByRule && !operation.isWrite
        let doing = isRead ? "looks for \(attribute) on" : "is \(operation.operation) on"
        let by = isRead ? "" : " by \(attribute)"
        if operation.operation == "Query", !operation.isNamedByRule,
            let found = queryWithoutKey(operation, pattern, attribute, view)
        {
            return found
        }
        let isOfSeveral = isOfSeveral(operation, pattern)
        let refusal =
            isOfSeveral
            ? " The documents speak of several items or a part of them, and a DeleteItem takes one: no method is generated."
            : ""
        // The item that keeps the value unique is found by it, and is not the one that is looked for.
        let lookup = view.entity.uniqueConstraints.first { $0.attributes == [attribute] && $0.flaw == nil }?.lookup
        let kept =
            lookup?.partitionKeyTemplate.map {
                " Its lookup item \($0.source) in \(lookup?.table ?? "") is found by it, and holds no \(view.shortName)."
            } ?? ""
        let other =
            lookup == nil ? "" : ", or read the lookup item and then the \(view.shortName) whose key you store in it"
        let way =
            isOfSeveral
            ? "read the keys by a Query of it, and delete those that are meant with a BatchWriteItem."
            : "or let the caller pass the key\(other)."
        return finding(
            .patternNeedsScan, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(told(pattern)) \(doing) \(OperationCost.place(operation))\(by), which is no partition key of "
                + "\(view.table.name) or of any of its indexes: only a Scan finds it.\(kept)\(refusal)",
            advice: "Add an index with the partition key \(attribute), " + way)
    }

    /// What a Query needs, and its caller does not know; nil where the model's own words were told already.
    private func queryWithoutKey(
        _ operation: PatternOperation, _ pattern: AccessPattern, _ attribute: String, _ view: EntityView
    ) -> Finding? {
        let index = operation.index.flatMap { view.table.index(named: $0) }
        guard !saysCondition(pattern.id, on: operation) else { return nil }
        let key = (index?.partitionKey ?? view.table.partitionKey).name
        let place = place(of: pattern)
        return finding(
            .queryWithoutPartitionKey, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(told(pattern)) is Query on \(OperationCost.place(operation)) by \(attribute), without its "
                + "partition key \(key): that is no Query, only a Scan could do it.",
            advice: "Add an index with the partition key \(attribute), or let the caller pass \(key) as well.")
    }

    private func isOfSeveral(_ operation: PatternOperation, _ pattern: AccessPattern) -> Bool {
        works[pattern.id]?.steps.contains { $0.asked == operation && $0.isOfSeveral } ?? false
    }

    private func told(_ pattern: AccessPattern) -> String { pattern.summary.isEmpty ? "" : " (\(pattern.summary))" }

    /// Methods of the application's interfaces that no key or index serves.
    func methods() -> [Finding] {
        guard let interfaces = document.sources.interfaces else { return [] }
        var views: [String: EntityView] = [:]
        for view in entities {
            for name in [view.entity.name, view.entity.sourceTable ?? "", view.table.name] {
                let stem = NameStem.of(name)
                if views[stem] == nil { views[stem] = view }
            }
        }
        return interfaces.methods.compactMap { method in
            guard let view = views[NameStem.of(method.subject.joined())] else { return nil }
            let words =
                method.by.isEmpty
                ? Set(method.subject.suffix(1).map { NameStem.of($0) }) : Set(method.by.map { NameStem.of($0) })
            let query = PatternOperation(operation: "Query", table: view.table.name)
            guard case .scan(let attribute) = access.access(of: query, on: view, knowing: [words]) else { return nil }
            return finding(
                .methodNeedsScan, in: interfaces.file, at: Position(line: method.line), about: method.name,
                "`\(method.name)` looks up \(view.name) by \(attribute), which is no partition key of the table or of an index: "
                    + "only a Scan does it.",
                advice:
                    "Add an index with the partition key \(attribute), or implement the method as the Scan that it is.")
        }
    }
}

extension OperationAccess {
    /// What of the key is lacking; nil where nothing is.
    fileprivate var lacks: [String]? {
        switch self {
        case .key, .scan: nil
        case .index(_, _, let lacks), .partition(let lacks), .instead(_, _, let lacks): lacks
        case .handed(let lacks, _, let then): lacks + (then.lacks ?? [])
        }
    }
}

extension EntityView {
    /// An index that a caller who knows these columns can Query, and what its partition key comes from.
    ///
    /// The first whose key holds just what they know comes before one whose key is only computed of that, or goes on with what they
    /// do not know.
    func index(knowing known: Set<Set<String>>) -> (ContractIndex, String)? {
        var best: (index: ContractIndex, names: String, rank: Int)?
        for index in table.indexes where appears(in: index) {
            guard let needs = partition(of: index), !needs.values.isEmpty, needs.unmet(knowing: known).isEmpty else {
                continue
            }
            let goesOn = index.sortKey != nil && sort(of: index)?.unmet(knowing: known).isEmpty != true
            let rank = (needs.isExact(knowing: known) ? 2 : 0) + (goesOn ? 0 : 1)
            if best.map({ rank > $0.rank }) ?? true { best = (index, needs.names, rank) }
        }
        return best.map { ($0.index, $0.names) }
    }

    /// An attribute by which an item could be looked up and that has one of these names: its own value before a copy.
    func attribute(knowing known: Set<Set<String>>) -> String? {
        let keys = Set(keys.map(\.attribute.name))
        let named = attributes(known: known).filter(\.type.isAllowedInKey)
        let own = named.filter { $0.join == nil && $0.calculation == nil }
        return (own.first { !keys.contains($0.name) } ?? own.first ?? named.first)?.name
    }
}
