internal import ContractModel

extension Linter {
    /// Indexes that the documents call sparse, while the contract gives their keys to every item.
    func neverSparse() -> [Finding] {
        eachIndex { table, index, marks in
            guard let reason = index.reasons.first(where: { $0.topic == .sparseness && !$0.deniesSparseness }) else {
                return nil
            }
            let views = known.views(of: table.name)
            let inside = views.filter { $0.appears(in: index) }
            // Where other kinds lack its keys it is sparse of these, unless the words speak of a share of those that have them.
            guard !inside.isEmpty, inside.count == views.count || reason.isShare(of: inside.map(\.entity), in: table),
                inside.allSatisfy({ $0.always(has: index) })
            else { return nil }
            let keys = Figures.list([index.partitionKey.name, index.sortKey?.name].compactMap(\.self))
            let words = reason.text == "true" ? "" : " (\"\(reason.text.shown)\")"
            let isOwn = reason.file == document.contractFile
            return finding(
                .sparseDiffers, in: reason.file, at: isOwn ? marks?.start : Position(line: reason.line),
                about: "\(table.name).\(index.name)",
                "\(table.name).\(index.name) is said to be sparse\(words), while the contract gives every item of "
                    + "\(Figures.list(inside.map(\.shortName))) its key (\(keys)): all of them are in it.",
                advice:
                    "Say what keeps the key away: a `case` without `else`, or `\"nullable\": true` where the column can be NULL. Or say "
                    + "that the index is not sparse.")
        }
    }
}

extension DesignReason {
    /// Whether the words give a share of these kinds by their names: "5% of the submissions".
    fileprivate func isShare(of kinds: [ContractEntity], in table: ContractTable) -> Bool {
        guard let stated = StatedShare(text, of: kinds, in: table), stated.share < 1 else { return false }
        let names = kinds.flatMap { [$0.name, $0.sourceTable].compactMap(\.self) }
        let nouns = Set(names.compactMap { NameStem.words($0).last.map { NameStem.of($0) } })
        return NameStem.words(stated.text).contains { nouns.contains(NameStem.of($0)) }
    }
}

extension EntityView {
    /// Whether every item of this kind has the index's keys: there is no sign that one can be absent, and the partition key is made of what
    /// the contract requires or the table's own key has.
    fileprivate func always(has index: ContractIndex) -> Bool {
        let required = sources(of: index.partitionKey, index)
        let inKey = KeyParts(table: table, entity: entity).fixed
        return required?.allSatisfy { isRequired($0, inKey) } == true
            && index.sortKey.map { sources(of: $0, index)?.allSatisfy(isPlain) == true } ?? true
    }

    /// The attributes that a key of the index is made of; nil where the contract does not tell all of them.
    private func sources(of key: KeyAttribute, _ index: ContractIndex) -> [ContractAttribute]? {
        guard let template = entity.template(of: key, of: index, in: table) else {
            return attribute(key.name).map { [$0] }
        }
        let found = template.placeholders.compactMap { source(of: $0, key: key.name) }
        return found.count == template.placeholders.count ? found : nil
    }

    /// Whether nothing is said by which its value could be absent.
    private func isPlain(_ attribute: ContractAttribute) -> Bool {
        attribute.join == nil && attribute.calculation == nil
            && (attribute.isNullable != true || attribute.textForNull != nil)
    }

    private func isRequired(_ attribute: ContractAttribute, _ inKey: Set<String>) -> Bool {
        guard isPlain(attribute) else { return false }
        return attribute.isNullable == false || attribute.textForNull != nil || inKey.contains(attribute.name)
            || !attribute.columnNames.isEmpty && attribute.columnNames.allSatisfy(inKey.contains)
    }
}
