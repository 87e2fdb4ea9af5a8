internal import ContractModel

extension Linter {
    /// Names that DynamoDB refuses or reserves, and the attribute that ends items.
    func names() -> [Finding] { refused() + reserved() + timeToLive() }

    private func refused() -> [Finding] {
        let refused = tables.enumerated().compactMap { number, table in
            refusal(of: table.name, "table", at: marks(of: number)?.start)
        }
        return refused + eachIndex { _, index, marks in refusal(of: index.name, "index", at: marks?.start) }
    }

    private func refusal(of name: String, _ kind: String, at position: Position?) -> Finding? {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard !isAllowed || !(3...255).contains(name.utf8.count) else { return nil }
        return finding(
            .nameRefused, at: position, about: name.shown,
            "DynamoDB refuses the \(kind)'s name \"\(name.shown)\": it must have 3 to 255 characters of a-z, A-Z, 0-9, _, - and dot.",
            advice: "Rename it.")
    }

    /// One finding for each word, where it stands first.
    private func reserved() -> [Finding] {
        var first: [String: (view: EntityView, count: Int)] = [:]
        var order: [String] = []
        for view in entities {
            for attribute in view.entity.attributes where ReservedWords.contains(attribute.name) {
                if first[attribute.name] == nil { order.append(attribute.name) }
                first[attribute.name, default: (view, 0)].count += 1
            }
        }
        return order.compactMap { name in
            guard let (view, count) = first[name] else { return nil }
            return finding(
                .reservedName, at: view.marks(of: name)?.start, about: name,
                "\(name) of \(view.name)\(count > 1 ? " and of \(count - 1) more" : "") is a reserved word: an expression that names "
                    + "it as it is is refused.",
                advice: "Write #\(name) in every expression of your own; Tidemark's do.")
        }
    }

    private func timeToLive() -> [Finding] {
        tables.enumerated().compactMap { number, table in
            guard let name = table.settings.timeToLiveAttribute else { return nil }
            let found = table.entities.compactMap { $0.attribute(named: name) }
            let wrong = found.first { $0.type != .N }
            if wrong == nil, let format = found.lazy.compactMap(\.formatOfNoSeconds).first {
                return finding(
                    .timeToLiveAttribute, at: marks(of: number)?.timeToLive, about: "\(table.name).\(name.shown)",
                    "\(name.shown), by which items of \(table.name) end, is written as \"\(format.shown)\": DynamoDB takes the number for "
                        + "seconds since 1970, and would end them at another time or never.",
                    advice: "Give it the format \"epoch\".")
            }
            guard found.isEmpty || wrong != nil else { return nil }
            return finding(
                .timeToLiveAttribute, at: marks(of: number)?.timeToLive, about: "\(table.name).\(name.shown)",
                wrong.map { "\(name.shown), by which items of \(table.name) end, is \($0.type.rawValue)" }
                    .map { $0 + ": DynamoDB looks for a number of seconds since 1970 and ignores anything else." }
                    ?? "\(table.name) is to end its items by \(name.shown), which none of them has.",
                advice: "Make it an N that holds seconds since 1970.")
        }
    }

    /// Departures from the schema of this kind of contract, and fields that nothing knows.
    func schema() -> [Finding] {
        let departures = (document.sources.reading?.schemaNotes ?? []).map { note in
            let more = note.count > 1 ? " It is so in \(note.count) places, here first." : ""
            return finding(.schemaViolation, at: note.position, note.message + more, advice: note.advice)
        }
        let sources = document.sources
        return departures + unknown(sources.reading?.marks.unknownFields, in: nil, "it is kept")
            + unknown(sources.listing?.unknownFields, in: sources.listing?.file, "it says nothing")
            + unknown(sources.overlay?.unknownFields, in: sources.overlay?.file, "it says nothing")
    }

    private func unknown(_ marks: [UnknownFieldMark]?, in file: String?, _ fate: String) -> [Finding] {
        var counts: [String: Int] = [:]
        var first: [UnknownFieldMark] = []
        for mark in marks ?? [] {
            if counts.updateValue((counts[mark.name] ?? 0) + 1, forKey: mark.name) == nil { first.append(mark) }
        }
        return first.map { mark in
            let more = (counts[mark.name] ?? 1) - 1
            return finding(
                .unknownField, in: file, at: mark.position, about: mark.name,
                "Nothing here knows the field `\(mark.name)` of \(mark.owner)\(more > 0 ? " and of \(more) more" : ""); \(fate).",
                advice: "Correct its name, or put _ in front of it if it is for people.")
        }
    }

