internal import ContractModel

extension Linter {
    /// Keys that the model gives, against the contract's: another attribute, another order, or a sort key that only one of them has.
    func modelKeys() -> [Finding] {
        let told = Set(modelItems().filter { $0.rule == Rule.modelKeyDiffers.rawValue }.map(\.line))
        return (model?.keyLines ?? []).filter { !told.contains($0.line) }.compactMap { line in
            guard let table = known.table(named: line.table) else { return nil }
            let index = line.index.flatMap { table.index(named: $0) }
            guard line.index == nil || index != nil else { return nil }
            let place = index.map { "\(table.name).\($0.name)" } ?? table.name
            let key: KeyAttribute? =
                line.isPartition
                ? index?.partitionKey ?? table.partitionKey : index == nil ? table.sortKey : index?.sortKey
            let views = known.views(of: table.name).filter { view in index.map(view.appears) ?? true }
            return keyDiffers(line, key, index, views, place)
        }
    }

    /// Sections of the model on tables, indexes or kinds of items that the contract has not.
    func strangeSections() -> [Finding] {
        guard let model else { return [] }
        let kinds = Set(
            document.contract.tables.flatMap { $0.entities.flatMap { [$0.name, $0.sourceTable ?? $0.name] } }.map {
                NameStem.of($0)
            })
        return model.strangers.filter { section in
            !kinds.contains(NameStem.of(section.name)) && resolver.names.resolve(section.name) == nil
        }.map { section in
            finding(
                .modelUnknownName, in: model.file, at: Position(line: section.line), about: section.name,
                "The model gives \(section.name.shown) keys in a section of its own, and the contract has no table, index or kind of item of "
                    + "that name: nothing is made or migrated for it.",
                advice: "Add it to the contract, call it as the contract does, or take the section out of the model.")
        }
    }

    /// The same of the keys that the model gives one kind of item of a table that holds several.
    func kindKeys() -> [Finding] {
        (model?.kindKeys ?? []).compactMap { line in
            guard let table = known.table(named: line.table),
                let view = known.views(of: table.name).first(where: { $0.entity.name == line.kind })
            else { return nil }
            let index = line.index.flatMap { table.index(named: $0) }
            let key =
                line.isPartition ? index?.partitionKey ?? table.partitionKey : index.map(\.sortKey) ?? table.sortKey
            guard let key, line.index == nil || index != nil else { return nil }
            let isThere = index.map(view.appears) ?? true
            let made = isThere ? view.madeKeys(of: index).first { $0.isSort != line.isPartition } : nil
            let place = "\(index.map { "\(table.name).\($0.name)" } ?? table.name) \(line.kind)"
            return kindKeyDiffers(line, key, made, view, place)
        }
    }

    private func kindKeyDiffers(
        _ line: DataModel.KindKey, _ key: KeyAttribute, _ made: MadeKey?, _ view: EntityView, _ place: String
    ) -> Finding? {
        func finding(_ message: String) -> Finding { modelKey(line.line, "\(place).\(key.name)", message) }
        guard let written = line.template else {
            return made.map {
                finding(
                    "The model gives \(line.kind) no \(key.name), and the contract makes it \"\($0.template.source)\".")
            }
        }
        let shown = "\"\(written.source.shown)\""
        guard let made else {
            guard line.index != nil, written.source != key.name else { return nil }
            return finding("The model makes \(key.name) of \(line.kind) \(shown), and the contract gives it none.")
        }
        guard written.source != key.name, let template = view.template(writtenAs: written),
            let difference = KeyDifference(template, made.template, isWhole: true, of: view)
        else { return nil }
        return finding(
            "The model makes \(key.name) of \(line.kind) \(shown), the contract \"\(made.template.source)\": "
                + "\(Linter.saying(difference)).")
    }

    private static func saying(_ difference: KeyDifference) -> String {
        switch difference {
        case .beginnings(let written, let made): "the one begins with \"\(written)\", the other with \"\(made)\""
        case .later(let written, let made): "\(written) stands first in the one, \(made) in the other"
        case .another(let written, let made): "\(written) stands in the one where \(made) stands in the other"
        case .more(let written): "only the model's has \(written) in it"
        case .texts: "they are not the same text"
        case .constant: "only the contract's tells items apart"
        }
    }

