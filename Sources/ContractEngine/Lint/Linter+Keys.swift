package import ContractModel

extension Linter {
    /// Key attributes that items lack, and types that keys may not have.
    func keys() -> [Finding] { missingKeys() + emptyIndexes() + keyTypes() + textsOfNumbers() + repeatedKeys() }

    private func missingKeys() -> [Finding] {
        entities.flatMap { view in
            [view.table.partitionKey, view.table.sortKey].compactMap(\.self).compactMap { key in
                guard view.attribute(key.name) == nil, view.entity.template(of: key, in: view.table) == nil else {
                    return nil
                }
                return finding(
                    .keyAttributeMissing, at: view.marks?.start, about: view.subject(key.name),
                    "\(view.shortName) has no attribute \(key.name) and no template for it, and it is a key of \(view.table.name).",
                    advice: "Add \(key.name) to its attributes: DynamoDB refuses an item without it.")
            }
        }
    }

    private func emptyIndexes() -> [Finding] {
        eachIndex { table, index, marks in
            guard !table.entities.contains(where: { $0.appears(in: index, of: table) }) else { return nil }
            let keys = Figures.list([index.partitionKey.name, index.sortKey?.name].compactMap(\.self))
            return finding(
                .keyAttributeMissing, at: marks?.start, about: "\(table.name).\(index.name)",
                "No item of \(table.name) has the key of \(index.name) (\(keys)): it stays empty.",
                advice: "Add the attributes to the items that the index is for, or drop the index.")
        }
    }

    private func keyTypes() -> [Finding] {
        tables.enumerated().flatMap { number, table -> [Finding] in
            let own: [KeyAttribute?] = [table.partitionKey, table.sortKey]
            let all = own + table.indexes.flatMap { [$0.partitionKey, $0.sortKey] as [KeyAttribute?] }
            var seen: Set<String> = []
            return all.compactMap(\.self).filter { seen.insert($0.name).inserted }.compactMap { key in
                keyType(key, of: table, number: number)
            }
        }
    }

    private func keyType(_ key: KeyAttribute, of table: ContractTable, number: Int) -> Finding? {
        let places = marks(of: number)?.entities.compactMap { $0.attributes[key.name]?.start } ?? []
        let types = table.entities.compactMap { $0.attribute(named: key.name)?.type.rawValue }
        if !key.type.isAllowedInKey {
            return finding(
                .keyType, at: places.first ?? marks(of: number)?.start, about: "\(table.name).\(key.name)",
                "\(key.name) is a key in \(table.name) and has the type \(key.type.rawValue); a key is S, N or B.",
                advice: "Give it one of these types.")
        }
        guard let other = types.first(where: { $0 != key.type.rawValue }) else { return nil }
        return finding(
            .keyType, at: places.last, about: "\(table.name).\(key.name)",
            "\(key.name) is a key in \(table.name), and its items have it as \(key.type.rawValue) and as \(other).",
            advice: "Give it one type in all kinds of items.")
    }

    /// Keys that are numbers or binaries by their type and something else by their templates.
    private func textsOfNumbers() -> [Finding] {
        entities.flatMap { view in
            view.keys.compactMap { key -> Finding? in
                guard let template = key.template else { return nil }
                guard key.attribute.type == .N, let why = view.text(in: template, of: key) else {
                    return otherType(template, of: key, in: view)
                }
                return finding(
                    .keyType, at: key.position(in: view), about: view.subject(key.attribute.name),
                    "\(key.attribute.name), a key of \(key.place), is N, and \(view.shortName)'s template "
                        + "\"\(template.source.shown)\" makes a text of it: \(why).",
                    advice: "Make it S, or make it from one number and nothing else.")
            }
        }
    }

    /// A key that is the value of one attribute, and declared of a type that this has not: a text takes any.
    private func otherType(_ template: KeyTemplate, of key: EntityView.Key, in view: EntityView) -> Finding? {
        guard let hole = template.bareHole, [.N, .B].contains(key.attribute.type),
            let source = view.source(of: hole, key: key.attribute.name), source.name != key.attribute.name,
            source.type != key.attribute.type
        else { return nil }
        return finding(
            .keyType, at: key.position(in: view), about: view.subject(key.attribute.name),
            "\(key.attribute.name), a key of \(key.place), is \(key.attribute.type.rawValue), and \(view.shortName)'s template "
                + "\"\(template.source.shown)\" puts \(source.name) into it, which is \(source.type.rawValue).",
            advice: "Give both the same type, or make the key S: it takes numbers as their digits.")
    }

