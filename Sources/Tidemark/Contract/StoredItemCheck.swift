package import ContractModel

/// Holds items that are stored against what the contract makes of them: keys against the fields that they are made of, dates and
/// numbers against their formats. What holds when an item is written (`EntityLayout.stored`) is asked of one that is there.
package struct StoredItemCheck: Sendable, Equatable {
    /// One thing that the contract would not have written so. It names attributes and shows no value.
    package struct Departure: Sendable, Hashable {
        /// What is wrong.
        package enum Kind: Sendable, Hashable {
            /// A key that its fields do not make, or that should be there and is not.
            case key
            /// A date or a number that is not written in its format, or a value that no case gives.
            case format
            /// An attribute that each item has by the contract.
            case missing
        }

        package var kind: Kind
        package var attribute: String
        /// The departure, as a sentence without its end.
        package var words: String
    }

    private let layout: EntityLayout
    private let exclusions: [KeyExclusion]
    private let choices: [Choice]

    /// An attribute that the contract gives one of some constants.
    private struct Choice: Sendable, Hashable {
        var name: String
        var texts: Set<String>
    }

    /// Of one kind of item of a table.
    package init(table: ContractTable, entity: ContractEntity) {
        layout = EntityLayout(table: table, entity: entity)
        exclusions = KeyExclusion.all(of: entity, in: table)
        choices = entity.attributes.compactMap { attribute in
            attribute.constants.map { Choice(name: attribute.name, texts: $0) }
        }
    }

    /// All that departs, in the order of keys and fields.
    package func departures(of item: Item) -> [Departure] {
        let fields = layout.fields(of: item)
        return layout.keys.compactMap { departure(of: $0, in: item, fields: fields) }
            + exclusions.compactMap { exclusion($0, in: item, fields: fields) }
            + layout.fields.compactMap { missing($0, in: item) ?? form($0, in: item) }
            + choices.compactMap { choice($0, in: item) }
    }

    private func departure(of key: EntityLayout.Key, in item: Item, fields: Item) -> Departure? {
        // A key of another type is told as that.
        if let given = item[key.attribute], given.type != key.type { return nil }
        let told = key.rule.templates.map(\.source).joined(separator: " or ")
        let wrong = "\(key.attribute) is not \(told) with the item's own attributes in it"
        let made: AttributeValue?
        do {
            made = try layout.made(key, from: fields)
        } catch {
            return Departure(kind: .key, attribute: key.attribute, words: wrong)
        }
        switch (item[key.attribute], made) {
        case (nil, nil): return nil
        case (nil, .some):
            let words = "\(key.attribute) is missing, and the item's own attributes make one"
            return Departure(kind: .key, attribute: key.attribute, words: words)
        case (let given?, let made?):
            return given.keyIdentity == made.keyIdentity
                ? nil : Departure(kind: .key, attribute: key.attribute, words: wrong)
        case (let given?, nil):
            if layout.isWithout(key, in: fields) {
                let words =
                    key.rule.condition == nil
                    ? "\(key.attribute) stands in an item whose own attributes make none"
                    : "\(key.attribute) stands in an item that the contract gives none"
                return Departure(kind: .key, attribute: key.attribute, words: words)
            }
            return layout.hasForm(of: key, given, in: fields)
                ? nil : Departure(kind: .key, attribute: key.attribute, words: wrong)
        }
    }

    /// A key that a condition on a stored field keeps away, whatever it would be made of.
    private func exclusion(_ exclusion: KeyExclusion, in item: Item, fields: Item) -> Departure? {
        guard item[exclusion.key] != nil, layout.holds(exclusion.condition, in: fields) == exclusion.whereItHolds else {
            return nil
        }
        let words =
            "\(exclusion.key) stands in an item that the contract gives none, by its \(exclusion.condition.field)"
        return Departure(kind: .key, attribute: exclusion.key, words: words)
    }

    private func missing(_ field: EntityLayout.Field, in item: Item) -> Departure? {
        guard field.isStored, item[field.name] == nil else { return nil }
        // A key that is missing is told as that.
        guard layout.key(named: field.name) == nil else { return nil }
        if let text = field.nullText, layout.value(ofText: text, type: field.type) != nil {
            let words = "\(field.name) is missing, and the contract writes \(text) where there is no value"
            return Departure(kind: .missing, attribute: field.name, words: words)
        }
        guard field.isRequired else { return nil }
        return Departure(
            kind: .missing, attribute: field.name, words: "\(field.name) is missing, which the contract requires")
    }

    private func form(_ field: EntityLayout.Field, in item: Item) -> Departure? {
        guard field.isStored, let value = item[field.name], value.type == field.type else { return nil }
        guard let text = value.stringValue ?? value.numberText, text != field.nullText, field.flaw(of: text) != nil
        else {
            return nil
        }
        if let dates = field.dates {
            let isDate = SourceDate(text, in: dates) != nil
            let words = "\(field.name) is no date in the form \(dates.source)" + (isDate ? ", in UTC" : "")
            return Departure(kind: .format, attribute: field.name, words: words)
        }
        let words = "\(field.name) is no number in the form \(field.numbers?.source ?? "")"
        return Departure(kind: .format, attribute: field.name, words: words)
    }

    private func choice(_ choice: Choice, in item: Item) -> Departure? {
        guard let text = item[choice.name]?.stringValue, !choice.texts.contains(text) else { return nil }
        return Departure(
            kind: .format, attribute: choice.name, words: "\(choice.name) has a value that none of its cases gives")
    }
}

extension ContractAttribute {
    /// The texts of which the attribute must be one: of cases that are constants all. Nil where any may come.
    fileprivate var constants: Set<String>? {
        guard case .cases(let cases)? = calculation, transformation == nil, type == .S else { return nil }
        var texts: Set<String> = []
        for value in cases.branches.map(\.then) + [cases.otherwise].compactMap(\.self) {
            switch value.form {
            case .text(let text): texts.insert(text)
            case .null: continue
            default: return nil
            }
        }
        if let nullValue { texts.insert(nullValue) }
        return texts
    }
}
