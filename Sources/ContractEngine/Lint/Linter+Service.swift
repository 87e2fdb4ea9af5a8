internal import ContractModel

extension Linter {
    /// Operations by key against what their callers know, and patterns that only a Scan serves.
    func service() -> [Finding] {
        patterns.filter(\.isServed).flatMap { pattern -> [Finding] in
            var found: [Finding] = []
            for operation in placed(pattern) {
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
        guard let view = EntityView.of(operation, among: known.views(of: operation.table)) else { return nil }
        let columns = KeyWords.known(to: pattern)
        switch view.access(of: operation, in: pattern) {
        case .key: return nil
        case .index(let index, let source, let missing):
            return lacking(
                operation, pattern, missing, columns,
                "\(view.table.name).\(index.name) finds it, since its partition key comes from \(source).",
                "Read \(index.name) first and charge that read, or let the caller pass \(Figures.list(missing)).")
        case .partition(let missing):
            return lacking(
                operation, pattern, missing, columns, "a Query of the partition finds it.",
                "Query first, or let the caller pass \(Figures.list(missing)).")
        case .scan(let attribute): return onlyScan(operation, pattern, attribute, view)
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
        return finding(
            .patternNeedsScan, in: place.file, at: place.position, about: pattern.id,
            "\(pattern.id)\(told(pattern)) is \(operation.operation) on \(OperationCost.place(operation)) by "
                + "\(attribute), which is no partition key of \(view.table.name) or of any of its indexes: only a Scan finds it.",
            advice: "Add an index with the partition key \(attribute), or let the caller pass the key.")
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
            let known: Set = [words]
            guard view.partition?.missing(knowing: known).isEmpty != true, view.index(knowing: known) == nil,
                let attribute = view.attribute(knowing: known)
            else { return nil }
            return finding(
                .methodNeedsScan, in: interfaces.file, at: Position(line: method.line), about: method.name,
                "`\(method.name)` looks up \(view.name) by \(attribute), which is no partition key of the table or of an index: "
                    + "only a Scan does it.",
                advice:
                    "Add an index with the partition key \(attribute), or implement the method as the Scan that it is.")
        }
    }
}

extension EntityView {
    var partition: KeyNeeds? {
        KeyNeeds(table.partitionKey, template: entity.template(of: table.partitionKey, in: table), in: self)
    }

    var sort: KeyNeeds? {
        table.sortKey.flatMap { KeyNeeds($0, template: entity.template(of: $0, in: table), in: self) }
    }

    func partition(of index: ContractIndex) -> KeyNeeds? {
        KeyNeeds(
            index.partitionKey, template: entity.template(of: index.partitionKey, of: index, in: table), in: self)
    }

    /// An index that a caller who knows these columns can Query, and what its partition key comes from.
    func index(knowing known: Set<Set<String>>) -> (ContractIndex, String)? {
        for index in table.indexes where entity.appears(in: index) {
            guard let needs = partition(of: index), !needs.values.isEmpty, needs.missing(knowing: known).isEmpty else {
                continue
            }
            return (index, Figures.list(needs.values.map(\.name)))
        }
        return nil
    }

    /// An attribute by which an item could be looked up and that has one of these names: its own value before a copy.
    func attribute(knowing known: Set<Set<String>>) -> String? {
        let keys = Set(keys.map(\.attribute.name))
        let named = attributes(known: known).filter(\.type.isAllowedInKey)
        let own = named.filter { $0.join == nil && $0.calculation == nil }
        return (own.first { !keys.contains($0.name) } ?? own.first ?? named.first)?.name
    }
}