    /// How long keys can get, and whether a partition key follows the clock.
    func keyLengths() -> [Finding] {
        entities.flatMap { view -> [Finding] in
            var found: [Finding] = []
            for key in view.keys {
                if let finding = tooLong(key, in: view) { found.append(finding) }
                if key.isPartition, view.followsClock(key) {
                    found.append(
                        finding(
                            .timeOrderedPartitionKey, at: key.position(in: view),
                            about: "\(key.place).\(key.attribute.name)",
                            "The partition key \(key.attribute.name) of \(key.place)\(view.inEntity) is made of nothing but "
                                + "time: what is written now goes to one partition.",
                            advice: "Put a value that spreads in front of it, and the time into the sort key."))
                    if let finding = overloadedNow(key, in: view) { found.append(finding) }
                }
            }
            return found
        }
    }

    /// What is written in one hour, day or month goes to one partition, whatever the key's values are over the years.
    private func overloadedNow(_ key: EntityView.Key, in view: EntityView) -> Finding? {
        guard view.isOfWholeHours(key) else { return nil }
        let index = view.table.indexes.first { "\(view.table.name).\($0.name)" == key.place }
        let writes = demand(on: view.table, index, of: [view.entity.name]).writes
        let needed = PartitionLimit.load(reads: 0, writes: writes)
        guard needed > 1 else { return nil }
        return finding(
            .onePartitionOverloaded, at: key.position(in: view), about: key.place,
            "\(key.place)\(view.inEntity) is asked for \(Figures.whole(writes)) write units a second, which takes "
                + "\(Figures.short(needed.rounded(.up))) partitions, while all that is written at one time has the same "
                + "\(key.attribute.name).",
            advice: "Put a value that spreads in front of the time, or a shard.")
    }

    private func tooLong(_ key: EntityView.Key, in view: EntityView) -> Finding? {
        let limit = key.isPartition ? KeyLimit.partitionBytes : KeyLimit.sortBytes
        guard let bytes = view.longest(key), bytes > limit else { return nil }
        return finding(
            .keyTooLong, at: key.position(in: view), about: "\(key.place).\(key.attribute.name)",
            "\(key.attribute.name), the \(key.isPartition ? "partition" : "sort") key of \(key.place)\(view.inEntity), can have "
                + "\(Figures.whole(Double(bytes))) bytes by its sources' lengths; DynamoDB takes \(Figures.whole(Double(limit))).",
            advice: "Make it from shorter values or from a hash, or say the real `max_length`.")
    }
}

/// How many bytes a key may have.
/// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
enum KeyLimit {
    static let partitionBytes = 2_048
    static let sortBytes = 1_024
}

extension EntityView {
    /// A key of the table or of an index, as this kind of item makes it.
    struct Key {
        var attribute: KeyAttribute
        var isPartition: Bool
        /// "Users" or "Users.GSI1".
        var place: String
        var template: KeyTemplate?

        func position(in view: EntityView) -> Position? {
            view.marks(of: attribute.name)?.start ?? view.marks?.start
        }
    }

    /// The keys of the table and of the indexes that this kind of item appears in, each attribute once.
    var keys: [Key] {
        var keys = [
            Key(
                attribute: table.partitionKey, isPartition: true, place: table.name,
                template: entity.template(of: table.partitionKey, in: table))
        ]
        if let sort = table.sortKey {
            keys.append(
                Key(
                    attribute: sort, isPartition: false, place: table.name,
                    template: entity.template(of: sort, in: table)))
        }
        for index in table.indexes where appears(in: index) {
            let place = "\(table.name).\(index.name)"
            for (key, isPartition) in [(index.partitionKey, true), (index.sortKey, false)] {
                guard let key else { continue }
                keys.append(
                    Key(
                        attribute: key, isPartition: isPartition, place: place,
                        template: entity.template(of: key, of: index, in: table)))
            }
        }
        var seen: Set<String> = []
        return keys.filter { seen.insert("\($0.attribute.name) \($0.isPartition)").inserted }
    }

    var inEntity: String { table.isMultiEntity ? " in \(entity.name)" : "" }

    /// The most bytes that a key can have; nil where a length is not known.
    func longest(_ key: Key) -> Int? {
        guard key.attribute.type == .S else { return nil }
        guard let template = key.template else {
            return attribute(key.attribute.name).flatMap(EntityView.longest)
        }
        var bytes = 0
        for piece in template.pieces {
            switch piece {
            case .literal(let text): bytes += text.utf8.count
            case .placeholder(let hole):
                guard let source = source(of: hole, key: key.attribute.name), let length = EntityView.longest(source)
                else {
                    return nil
                }
                bytes += length
            }
        }
        return bytes
    }

