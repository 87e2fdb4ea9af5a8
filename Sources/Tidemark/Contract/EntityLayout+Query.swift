internal import ContractModel

/// A key condition with the partition key that it names.
struct KeyQuery {
    var condition: Expression
    var partitionKey: AttributeValue
}

/// Which sort keys a query reads, as far as their values are known: those that begin so, or those between two ends.
struct SortEnds {
    var beginning: KeyValues?
    var from: KeyValues?
    var through: KeyValues?

    var areNone: Bool { beginning == nil && from == nil && through == nil }

    /// Sorts behind every text that goes on after what stands in front of it: the last character there is.
    static let last = "\u{10FFFF}"
}

extension EntityLayout {
    /// The condition that finds this kind of item under two keys of the table or of an index.
    func query(
        partition: KeyAttribute, sort: KeyAttribute?, _ values: KeyValues, ends: SortEnds
    ) throws(ContractBreach) -> KeyQuery {
        let value = try self.value(of: made(partition), values)
        var query = KeyQuery(condition: Path(partition.name) == value, partitionKey: value)
        guard let sort else {
            guard ends.areNone else {
                throw ContractBreach(reason: "\(place) has no sort key here: a range needs one")
            }
            return query
        }
        if let condition = try self.condition(on: made(sort), values, ends) {
            query.condition = query.condition && condition
        }
        return query
    }

    /// The key's rule; a field that is a key itself has its own value.
    private func made(_ key: KeyAttribute) -> Key {
        self.key(named: key.name)
            ?? Key(attribute: key.name, type: key.type, role: .index, rule: KeyRule(KeyTemplate("{\(key.name)}")))
    }

    private func condition(on key: Key, _ values: KeyValues, _ ends: SortEnds) throws(ContractBreach) -> Expression? {
        let path = Path(key.attribute)
        guard !ends.areNone else {
            let (text, isWhole) = try prefix(of: key, values)
            if isWhole { return path == (try typed(text, as: key)) }
            return text.isEmpty || key.type != .S ? nil : .beginsWith(path, text)
        }
        guard ends.beginning == nil || ends.from == nil && ends.through == nil else {
            throw ContractBreach(reason: "the query of \(place) names a beginning and a range: name one of them")
        }
        if key.type != .S { return try numberRange(of: key, ends) }
        if let beginning = ends.beginning {
            return .beginsWith(path, try self.beginning(of: key, values, beginning))
        }
        let common = try prefix(of: key, values).text
        let low = try ends.from.map { from throws(ContractBreach) in
            try self.beginning(of: key, values, from, isLeast: true)
        }
        // What begins as the last value does is within the range too: "2026-06" is all of June.
        let high =
            try ends.through.map { through throws(ContractBreach) in try self.beginning(of: key, values, through) }
            ?? common
        // DynamoDB takes no empty text as an end.
        switch (low ?? common, high) {
        case ("", ""): return nil
        case ("", let high): return path <= high + SortEnds.last
        case (let low, ""): return path >= low
        case (let low, let high):
            let last = high + SortEnds.last
            guard !last.utf8.lexicographicallyPrecedes(low.utf8) else { throw reversed(key) }
            return .between(path, low, and: last)
        }
    }

    private func reversed(_ key: Key) -> ContractBreach {
        ContractBreach(
            reason:
                "the query of \(place) names a range of '\(key.attribute)' that ends before it begins: exchange from and "
                + "through")
    }

    private func numberRange(of key: Key, _ ends: SortEnds) throws(ContractBreach) -> Expression? {
        guard ends.beginning == nil else {
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' is a number, and no number begins with another")
        }
        let path = Path(key.attribute)
        let low = try ends.from.map { from throws(ContractBreach) in try value(of: key, from) }
        let high = try ends.through.map { through throws(ContractBreach) in try value(of: key, through) }
        if let first = low?.numberText.flatMap({ DynamoDBNumber($0) }),
            let last = high?.numberText.flatMap({ DynamoDBNumber($0) }), last < first
        {
            throw reversed(key)
        }
        return switch (low, high) {
        case (let low?, let high?): .between(path, low, and: high)
        case (let low?, nil): path >= low
        case (nil, let high?): path <= high
        case (nil, nil): nil
        }
    }

    /// The key up to the last value that is known, and not what stands behind it: that value may be the beginning of one.
    ///
    /// - Parameter isLeast: whether it is the least of a range, where a number counts in its shortest form: "19.90" would leave out 19.9.
    private func beginning(
        of key: Key, _ values: KeyValues, _ end: KeyValues, isLeast: Bool = false
    ) throws(ContractBreach) -> String {
        let all = values.merging(end) { $1 }
        if let whole = end[key.attribute] ?? nil { return whole }
        guard let template = key.rule.template(where: { all[$0] ?? nil }) else { return "" }
        for name in end.keys where !template.placeholders.contains(name) {
            throw ContractBreach(
                reason: "\(place)'s key '\(key.attribute)' is made by '\(template.source)', which has no '\(name)'")
        }
        var text = ""
        var known = ""
        for piece in template.pieces {
            switch piece {
            case .literal(let literal): text += literal
            case .placeholder(let name):
                guard let value = all[name] ?? nil else { return known.isEmpty ? text : known }
                text += isLeast || !end.keys.contains(name) ? keyText(value, of: name) : value
                known = text
            }
        }
        return known.isEmpty ? text : known
    }
}
