internal import ContractModel

extension Linter {
    /// Patterns that are claimed twice, or that nothing serves.
    func coverage() -> [Finding] { claimedAgain() + claimedByTwo() + servedByNothing() }

    private func claimedAgain() -> [Finding] {
        tables.enumerated().flatMap { number, table in
            (marks(of: number)?.satisfiedAgain ?? []).map { id, position in
                finding(
                    .satisfiedTwice, at: position, about: id, "\(id) stands twice in the `satisfies` of \(table.name).",
                    advice: "Keep one.")
            }
        }
    }

    /// A mapping, an overlay or the pattern's own row says which tables it touches; one that none of them places can have one claim
    /// only.
    private func claimedByTwo() -> [Finding] {
        let silent = model?.mapping.isEmpty == false ? "mapping" : "document"
        var claims: [String: [Int]] = [:]
        for (number, table) in self.tables.enumerated() {
            for id in table.satisfies { claims[id, default: []].append(number) }
        }
        return claims.sorted { $0.key < $1.key }.compactMap { id, tables in
            // Of a pattern that no document describes nobody knows what it does.
            guard tables.count > 1, let last = tables.last, let pattern = pattern(id), pattern.isServed,
                known.row(of: id) != nil,
                placed(pattern).isEmpty
            else { return nil }
            return finding(
                .satisfiedTwice, at: marks(of: last)?.satisfied[id], about: id,
                "\(Figures.list(tables.map { self.tables[$0].name })) both claim \(id), and no \(silent) says that it touches both.",
                advice:
                    "Keep the claim that is right, or say in \(silent == "mapping" ? "the mapping" : "its row") what \(id) does in each."
            )
        }
    }

    private func servedByNothing() -> [Finding] {
        patterns.filter { $0.isServed && $0.operations.isEmpty }.map { pattern in
            let place = place(of: pattern)
            return finding(
                .satisfiedNever, in: place.file, at: place.position, about: pattern.id,
                "\(pattern.id)\(pattern.summary.isEmpty ? "" : " (\(pattern.summary))") has work to do in DynamoDB, and no "
                    + "table, index or mapping serves it.",
                advice: "Put it into a table's `satisfies` or into the mapping, or say that DynamoDB does not serve it."
            )
        }
    }

    /// The calls by which the pattern is carried out.
    func calls(of pattern: AccessPattern) -> [PatternOperation] { works[pattern.id]?.calls.map(\.operation) ?? [] }

    /// Indexes that nobody reads, and keys of indexes that items can lack.
    func indexUse() -> [Finding] { unread() + absentKeys() + duplicates() + sparseness() + neverSparse() }

    private func unread() -> [Finding] {
        guard patterns.contains(where: { !placed($0).isEmpty }) else { return [] }
        // What the documents list, and what is read since a caller knows no other key.
        let operations = patterns.flatMap { $0.operations + calls(of: $0) }
        let read = Set(operations.filter { !$0.isWrite }.map(OperationCost.place))
        return eachIndex { table, index, marks in
            guard !read.contains("\(table.name).\(index.name)") else { return nil }
            return finding(
                .indexUnread, at: marks?.start, about: "\(table.name).\(index.name)",
                "No pattern reads \(table.name).\(index.name), while every write of its items is paid for twice.",
                advice: "Drop it, or name the pattern that needs it.")
        }
    }

    private func absentKeys() -> [Finding] {
        var readers: [String: [AccessPattern]] = [:]
        for pattern in patterns {
            let places = Set(
                calls(of: pattern).filter { $0.index != nil && !$0.isWrite }.map {
                    "\(OperationCost.place($0)) \($0.entity ?? "")"
                })
            for place in places { readers[place, default: []].append(pattern) }
        }
        return entities.flatMap { view in
            view.table.indexes.flatMap { index -> [Finding] in
                let place = "\(view.table.name).\(index.name)"
                let patterns = (readers["\(place) \(view.entity.name)"] ?? []) + (readers["\(place) "] ?? [])
                guard !patterns.isEmpty, view.appears(in: index), !index.isSparseByDesign else { return [] }
                return [index.partitionKey, index.sortKey].compactMap(\.self).compactMap { key in
                    guard let why = view.absence(of: key, in: index) else { return nil }
                    return finding(
                        .indexKeyCanBeAbsent, at: view.marks(of: key.name)?.start ?? view.marks?.start,
                        about: "\(place).\(key.name)",
                        "\(key.name), a key of \(place), can be absent (\(why)): \(Figures.list(patterns.map(\.id))) "
                            + "would not find such an item there.",
                        advice: "Give a `null_value`, or say `\"sparse\": true` at \(index.name) where that is meant.")
                }
            }
        }
    }

    private func duplicates() -> [Finding] {
        var seen: [String: String] = [:]
        return eachIndex { table, index, marks in
            let keys = "\(table.name)\n\(index.partitionKey.name)\n\(index.sortKey?.name ?? "")"
            guard let first = seen.updateValue(index.name, forKey: keys) else { return nil }
            return finding(
                .indexDuplicate, at: marks?.start, about: "\(table.name).\(index.name)",
                "\(index.name) of \(table.name) has the same keys as \(first).", advice: "Keep one of them.")
        }
    }

    func eachIndex(_ body: (ContractTable, ContractIndex, IndexMarks?) -> Finding?) -> [Finding] {
        tables.enumerated().flatMap { number, table in
            table.indexes.enumerated().compactMap { place, index in body(table, index, marks(of: number, index: place))
            }
        }
    }
}

extension ContractIndex {
    /// Whether the documents say that only some items are in the index.
    var isSparseByDesign: Bool {
        reasons.contains { $0.topic == .sparseness && !$0.deniesSparseness }
    }
}

extension EntityView {
    /// Why an item of this kind may lack that key; nil where the contract gives no sign that it may. A CASE without ELSE is
    /// taken as meant.
    func absence(of key: KeyAttribute, in index: ContractIndex) -> String? {
        KeyAbsence.reason(of: key, in: index, of: table, entity, attribute: attribute, countsCases: false)
    }
}