    /// The attribute that gives a hole its value.
    func source(of hole: String, key: String) -> ContractAttribute? {
        switch source(ofPlaceholder: hole, inTemplateOf: key) {
        case .attribute(let name), .join(let name): attribute(name)
        case .column(let column): entity.attributes.first { $0.join == nil && $0.sourceColumns == [column] }
        case nil: nil
        }
    }

    private static func longest(_ attribute: ContractAttribute) -> Int? {
        if let known = attribute.maximumLengthInBytes { return known }
        if case .dateFormat? = attribute.transformation { return 40 }
        switch attribute.type {
        // 38 digits, a sign, a point and an exponent.
        case .N: return 45
        case .BOOL: return 5
        default: return nil
        }
    }

    /// What in a template is no number; nil where all of it can be one.
    fileprivate func text(in template: KeyTemplate, of key: Key) -> String? {
        var holes = 0
        for piece in template.pieces {
            switch piece {
            case .literal(let text):
                guard text.allSatisfy({ $0.isASCII && $0.isNumber || $0 == "-" || $0 == "." }) else {
                    return "\"\(text.shown)\" is no number"
                }
            case .placeholder(let hole):
                holes += 1
                if let source = source(of: hole, key: key.attribute.name), source.name != key.attribute.name,
                    EntityView.isTime(source), source.type == .S
                {
                    return "{\(hole.shown)} is a date"
                }
            }
        }
        return holes > 1 ? "it puts \(holes) values together" : nil
    }

    /// Whether the key is made of dates and nothing else.
    func followsClock(_ key: Key) -> Bool {
        guard let template = key.template else {
            return attribute(key.attribute.name).map { EntityView.isTime($0) } ?? EntityView.isTime(key.attribute.name)
        }
        let holes = template.placeholders
        return !holes.isEmpty
            && holes.allSatisfy { hole in
                source(of: hole, key: key.attribute.name).map { EntityView.isTime($0) } ?? EntityView.isTime(hole)
            }
    }

    /// Whether a key that follows the clock stays the same for an hour or longer.
    func isOfWholeHours(_ key: Key) -> Bool {
        guard let template = key.template else {
            return EntityView.isOfWholeHours(attribute(key.attribute.name), key.attribute.name)
        }
        return template.placeholders.allSatisfy {
            EntityView.isOfWholeHours(source(of: $0, key: key.attribute.name), $0)
        }
    }

    private static func isOfWholeHours(_ attribute: ContractAttribute?, _ name: String) -> Bool {
        if case .dateFormat(let format, _)? = attribute?.transformation {
            guard case .pieces(let pieces) = format.form else { return false }
            return !pieces.contains(.minute)
        }
        let last = NameStem.words(attribute?.name ?? name).last ?? name
        return ["day", "month", "year", "week", "hour"].contains(last)
    }

    static func isTime(_ attribute: ContractAttribute) -> Bool {
        if case .dateFormat? = attribute.transformation { return true }
        guard attribute.join == nil, attribute.calculation == nil else { return false }
        let source = attribute.sourceType?.lowercased() ?? ""
        if ["date", "time"].contains(where: source.hasPrefix) { return true }
        return isTime(attribute.name) || attribute.sourceColumns.count == 1 && isTime(attribute.sourceColumns[0])
    }

    /// Whether a name is that of a date: "created_at", "order_date", "issued_on", "month", "due".
    static func isTime(_ name: String) -> Bool {
        let lower = name.lowercased()
        let words = NameStem.words(lower)
        let last = words.last ?? lower
        if last == "on", let verb = words.dropLast().last {
            let isState = ["based", "turned", "switched", "needed"].contains(verb)
            return verb.hasSuffix("ed") && !isState
                || ["due", "paid", "sent", "born", "taken", "made", "held"].contains(verb)
        }
        return ["at", "date", "day", "month", "year", "week", "time", "timestamp", "datetime", "hour", "night"]
            .contains(last)
            || ["created", "updated", "due", "deadline", "check_in", "check_out"].contains(lower)
    }
}

extension ContractAttribute {
    /// Whether it holds a date or a moment, by its format or its name.
    package var isTime: Bool { EntityView.isTime(self) }
}