    /// Attributes and keys that the data model's sections list, against the contract's.
    func modelItems() -> [Finding] {
        guard let model else { return [] }
        return model.tables.flatMap { section -> [Finding] in
            guard let table = known.table(named: section.table) else { return [] }
            let views = known.views(of: table.name)
            let keys =
                section.keys.compactMap { keyDiffers($0, table.partitionKey, table.sortKey, views, table.name) }
                + section.indexes.flatMap { index -> [Finding] in
                    guard let found = table.index(named: index.index) else { return [] }
                    return index.keys.compactMap {
                        keyDiffers($0, found.partitionKey, found.sortKey, views, "\(table.name).\(found.name)")
                    }
                }
            return section.attributes.compactMap { attributeDiffers($0, of: table, views) } + keys
        }
    }

    private func attributeDiffers(
        _ stated: DataModel.StatedAttribute, of table: ContractTable, _ views: [EntityView]
    ) -> Finding? {
        let meant = stated.entity.map { name in views.filter { $0.entity.name == name } } ?? views
        let found = meant.compactMap { $0.attribute(stated.name) }
        let place = stated.entity.map { "\(table.name) \($0)" } ?? table.name
        let isKey = stated.name == table.partitionKey.name || stated.name == table.sortKey?.name
        if found.isEmpty && !isKey {
            return finding(
                .modelAttributeDiffers, in: model?.file, at: Position(line: stated.line),
                about: "\(place).\(stated.name)",
                "The model gives \(place) the attribute \(stated.name) (\(stated.type.rawValue)), which the contract has not: "
                    + "the migration will not fill it.",
                advice: "Add it to the contract, or take it out of the model.")
        }
        guard let other = found.first, !found.contains(where: { $0.type == stated.type }) else { return nil }
        return finding(
            .modelAttributeDiffers, in: model?.file, at: Position(line: stated.line), about: "\(place).\(stated.name)",
            "The model has \(stated.name) of \(place) as \(stated.type.rawValue), the contract as \(other.type.rawValue).",
            advice: "Let both say the same.")
    }

    private func keyDiffers(
        _ stated: DataModel.StatedKey, _ partition: KeyAttribute, _ sort: KeyAttribute?, _ views: [EntityView],
        _ place: String
    ) -> Finding? {
        guard let key = [partition, sort].compactMap(\.self).first(where: { $0.name == stated.name }) else {
            return nil
        }
        let words = Set(NameStem.words(stated.source).map { NameStem.of($0) })
        guard !words.isEmpty, !stated.source.contains("#"), !stated.source.contains("\"") else { return nil }
        var sources: Set<String> = []
        var told: [String] = []
        for view in views {
            guard let attribute = view.attribute(key.name) else { continue }
            sources.formUnion(KeyWords.sources(of: attribute, in: view.entity))
            told.append(
                attribute.joinedColumn ?? attribute.format?.source ?? attribute.sourceColumns.joined(separator: ", "))
        }
        guard !sources.isEmpty, sources.isDisjoint(with: words) else { return nil }
        return finding(
            .modelKeyDiffers, in: model?.file, at: Position(line: stated.line), about: "\(place).\(key.name)",
            "The model makes \(key.name) of \(place) from \(stated.source.shown), the contract from \(told.first ?? "").",
            advice: "Let both name the same column: queries are written by the one and answered by the other.")
    }
}

extension ContractAttribute {
    /// The format of a date that makes a number and no seconds since 1970: thousandths of them, or digits of a day.
    fileprivate var formatOfNoSeconds: String? {
        guard type == .N, case .dateFormat(let format, _)? = transformation else { return nil }
        switch format.form {
        case .epochMilliseconds: return format.source
        case .pieces(let pieces):
            let isText = pieces.contains { if case .literal = $0 { true } else { $0 == .zone } }
            return isText ? nil : format.source
        case .epochSeconds, .iso8601, .database, .unreadable: return nil
        }
    }
}