    private func keyDiffers(
        _ line: DataModel.KeyLine, _ key: KeyAttribute?, _ index: ContractIndex?, _ views: [EntityView], _ place: String
    ) -> Finding? {
        let part = line.isPartition ? "partition" : "sort"
        guard let value = line.value else {
            guard let key, !line.isPartition else { return nil }
            return modelKey(
                line.line, "\(place).\(key.name)",
                "The model gives \(place) no sort key, and the contract has \(key.name).")
        }
        let stated = StatedKeyText(value, key: key?.name, isKnown: { name in views.contains { $0.knows(name) } })
        guard let first = stated.names.first else { return nil }
        guard let key else {
            return modelKey(
                line.line, "\(place).\(first)",
                "The model gives \(place) the sort key \(value.shown), and the contract has none there.")
        }
        let needs = views.compactMap { view -> KeyNeeds? in
            switch (line.isPartition, index) {
            case (true, let index?): view.partition(of: index)
            case (false, let index?): view.sort(of: index)
            case (true, nil): view.partition
            case (false, nil): view.sort
            }
        }
        guard !needs.isEmpty, !needs.contains(where: { stated.agrees(with: $0) }) else { return nil }
        let told = needs.first.map { $0.values.isEmpty ? key.name : $0.names } ?? key.name
        let made = told == key.name ? key.name : "\(key.name) of \(told)"
        return modelKey(
            line.line, "\(place).\(key.name)",
            "The model has \(value.shown) as the \(part) key of \(place), the contract \(made).")
    }

    private func modelKey(_ line: Int, _ subject: String, _ message: String) -> Finding {
        finding(
            .modelKeyDiffers, in: model?.file, at: Position(line: line), about: subject, message,
            advice: "Let both name the same key: queries are written by the one and answered by the other.")
    }
}

/// What a model's words for a key name, as far as the contract knows the names.
private struct StatedKeyText {
    /// Attributes and columns, in their order; none where something is in doubt.
    let names: [String]

    /// - Parameters:
    ///   - key: the key's name in the contract.
    ///   - isKnown: whether an attribute or a column of the items has that name.
    init(_ value: String, key: String?, isKnown: (String) -> Bool) {
        let sides = value.split(separator: "=", maxSplits: 1).map(\.trimmed)
        var text = sides.first ?? ""
        if sides.count == 2 {
            let isTemplate = sides[1].contains { "#{<".contains($0) }
            // What one name is made from is told by the section's own reader.
            if text == key, !isTemplate {
                names = []
                return
            }
            if text == key || KeyName.isSynthetic(text) { text = sides[1] }
        }
        guard text != key else {
            names = []
            return
        }
        let holes = StatedKeyText.holes(in: text)
        if !holes.isEmpty {
            names = holes.allSatisfy(isKnown) ? holes : []
            return
        }
        let parts = text.split { "#+,|&".contains($0) }.map(\.trimmed)
        // "USER#user_id": what is written in capitals stands in the key as it is.
        let values = parts.filter { part in isKnown(part) || part.contains(where: \.isLowercase) }
        names = values.allSatisfy { isKnown($0) && !$0.contains(" ") } ? values : []
    }

    /// "user_id" of "USER#<user_id>" and "USER#{user_id}".
    private static func holes(in text: String) -> [String] {
        var holes: [String] = []
        var rest = text[...]
        while let start = rest.firstIndex(where: { "<{".contains($0) }) {
            let name = rest[rest.index(after: start)...].prefix { !"<>{}".contains($0) }
            guard name.endIndex < rest.endIndex else { break }
            holes.append(name.trimmed)
            rest = rest[name.endIndex...].dropFirst()
        }
        return holes
    }

    /// Whether the key is made of these, in this order, and perhaps of more behind them.
    func agrees(with needs: KeyNeeds) -> Bool {
        guard names.count <= needs.values.count else { return false }
        return zip(names, needs.values).allSatisfy { name, value in
            name == value.name || value.words.contains(KeyWords.of(name))
        }
    }
}

extension EntityView {
    /// Whether an attribute, or a column that one is read from, has exactly that name.
    fileprivate func knows(_ name: String) -> Bool {
        attribute(name) != nil
            || attributes(known: [KeyWords.of(name)]).contains { $0.columnNames.contains(name) }
    }
}
